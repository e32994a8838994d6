"""The solver's answers as text, to be kept for later runs.

In: an answer, or the text of one. Out: the other. A text that is not what this module writes is no answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..formula.terms import Term
from .z3_backend import Answer, Status

#: Tells answers from all else that is kept, and those of one way of asking from those of another.
ANSWER = b"answer 1"


def encode(answer: Answer, terms: Sequence[Term]) -> str:
    """A decided answer as text. `terms` are those assumed; a core names them by place."""
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
