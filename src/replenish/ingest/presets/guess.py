"""Which known export a file nobody claims looks like: advice for a message, never a decision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from replenish.ingest.presets.preset import Preset

_HEAD = 1 << 16
_LEAST = 2.5


def likely(path: Path, presets: Mapping[str, Preset]) -> str:
    """Name of the preset whose headings fit the first line of a text file best; empty where none does."""
    if not path.name.casefold().endswith((".csv", ".tsv", ".txt")):
        return ""
    try:
        with path.open("rb") as file:
            line = file.read(_HEAD).decode(errors="replace").lstrip("\ufeff\r\n").partition("\n")[0]
    except OSError:
        return ""
    names = {name.strip(' \r"').casefold() for name in re.split(r"[,;\t|]", line)}
    fits = {name: _fit(preset, names) for name, preset in presets.items()}
    best = max(fits, key=lambda name: fits[name])
    return best if fits[best] >= _LEAST else ""


def _fit(preset: Preset, names: set[str]) -> float:
    """Columns found, and none where the item or a quantity is missing."""
    found = {key for key, known in preset.columns.items() if names & {one.casefold() for one in known}}
    if preset.packed and any(re.fullmatch(preset.packed, name, re.IGNORECASE) for name in names):
        found |= {"item_id", "qty"}
    if not found & {"item_id", "line_id"} or not found & {"qty", "on_hand_qty"}:
        return 0
    asked = {key for key, known in preset.extra.items() if names & {one.casefold() for one in known}}
    return len(found) + len(asked) - 0.1 * (len(preset.columns) + len(preset.extra))
