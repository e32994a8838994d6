"""A question that takes every solver minutes: eleven pigeons in ten holes, no two in one."""

from __future__ import annotations

from policyc.solver.backends.z3_backend import Session, Translator
from policyc.solver.formula.factory import TermFactory
from policyc.solver.formula.terms import Term

HOLES = range(10)
PIGEONS = range(11)


def pigeons() -> list[Term]:
    """Terms that cannot all be true."""
    factory = TermFactory()
    sits = [[factory.variable(f"p{pigeon}h{hole}") for hole in HOLES] for pigeon in PIGEONS]
    return [
        *(factory.or_(row) for row in sits),
        *(
            factory.not_(factory.and_((sits[one][hole], sits[other][hole])))
            for one in PIGEONS
            for other in range(one)
            for hole in HOLES
        ),
    ]


def asked_about_pigeons() -> Session:
    """A session of Z3 that requires these terms."""
    session = Session(Translator)
    for term in pigeons():
        session.require(term)
    return session
