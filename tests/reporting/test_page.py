"""The written folder: whole, escaped, repeatable, and free of anything that needs a network."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from replenish.reporting import write_report
from replenish.share import share_path
from tests.reporting.company import mart_tables, plan_tables
from tests.reporting.rows import HOSTILE_NAMES

PAGES = (
    "index.html",
    "proposals.html",
    "exceptions.html",
    "item.html",
    "forecast.html",
    "inventory.html",
    "production.html",
    "changes.html",
    "backtest.html",
    "promises.html",
    "adoption.html",
    "data_health.html",
    "sql.html",
)


class Seen(HTMLParser):
    """Tags, attributes and text of a page as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def digests(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.mark.parametrize("name", PAGES)
def test_every_reference_is_a_file_of_the_folder(report: Path, name: str) -> None:
    page = Seen((report / name).read_text(encoding="utf-8"))
    for _, attributes in page.tags:
        for address in (attributes.get("src"), attributes.get("href")):
            target = (address or "").split("#")[0]
            assert not re.match(r"[a-z]+:|//", target), target
            is_beside = target.startswith("../")  # a file of the run: tests/night looks whether they are there
            assert not target or is_beside or (report / target).is_file(), target


@pytest.mark.parametrize("name", PAGES)
def test_no_script_and_no_handler_stands_in_a_page(report: Path, name: str) -> None:
    page = Seen((report / name).read_text(encoding="utf-8"))
    assert all("src" in attributes for tag, attributes in page.tags if tag == "script")
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
    policy = next(attributes["content"] or "" for _, attributes in page.tags if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy


def test_hostile_names_are_text_on_the_overview(report: Path) -> None:
    page = Seen((report / "index.html").read_text(encoding="utf-8"))
    for name in HOSTILE_NAMES:
        assert name.strip() in page.text
    assert "Corner & <Co>" in page.text
    assert "img" not in {tag for tag, _ in page.tags}


def test_hostile_rejects_are_text_on_data_health(report: Path) -> None:
    page = Seen((report / "data_health.html").read_text(encoding="utf-8"))
    assert "sales_<b>.csv" in page.text
    assert HOSTILE_NAMES[0] in page.text
    assert "nobody <b>supplies</b> it" in page.text


def test_the_overview_tells_the_night_in_its_own_text(report: Path, mart: dict[str, pl.DataFrame]) -> None:
    page = Seen((report / "index.html").read_text(encoding="utf-8"))
    night = mart["mart.overview"].row(0, named=True)
    assert f"Place {night['new_count']} order lines" in page.text
    assert "To do on Mon 2 Mar 2026" in page.text


def test_rows_in_another_order_give_the_same_bytes(report: Path, mart: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    shuffled = {name: frame.reverse() for name, frame in mart.items()}
    write_report(tmp_path, shuffled, pages=share_path("reports"), company="Corner & <Co>")
    assert digests(tmp_path) == digests(report)


def test_an_empty_night_still_has_every_page_but_that_of_a_plant(tmp_path: Path) -> None:
    night = {"meta.night": plan_tables(1)["meta.night"]}
    write_report(tmp_path, mart_tables(night), pages=share_path("reports"))
    assert "Nothing to order and nothing to change" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert [name for name in PAGES if not (tmp_path / name).is_file()] == ["production.html"]
    assert "production.html" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_pages_stand_in_the_menu_in_order_each_with_a_letter_of_its_own(report: Path) -> None:
    page = Seen((report / "index.html").read_text(encoding="utf-8"))
    menu = [attributes for tag, attributes in page.tags if tag == "a" and "data-key" in attributes]
    assert [one["href"] for one in menu] == list(PAGES[:-1])
    keys = [one["data-key"] for one in menu]
    assert keys == ["t", "p", "e", "i", "f", "n", "r", "c", "b", "o", "a", "d"]


def test_a_figure_of_a_table_that_there_is_not_is_named(mart: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    pages = tmp_path / "reports"
    shutil.copytree(share_path("reports"), pages)
    template = pages / "templates" / "forecast.html.j2"
    template.write_text(template.read_text(encoding="utf-8").replace("mart.total", "mart.totall"), encoding="utf-8")
    with pytest.raises(KeyError, match=r"mart\.totall"):
        write_report(tmp_path / "report", mart, pages=pages)


def test_a_missing_table_is_named(mart: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    tables = {name: frame for name, frame in mart.items() if name != "mart.proposal"}
    with pytest.raises(KeyError, match=r"mart\.proposal"):
        write_report(tmp_path, tables, pages=share_path("reports"))


def test_third_party_scripts_come_from_installed_packages_only(report: Path) -> None:
    ours = {file.name for file in share_path("reports").rglob("*") if file.suffix in {".js", ".css"}}
    assert {file.name for file in (report / "assets").iterdir()} - ours == {"plotly.min.js"}
    assert all(file.stat().st_size < 30_000 for file in share_path("reports").rglob("*.js"))


def test_writing_a_report_imports_no_plotly() -> None:
    code = "import sys, replenish.reporting; print(sorted({'plotly', 'pandas', 'duckdb'} & set(sys.modules)))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_moves_between_locations_are_on_the_page_of_proposals(mart: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    write_report(tmp_path / "none", mart, pages=share_path("reports"))
    assert "Moves between locations" not in (tmp_path / "none" / "proposals.html").read_text(encoding="utf-8")
    moves = pl.DataFrame(
        [{"item_id": "a", "item_name": "<b>Milk", "source_id": "p", "source_name": "Pier", "location_id": "q"}]
    ).with_columns(
        pl.lit(6.0).alias(name) for name in ("qty", "source_on_hand_qty", "on_hand_qty", "move_cost", "value")
    )
    moves = moves.with_columns(location_name=pl.lit("Quay"), uom=pl.lit("pcs"), receipt_date=pl.date(2026, 11, 12))
    write_report(tmp_path / "one", mart | {"mart.rebalance": moves}, pages=share_path("reports"))
    text = (tmp_path / "one" / "proposals.html").read_text(encoding="utf-8")
    assert "Moves between locations" in text
    assert "&lt;b&gt;Milk" in text
    assert "<b>Milk" not in text


def test_limits_and_what_more_money_would_buy_are_on_the_page_of_proposals(
    mart: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    limit = pl.DataFrame(
        {
            "kind": ["budget", "volume", "truck_weight", "truck_volume", "fill"],
            "scope_id": ["", "p", "v > p", "w > p", ""],
            "location_name": [None, "<b>Pier", "<b>Pier", "<b>Pier", None],
            "source_name": [None, None, "Val", "Wim", None],
            "truck_count": [None, None, 2.0, 0.0, None],
            "available": [100.0, 10.0, 80.0, 0.0, 0.98],
            "wanted": [150.0, 5.0, 90.0, 7.0, 0.95],
            "used": [90.0, 5.0, 78.0, 0.0, 0.981],
            "used_share": [0.9, 0.5, 0.975, None, 1.001],
            "shadow_price": [0.4, 0.0, 2.5, 0.0, -0.25],
        }
    )
    row = {"item_id": "a", "item_name": "<i>Milk", "location_id": "q", "location_name": "Quay", "source_id": "v"}
    ranked = pl.DataFrame(
        [
            row
            | {"rank": 1, "qty": 5.0, "uom": "pcs", "cost": 90.0, "gain_value": 80.0, "value_rate": 0.9}
            | {"cumulative_cost": 90.0, "is_taken": True},
            row
            | {"rank": 2, "qty": 7.0, "uom": "pcs", "cost": 60.0, "gain_value": 24.0, "value_rate": 0.4}
            | {"cumulative_cost": 150.0, "is_taken": False},
            row
            | {"rank": 3, "qty": 9.0, "uom": "pcs", "cost": 5000.0, "gain_value": 24.0, "value_rate": 0.1}
            | {"cumulative_cost": 5150.0, "is_taken": False},
        ]
    )
    write_report(tmp_path / "x", mart | {"mart.limit": limit, "mart.cut_line": ranked}, pages=share_path("reports"))
    text = (tmp_path / "x" / "proposals.html").read_text(encoding="utf-8")
    assert "90.00 of 100.00" in text
    assert "would earn 0.40" in text
    assert "60.00 spent to earn 24.00" in text
    assert "Trucks of Val to &lt;b&gt;Pier: 2, their weight used to 98 % (78.0 of 80.0); 90.0 were wished." in text
    assert "promise to serve 98.1 % of their demand" in text
    assert "The last pack that it takes loses 0.25 for each 1 spent." in text
    assert "Trucks of Wim to &lt;b&gt;Pier: 0; 7.0 were wished. No truck pays tonight." in " ".join(text.split())
    assert "&lt;i&gt;Milk" in text
    assert "&lt;b&gt;Pier" in text
    assert "5,150" not in text
    assert "<i>Milk" not in text


def test_broken_promises_are_told_on_the_overview_and_data_health(report: Path) -> None:
    told = "in 1 group"
    assert f"Orders have not kept what they promised {told}" in (report / "index.html").read_text(encoding="utf-8")
    health = (report / "data_health.html").read_text(encoding="utf-8").split('id="promises"')[1]
    assert f"Not {told}" in health
    assert 'href="promises.html"' in health
