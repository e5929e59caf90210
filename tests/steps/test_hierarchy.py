"""Forecasts read at any level: they add up, and may be corrected by what totals say."""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from replenish.numerics.reconcile import nonnegative_parts
from replenish.steps.forecast import reconcile
from replenish.steps.forecast.reconcile import mint
from replenish.steps.hierarchy import hierarchy
from replenish.tables.plan import Baseline, Forecast, Parameter, Total
from tests.golden_cases import assert_golden, golden, numbers
from tests.steps.demand_world import buckets, history, nodes, run

WEEKS = 60


def told(node, bucket, qty, variance=None, event=0.0):
    """plan.forecast from quantities [N, H] over the open buckets."""
    open_ones = bucket.filter(pl.col("bucket_index") >= 0).sort("bucket_index")
    frame = node.select("item_id", "location_id").join(
        open_ones.select("bucket_index", "bucket_start"), how="cross", maintain_order="left_right"
    )
    flat = np.asarray(qty, dtype=float).ravel()
    wide = np.cumsum(qty, axis=1) * 2.0 if variance is None else variance
    frame = frame.with_columns(
        forecast_qty=pl.Series(flat), baseline_qty=pl.Series(flat - event), event_qty=pl.lit(event),
        index_rate=pl.lit(1.0), uplift_rate=pl.lit(1.0), variance_qty2=pl.Series(wide.ravel()),
    )  # fmt: skip
    return Forecast.cast(frame.select(Forecast.column_names()))


def level(totals, category, location):
    return totals.filter((pl.col("category") == category) & (pl.col("location_id") == location)).sort("week_index")


def test_every_level_is_the_sum_of_its_nodes():
    node = nodes(["a", "b", "c"], ["p", "q"], category=["food/dairy"] * 2 + ["food/bread"] * 2 + ["toys"] * 2,
                 has_money=[True, True, True, True, True, False])  # fmt: skip
    bucket = buckets(4, 2, days=1)
    qty = np.arange(1.0, 7.0)[:, None] * np.ones((1, 14))
    totals = hierarchy(told(node, bucket, qty, event=0.5), node, bucket)
    Total.validate(totals)
    assert level(totals, "all", "all")["forecast_qty"].to_list() == [7 * 21.0] * 2
    assert level(totals, "all", "all")["node_count"].to_list() == [6, 6]
    assert level(totals, "all", "p")["forecast_qty"][0] == 7 * (1 + 3 + 5)
    assert level(totals, "food", "all")["forecast_qty"][0] == 7 * 10.0
    assert level(totals, "food", "q")["event_qty"][0] == 7 * 2 * 0.5
    assert level(totals, "food/bread", "q")["forecast_qty"][1] == 7 * 4.0
    assert level(totals, "toys", "all")["forecast_value"][0] == 2.0 * 7 * 5.0, "money of the node that has it"
    assert totals.height == 2 * (5 * 2 + 5)
    leaves = totals.filter(pl.col("category").is_in(["food/dairy", "food/bread", "toys"]))
    per_week = leaves.filter(pl.col("location_id") != "all").group_by("week_index").agg(pl.col("forecast_qty").sum())
    assert per_week["forecast_qty"].to_list() == [7 * 21.0] * 2


def test_places_and_categories_may_be_called_all():
    node = nodes(["a", "b"], ["all", "q"], category=["all", "all", "x", "x"])
    bucket = buckets(4, 2)
    totals = hierarchy(told(node, bucket, np.ones((4, 2))), node, bucket)
    Total.validate(totals)
    assert level(totals, "all", "all")["forecast_qty"].to_list() == [4.0, 4.0]
    assert level(totals, "x", "all")["forecast_qty"].to_list() == [2.0, 2.0]


def test_no_forecast_no_totals():
    node, bucket = nodes(["a"], ["p"]), buckets(4, 2)
    assert hierarchy(Forecast.create_empty(), node, bucket).height == 0


def test_many_nodes_add_up_in_seconds():
    node = nodes([f"i{n:04d}" for n in range(3000)], [f"s{n}" for n in range(10)])
    node = node.with_columns(category=pl.format("c/{}", pl.int_range(pl.len()) % 70))
    bucket = buckets(2, 26)
    forecast = told(node, bucket, np.ones((30_000, 26)))
    begun = time.perf_counter()
    totals = hierarchy(forecast, node, bucket)
    assert time.perf_counter() - begun < 10
    assert totals.height == 26 * (1 + 1 + 70 + 10 + 10 + 70)


