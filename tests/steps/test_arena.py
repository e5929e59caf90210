"""Who takes part in a replay, and how its stock ages there."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from replenish.steps.simulate import Arena, aged_lots, arena
from replenish.tables import plan
from tests.steps.supply_world import AS_OF, TONIGHT, Company, centre_and_stores, shop


def _ground(known: Company, share: float = 0.4) -> Arena:
    demand = known.bucket.filter(pl.col("bucket_index") < 0).join(
        known.node.select("item_id", "location_id"), how="cross"
    )
    demand = demand.select("item_id", "location_id", "bucket_index", demand_sample_qty=pl.lit(5.0))
    frames = (known.node, known.arc, known.lead_time, known.bom_line, known.bucket)
    return arena(*frames, demand.sort("item_id", "location_id", "bucket_index"), weeks=4, seed=1, as_of=AS_OF,
                 lifo_share=share)  # fmt: skip


@pytest.mark.parametrize(
    ("life", "days", "followed"),
    [(None, 7, 0), (7.0, 7, 1), (28.0, 7, 1), (70.0, 7, 0), (7.0, 1, 1), (9.0, 1, 1), (40.0, 1, 0)],
)
def test_stock_is_followed_up_to_two_protection_times(life: float | None, days: int, followed: int) -> None:
    ground = _ground(shop(1, node={"shelf_life_days": life, "location_kind": "store"}, days=days))
    assert ground.nodes.height == 1
    assert len(ground.life) == followed
    assert ground.ages().stock.shape == (followed, int(ground.life.max(initial=1)))
    assert ground.lifo_share.tolist() == [0.4] * followed


def test_bread_is_no_matter_of_weekly_decisions() -> None:
    assert _ground(shop(1, node={"shelf_life_days": 3.0}, days=1)).nodes.is_empty()


def test_only_shops_have_customers_who_reach_for_the_newest() -> None:
    known = centre_and_stores(2)
    ground = _ground(known.with_(node=known.node.with_columns(shelf_life_days=pl.lit(28.0))), share=0.7)
    kinds = ground.nodes["location_kind"].to_list()
    assert dict(zip(kinds, ground.lifo_share.tolist(), strict=True)) == {"store": 0.7, "warehouse": 0.0}
    lives = dict(zip(kinds, ground.life.tolist(), strict=True))
    assert lives == {"store": 3, "warehouse": 4}  # a week is lost on the way


def test_the_replayed_shelf_is_what_the_night_decides_on() -> None:
    """Three units to sell in the first week, two in the second; nodes outside keep their lots."""
    ground = _ground(shop(1, node={"shelf_life_days": 14.0}))
    ages = ground.ages()
    ages.stock[0] = [3.0, 2.0]
    other = {"item_id": "z", "location_id": "store", "lot_id": "l", "qty": 9.0, "expiry_date": None, "basis": "lot"}
    mine = other | {"item_id": "i00"}
    schema = {name: column.dtype for name, column in plan.AgedLot.columns().items()}
    known = plan.AgedLot.cast(pl.DataFrame([mine, other], schema=schema))
    lots = plan.AgedLot.validate(aged_lots(ground, ages, known, TONIGHT))
    days = [None if day is None else (day - TONIGHT).days for day in lots["expiry_date"]]
    assert list(zip(lots["item_id"], lots["qty"], days, strict=True)) == [
        ("i00", 3.0, 7),
        ("i00", 2.0, 14),
        ("z", 9.0, None),
    ]
    assert np.isfinite(ground.waste_cost).all()
