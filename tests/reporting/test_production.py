"""The page of the plant tells hours, schedule, late orders, figures and promises, and reads every name as text."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from markupsafe import escape

from replenish.reporting import write_report
from replenish.share import share_path
from tests.reporting.plant import CENTERS, JOBS
from tests.reporting.rows import HOSTILE_NAMES
from tests.reporting.test_page import Seen


@pytest.fixture(scope="module")
def page(report: Path) -> str:
    return (report / "production.html").read_text(encoding="utf-8")


def section(page: str, name: str) -> str:
    return " ".join(page.split(f'id="{name}"')[1].split("</section>", maxsplit=1)[0].split())


def test_hostile_names_are_text(page: str) -> None:
    seen = Seen(page)
    for name in (*CENTERS, *HOSTILE_NAMES[:3]):
        assert name.strip() in seen.text
    assert "img" not in {tag for tag, _ in seen.tags}
    assert all("src" in attributes for tag, attributes in seen.tags if tag == "script")


def test_hours_are_told_before_and_after_levelling(page: str) -> None:
    hours = section(page, "hours")
    first = hours.split("<tbody>")[1].split("</tr>")[0]
    assert "LATHE" in first, "what is overloaded comes first"
    assert "80.0" in first  # 20 of 60 days, 4 hours beyond capacity
    assert "12.50" in first
    assert hours.count('<svg class="chart"') == 3


def test_every_operation_is_drawn_and_listed(page: str) -> None:
    schedule = section(page, "schedule")
    assert schedule.count("<g><title>") == 2 * JOBS
    assert schedule.split("<details>")[1].count("<tr>") == 2 * JOBS + 1
    assert schedule.count('class="row"') == 4
    assert "LATHE 2" in schedule
    assert schedule.count(">kept<") == 4


def test_late_orders_say_what_they_wait_for(page: str) -> None:
    late = section(page, "late")
    assert late.count("<tr>") == 1 + 5
    assert "there on Mon 2 Mar 2026" in late
    assert "hours at &lt;script&gt;" in late
    assert late.count("nothing: it takes longer") == 3


def test_limits_have_their_price(page: str) -> None:
    relax = section(page, "relax")
    assert "Overtime at LATHE" in relax
    assert "More machine hours at &lt;script&gt;" in relax
    assert "Later dates for " in relax
    assert "300 EUR" in relax


def test_figures_and_suggestions(page: str) -> None:
    figures = section(page, "oee")
    assert "74 %" in figures
    assert "ideal rate too low" in figures
    assert figures.count("dates kept") == 2 + 1  # a row a work centre, and the heading over them
    drift = section(page, "drift")
    assert "0.921" in drift
    assert "1.2k EUR" in drift


def test_promises_begin_with_what_is_ordered(page: str, mart: dict[str, pl.DataFrame]) -> None:
    promise = section(page, "promise")
    ordered = mart["mart.atp"].filter(pl.col("order_qty") > 0)["item_name"].item()
    first = promise.split("<tbody>")[1].split("</tr>")[0]
    assert str(escape(ordered)) in first
    assert "4 pcs" in first
    assert first.count("sure") == 6
    assert "kept with 95 % probability or more" in promise


def test_a_plant_without_hours_or_log_still_has_its_page(mart: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    bare = {
        f"mart.{name}": mart[f"mart.{name}"].clear() for name in ("plant_load", "plant_figure", "relaxation", "atp")
    }
    write_report(tmp_path, mart | bare, pages=share_path("reports"))
    page = (tmp_path / "production.html").read_text(encoding="utf-8")
    assert "No work centre has hours to plan." in page
    assert "No production log" in page
