"""policyc: policy as code with a constraint solver.

    import policyc

    base = policyc.load(["policies/"])
    base.check().findings
    base.ask("pay", ["北京市", "石家庄市"], {"relation": "parent"}).answer

Importing this module loads nothing else: each name below is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api import BrokenPolicies, PolicyBase, Wishes, load

__all__ = ["BrokenPolicies", "PolicyBase", "Wishes", "__version__", "load"]

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
