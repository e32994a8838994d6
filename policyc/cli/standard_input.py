"""Standard input in the place of a file: `-`.

In: bytes, from whoever writes them. Out: text, or why there is none. It can be read once a run. Its content has the
name `<stdin>` and stands in the working directory, to which what it uses is relative.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyc.dsl.diagnostics.diagnostic import Text

#: How people write it.
DASH = "-"
#: What it is called wherever it is shown.
STDIN = Path("<stdin>")


def read_standard_input() -> str | Text:
    """All of it, up to what a file may hold."""
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.system.disk import SIZE_LIMIT, decoded, too_large, unreadable

    if sys.stdin is None:
        return text("cli.closed")
    with contextlib.suppress(
        OSError, ValueError
    ):  # a terminal or pipe that somebody left so would have nothing yet
        os.set_blocking(sys.stdin.fileno(), True)
    try:
        content = sys.stdin.buffer.read(SIZE_LIMIT + 1)
    except OSError as error:
        return unreadable(error)
    return too_large() if len(content) > SIZE_LIMIT else decoded(content)