def test_the_library_gives_the_worked_answer():
    pytest.importorskip("hierarchicalforecast", reason="needs the extra replenish[hierarchy]")
    inputs, expected, _ = golden("forecast", "reconcile_wls_variance")
    summing = numbers(inputs["summing_matrix"])
    totals = sparse.csr_matrix(summing[: -summing.shape[1]])
    got = mint(totals, numbers(inputs["base_forecast"])[:, None], numbers(inputs["error_variance"]))
    assert_golden(got[:, 0], expected["bottom"], 1e-5)


def test_the_library_and_our_own_kernel_agree_where_parts_would_be_negative():
    pytest.importorskip("hierarchicalforecast", reason="needs the extra replenish[hierarchy]")
    rng = np.random.default_rng(9)
    totals = sparse.csr_matrix(np.repeat(np.eye(3), 20, axis=1))
    parts = rng.uniform(0, 3, (60, 5))
    base = np.vstack([0.2 * (totals @ parts), parts])
    variance = np.concatenate([np.full(3, 0.1), rng.uniform(0.5, 2, 60)])
    own = nonnegative_parts(totals, base, variance)
    assert (own == 0).any()
    np.testing.assert_allclose(mint(totals, base, variance), own, atol=2e-3)


def shrinking(rng, count=30):
    """Slow items whose total clearly halves half a year ago, which each of them alone hardly shows."""
    mean = np.where(np.arange(WEEKS) < WEEKS - 26, 4.0, 2.0)
    node = nodes([f"i{n:03d}" for n in range(count)], ["p", "q"], category="food/dairy")
    bucket = buckets(WEEKS, 8)
    past = rng.poisson(mean, (2 * count, WEEKS)).astype(float)
    plan = run(history(node, bucket, past), node, bucket)
    return node, bucket, plan


def test_totals_correct_nodes_that_all_err_the_same_way():
    pytest.importorskip("hierarchicalforecast", reason="needs the extra replenish[hierarchy]")
    node, bucket, plan = shrinking(np.random.default_rng(1))
    high = told(node, bucket, np.full((60, 8), 4.0))
    parameter = Parameter.cast(plan.parameter.with_columns(weekly_level_qty=pl.lit(4.0)))
    found = reconcile(high, parameter, plan.baseline, node, bucket)
    Forecast.validate(found)
    total = level(hierarchy(found, node, bucket), "food", "all")["forecast_qty"].to_numpy()
    assert (total < 4.0 * 60 * 0.8).all()
    assert (total > 2.0 * 60 * 0.9).all()
    assert found["forecast_qty"].min() >= 0
    np.testing.assert_allclose(found["event_qty"], found["forecast_qty"] - found["baseline_qty"], atol=1e-12)
    variance = found["variance_qty2"].to_numpy().reshape(60, 8)
    assert (np.diff(variance, axis=1) >= 0).all()
    assert (variance >= 1.01 * np.cumsum(found["forecast_qty"].to_numpy().reshape(60, 8), axis=1) - 1e-9).all()


def test_forecasts_that_already_agree_hardly_move():
    pytest.importorskip("hierarchicalforecast", reason="needs the extra replenish[hierarchy]")
    rng = np.random.default_rng(2)
    node, bucket = nodes([f"i{n:03d}" for n in range(40)], ["p"]), buckets(WEEKS, 8)
    plan = run(history(node, bucket, rng.poisson(10.0, (40, WEEKS)).astype(float)), node, bucket)
    found = reconcile(plan.forecast, plan.parameter, plan.baseline, node, bucket)
    np.testing.assert_allclose(found["forecast_qty"], plan.forecast["forecast_qty"], rtol=0.05)


def test_nothing_expected_stays_nothing_and_levels_without_history_say_nothing():
    pytest.importorskip("hierarchicalforecast", reason="needs the extra replenish[hierarchy]")
    node, bucket, plan = shrinking(np.random.default_rng(3))
    qty = np.full((60, 8), 4.0)
    qty[0], qty[1, 2] = 0.0, 0.0
    forecast = told(node, bucket, qty, variance=np.zeros((60, 8)))
    found = reconcile(forecast, plan.parameter, plan.baseline, node, bucket)["forecast_qty"].to_numpy().reshape(60, 8)
    assert (found[0] == 0).all()
    assert found[1, 2] == 0
    assert np.isfinite(found).all()
    young = reconcile(forecast, plan.parameter, Baseline.create_empty(), node, bucket)
    np.testing.assert_array_equal(young["forecast_qty"], forecast["forecast_qty"])
    assert reconcile(forecast.clear(), plan.parameter, plan.baseline, node, bucket).height == 0
