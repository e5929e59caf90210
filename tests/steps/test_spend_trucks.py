"""Orders ride in whole trucks that pay: what stays, what is added, and what the limit then says."""

from __future__ import annotations

import polars as pl
import pytest

from replenish.steps import spend
from tests.steps.test_spend import tables


def world(*, gains: dict[str, list[float]] | None = None, minimum: float = 0.0, **truck: object) -> list[pl.DataFrame]:
    """The tables of test_spend (A: 1 of volume and 4 of weight a unit; B: 2 and 1), with trucks of supplier V."""
    frames = tables(minimum=minimum)
    frames[6] = frames[6].with_columns(pl.lit(value).alias(name) for name, value in truck.items())
    if gains:
        packs = [(item, k + 1, gain) for item, each in gains.items() for k, gain in enumerate(each)]
        frames[1] = pl.DataFrame(packs, schema=["item_id", "pack_index", "pack_value"], orient="row").with_columns(
            location_id=pl.lit("W"), pack_qty=1.0, served_qty=0.5, pair_value=pl.lit(None, dtype=pl.Float64)
        )
    return frames


def loaded(frames: list[pl.DataFrame], budget: float | None = None) -> tuple[dict[str, float], pl.DataFrame]:
    """Quantities by item, and the limits."""
    order, limit, cut_line = spend(*frames, budget=budget)
    taken = cut_line.filter("is_taken").group_by("item_id").agg(pl.col("qty").sum())
    ordered = order.filter(pl.col("qty") > 0).select("item_id", "qty")
    assert sorted(taken.rows()) == sorted(ordered.rows())
    for row in order.iter_rows(named=True):
        is_loaded = row["qty"] != row["wish_qty"]
        assert (row["reason_code"], row["binding_limit"]) == (("truck", "truck") if is_loaded else ("value", None))
        assert row["pack_count"] == row["qty"]
        assert row["value"] == pytest.approx(sum(_gains(frames, row["item_id"])[: int(row["qty"])]))
        assert row["is_release_past_due"] == (row["qty"] > 0 and row["wish_qty"] > 0)
    return dict(order.select("item_id", "qty").iter_rows()), limit


def _gains(frames: list[pl.DataFrame], item: str) -> list[float]:
    return frames[1].filter(item_id=item).sort("pack_index")["pack_value"].to_list()


def test_a_second_truck_drives_where_what_rides_in_it_pays() -> None:
    """18 of gain on 6 of volume; a truck of 4 holds A's two packs and one of B's (15): the second brings 5 more, with
    A's third pack along.
    """
    assert loaded(world(truck_volume=4.0, truck_cost=4.5))[0] == {"A": 3.0, "B": 2.0}
    qty, limit = loaded(world(truck_volume=4.0, truck_cost=5.5))
    assert qty == {"A": 2.0, "B": 1.0}
    row = limit.row(0, named=True)
    assert (row["kind"], row["scope_id"], row["truck_count"]) == ("truck_volume", "V > W", 1)
    assert (row["available"], row["wanted"], row["used"], row["shadow_price"]) == (4.0, 6.0, 4.0, 2.0)


def test_no_truck_drives_for_less_than_it_costs() -> None:
    """20 of gain at most: nothing is ordered at 21, and the limit says that no truck drives."""
    qty, limit = loaded(world(truck_volume=100.0, truck_cost=21.0))
    assert qty == {"A": 0.0, "B": 0.0}
    assert limit.select("truck_count", "available", "used").row(0) == (0, 0.0, 0.0)


def test_weight_binds_like_volume() -> None:
    """A weighs 4 and B 1: 6 of weight hold one A and two B, whatever the volume."""
    qty, limit = loaded(world(truck_volume=100.0, truck_weight=6.0, truck_cost=8.0))
    assert qty == {"A": 1.0, "B": 2.0}
    assert limit["kind"].to_list() == ["truck_volume", "truck_weight"]
    assert limit["shadow_price"].to_list() == [0.0, 1.0]


