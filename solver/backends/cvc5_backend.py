"""cvc5, and nothing but cvc5: a script in SMT-LIB 2 in, its answer out.

It is there to contradict Z3, so it gets the same questions in another way: as text, each time afresh, many at
once, and never as assumptions. `pip install policyc[verify]` installs it; nothing else needs it.
"""

from __future__ import annotations

from .interrupts import unheard
from .z3_backend import Status

#: Seconds for a script where nobody said how long it may take: no signal reaches policyc meanwhile.
PATIENCE = 60.0

_STATUS = {"sat": Status.SATISFIABLE, "unsat": Status.UNSATISFIABLE, "unknown": Status.UNKNOWN}


class NotInstalled(Exception):
    """There is no cvc5."""


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
        """What a script that ends in one `(check-sat)` comes to, in so many seconds at most."""
        (status,) = self.run(script, timeout)
        return status

    def run(self, script: str, timeout: float | None = None) -> list[Status]:
        """What each `(check-sat)` of a script comes to."""
        cvc5 = self._cvc5
        solver = cvc5.Solver()
        solver.setOption("tlimit-per", str(max(1, int((timeout or PATIENCE) * 1000))))
        if "(push 1)" in script:
            solver.setOption("incremental", "true")
        parser = cvc5.InputParser(solver, cvc5.SymbolManager(solver))
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, script, "policyc")
        told: list[Status] = []
        while not (command := parser.nextCommand()).isNull():
            with unheard():
                words = command.invoke(solver, parser.getSymbolManager()).split()
            if words:
                told.append(_STATUS[words[0]])
        return told
