"""docs/tutorial.md, done to the letter: every file is written, every command is run, with files of a year's length."""

from __future__ import annotations

import random
import subprocess
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from tests.docs.pages import Block, blocks
from tests.night.crashing import COMMAND, environment

LAST, DAYS = date(2026, 11, 15), 300
ITEMS = {"4711": "1,99", "4712": "4,50"}


@pytest.mark.slow
def test_from_a_spreadsheet_to_an_imported_order(tmp_path: Path) -> None:
    said: list[str] = []
    for block in blocks("tutorial.md"):
        if block.language == "console":
            said += [_run(command.removeprefix("$ "), tmp_path) for command in block.text.strip().splitlines()]
        elif block.file:
            _write(tmp_path / block.file, block, tmp_path)
    latest = tmp_path / "shop" / "runs" / "latest"
    orders = pl.read_csv(latest / "proposals" / "frepple" / "purchaseorder.csv")
    assert (
        orders.height == pl.read_csv(latest / "proposals" / "proposals.csv").filter(pl.col("kind") == "purchase").height
    )
    assert set(orders["supplier"]) == {"grower"}
    assert all(qty % 6 == 0 for qty in orders["quantity"])
    assert (tmp_path / "shop" / "inputs" / "acknowledge").is_dir()
    assert any("1 accepted" in text or "accepted" in text for text in said[-1:])


def _run(command: str, place: Path) -> str:
    words = command.replace("FIRST_PROPOSAL", _first_proposal(place)).split()
    if words[0] == "rm":
        for name in words[1:]:
            (place / name).unlink()
        return ""
    assert words[0] == "replenish", command
    done = subprocess.run(
        [*COMMAND, *words[1:]], cwd=place, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _first_proposal(place: Path) -> str:
    file = place / "shop" / "runs" / "latest" / "proposals" / "proposals.csv"
    return str(pl.read_csv(file).sort("priority")["proposal_id"][0]) if file.exists() else ""


def _write(file: Path, block: Block, place: Path) -> None:
    """A file as the page shows it; of sales and stock the headings, and more rows of the same form below them."""
    text = block.text.replace("FIRST_PROPOSAL", _first_proposal(place))
    if block.language == "toml" and file.exists():
        text = _with_settings(file.read_text(), text)
    if file.name == "till_2026.csv":
        text = "\n".join([text.splitlines()[0], *_sold()]) + "\n"
    file.write_text(text)


def _with_settings(there: str, more: str) -> str:
    """Settings with further ones: below the heading of their section where it stands already, else at the end."""
    heading, _, lines = more.partition("\n")
    if f"\n{heading}\n" in there:
        return there.replace(f"\n{heading}\n", f"\n{heading}\n{lines}", 1)
    return f"{there}\n{more}"


def _sold() -> list[str]:
    chance = random.Random(3)
    days = [LAST - timedelta(days=back) for back in range(DAYS, -1, -1)]
    return [
        f"{day:%d.%m.%Y};{item};Markt;{chance.randint(1, 6)};{price}" for day in days for item, price in ITEMS.items()
    ]
