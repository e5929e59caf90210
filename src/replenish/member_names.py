"""The members a company may choose in its settings, by name."""

from __future__ import annotations

import difflib
import importlib.util
from typing import Any

from pydantic_core import PydanticCustomError

CHEAP = ("seasonal_sma", "tsb")  # always there, named or not
FITTED = ("ets", "ces", "theta", "auto_ets", "auto_ces", "auto_theta", "mstl", "ml")
WORDS: dict[str, tuple[str, ...]] = {"full": ("ets", "ces", "theta"), "light": ()}
ML_PACKAGES = ("mlforecast", "lightgbm")


def known_members(told: Any) -> Any:
    """A word, or a list of names as a tuple. Raises `PydanticCustomError`, with the remedy, for anything else."""
    if isinstance(told, str) and told in WORDS:
        return told
    if isinstance(told, str) or not isinstance(told, list | tuple):
        raise PydanticCustomError("members", 'write "full", "light", or a list such as ["ets", "theta"]')
    names = [*CHEAP, *FITTED]
    for name in told:
        if name not in names:
            close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
            remedy = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"
            raise PydanticCustomError("members", f"there is no member {name!r}; {remedy}")
    if "ml" in told and not all(importlib.util.find_spec(package) for package in ML_PACKAGES):
        raise PydanticCustomError("members", "ml needs further packages: pip install 'replenish[ml]'")
    return tuple(told)


def fitted_members(told: str | tuple[str, ...]) -> tuple[str, ...]:
    """Members beside the moving average and TSB, each once, in a fixed order."""
    chosen = WORDS[told] if isinstance(told, str) else told
    return tuple(name for name in FITTED if name in chosen)
