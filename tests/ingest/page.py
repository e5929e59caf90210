"""The blocks of docs/sources.md, which tests use as they stand."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
_TEXT = PAGE.read_text("utf-8")
BLOCKS: list[dict[str, Any]] = [tomllib.loads(text) for text in re.findall(r"```toml\n(.*?)```", _TEXT, re.DOTALL)]
