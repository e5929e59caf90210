"""The generated factory's night as a person sees it: its page of production says what its tables say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from replenish.examples import write_example
from replenish.night.run import run_folder
from tests.browser.conftest import Watched

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the published run; the schedule is searched for only a little."""
    folder = tmp_path_factory.mktemp("factory")
    write_example("factory", folder)
    with (folder / "replenish.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[production]\nwork_limit = 1.0\n")
    return run_folder(folder).folder


@pytest.fixture
def watched(page: Page, night: Path) -> Iterator[Watched]:
    """The report in a browser; whatever went wrong in it fails the test."""
    seen = Watched(page, night / "report")
    yield seen
    assert seen.trouble == []


def test_the_page_of_production_is_accessible_by_day_and_night(watched: Watched) -> None:
    page = watched.open("production.html")
    page.locator("details:not(.behind) summary").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page, options={"preload": False})
        assert found.violations_count == 0, f"{scheme}: {found.generate_report()}"


def test_the_picture_and_the_lists_are_those_of_the_tables(watched: Watched, night: Path) -> None:
    page = watched.open("production.html")
    jobs = pl.read_parquet(night / "plan" / "job.parquet")
    orders = pl.read_parquet(night / "plan" / "job_order.parquet")
    late = orders.filter(pl.col("tardy_days") > 0)
    assert jobs.height > 20
    assert page.locator("svg.gantt > g").count() == jobs.height
    assert page.locator("svg.gantt rect.late").count() == jobs.filter(pl.col("job_id").is_in(late["job_id"])).height
    assert page.locator("section:has(#late) tbody tr").count() == late.height
    assert page.locator("section:has(#hours) svg.chart").count() == 4


def test_what_the_log_says_is_on_the_page_and_in_the_file(watched: Watched, night: Path) -> None:
    page = watched.open("production.html")
    told = page.locator("section:has(#drift) tbody tr").all_inner_texts()
    assert ["Housing for garden pumps" in row for row in told] == [True, False]
    assert ["Motor for drainage pumps" in row for row in told] == [False, True]
    changes = pl.read_csv(night / "proposals" / "master_data_changes.csv").filter(pl.col("old_rate").is_not_null())
    assert sorted(changes["item_id"]) == ["H-1", "M-3"]
    figures = page.locator("section:has(#oee) tbody").first
    assert figures.locator("tr").count() == 4
