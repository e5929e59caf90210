"""Nights of a plant whose bills change, are used up, or cannot be right."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

import replenish as rp
from tests.night.small import LAST_DAY, frames

SETTINGS = rp.Settings(forecast={"members": "light"})
WORKS = pl.col("location_id") == "works"


def _day(ahead: int) -> date:
    return LAST_DAY + timedelta(days=ahead)


def _bought(*items: str) -> list[dict[str, Any]]:
    line = {"location_id": "works", "kind": "buy", "source_id": "grower", "lead_time_days": 14.0, "review_days": 7.0}
    return [{"item_id": item, **line} for item in items]


def _night(
    bom: list[dict[str, Any]],
    *,
    item: list[dict[str, Any]] | None = None,
    sourcing: list[dict[str, Any]] | None = None,
    stock: dict[str, float] | None = None,
    **tables: pl.DataFrame,
) -> rp.Run:
    """A night of the small company with these bills, and with these rows more."""
    given = frames() | tables
    lying = [
        {"item_id": i, "location_id": "works", "date": LAST_DAY, "on_hand_qty": q} for i, q in (stock or {}).items()
    ]
    for name, rows in (("item", item), ("sourcing", sourcing), ("stock", lying)):
        if rows:
            more = pl.DataFrame(rows, infer_schema_length=None)
            given[name] = pl.concat([given[name], more], how="diagonal_relaxed")
    given["bom"] = pl.DataFrame(bom, infer_schema_length=None)
    return rp.run(given, SETTINGS, as_of=LAST_DAY)


def _lines(run: rp.Run) -> dict[tuple[str, str], dict[str, Any]]:
    new = run.table("plan.proposal").filter(pl.col("action") == "NEW")
    return {(row["item_id"], row["location_id"]): row for row in new.iter_rows(named=True)}


@pytest.fixture(scope="module")
def changing() -> rp.Run:
    """Leaf gives way to a new leaf; a kit that should have no stock has some, and changes its parts in four weeks."""
    order = {"order_id": "m1", "line_id": "1", "kind": "production", "item_id": "tea", "location_id": "works"}
    return _night(
        [
            {"parent_item_id": "tea", "component_item_id": "leaf", "qty_per": 2.0},
            {"parent_item_id": "tea", "component_item_id": "kit", "qty_per": 1.0, "phantom": True},
            {"parent_item_id": "kit", "component_item_id": "stick", "qty_per": 3.0, "valid_to": _day(28)},
            {"parent_item_id": "kit", "component_item_id": "twig", "qty_per": 3.0, "valid_from": _day(29)},
        ],
        item=[{"item_id": "leaf", "successor_item_id": "leaf2"}],
        sourcing=_bought("leaf2", "stick", "twig"),
        stock={"kit": 30.0},
        open_order=pl.DataFrame([{**order, "qty": 10.0, "due_date": _day(20), "source_id": "works"}]),
    )


def _asked(run: rp.Run, item: str) -> pl.Series:
    """Units that dependants ask of an item at the works, by bucket."""
    rows = run.table("plan.requirement").filter(WORKS & (pl.col("item_id") == item))
    bucket = run.table("core.bucket").filter(pl.col("bucket_index") >= 0).select("bucket_index")
    asked = rows.group_by("bucket_index").agg(pl.col("qty").sum())
    return bucket.join(asked, on="bucket_index", how="left", maintain_order="left")["qty"].fill_null(0.0)


def test_stock_is_used_up_before_anything_passes_on(changing: rp.Run) -> None:
    old, new, kit, stick, twig = (_asked(changing, item) for item in ("leaf", "leaf2", "kit", "stick", "twig"))
    # production in the books takes 20 of the leaf and 10 of the kit beside what is planned
    assert new.sum() == pytest.approx(old.sum() + 20.0 - 200.0, abs=2.0)
    assert new[:3].sum() == 0.0
    assert (stick + twig).sum() == pytest.approx(3 * (kit.sum() + 10.0 - 30.0), abs=6.0)


def test_a_bill_that_changes_takes_each_part_in_its_weeks(changing: rp.Run) -> None:
    stick, twig = _asked(changing, "stick"), _asked(changing, "twig")
    assert stick[:4].sum() > 0 == stick[4:].sum()
    assert twig[4:].sum() > 0 == twig[:4].sum()


def test_only_what_can_be_ordered_is_proposed(changing: rp.Run) -> None:
    lines = _lines(changing)
    assert {item for item, place in lines if place == "works"} == {"leaf2", "stick", "tea"}
    told = changing.table("plan.exception").filter(WORKS & (pl.col("code") == "DATA_INVALID"))
    assert told["item_id"].to_list() == ["kit"]  # a phantom in stock is told, and holds nothing
    assert not any(line["hold"] for line in lines.values())
    erp = changing.table("plan.min_max").filter(WORKS)["item_id"]
    assert not set(erp) & {"leaf", "kit"}


def test_production_in_the_books_takes_its_components(changing: rp.Run) -> None:
    need = changing.table("core.firm_need").select("item_id", "open_qty", "due_date").sort("item_id")
    assert need.rows() == [("kit", 10.0, _day(13)), ("leaf", 20.0, _day(13))]
    pegs = changing.table("plan.peg").filter(pl.col("demand_kind") == "production_order")
    assert dict(pegs.group_by("item_id").agg(pl.col("qty").sum()).iter_rows()) == {"kit": 10.0, "leaf": 20.0}


def test_bills_that_cannot_be_right_leave_the_rest_as_it_is() -> None:
    fine = _night([{"parent_item_id": "tea", "component_item_id": "leaf", "qty_per": 2.0}])
    wrong = _night(
        [
            {"parent_item_id": "tea", "component_item_id": "leaf", "qty_per": 2.0},
            {"parent_item_id": "tea", "component_item_id": "sugar", "qty_per": 0.0},
            {"parent_item_id": "tea", "component_item_id": "bag", "qty_per": 1.0, "scrap_rate": 1.0},
            {"parent_item_id": "loop", "component_item_id": "round", "qty_per": 1.0, "phantom": True},
            {"parent_item_id": "round", "component_item_id": "round", "qty_per": 1.0, "phantom": True},
            {"parent_item_id": "tea", "component_item_id": "ping", "qty_per": 1.0},
            {"parent_item_id": "tea", "component_item_id": "vast", "qty_per": 1e14, "base_qty": 1e-9},
            {"parent_item_id": "loop", "component_item_id": "loop", "qty_per": 1.0},
            {"parent_item_id": "later", "component_item_id": "leaf", "qty_per": 1.0, "valid_from": _day(9)},
            {"parent_item_id": "never", "component_item_id": "leaf", "qty_per": 1.0, "valid_to": _day(-9)},
        ],
        item=[{"item_id": "ping", "successor_item_id": "pong"}, {"item_id": "pong", "successor_item_id": "ping"}],
        sourcing=[{**line, "kind": "make", "source_id": "works"} for line in _bought("loop", "later", "never")],
    )
    innocent = {node: line["qty"] for node, line in _lines(fine).items() if node[0] != "leaf"}
    got = _lines(wrong)
    assert {node: line["qty"] for node, line in got.items() if node in innocent} == innocent
    tea = got["tea", "works"]
    assert tea["hold"]
    assert all(word in tea["hold_cause"] for word in ("sugar", "bag", "vast"))
    told = wrong.table("core.graph_issue").filter(WORKS)
    codes = {(row["item_id"], row["code"]) for row in told.iter_rows(named=True)}
    cycles = {("ping", "BOM_CYCLE"), ("pong", "BOM_CYCLE"), ("loop", "BOM_CYCLE")}
    assert codes >= cycles | {("tea", "DATA_INVALID"), ("later", "NO_BOM"), ("never", "NO_BOM")}
