"""Headings of files: trimmed, told apart, and found whatever their case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from replenish.ingest.rows import ROW


def headings(names: Iterable[str | None]) -> list[str]:
    """Headings trimmed; a nameless one becomes `column_3`, a repeated one gets its place behind its name."""
    seen = {ROW}
    found = []
    for place, name in enumerate(names, start=1):
        clean = " ".join((name or "").replace("\ufeff", "").replace("\0", "").split()) or f"column_{place}"
        while clean in seen:
            clean = f"{clean}_{place}"
        seen.add(clean)
        found.append(clean)
    return found


def find_heading(columns: Sequence[str], wanted: str) -> str | None:
    """The heading that is the wanted one, exactly or else in another case."""
    if wanted in columns:
        return wanted
    folded = " ".join(wanted.split()).casefold()
    return next((name for name in columns if name.casefold() == folded), None)
