"""The report of a real night: every figure leads to its SQL and to files of the run that carry its rows."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from replenish.night.run import Finished
from replenish.publish import manifest

FIGURE = re.compile(r'<table|<svg|<dl class="tiles|class="figure')
BEHIND = re.compile(r'<details class="behind">.*?</details>', re.DOTALL)


@pytest.fixture(scope="module")
def anchors(retail: Finished) -> set[str]:
    return set(re.findall(r'id="([^"]+)"', (retail.folder / "report" / "sql.html").read_text(encoding="utf-8")))


def pages(folder: Path) -> list[Path]:
    """Pages with figures of their own."""
    return sorted(file for file in (folder / "report").glob("*.html") if file.name != "sql.html")


def parts(page: Path) -> list[str]:
    """Sections of a page that show a figure, and what stands before the first of them."""
    text = page.read_text(encoding="utf-8").split("<main", 1)[1].split("</main>")[0]
    return [part for part in re.split(r"(?=<section)", text) if FIGURE.search(part)]


def test_every_figure_leads_to_its_sql_and_its_rows(retail: Finished, anchors: set[str]) -> None:
    seen = 0
    for page in pages(retail.folder):
        for part in parts(page):
            told = f"{page.name}: {part[:120]}"
            links = [link for behind in BEHIND.findall(part) for link in re.findall(r'href="([^"]+)"', behind)]
            sql = [link.removeprefix("sql.html#") for link in links if link.startswith("sql.html#")]
            rows = [link for link in links if link.startswith("../")]
            assert sql, told
            assert set(sql) <= anchors, told
            assert rows, told
            assert all((page.parent / link).is_file() for link in rows), told
            seen += 1
    assert seen >= 25, "most of the figures are there"


def test_every_link_to_rows_on_the_page_of_sql_is_a_file(retail: Finished, anchors: set[str]) -> None:
    text = (retail.folder / "report" / "sql.html").read_text(encoding="utf-8")
    files = re.findall(r'href="(\.\./[^"]+)"', text)
    assert len(files) > 100
    assert all((retail.folder / "report" / file).is_file() for file in files)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= anchors
    assert {"mart.kpi", "core.node", "plan.forecast", "staging.sales", "raw.sales"} <= anchors


def test_rows_of_a_figure_are_described_in_the_manifest(retail: Finished) -> None:
    told = {one["path"]: one for one in manifest.read(retail.folder)["resources"]}
    shown = pl.read_parquet(retail.folder / "mart" / "kpi.parquet")
    kpi = told["mart/kpi.parquet"]
    assert kpi["row_count"] == shown.height
    assert [column["name"] for column in kpi["columns"]] == shown.columns
    assert {"name": "fill_rate", "type": "number"} in kpi["columns"]
