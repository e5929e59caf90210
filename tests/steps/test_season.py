from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from replenish.steps.season import season as pooled_season
from replenish.tables.plan import Season
from tests.steps.demand_world import buckets, history, nodes


def season(past, node, bucket):
    return pooled_season([(past, node)], bucket)


WAVE = 1 + 0.5 * np.sin(2 * np.pi * np.arange(1, 54) / 52)


def seasonal_sales(node, bucket, weeks, mean, seed=3):
    week = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index").tail(weeks)["season_week"].to_numpy()
    return np.random.default_rng(seed).poisson(mean * WAVE[week - 1], (node.height, weeks)).astype(float)


def week_index(found, category="food", cluster="all"):
    rows = found.filter(
        (pl.col("category") == category) & (pl.col("cluster") == cluster) & (pl.col("position_kind") == "week")
    )
    return rows.sort("position")["index_rate"].to_numpy(), rows["source"][0]


def test_a_known_season_is_found():
    node, bucket = nodes([f"i{n:03d}" for n in range(60)], ["l"]), buckets(156, 2)
    found = season(history(node, bucket, seasonal_sales(node, bucket, 156, 20.0)), node, bucket)
    Season.validate(found)
    index, source = week_index(found)
    assert source == "category_cluster"
    assert np.abs(index[:52] - WAVE[:52] / WAVE[:52].mean()).max() < 0.08
    assert index[52] == pytest.approx((index[51] + index[0]) / 2)
    assert set(found["position_kind"]) == {"week"}


def test_less_than_two_years_show_no_season():
    node, bucket = nodes([f"i{n:03d}" for n in range(60)], ["l"]), buckets(103, 2)
    index, source = week_index(season(history(node, bucket, seasonal_sales(node, bucket, 103, 20.0)), node, bucket))
    assert source == "flat"
    assert (index == 1).all()


def test_small_groups_borrow_from_the_next_larger_one():
    bucket = buckets(110, 2)
    count = 64
    category = ["big"] * 40 + ["small"] * 24
    cluster = ["north"] * 35 + ["south"] * 29
    node = nodes([f"i{n:03d}" for n in range(count)], ["l"], category=category, cluster=cluster)
    found = season(history(node, bucket, seasonal_sales(node, bucket, 110, 2.0)), node, bucket)
    assert week_index(found, "big", "north")[1] == "category_cluster"
    assert week_index(found, "big", "south")[1] == "category"
    assert week_index(found, "small", "south")[1] == "all"
    np.testing.assert_array_equal(
        found.filter(pl.col("category") == "small")["node_count"].unique().to_numpy(), [count]
    )


def test_a_small_group_that_sells_a_lot_has_its_own_season():
    """Twenty drinks beside forty items of another season: not theirs in common."""
    bucket = buckets(110, 2)
    node = nodes([f"i{n:03d}" for n in range(60)], ["l"], category=["drink"] * 20 + ["food"] * 40)
    sales = seasonal_sales(node, bucket, 110, 20.0)
    week = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index").tail(110)["season_week"].to_numpy()
    drinks = np.random.default_rng(4).poisson(20.0 * (2 - WAVE[week - 1]), (20, 110))
    found = season(history(node, bucket, np.concatenate([drinks, sales[20:]])), node, bucket)
    index, source = week_index(found, "drink")
    assert source == "category_cluster"
    assert np.abs(index[:52] - (2 - WAVE[:52]) / (2 - WAVE[:52]).mean()).max() < 0.12
    few = season(history(node, bucket, np.concatenate([drinks / 10, sales[20:]]).round()), node, bucket)
    assert week_index(few, "drink")[1] == "all"


def test_sold_out_weeks_do_not_dent_the_season():
    node, bucket = nodes([f"i{n:03d}" for n in range(60)], ["l"]), buckets(156, 2)
    sales = seasonal_sales(node, bucket, 156, 20.0)
    week = bucket.filter(pl.col("bucket_index") < 0)["season_week"].to_numpy()
    empty = np.zeros(sales.shape, dtype=bool)
    empty[::2, week == 20] = True
    stock = np.where(empty, 0.0, 99.0)
    past = history(node, bucket, np.where(empty, 0.0, sales), opening_qty=stock, closing_qty=stock)
    index, _ = week_index(season(past, node, bucket))
    assert index[19] == pytest.approx(WAVE[19] / WAVE[:52].mean(), abs=0.12)


def test_a_handful_of_units_is_chance_not_a_season():
    node, bucket = nodes([f"i{n:03d}" for n in range(30)], ["l"]), buckets(110, 2)
    sales = np.random.default_rng(5).poisson(0.02, (30, 110)).astype(float)
    index, _ = week_index(season(history(node, bucket, sales), node, bucket))
    assert np.abs(index - 1).max() < 0.3


def test_weekday_profile_of_daily_planning():
    node, bucket = nodes([f"i{n:03d}" for n in range(40)], ["l"]), buckets(10, 2, days=1)
    weekday = bucket.filter(pl.col("bucket_index") < 0)["bucket_start"].dt.weekday().to_numpy()
    profile = np.array([0.5, 0.8, 1.0, 1.0, 1.5, 2.2, 0.0])
    sales = np.random.default_rng(6).poisson(10 * profile[weekday - 1], (40, 70)).astype(float)
    closed = np.tile(np.where(weekday == 7, 0.0, 1.0), (40, 1))
    found = season(history(node, bucket, sales, open_share=closed), node, bucket)
    days = found.filter(pl.col("position_kind") == "weekday").sort("position")["index_rate"].to_numpy()
    assert days.sum() == pytest.approx(7)
    assert days[6] == 0
    np.testing.assert_allclose(days, profile / profile.mean(), atol=0.1)


def test_no_history_is_flat():
    node, bucket = nodes(["a"], ["l"]), buckets(4, 2, days=1)
    empty = history(node, bucket, np.ones((1, 4))).clear()
    found = season(empty, node, bucket)
    assert (found["index_rate"] == 1).all()
    assert found.height == 60
    assert season(empty, node.clear(), bucket).height == 0
