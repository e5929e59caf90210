"""The how-to page is followed to the letter: its files, put where it says, make a page of the report."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import polars as pl
import pytest

from replenish import share, warehouse
from replenish.reporting import write_report
from tests.reporting.company import mart_tables, plan_tables

GUIDE = Path(__file__).parents[2] / "docs" / "how_to" / "add_a_page.md"


def test_the_steps_of_the_guide_make_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sql", "reports"):
        shutil.copytree(share.share_path(name), tmp_path / name)
    monkeypatch.setattr(share, "_PACKAGE", tmp_path / "src" / "replenish")
    warehouse._selects.cache_clear()
    try:
        _follow(tmp_path)
        mart = mart_tables(plan_tables(24))
        write_report(tmp_path / "report", mart, pages=tmp_path / "reports")
    finally:
        warehouse._selects.cache_clear()
    page = (tmp_path / "report" / "stock_by_location.html").read_text(encoding="utf-8")
    value = mart["mart.stock_by_location"].select(pl.col("node_count").sum()).item()
    assert value == 24
    assert page.count("<tr><td") == mart["mart.stock_by_location"].height
    assert 'href="sql.html#mart.stock_by_location"' in page
    assert "Grain: one row a location" in (tmp_path / "report" / "sql.html").read_text(encoding="utf-8")
    assert 'href="stock_by_location.html"' in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def _follow(root: Path) -> None:
    """Write each block of the guide into the file named before it."""
    text = GUIDE.read_text(encoding="utf-8")
    blocks = re.findall(r"`((?:sql|reports)/[a-z_/.0-9]+)`[^`]*?```\w+\n(.*?)```", text, re.DOTALL)
    assert [name for name, _ in blocks] == [
        "sql/mart/stock_by_location.sql",
        "reports/stock_by_location.py",
        "reports/templates/stock_by_location.html.j2",
    ]
    for name, block in blocks:
        assert not (root / name).exists()
        (root / name).write_text(block, encoding="utf-8")
