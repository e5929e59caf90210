"""What events do to demand: pooled by category, parents and clusters, with what follows them and how sure it is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from replenish.steps.events import effects, events_on, uplift_grid, uplift_rows, variance_grid, variance_rows
from replenish.steps.learn_uplift import learn_uplift
from replenish.tables.plan import EventEffect
from tests.steps.demand_world import buckets, events, history, nodes, run

WEEKS = 80


def world(count=40, **columns):
    return nodes([f"i{n:03d}" for n in range(count)], ["l"], **columns)


def on(node, rows, kind="promotion"):
    """Whole-bucket events (item number, bucket index, event) of one kind."""
    return events([(f"i{n:03d}", "l", bucket, name, kind, None, 1.0) for n, bucket, name in rows])


def learned(node, table, demand):
    """Events, and the uplift of each row, from demand of the last weeks with flat exposure."""
    found = events_on(table, node)
    return found, uplift_rows(found, uplift_table(found, demand))


def uplift_table(found, demand):
    effect = effects(found, demand, np.ones(demand.shape), -demand.shape[1], 1)
    return learn_uplift(EventEffect.cast(effect.select(EventEffect.column_names())))


def uplift_of(found, uplift, row, bucket):
    return uplift[(found.row == row) & (found.bucket == bucket)].item()


def test_a_kind_new_to_a_category_is_told_by_the_nearest_parent():
    node = world(30, category=["food/dairy"] * 10 + ["food/bread"] * 10 + ["toys/cars"] * 10)
    demand = np.full((30, WEEKS), 20.0)
    rows = [(n, -30 + n % 3 * 9, f"e{n}") for n in [*range(10, 30)]]
    for n, bucket, _ in rows:
        demand[n, WEEKS + bucket] *= 2.0 if n < 20 else 5.0
    found, uplift = learned(node, on(node, [*rows, (0, 2, "next")]), demand)
    assert 1.9 < uplift_of(found, uplift, 0, 2) < 2.5, "as its parent says, shrunk to all"
    other = world(30, category=["garden"] * 10 + ["food/bread"] * 10 + ["toys/cars"] * 10)
    found, uplift = learned(other, on(other, [*rows, (0, 2, "next")]), demand)
    assert uplift_of(found, uplift, 0, 2) == pytest.approx(3.5, rel=0.1), "all together"


def test_holidays_are_asked_of_the_location_cluster_first():
    node = world(30, category=["a"] * 10 + ["b"] * 10 + ["a"] * 10, cluster=["coast"] * 20 + ["city"] * 10)
    demand = np.full((30, WEEKS), 20.0)
    rows = [(n, -30 + n % 3 * 9, f"e{n}") for n in range(10, 30)]
    for n, bucket, _ in rows:
        demand[n, WEEKS + bucket] *= 3.0 if n < 20 else 0.5
    asked = [*rows, (0, 2, "next")]
    found, uplift = learned(node, on(node, asked, "holiday"), demand)
    coast = uplift_of(found, uplift, 0, 2)
    assert coast > 1.6
    found, uplift = learned(node, on(node, asked, "promotion"), demand)
    assert uplift_of(found, uplift, 0, 2) < 0.6 * coast, "promotions are asked of the category alone"


def promoted(rng, dip):
    """Demand of 40 items of 30 a week, doubled in ten promotions, and `dip` times as much in the two weeks after."""
    node = world(40)
    rows = [(n, -75 + 7 * k, f"e{k}") for n in range(40) for k in range(10)] + [(n, 1, "next") for n in range(40)]
    mean = np.full((40, WEEKS), 30.0)
    for n, bucket, _ in rows[:400]:
        mean[n, WEEKS + bucket] *= 2.0
        mean[n, WEEKS + bucket + 1 : WEEKS + bucket + 3] *= dip
    return node, on(node, rows), rng.poisson(mean).astype(float)


def test_a_dip_after_promotions_is_learned_where_there_is_one():
    node, table, demand = promoted(np.random.default_rng(1), 0.6)
    found, uplift = learned(node, table, demand)
    ahead = uplift_grid(found, uplift, 0, (40, 6)).mean(axis=0)
    assert ahead[2] == pytest.approx(0.6 / 0.9, abs=0.08), "against weeks of which some are dips themselves"
    assert ahead[3] == pytest.approx(ahead[2], abs=0.02)
    assert ahead[0] == ahead[4] == 1.0


def test_without_a_dip_beyond_noise_there_is_none():
    node, table, demand = promoted(np.random.default_rng(2), 1.0)
    found, uplift = learned(node, table, demand)
    grid = uplift_grid(found, uplift, 0, (40, 6))
    np.testing.assert_array_equal(grid[:, 2:], 1.0)
    rise = promoted(np.random.default_rng(3), 1.5)
    np.testing.assert_array_equal(uplift_grid(*learned(rise[0], *rise[1:]), 0, (40, 6))[:, 2:], 1.0)


def test_a_handful_of_promotions_shows_no_dip():
    node = world(3)
    demand = np.full((3, WEEKS), 20.0)
    demand[:, 41:43] = 1.0
    found, uplift = learned(node, on(node, [(n, -40, "e") for n in range(3)] + [(0, 0, "next")]), demand)
    assert found.is_after.sum() == 8
    np.testing.assert_array_equal(uplift_grid(found, uplift, 0, (3, 4))[:, 1:], 1.0)


def test_the_bucket_after_belongs_to_another_event_or_to_one_promotion():
    node = world(1)
    table = on(node, [(0, 0, "a"), (0, 0, "b"), (0, 1, "c"), (0, 5, "d")])
    found = events_on(table, node)
    after = found.bucket[found.is_after]
    assert after.tolist() == [2, 3, 6, 7]
    assert events_on(on(node, [(0, 0, "a")], "holiday"), node).rows["kind"].to_list() == ["holiday"]


def test_the_spread_of_uplifts_is_told_and_chance_is_taken_off():
    rng = np.random.default_rng(4)
    node = world(200)
    rows = [(n, -70 + 14 * k, f"e{n}-{k}") for n in range(200) for k in range(5)]
    mean = np.full((200, WEEKS), 200.0)
    for n, bucket, _ in rows:
        mean[n, WEEKS + bucket] *= 2.0 * np.exp(rng.normal(0, 0.4))
    table = on(node, [*rows, (0, 1, "next")])
    for demand, low, high in ((rng.poisson(mean), 0.08, 0.2), (rng.poisson(np.minimum(mean, 400)), 0.0, 0.12)):
        found = events_on(table, node)
        variance = variance_rows(found, uplift_table(found, demand.astype(float)))
        grid = variance_grid(found, variance, 0, (200, 3))
        assert low <= grid[0, 1] <= high
        assert grid.sum() == grid[0, 1], "0 where no event is"
    steady = rng.poisson(np.where(mean == 200.0, 200.0, 400.0)).astype(float)
    found = events_on(table, node)
    assert variance_rows(found, uplift_table(found, steady)).max() < 0.01


def test_events_of_every_kind_without_any_history_change_nothing():
    node = world(2)
    table = pl.concat([on(node, [(0, 1, f"{kind}")], kind) for kind in ("promotion", "holiday", "launch", "closure")])
    _, uplift = learned(node, table.sort(table.columns[:4]), np.full((2, 1), np.nan))
    np.testing.assert_array_equal(uplift, 1.0)
    nothing = events_on(table.clear(), node)
    assert uplift_table(nothing, np.ones((2, 5))).is_empty()
    assert uplift_rows(nothing, uplift_table(nothing, np.ones((2, 5)))).size == 0


def test_a_promotion_that_fills_all_history_has_the_pooled_uplift():
    node = world(20)
    demand = np.full((20, WEEKS), 20.0)
    rows = [(n, -30 - n, f"e{n}") for n in range(1, 20)]
    for n, bucket, _ in rows:
        demand[n, WEEKS + bucket] *= 3.0
    always = [(0, bucket, "always") for bucket in range(-WEEKS, 3)]
    found, uplift = learned(node, on(node, [*rows, *always]), demand)
    assert uplift_of(found, uplift, 0, 1) == pytest.approx(3.0, rel=0.05)


def test_the_extra_of_a_promotion_has_its_own_column_and_the_baseline_stays_clean():
    rng = np.random.default_rng(5)
    node, table, demand = promoted(rng, 1.0)
    bucket = buckets(WEEKS, 6)
    plan = run(history(node, bucket, demand), node, bucket, event=table)
    rows = plan.forecast
    np.testing.assert_allclose(rows["event_qty"], rows["forecast_qty"] - rows["baseline_qty"], atol=1e-12)
    mean = rows.group_by("bucket_index").agg(pl.col("event_qty", "baseline_qty").mean()).sort("bucket_index")
    np.testing.assert_allclose(mean["event_qty"].to_numpy(), [0, 30, 0, 0, 0, 0], atol=3)
    np.testing.assert_allclose(mean["baseline_qty"].to_numpy(), 30, rtol=0.05)
