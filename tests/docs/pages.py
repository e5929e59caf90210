"""The pages of docs/ as a reader meets them: their blocks of code, in order, to be done by a test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^([ ]*)```(\w*)(?: (\S+))?\n(.*?)^[ ]*```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it stands for where it names one, and its text."""

    language: str
    file: str
    text: str


def blocks(page: str) -> list[Block]:
    """Fenced blocks of a page, in order; indentation of a list around them is taken off."""
    found = _BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    return [Block(language, file, _unindented(text, len(indent))) for indent, language, file, text in found]


def pages() -> list[Path]:
    """Every page of docs/."""
    return sorted(DOCS.rglob("*.md"))


def _unindented(text: str, width: int) -> str:
    return "\n".join(line[width:] for line in text.split("\n")) if width else dedent(text)
