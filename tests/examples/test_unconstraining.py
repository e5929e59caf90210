"""The benchmark's claim at a third of its size: demand of shelves that run empty has the mean of the true demand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import pytest

from benchmarks.unconstraining import BOOKS, biases
from replenish.examples import retail, sold_out
from replenish.examples.sold_out import Told

TARGETS = {0.18: 0.015, 0.49: 0.03}


@pytest.fixture(scope="module")
def company() -> Mapping[str, pl.DataFrame]:
    tables = retail()
    some = tables["item"]["item_id"].gather_every(3).implode()
    return tables | {"truth.demand": tables["truth.demand"].filter(pl.col("item_id").is_in(some))}


@pytest.mark.parametrize("share", TARGETS)
@pytest.mark.parametrize("books", BOOKS)
def test_the_mean_is_without_bias(company: Mapping[str, pl.DataFrame], books: Told, share: float) -> None:
    found = biases(sold_out(company, share, books))
    assert found.sold_out_share == pytest.approx(share, abs=0.01)
    assert abs(found.ours) < TARGETS[share]
    assert found.raw < -0.08
    assert found.dropped < -0.05


def test_no_more_is_sold_than_was_wanted_or_lay_there(company: Mapping[str, pl.DataFrame]) -> None:
    world = sold_out(company, 0.3, "snapshot")
    days = world.truth.join(world.tables["sales"], on=["date", "item_id", "location_id"], how="left")
    days = days.join(world.tables["stock"], on=["date", "item_id", "location_id"], how="left")
    sold = days["qty"].fill_null(0.0)
    assert (sold <= days["demand_qty"]).all()
    assert ((sold == days["demand_qty"]) | (days["on_hand_qty"] == 0)).all()


def test_the_share_of_the_day_tells_when_the_shelf_ran_empty(company: Mapping[str, pl.DataFrame]) -> None:
    world = sold_out(company, 0.3, "share")
    days = world.truth.join(world.tables["sales"], on=["date", "item_id", "location_id"], how="left")
    days = days.join(world.tables["stock"], on=["date", "item_id", "location_id"], how="left")
    sold, share = days["qty"].fill_null(0.0).to_numpy(), days["in_stock_share"].to_numpy()
    wanted = days["demand_qty"].to_numpy()
    assert ((share > 0) | (sold == 0)).all()
    assert ((share < 1) | (sold == wanted)).all()
    cut = (share > 0) & (share < 1) & (sold >= 5)
    # a customer comes at any time of the day: the last of s served stands at s / (d + 1) of it on average
    assert share[cut].mean() == pytest.approx((sold[cut] / (wanted[cut] + 1)).mean(), rel=0.02)
    assert np.isfinite(share).all()
