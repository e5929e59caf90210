"""The nightly pipeline that turns sales and stock history into orders people can trust.

>>> import replenish as rp
>>> run = rp.run(sources={"sales": sales, "stock": stock}, settings=rp.Settings())  # doctest: +SKIP
>>> run.table("plan.proposal")  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replenish.night.memory import Run, run
    from replenish.settings import Settings

__version__ = "0.1.0"
__all__ = ["Run", "Settings", "__version__", "run"]

_HOME = {"run": "replenish.night.memory", "Run": "replenish.night.memory", "Settings": "replenish.settings"}


def __getattr__(name: str) -> Any:
    """Load the heavy parts when they are first asked for, so that importing the package stays light."""
    if name not in _HOME:
        raise AttributeError(f"module 'replenish' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
