"""Parts of step compare that need no night: words, reach, and forecasts brought to another calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from replenish.steps.compare.nights import on_tonights_calendar
from replenish.steps.compare.reach import Reach
from replenish.steps.compare.wording import sentence
from replenish.steps.order import Business

TONIGHT = date(2026, 3, 2)
TABLES = (
    *("forecast", "parameter", "lead_time", "target", "rebalance", "record", "open_supply", "open_demand"),
    *("lot", "node", "arc", "bom_line", "bucket", "supplier", "make_rate", "firm_need"),
)


def _business(**tables: pl.DataFrame) -> Business:
    """A network of three shops at a depot, and a depot that is supplied by nobody of ours."""
    shops = [("tea", shop, "move", "depot", 1) for shop in ("a", "b", "c")]
    arc = pl.DataFrame(
        [*shops, ("tea", "depot", "buy", "grower", 1)],
        schema=["item_id", "location_id", "kind", "source_id", "arc_rank"],
        orient="row",
    )
    none = {"parent_item_id": pl.String, "location_id": pl.String, "component_item_id": pl.String}
    known = {"arc": arc, "bom_line": pl.DataFrame(schema=none)} | tables
    empty: dict[str, Any] = {name: pl.DataFrame() for name in TABLES}
    return Business(**(empty | known))


def _buckets(first: date, days: int, count: int) -> pl.DataFrame:
    starts = [first + timedelta(days * index) for index in range(count)]
    ends = [start + timedelta(days - 1) for start in starts]
    index = pl.Series(range(count), dtype=pl.Int32)
    return pl.DataFrame({"bucket_index": index, "bucket_start": starts, "bucket_end": ends})


def test_no_more_nodes_are_run_again_than_asked_with_all_below_them() -> None:
    reach = Reach(_business())
    ranked = [("tea", "depot"), ("tea", "a"), ("tea", "b")]
    assert reach.chosen(ranked, 4) == ranked, "shops below the depot are run with it anyway"
    assert reach.chosen(ranked, 3) == ranked[1:], "the depot has too many below it, those after it fit"
    assert reach.chosen(ranked, 1) == ranked[1:2]


def test_nodes_are_run_level_by_level_with_what_is_below_and_above() -> None:
    levels = {("tea", "depot"): 1}
    shops, depot = Reach(_business()).groups([("tea", "depot"), ("tea", "b")], levels)
    assert shops.targets.rows() == [("tea", "b")]
    assert shops.nodes.rows() == [("tea", "b"), ("tea", "depot")]
    assert shops.lower.is_empty()
    assert depot.targets.rows() == [("tea", "depot")]
    assert depot.lower.rows() == [("tea", "a"), ("tea", "b"), ("tea", "c")]
    assert (shops.level, depot.level) == (0, 1)


@pytest.mark.parametrize(
    ("days", "moved_on", "expected"),
    [
        (1, 0, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
        (1, 1, [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 2.0]),  # the day beyond is as a week before
        (7, 7, [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 8.0]),
    ],
)
def test_units_stay_on_their_days(days: int, moved_on: int, expected: list[float]) -> None:
    before, now = (_buckets(TONIGHT + timedelta(moved), days, 8) for moved in (0, moved_on))
    qty = pl.Series(range(1, 9), dtype=pl.Float64)
    forecast = before.select("bucket_index", item_id=pl.lit("tea"), location_id=pl.lit("a")).with_columns(
        forecast_qty=qty, baseline_qty=qty, variance_qty2=qty * 10
    )
    node = pl.DataFrame({"item_id": ["tea"], "location_id": ["a"], "level": [0], "is_cyclic": [False]})
    last = _business(forecast=forecast, node=node, bucket=before)
    told = on_tonights_calendar(last, replace(last, bucket=now)).forecast
    assert told["forecast_qty"].to_list() == expected
    assert told["variance_qty2"].to_list() == (qty * 10).to_list(), "how sure depends on the distance"


def test_a_change_is_told_in_one_sentence() -> None:
    row = {"previous_qty": 24.0, "qty": 36.0, "change_qty": 12.0, "why_not": "", "on_hand_change_qty": 3.0}
    row |= {"wait_days": 2.0, "wait_before_days": 0.0}
    told = sentence(row, [("on_hand", -3.0), ("sales", 10.5), ("calendar", 4.5), ("limits", 0.0)])
    assert told == (
        "12 more than last night (24, now 36): +10.5 because of newer sales, +4.5 because its order day moved "
        "(it waits 2 days, not 0), -3 because stock rose by 3."
    )
    small = row | {"qty": 20.0, "change_qty": -4.0, "why_not": "too small a change to be taken apart"}
    assert sentence(small, []) == "4 less than last night (24, now 20): too small a change to be taken apart."
