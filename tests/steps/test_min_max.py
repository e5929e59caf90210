"""Minimum and maximum for an ERP: what is told, and when."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.night.previous import past_min_max
from replenish.steps.min_max import min_max
from replenish.tables import core, plan
from tests.reporting.rows import filled
from tests.steps import demand_world as world
from tests.steps.supply_world import shop


def _told(levels: list[tuple[float, float]], before: list[tuple[Any, ...]] | None = None, pack: float = 6.0) -> Any:
    """plan.min_max of items i00, i01, ... with these (min, max); `before` holds (item, min, max, pack)."""
    node = world.nodes([f"i{k:02d}" for k in range(len(levels))], ["store"])
    least, most = (np.array(each, dtype=float) for each in zip(*levels, strict=True))
    target = filled(plan.Target, item_id=node["item_id"], location_id="store", min_qty=least, max_qty=most)
    schema = {name: pl.Float64 if name.endswith("_qty") else pl.String for name in core.PreviousMinMax.column_names()}
    previous = pl.DataFrame([(one[0], "store", *one[1:]) for one in before or []], schema=schema, orient="row")
    return min_max(target, node, world.arcs(node, multiple_qty=pack), core.PreviousMinMax.cast(previous))


def test_on_a_first_night_every_node_is_told_with_its_pack() -> None:
    got = _told([(2.0, 9.0), (0.0, 0.0)])
    assert got.select("min_qty", "max_qty", "multiple_qty", "change", "is_exported").rows() == [
        (2.0, 9.0, 6.0, "new", True),
        (0.0, 0.0, 6.0, "new", True),
    ]
    assert got["previous_min_qty"].null_count() == 2


@pytest.mark.parametrize(
    ("now", "before", "change", "is_told"),
    [
        ((10.0, 100.0), (10.0, 100.0, 6.0), "none", False),
        ((11.0, 110.0), (10.0, 100.0, 6.0), "small", False),  # one unit, ten per cent: not more
        ((12.0, 100.0), (10.0, 100.0, 6.0), "min", True),
        ((10.0, 89.0), (10.0, 100.0, 6.0), "max", True),
        ((0.0, 0.0), (10.0, 100.0, 6.0), "min_and_max", True),
        ((10.0, 100.0), (10.0, 100.0, 12.0), "pack", True),
        ((2.0, 2.0), (0.0, 1.0, 6.0), "min", True),
    ],
)
def test_what_counts_as_a_change(now: Any, before: Any, change: str, is_told: bool) -> None:
    row = _told([now], [("i00", *before)]).row(0, named=True)
    assert (row["change"], row["is_exported"]) == (change, is_told)
    assert (row["previous_min_qty"], row["previous_max_qty"], row["previous_multiple_qty"]) == before


def test_small_steps_add_up_to_one_that_is_told() -> None:
    """10, 10.5, 11, 11.5, ...: compared with what was last exported, not with last night."""
    before: list[tuple[Any, ...]] = []
    told = []
    for night in range(9):
        got = _told([(10.0 + night / 2, 50.0)], before)
        told.append(got["is_exported"].item())
        last = past_min_max(lambda _, got=got: got)
        before = [(row[0], *row[2:]) for row in last.rows()]
    assert told == [True, False, False, True, False, False, True, False, False]


def test_a_target_that_is_no_number_keeps_what_the_erp_has() -> None:
    got = _told([(np.nan, 4.0), (np.nan, np.nan)], [("i00", 3.0, 5.0, 6.0)])
    assert got.select("item_id", "min_qty", "max_qty", "change").rows() == [("i00", 3.0, 4.0, "small")]


def test_nodes_without_a_source_have_no_pack_and_nobody_makes_no_rows() -> None:
    node = world.nodes(["a"], ["store"])
    target = filled(plan.Target, item_id=node["item_id"], location_id="store", min_qty=[1.0], max_qty=[2.0])
    got = min_max(target, node, core.Arc.create_empty(), core.PreviousMinMax.create_empty())
    assert got.row(0, named=True)["multiple_qty"] == 0.0
    nobody = (plan.Target, core.Node, core.Arc, core.PreviousMinMax)
    assert min_max(*(table.create_empty() for table in nobody)).is_empty()


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_what_is_not_told_is_near_what_was(now: float, before: float) -> None:
    row = _told([(now, 1e9)], [("i00", before, 1e9, 6.0)]).row(0, named=True)
    assert row["is_exported"] or abs(now - before) <= max(1.0, 0.1 * before)
    assert not row["is_exported"] or abs(now - before) > max(1.0, 0.1 * before)


def test_targets_of_a_company_reach_the_file() -> None:
    place = shop(3, mean=5.0, arc={"multiple_qty": 4.0})
    got = min_max(place.target(), place.node, place.arc, core.PreviousMinMax.create_empty())
    assert got.height == 3
    assert (got["min_qty"] < got["max_qty"]).all()
    assert (got["multiple_qty"] == 4.0).all()
    assert got["uom"].to_list() == place.node["uom"].to_list()
    assert (got["min_qty"] % 1.0 == 0.0).all()
