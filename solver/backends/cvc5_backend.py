"""cvc5 alone: a script in SMT-LIB 2 in, its answer out.

It is there to contradict Z3, so it gets the same questions in another form: as text, each time afresh, many at
once, and never as assumptions. `pip install policyc[verify]` installs it; nothing else needs it.
"""

from __future__ import annotations

from .interrupts import default_interrupt
from .z3_backend import Status

#: Seconds for a script by default, since no signal reaches policyc while cvc5 works.
PATIENCE = 60.0

_STATUS = {"sat": Status.SATISFIABLE, "unsat": Status.UNSATISFIABLE, "unknown": Status.UNKNOWN}


class NotInstalled(Exception):
    """cvc5 is not installed."""


class SecondSolver:
    """cvc5. Raises `NotInstalled`."""

    def __init__(self) -> None:
        try:
            import cvc5
        except ImportError as error:
            raise NotInstalled from error
        self._cvc5 = cvc5
        self.name = f"cvc5 {cvc5.__version__}"

    def check(self, script: str, timeout: float | None = None) -> Status:
        """The result of a script that ends in one `(check-sat)`; `timeout` is in seconds."""
        (status,) = self.run(script, timeout)
        return status

    def run(self, script: str, timeout: float | None = None) -> list[Status]:
        """The results of each `(check-sat)` of a script."""
        cvc5 = self._cvc5
        solver = cvc5.Solver()
        solver.setOption("tlimit-per", str(max(1, int((timeout or PATIENCE) * 1000))))
        if "(push 1)" in script:
            solver.setOption("incremental", "true")
        parser = cvc5.InputParser(solver, cvc5.SymbolManager(solver))
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "policyc")
        results: list[Status] = []
        while not (command := parser.nextCommand()).isNull():
            with default_interrupt():
                words = command.invoke(solver, parser.getSymbolManager()).split()
            if words:
                results.append(_STATUS[words[0]])
        return results
