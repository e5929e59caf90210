"""Netting into lots, as it is ordered and as it is projected; material is never made or lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.lot_sizing import LOT_RULES
from replenish.steps.order import climb
from replenish.tables import core
from tests.steps import demand_world as world
from tests.steps.supply_world import TONIGHT, Company, company, plant, supply


def made(lot_rule: str = "silver_meal", setup: float = 0.0, **node: Any) -> Company:
    """A product planned by netting, made of a bought part; a set-up costs `setup`, holding a unit a week 1."""
    some = plant(stock=(500.0, 0.0), qty_per=2.0, phi=0.0, kappa=0.0)
    named = {"method": "mrp", "holding_cost_per_day": 1 / 7, "lot_rule": lot_rule} | node
    rate = pl.DataFrame({"item_id": ["product"], "location_id": ["plant"], "setup_cost": [setup]})
    rate = rate.with_columns(good_per_day_qty=pl.lit(None, dtype=pl.Float64))
    return some.with_(
        node=core.Node.cast(some.node.with_columns(**{name: pl.lit(value) for name, value in named.items()})),
        make_rate=core.MakeRate.cast(rate.select(core.MakeRate.column_names())),
    )


def starts(some: Company, **how: Any) -> list[float]:
    """Good units of the product started in each of the twelve weeks."""
    found = np.zeros(12)
    for index, qty in some.planned_make(**how).select("bucket_index", "qty").iter_rows():
        found[index] = qty
    return found.tolist()


def test_a_set_up_joins_needs_into_lots() -> None:
    assert starts(made(setup=0.0))[:4] == [20.0, 10.0, 10.0, 10.0]  # tonight's serves this week too, late
    # 10 a week, 1 to hold one a week: a second week costs 10, a third 20 more
    assert starts(made("part_period", setup=30.0))[:6] == [40.0, 0.0, 0.0, 30.0, 0.0, 0.0]
    assert starts(made("fixed_quantity", lot_qty=25.0))[:5] == [25.0, 25.0, 0.0, 0.0, 25.0]


def test_no_lot_covers_more_than_the_longest_cover_or_the_life_of_what_it_makes() -> None:
    costly = made("silver_meal", setup=1e6)
    assert starts(costly, max_cover_days=28.0)[:5] == [50.0, 0.0, 0.0, 0.0, 40.0]
    assert starts(made("silver_meal", setup=1e6, shelf_life_days=14.0))[:4] == [30.0, 0.0, 20.0, 0.0]


@pytest.mark.parametrize("rule", LOT_RULES)
def test_what_is_projected_is_what_is_ordered(rule: str) -> None:
    some = made(rule, setup=30.0, lot_qty=35.0)
    orders, projection, _ = some.project()
    assert orders["qty"].to_list() == some.wish()["qty"].to_list()
    planned = projection.filter(pl.col("item_id") == "product").sort("bucket_index")["planned_qty"].to_list()
    assert planned[2:] == pytest.approx(starts(some)[1:-1])


def test_what_is_late_is_projected_when_it_can_really_be_there() -> None:
    orders, projection, pegs = made().project()
    product = projection.filter(pl.col("item_id") == "product").sort("bucket_index")
    tonight = orders.filter(pl.col("item_id") == "product")["qty"][0]
    assert product["proposed_qty"].to_list()[:2] == [0.0, tonight]  # a week of lead time, whenever it was needed
    assert product["planned_qty"].to_list()[:2] == [0.0, 0.0]
    assert product["closing_qty"].to_list()[:2] == pytest.approx([-10.0, 0.0])
    late = pegs.filter((pl.col("item_id") == "product") & pl.col("is_late"))
    assert late["qty"].to_list() == [10.0]


def test_one_pair_of_paths_says_what_all_of_them_say(monkeypatch: pytest.MonkeyPatch) -> None:
    some = made(setup=30.0).with_(open_supply=supply([("o", "part", "plant", 30.0, TONIGHT)]))
    lean = some.decided()
    monkeypatch.setattr(climb, "nothing_drawn", lambda nodes: np.zeros(len(nodes.fact), dtype=bool))
    for one, other in zip(lean, some.decided(), strict=True):
        numbers = [name for name, kind in one.schema.items() if kind == pl.Float64]
        assert one.drop(numbers).equals(other.drop(numbers))
        for name in numbers:
            assert one[name].to_list() == pytest.approx(other[name].to_list(), nan_ok=True), name


def test_the_largest_line_is_an_error_of_the_master_data_that_stops_nobody_else() -> None:
    some = made(setup=30.0)
    arcs = some.arc.with_columns(max_qty=pl.when(pl.col("item_id") == "part").then(0.5).otherwise(1e-6))
    assert set(starts(some.with_(arc=core.Arc.cast(arcs)))) == {0.0}
    huge = some.with_(arc=core.Arc.cast(some.arc.with_columns(max_qty=1.0, order_cost=1e15)))
    assert max(starts(huge)) <= 99.0


ITEM = st.fixed_dictionaries(
    {
        "stock": st.integers(0, 60),
        "lead": st.integers(0, 3),
        "review": st.integers(1, 2),
        "multiple": st.sampled_from([1.0, 5.0, 12.0]),
        "least": st.sampled_from([0.0, 20.0]),
        "order_cost": st.sampled_from([0.0, 15.0, 200.0]),
        "rule": st.sampled_from(LOT_RULES),
        "receipts": st.lists(st.tuples(st.integers(0, 11), st.integers(1, 40)), max_size=2),
        # each line: how far down the component is, units of it, its scrap, and the yield of the parent's routing
        "bill": st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.sampled_from([0.0, 0.2])), max_size=2),
        "yield_rate": st.sampled_from([1.0, 0.8]),
    }
)


def factory(items: list[dict[str, Any]]) -> tuple[Company, dict[tuple[int, int], float]]:
    """Items of one plant, each made of later ones where its bill names any, and units of each for one of another."""
    bill: dict[tuple[int, int], float] = {}
    for parent, one in enumerate(items):
        for down, units, scrap in one["bill"]:
            if parent + down < len(items):
                bill[parent, parent + down] = units / (1 - scrap) / one["yield_rate"]
    level = [0] * len(items)
    for parent, component in sorted(bill):
        level[component] = max(level[component], level[parent] + 1)
    is_made = {parent for parent, _ in bill}
    ids = [f"i{k}" for k in range(len(items))]
    nodes = world.nodes(
        ids,
        ["plant"],
        level=level,
        has_demand=[each == 0 for each in level],
        is_component=[each > 0 for each in level],
        location_kind="plant",
        shortage_rule="backorder",
        method="mrp",
        holding_cost_per_day=1 / 7,
        lot_rule=[one["rule"] for one in items],
    )
    arcs = world.arcs(
        nodes,
        kind=["make" if k in is_made else "buy" for k in range(len(items))],
        source_id=["plant" if k in is_made else "s" for k in range(len(items))],
        lead_time_days=[7.0 * one["lead"] for one in items],
        review_days=[7.0 * one["review"] for one in items],
        multiple_qty=[one["multiple"] for one in items],
        min_qty=[one["least"] for one in items],
        order_cost=[one["order_cost"] for one in items],
    )
    lines = [
        (ids[parent], ids[component], "plant", TONIGHT, None, factor)
        for (parent, component), factor in sorted(bill.items())
    ]
    bom = pl.DataFrame(lines, schema=[*core.BomLine.column_names()], orient="row", infer_schema_length=None)
    due = [
        (f"o{k}-{week}", ids[k], "plant", float(qty), TONIGHT + timedelta(days=7 * week))
        for k, one in enumerate(items)
        for week, qty in dict(one["receipts"]).items()
    ]
    some = company(nodes, arcs, mean=10.0, phi=0.0, kappa=0.0, on_hand=[float(one["stock"]) for one in items])
    tables = {"bom_line": core.BomLine.cast(bom)} if lines else {}
    return some.with_(**tables | ({"open_supply": supply(due)} if due else {})), bill


@settings(max_examples=25, deadline=None)
@given(st.lists(ITEM, min_size=1, max_size=6))
def test_material_is_conserved_through_all_levels(items: list[dict[str, Any]]) -> None:
    some, bill = factory(items)
    curve, wish, requirement, make = some.decided(path_count=20)
    # As if nothing were scarce tonight: what is shared out is another step's.
    orders = some.allocate(curve, wish, requirement).with_columns(qty=wish["qty"])
    projection, _ = some.projected(orders, wish, requirement)
    started = {(int(i[1:]), t): qty for i, t, qty in make.select("item_id", "bucket_index", "qty").iter_rows()}
    asked: dict[tuple[int, int], float] = {}
    for (parent, t), qty in started.items():
        for (above, component), factor in bill.items():
            if above == parent:
                asked[component, t] = asked.get((component, t), 0.0) + qty * factor
    told = requirement.group_by("item_id", "bucket_index").agg(pl.col("qty").sum())
    assert {(int(i[1:]), t): qty for i, t, qty in told.iter_rows()} == pytest.approx(asked)
    rows = {(int(row["item_id"][1:]), row["bucket_index"]): row for row in projection.iter_rows(named=True)}
    ordered = {int(i[1:]): qty for i, qty in orders.select("item_id", "qty").iter_rows()}
    for i, one in enumerate(items):
        stock, is_sold = float(one["stock"]), not any(component == i for _, component in bill)
        for t in range(12):
            stock += dict(one["receipts"]).get(t, 0) - (10.0 if is_sold else 0.0) - asked.get((i, t), 0.0)
            stock += ordered[i] if t == one["lead"] else 0.0
            if t > one["lead"] and any(above == i for above, _ in bill):
                stock += started.get((i, t - one["lead"]), 0.0)
            else:
                stock += rows[i, t]["planned_qty"]
            assert rows[i, t]["closing_qty"] == pytest.approx(stock, abs=1e-6)
            # Once an order can be there, only what has no source or lies beyond the horizon is missing.
            assert t < one["lead"] or stock > -1e-6 or sum(dict(one["receipts"]).values()) > 0
