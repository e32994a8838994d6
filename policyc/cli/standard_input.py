"""Standard input in place of a file: `-`.

In: the bytes of standard input. Out: text, or why there is none. It can be read once a run. Its content has the name
`<stdin>`, and files that it uses are relative to the working directory.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyc.dsl.diagnostics.diagnostic import Text

#: How the command line writes it.
DASH = "-"
#: Its name wherever it is shown.
STDIN = Path("<stdin>")


def read_standard_input() -> str | Text:
    """All of it, up to the size limit of a file."""
    from policyc.dsl.diagnostics.diagnostic import text
    from policyc.dsl.system.disk import SIZE_LIMIT, decoded, too_large, unreadable

    if sys.stdin is None:
        return text("cli.closed")
    with contextlib.suppress(OSError, ValueError):  # a terminal or pipe left in this mode would seem empty
        os.set_blocking(sys.stdin.fileno(), True)
    try:
        content = sys.stdin.buffer.read(SIZE_LIMIT + 1)
    except OSError as error:
        return unreadable(error)
    return too_large() if len(content) > SIZE_LIMIT else decoded(content)
