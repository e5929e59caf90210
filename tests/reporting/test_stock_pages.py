"""Pages of inventory, promises and the backtest: what they say, link to, and keep as text."""

from __future__ import annotations

from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import polars as pl
import pytest

from replenish.reporting import write_report
from replenish.reporting.reliability import Told, reliability_chart
from replenish.share import share_path
from tests.reporting.backtested import backtest_tables
from tests.reporting.company import mart_tables, plan_tables


def text_of(folder: Path, name: str) -> str:
    return unescape((folder / name).read_text(encoding="utf-8"))


def section(text: str, name: str) -> str:
    return text.split(f'id="{name}"')[1].split("</section>", maxsplit=1)[0]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a night without stock, promises or backtest."""
    folder = tmp_path_factory.mktemp("quiet")
    write_report(folder, mart_tables({"meta.night": plan_tables(1)["meta.night"]}), pages=share_path("reports"))
    return folder


def test_every_cell_of_the_matrix_counts_the_rows_it_leads_to(report: Path, mart: dict[str, pl.DataFrame]) -> None:
    told = section(text_of(report, "inventory.html"), "matrix")
    nodes = mart["mart.inventory_node"]
    links = [part.split('"')[0] for part in told.split('href="inventory.html#')[1:]]
    assert len(links) > 3
    for link, part in zip(links, told.split('href="inventory.html#')[1:], strict=True):
        cell = {name: value[0] for name, value in parse_qs(link).items()}
        rows = nodes.filter((pl.col("abc_class") == cell["abc"]) & (pl.col("xyz_class") == cell["xyz"]))
        assert f"{rows.height} items" in part.split("</td>")[0]


def test_inventory_adds_up_whatever_it_is_grouped_by(mart: dict[str, pl.DataFrame]) -> None:
    groups = mart["mart.inventory_group"]
    measures = ("node_count", "on_hand_value", "stock_value", "carrying_year_cost", "excess_value", "dead_value")
    sums = groups.group_by("scope").agg(pl.col(measures).sum())
    (whole,) = sums.filter(pl.col("scope") == "all").select(measures).to_dicts()
    assert whole["excess_value"] > 0
    for row in sums.iter_rows(named=True):
        assert {name: row[name] for name in measures} == pytest.approx(whole, rel=1e-9), row["scope"]


def test_causes_add_up_to_what_is_too_much(report: Path, mart: dict[str, pl.DataFrame]) -> None:
    causes, rows = mart["mart.excess_cause"], mart["mart.excess_node"]
    assert causes["node_count"].sum() == rows.height
    assert causes["value"].sum() == pytest.approx(rows["value"].sum())
    told = section(text_of(report, "inventory.html"), "causes")
    assert told.count("<tr>") - 1 == causes.height


def test_the_exchange_curve_marks_today_and_the_targets(report: Path, mart: dict[str, pl.DataFrame]) -> None:
    picture = section(text_of(report, "inventory.html"), "exchange")
    assert picture.count('<rect class="today"') == picture.count('<rect class="targets"') == 1
    today = mart["mart.kpi"].filter(pl.col("scope") == "all").row(0, named=True)
    assert f"{100 * today['fill_rate']:.1f} % served." in picture.split("<svg")[1].split(">")[0]


def test_promises_say_what_was_promised_and_what_came(report: Path) -> None:
    told = text_of(report, "promises.html")
    assert "5.0 % of them should have run out, 9.0 % did" in told
    assert "All categories</strong>: 9.0 % ran out where 5.0 % was promised, over 4,000 promises." in told
    assert "1.30" in section(told, "mended")
    assert "75.0 %" in section(told, "scores")
    broken = section(told, "broken")
    assert broken.count("item.html#") == broken.count("<tr>") - 1 > 0
    assert "<script>alert(1)" not in (report / "promises.html").read_text(encoding="utf-8")


def test_a_dot_beyond_chance_is_marked_broken() -> None:
    """Of 400 promises of 10 % two standard errors are 3 points: 12 % is chance, 14 % is not."""
    drawn = [str(reliability_chart([Told(0.1, share, 400)], label="x")) for share in (0.12, 0.14, 0.02)]
    assert ['class="broken"' in one for one in drawn] == [False, True, False]
    assert "promised 10.0 %, came 14.0 %, 400 promises" in drawn[1]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("cheaper", "The nightly rule beats your own."),
        ("even", "Not switched on: the nightly rule does not beat your own."),
        ("dearer", "Not switched on: the nightly rule does not beat your own."),
    ],
)
def test_the_backtest_says_first_whether_your_rule_was_beaten(verdict: str, said: str, tmp_path: Path) -> None:
    tables = mart_tables(plan_tables(2) | backtest_tables(verdict))
    write_report(tmp_path, tables, pages=share_path("reports"))
    told = text_of(tmp_path, "backtest.html")
    assert said in told
    assert ("Keep ordering as you do" in told) == (verdict != "cheaper")
    on_overview = "the nightly rule has not beaten your own" in text_of(tmp_path, "index.html")
    assert on_overview == (verdict != "cheaper")


def test_names_in_a_backtest_are_text(report: Path) -> None:
    raw = (report / "backtest.html").read_text(encoding="utf-8")
    assert "Keep &lt;your&gt; rule." in raw
    assert section(raw, "windows").count("<tr>") - 1 == 2


def test_pages_without_data_say_what_to_do(quiet: Path) -> None:
    assert "replenish backtest FOLDER" in text_of(quiet, "backtest.html")
    assert "No promise of an earlier night has come due yet" in text_of(quiet, "promises.html")
    assert "Nothing is too much tonight" in text_of(quiet, "inventory.html")
    assert "not beaten your own" not in text_of(quiet, "index.html")


def test_a_measure_is_the_same_number_on_the_overview_and_under_inventory(mart: dict[str, pl.DataFrame]) -> None:
    kpi = mart["mart.kpi"].filter(pl.col("scope") == "all").row(0, named=True)
    group = mart["mart.inventory_group"].filter(pl.col("scope") == "all").row(0, named=True)
    assert kpi["stock_value"] > 0
    pairs = {
        "stock_value": "stock_value",
        "turns_rate": "turns_rate",
        "stock_days": "stock_days",
        "dead_stock_value": "dead_value",
    }
    assert {name: kpi[name] for name in pairs} == pytest.approx(
        {name: group[same] for name, same in pairs.items()}, rel=1e-6
    )
