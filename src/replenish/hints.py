"""Hints for a settings file: the line a key stands on, and the key that was probably meant."""

from __future__ import annotations

import difflib
import re


def near(word: str, names: set[str]) -> str:
    """What was probably meant by a word that is no name, as the end of a sentence; else which names there are."""
    close = difflib.get_close_matches(word.lower(), sorted(name.lower() for name in names), n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(sorted(name.lower() for name in names))}" if names else ""


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """Line on which the key, or else the deepest part of its path that is written down, stands."""
    section: tuple[str, ...] = ()
    best: tuple[int, int | None] = (0, None)
    for number, line in enumerate(text.splitlines(), start=1):
        heading = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        found = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if heading:
            section = here = _parts(heading[1])
        elif found:
            here = (*section, *_parts(found[1]))
        else:
            continue
        depth = len(here)
        if here == path[:depth] and depth > best[0]:
            best = (depth, number)
    return best[1]


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
