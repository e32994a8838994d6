"""Encodes and decodes the solver's answers as text, to keep them for later runs.

In: an answer, or its text. Out: the other. Text that this module did not write decodes to `None`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..formula.terms import Term
from .z3_backend import Answer, Status

#: Distinguishes answers from everything else in the cache; changes with the way of asking.
ANSWER = b"answer 1"


def encode(answer: Answer, terms: Sequence[Term]) -> str:
    """A decided answer as text. `terms` are the assumptions; a core refers to them by index."""
    if answer.status is Status.SATISFIABLE:
        return json.dumps({"model": dict(answer.model)}, separators=(",", ":"))
    core = [place for place, term in enumerate(terms) if term in answer.core]
    return json.dumps({"core": core}, separators=(",", ":"))


def decode(text: str, terms: Sequence[Term]) -> Answer | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    match content:
        case {"model": dict(model)} if all(isinstance(value, int) for value in model.values()):
            return Answer(Status.SATISFIABLE, model)
        case {"core": list(core)} if all(isinstance(place, int) and place < len(terms) for place in core):
            return Answer(Status.UNSATISFIABLE, {}, tuple(terms[place] for place in core))
        case _:
            return None