def test_only_full_trucks_drive_filled_by_what_loses_least() -> None:
    """6 of volume are wished and a truck holds 8: A's losses of 0.5 fill it, B's of 3 do not; 40 cannot be filled."""
    gains = {"A": [5.0, 4.0, -0.5, -0.6], "B": [6.0, 3.0, -3.0]}
    full = {"truck_cost": 1.0, "full_truck_only": True}
    assert loaded(world(gains=gains, truck_volume=8.0, **full))[0] == {"A": 4.0, "B": 2.0}
    assert loaded(world(gains=gains, truck_volume=40.0, **full))[0] == {"A": 0.0, "B": 0.0}
    assert loaded(world(gains=gains, truck_volume=8.0, truck_cost=1.0))[0] == {"A": 2.0, "B": 2.0}


def test_goods_without_a_size_do_not_wait_for_a_full_truck() -> None:
    """Nothing says how much of a truck they take: one drives where it pays. Once one has a size, it must fill."""
    full = {"truck_volume": 40.0, "full_truck_only": True}
    frames = world(truck_cost=1.0, **full)
    frames[4] = frames[4].with_columns(volume=pl.lit(None, dtype=pl.Float64))
    qty, limit = loaded(frames)
    assert all(qty[item] >= 2.0 for item in "AB")
    assert limit.select("truck_count", "used").row(0) == (1.0, 0.0)
    frames[4] = frames[4].with_columns(volume=pl.Series([None, 1.0]))
    assert loaded(frames)[0] == {"A": 0.0, "B": 0.0}
    dear = world(truck_cost=1000.0, **full)
    dear[4] = dear[4].with_columns(volume=pl.lit(None, dtype=pl.Float64))
    assert loaded(dear)[0] == {"A": 0.0, "B": 0.0}


def test_fillers_are_bought_only_with_money_that_is_left() -> None:
    """Two more of A cost 4, one of B 3: with 10 of 12 spent neither can be had and the truck of 8 stays away."""
    gains = {"A": [5.0, 4.0, -0.5, -0.6], "B": [6.0, 3.0, -3.0]}
    frames = world(gains=gains, truck_volume=8.0, full_truck_only=True)
    assert loaded(frames, budget=14.0)[0] == {"A": 4.0, "B": 2.0}
    assert loaded(frames, budget=12.0)[0] == {"A": 0.0, "B": 0.0}


def test_fillers_fit_the_space_of_the_location() -> None:
    """Room for 7 beside the unit that stands there: the 2 of volume that would fill the truck of 8 do not fit."""
    gains = {"A": [5.0, 4.0, -0.5, -0.6], "B": [6.0, 3.0, -3.0]}
    frames = world(gains=gains, truck_volume=8.0, full_truck_only=True)
    frames[5] = frames[5].with_columns(volume_capacity=pl.lit(9.0))
    order, limit, _ = spend(*frames, budget=None)
    assert order["qty"].to_list() == [4.0, 2.0]
    assert limit.filter(kind="volume")["used"].item() == 8.0
    frames[5] = frames[5].with_columns(volume_capacity=pl.lit(8.0))
    assert spend(*frames, budget=None)[0]["qty"].to_list() == [0.0, 0.0]


def test_an_item_not_ordered_tonight_may_fill_the_truck() -> None:
    """A's curve asks for nothing, at a loss of 0.5: it fills the truck that B alone does not."""
    frames = world(gains={"A": [-0.5, -0.7], "B": [6.0, 3.0]}, truck_volume=5.0, full_truck_only=True)
    none = pl.when(pl.col("item_id") == "A").then(0.0)
    frames[0] = frames[0].with_columns(
        none.otherwise(name).alias(name) for name in ("qty", "wish_qty", "pack_count", "value")
    )
    assert loaded(frames)[0] == {"A": 1.0, "B": 2.0}


