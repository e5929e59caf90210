from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from replenish.steps.audit import audit
from replenish.steps.learn_counts import learn_counts
from replenish.steps.season import season as pooled_season
from replenish.tables.core import CountLine, Node
from replenish.tables.plan import Season
from tests.steps.demand_world import buckets, events, history, no_events, nodes, position

NO_COUNTS = CountLine.create_empty()


def season(past, node, event, bucket):
    record = audit(
        past, position(node, [0.0] * node.height), Node.create_empty(), NO_COUNTS, learn_counts(NO_COUNTS), bucket
    )
    return pooled_season([(past, node, event)], record, bucket)


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
    found = season(history(node, bucket, seasonal_sales(node, bucket, 156, 20.0)), node, no_events(), bucket)
    Season.validate(found)
    index, source = week_index(found)
    assert source == "category_cluster"
    assert np.abs(index[:52] - WAVE[:52] / WAVE[:52].mean()).max() < 0.08
    assert index[52] == pytest.approx((index[51] + index[0]) / 2)
    assert set(found["position_kind"]) == {"week"}


def test_less_than_two_years_show_no_season():
    node, bucket = nodes([f"i{n:03d}" for n in range(60)], ["l"]), buckets(103, 2)
    index, source = week_index(
        season(history(node, bucket, seasonal_sales(node, bucket, 103, 20.0)), node, no_events(), bucket)
    )
    assert source == "flat"
    assert (index == 1).all()


def test_small_groups_borrow_from_the_next_larger_one():
    bucket = buckets(110, 2)
    count = 64
    category = ["big"] * 40 + ["small"] * 24
    cluster = ["north"] * 35 + ["south"] * 29
    node = nodes([f"i{n:03d}" for n in range(count)], ["l"], category=category, cluster=cluster)
    found = season(history(node, bucket, seasonal_sales(node, bucket, 110, 2.0)), node, no_events(), bucket)
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
    found = season(history(node, bucket, np.concatenate([drinks, sales[20:]])), node, no_events(), bucket)
    index, source = week_index(found, "drink")
    assert source == "category_cluster"
    assert np.abs(index[:52] - (2 - WAVE[:52]) / (2 - WAVE[:52]).mean()).max() < 0.12
    few = season(history(node, bucket, np.concatenate([drinks / 10, sales[20:]]).round()), node, no_events(), bucket)
    assert week_index(few, "drink")[1] == "all"


def test_sold_out_weeks_do_not_dent_the_season():
    node, bucket = nodes([f"i{n:03d}" for n in range(60)], ["l"]), buckets(156, 2)
    sales = seasonal_sales(node, bucket, 156, 20.0)
    week = bucket.filter(pl.col("bucket_index") < 0)["season_week"].to_numpy()
    empty = np.zeros(sales.shape, dtype=bool)
    empty[::2, week == 20] = True
    stock = np.where(empty, 0.0, 99.0)
    past = history(node, bucket, np.where(empty, 0.0, sales), opening_qty=stock, closing_qty=stock)
    index, _ = week_index(season(past, node, no_events(), bucket))
    assert index[19] == pytest.approx(WAVE[19] / WAVE[:52].mean(), abs=0.12)


def test_a_handful_of_units_is_chance_not_a_season():
    node, bucket = nodes([f"i{n:03d}" for n in range(30)], ["l"]), buckets(110, 2)
    sales = np.random.default_rng(5).poisson(0.02, (30, 110)).astype(float)
    index, _ = week_index(season(history(node, bucket, sales), node, no_events(), bucket))
    assert np.abs(index - 1).max() < 0.3


def test_weekday_profile_of_daily_planning():
    node, bucket = nodes([f"i{n:03d}" for n in range(40)], ["l"]), buckets(10, 2, days=1)
    weekday = bucket.filter(pl.col("bucket_index") < 0)["bucket_start"].dt.weekday().to_numpy()
    profile = np.array([0.5, 0.8, 1.0, 1.0, 1.5, 2.2, 0.0])
    sales = np.random.default_rng(6).poisson(10 * profile[weekday - 1], (40, 70)).astype(float)
    closed = np.tile(np.where(weekday == 7, 0.0, 1.0), (40, 1))
    found = season(history(node, bucket, sales, open_share=closed), node, no_events(), bucket)
    days = found.filter(pl.col("position_kind") == "weekday").sort("position")["index_rate"].to_numpy()
    assert days.sum() == pytest.approx(7)
    assert days[6] == 0
    np.testing.assert_allclose(days, profile / profile.mean(), atol=0.1)


def test_no_history_is_flat():
    node, bucket = nodes(["a"], ["l"]), buckets(4, 2, days=1)
    empty = history(node, bucket, np.ones((1, 4))).clear()
    found = season(empty, node, no_events(), bucket)
    assert (found["index_rate"] == 1).all()
    assert found.height == 60
    assert season(empty, node.clear(), no_events(), bucket).height == 0


def test_a_promotion_every_may_is_no_season():
    """Demand is level but for a promotion in the same week of every year: the index stays flat."""
    node, bucket = nodes([f"i{n:03d}" for n in range(60)], ["l"]), buckets(156, 2)
    sales = np.random.default_rng(7).poisson(20.0, (60, 156)).astype(float)
    weeks = [20, 72, 124]
    sales[:, weeks] *= 3
    rows = [(f"i{n:03d}", "l", w - 156, f"may {w}", "promotion", None, 1.0) for n in range(60) for w in weeks]
    index, _ = week_index(season(history(node, bucket, sales), node, events(rows), bucket))
    assert np.abs(index - 1).max() < 0.05


def test_an_outage_of_a_few_items_is_no_season():
    """Four of sixty items sell most of a category; for a quarter of last year they were out, unbooked."""
    node, bucket = nodes([f"i{n:03d}" for n in range(60)], ["l"]), buckets(156, 2)
    mean = np.where(np.arange(60) < 4, 200.0, 4.0)[:, None]
    sales = np.random.default_rng(9).poisson(np.broadcast_to(mean, (60, 156))).astype(float)
    sales[:4, -40:-27] = 0.0
    index, _ = week_index(season(history(node, bucket, sales), node, no_events(), bucket))
    assert np.abs(index - 1).max() < 0.1
