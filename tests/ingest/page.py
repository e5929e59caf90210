"""The blocks of docs/sources.md, which tests use as they stand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
HOW_TO = PAGE.parent / "how_to" / "add_a_source.md"


def blocks_of(page: Path) -> list[dict[str, Any]]:
    """Every block of settings on a page."""
    found = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    return [tomllib.loads(text) for text in found]


BLOCKS = blocks_of(PAGE)