def test_what_a_shelf_asks_for_rides_at_a_loss_but_not_in_a_half_empty_truck_that_must_be_full() -> None:
    """The shelf's two packs of A take a truck at 50; B rides along. None can be filled where all must be full."""
    frames = world(truck_volume=6.0, truck_cost=50.0)
    frames[0] = frames[0].with_columns(
        reason_code=pl.when(pl.col("item_id") == "A").then(pl.lit("shelf_floor")).otherwise("reason_code")
    )
    order, limit, _ = spend(*frames, budget=None)
    assert order["qty"].to_list() == [2.0, 2.0]
    assert limit["truck_count"].to_list() == [1]
    frames[6] = frames[6].with_columns(full_truck_only=pl.lit(value=True), truck_volume=pl.lit(100.0))
    order, limit, _ = spend(*frames, budget=None)
    assert order["qty"].to_list() == [0.0, 0.0]
    assert order["reason_code"].to_list() == ["truck", "truck"]


def test_a_load_never_falls_below_a_minimum_that_was_met() -> None:
    """One truck alone would carry 7 of money at 15 of gain, the supplier asks for 10: two trucks, or none."""
    assert loaded(world(minimum=10.0, truck_volume=4.0, truck_cost=5.5))[0] == {"A": 3.0, "B": 2.0}
    assert loaded(world(minimum=10.0, truck_volume=4.0, truck_cost=10.5))[0] == {"A": 0.0, "B": 0.0}


def test_a_truck_smaller_than_anything_is_no_reason_to_fall_over() -> None:
    """Free trucks without number carry all; a cost that adds up to more than the gain keeps them away."""
    qty, limit = loaded(world(truck_volume=1.1e-9))
    assert qty["B"] >= 2.0
    assert limit["truck_count"].item() > 1e9
    assert loaded(world(truck_volume=1.1e-9, truck_cost=1.0))[0] == {"A": 0.0, "B": 0.0}


@pytest.mark.parametrize("size", [0.0, 5e-324, None, float("nan")])
def test_trucks_without_a_size_hold_no_order_back(size: float | None) -> None:
    """Zero, unknown and not a number are no limit."""
    qty, limit = loaded(world(truck_volume=size, truck_cost=1e9, full_truck_only=True))
    assert qty == {"A": 2.0, "B": 2.0}
    assert limit.is_empty()


@pytest.mark.parametrize("volume", [None, float("nan"), -3.0, 0.0])
def test_items_without_a_size_ride_in_one_truck(volume: float | None) -> None:
    """What is not known to take room takes none."""
    frames = world(truck_volume=4.0, truck_cost=5.0)
    frames[4] = frames[4].with_columns(volume=pl.lit(volume, dtype=pl.Float64))
    qty, limit = loaded(frames)
    assert limit["truck_count"].to_list() == [1]
    assert qty == {"A": 3.0, "B": 3.0}


def test_thousands_of_lines_of_many_suppliers_are_loaded() -> None:
    """3,000 items of 30 suppliers for one location; every load fits its trucks."""
    base = world(truck_volume=50.0, truck_weight=90.0, truck_cost=60.0)
    many = [frame.join(pl.DataFrame({"copy": range(1500)}), how="cross") for frame in base[:5]]
    renamed = [
        frame.with_columns(item_id=pl.format("{}{}", "item_id", pl.col("copy").cast(pl.String).str.zfill(4)))
        for frame in many
    ]
    renamed[0] = renamed[0].with_columns(source_id=pl.format("V{}", pl.col("copy") % 30))
    names = pl.DataFrame({"supplier_id": [f"V{k}" for k in range(30)]})
    suppliers = base[6].drop("supplier_id").join(names, how="cross")
    order, limit, _ = spend(*renamed, base[5], suppliers, budget=None)
    assert limit.height == 60
    assert (limit["used"] <= limit["available"] * (1 + 1e-9)).all()
    goods = order.join(renamed[4].select("item_id", "volume"), on="item_id")
    used = goods.group_by("source_id").agg(used=(pl.col("qty") * pl.col("volume")).sum())
    told = limit.filter(kind="truck_volume").join(used, on="source_id", suffix="_found")
    assert told["used"].to_list() == pytest.approx(told["used_found"].to_list())
