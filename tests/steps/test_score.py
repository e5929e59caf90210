from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from replenish.numerics.calibration import recalibrated_level
from replenish.numerics.smoothing import moving_average_levels
from replenish.steps.laws import recalibrated
from replenish.steps.pools import nearest_pool, pools_of
from replenish.steps.score.buckets import BucketErrors
from replenish.steps.score.calibrate import LEVELS, width_of
from replenish.steps.score.contest import critical_ratio
from replenish.steps.score.law import error_law
from replenish.steps.score.past import past_weeks, stored_levels
from replenish.tables.plan import Calibration, ErrorFactor, ErrorLaw, PastMember, Score
from tests.steps.demand_world import buckets, history, nodes, run


def company(weeks=80, count=60, mean=8.0, size=None, seed=1, **columns):
    rng = np.random.default_rng(seed)
    bucket, node = buckets(weeks, 4), nodes([f"i{n:03d}" for n in range(count)], ["l"], **columns)
    level = np.full((count, 1), mean) if np.isscalar(mean) else np.asarray(mean)[:, None]
    sales = (
        rng.poisson(level, (count, weeks))
        if size is None
        else rng.negative_binomial(size, size / (size + level), (count, weeks))
    )
    return history(node, bucket, sales.astype(float)), node, bucket


def test_tables_are_whole():
    plan = run(*company())
    Score.validate(plan.score)
    ErrorLaw.validate(plan.error_law)
    ErrorFactor.validate(plan.error_factor)
    Calibration.validate(plan.calibration)
    cheap = {"seasonal_sma", "ses", "ses_mix", "tsb", "tsb_mix"}
    assert set(plan.score["member"]) == {*cheap, "combination", "naive", "seasonal_naive"}
    assert set(plan.score["window"]) == {"week", "protection"}
    assert plan.error_factor.height == 60


def test_smoothing_beats_the_naive_on_noise():
    scores = run(*company()).score.filter((pl.col("demand_class") == "all") & (pl.col("window") == "week"))
    by = {row["member"]: row for row in scores.to_dicts()}
    assert by["seasonal_sma"]["rmsse_rate"] < 0.8 * by["naive"]["rmsse_rate"]
    assert abs(by["seasonal_sma"]["bias_rate"]) < 0.02
    assert by["seasonal_sma"]["value_added_rate"] > 0.1
    assert by["seasonal_naive"]["value_added_rate"] == 0
    # a thirteen-week mean of Poisson demand misses by its own noise and that of its mean
    assert by["seasonal_sma"]["rmsse_rate"] == pytest.approx(np.sqrt((1 + 1 / 13) / 2), rel=0.05)


def test_the_law_is_the_variance_of_the_error_of_the_sum():
    """Of whatever is in use: for the mean of thirteen weeks that is what the book says."""
    past, node, bucket = company(weeks=120, count=300, mean=np.random.default_rng(3).gamma(2, 10, 300))
    plan = run(past, node, bucket)
    weeks = past_weeks(plan.baseline, plan.season, node, bucket)
    levels = moving_average_levels(weeks.weekly, 13)
    none = BucketErrors(*(np.full((300, 1), np.nan) for _ in range(3)))
    table = error_law(node, weeks, levels, none)
    law = {row["window_weeks"]: row for row in table.filter(pl.col("category") == "all").to_dicts()}
    for weeks in (1, 4, 13):
        got = law[weeks]["linear_rate"] * 20 * weeks + law[weeks]["quadratic_rate"] * (20 * weeks) ** 2
        assert got == pytest.approx(20 * (weeks + weeks**2 / 13), rel=0.15)


def test_a_wild_node_gets_a_factor_above_one():
    rng = np.random.default_rng(5)
    bucket, node = buckets(100, 4), nodes([f"i{n:03d}" for n in range(60)], ["l"])
    sales = rng.poisson(10.0, (60, 100)).astype(float)
    sales[0] = rng.negative_binomial(1, 1 / 11, 100)
    factor = run(history(node, bucket, sales), node, bucket).error_factor
    assert factor["factor_rate"][0] > 2
    assert factor["factor_rate"][1:].mean() < 1
    assert factor["effective_count"][0] == pytest.approx(factor["origin_count"][0] / 3)


def test_categories_with_few_nodes_have_no_law_of_their_own():
    category = ["food/dairy"] * 35 + ["food/meat"] * 10 + ["toys"] * 15
    law = run(*company(category=category)).error_law
    assert set(law["category"]) == {"all", "food", "food/dairy"}
    assert (law.group_by("category").len()["len"] == 6).all()


def test_a_young_company_still_gets_a_law():
    law = run(*company(weeks=9, count=40, size=1.0)).error_law.filter(pl.col("category") == "all")
    assert law["window_weeks"].to_list() == [0, 1, 2, 4, 8, 13]
    assert (law["quadratic_rate"] * 64 + law["linear_rate"] * 8 > 30).all()


def test_no_history_no_law():
    past, node, bucket = company(weeks=9, count=3)
    plan = run(past.clear(), node, bucket)
    assert plan.error_law.height == 0
    assert plan.error_factor["factor_rate"].to_list() == [1.0] * 3


def test_sold_out_weeks_widen_the_law_and_stay_out_of_point_errors():
    rng = np.random.default_rng(6)
    bucket, node = buckets(80, 4), nodes([f"i{n:03d}" for n in range(80)], ["l"])
    wanted = rng.negative_binomial(2, 2 / 12, (80, 80)).astype(float)
    shelf = np.maximum(rng.poisson(12, wanted.shape), 1).astype(float)
    sold = np.minimum(wanted, shelf)
    plan = run(history(node, bucket, sold, opening_qty=shelf, closing_qty=shelf - sold), node, bucket)
    free = run(history(node, bucket, wanted), node, bucket)
    at = {"all": pl.col("category") == "all", "one": pl.col("window_weeks") == 1}
    wide, truth = (one.error_law.filter(at["all"] & at["one"]).row(0, named=True) for one in (plan, free))
    width = [10 * row["linear_rate"] + 100 * row["quadratic_rate"] for row in (wide, truth)]
    assert width[0] == pytest.approx(width[1], rel=0.2)
    cells = pl.col("member").eq("seasonal_sma") & pl.col("window").eq("week") & pl.col("demand_class").eq("all")
    assert plan.score.filter(cells)["cell_count"][0] < free.score.filter(cells)["cell_count"][0]


def test_pools_fall_back_to_parents():
    names, member = pools_of(["food/dairy", "food", "toys", "food/dairy/milk"])
    assert names == ["all", "food", "food/dairy", "food/dairy/milk", "toys"]
    assert member[1].tolist() == [True, True, False, True]
    assert member[2].tolist() == [True, False, False, True]
    assert nearest_pool(["food/dairy/milk", "toys", "foodstuff"], ["all", "food"]) == ["food", "all", "all"]


# ---------------------------------------------------------------- the contest


def used(plan, kind="smooth"):
    rows = plan.score.filter((pl.col("demand_class") == kind) & (pl.col("window") == "protection") & pl.col("is_used"))
    return set(rows["member"])


def test_no_member_in_use_is_worse_than_the_moving_average():
    """Level demand: slow smoothing is a little better than thirteen weeks, the last value is not."""
    plan = run(*company(weeks=130, count=80, mean=20.0, seed=4))
    rows = plan.score.filter((pl.col("demand_class") == "smooth") & (pl.col("window") == "protection"))
    error = dict(rows.select("member", "rmsse_rate").iter_rows())
    assert all(error[member] <= error["seasonal_sma"] for member in used(plan))
    assert "naive" not in used(plan)
    assert all(row["gain_rate"] > 1.64 * row["gain_error_rate"] for row in rows.filter("is_used").to_dicts())


def test_a_member_that_follows_wins_where_levels_wander():
    """Random walks: thirteen weeks are too long a memory, smoothing with a chosen alpha is better beyond noise."""
    rng = np.random.default_rng(12)
    bucket, node = buckets(130, 4), nodes([f"i{n:03d}" for n in range(80)], ["l"])
    level = 60.0 * np.exp(np.cumsum(rng.normal(0, 0.12, (80, 130)), axis=1))
    plan = run(history(node, bucket, rng.poisson(level).astype(float)), node, bucket)
    winners = set().union(*(used(plan, kind) for kind in plan.segment["demand_class"].unique()))
    assert {"ses"} <= winners
    assert "seasonal_sma" not in used(plan)
    row = plan.score.filter(
        pl.col("member").eq("ses") & pl.col("demand_class").eq("all") & pl.col("window").eq("protection")
    ).row(0, named=True)
    assert row["gain_rate"] > 2.5 * row["gain_error_rate"] > 0


def test_too_little_evidence_leaves_the_routing_of_the_books():
    plan = run(*company(weeks=40, count=5, mean=9.0), heavy=True)
    assert used(plan, plan.segment["demand_class"][0]) == {"seasonal_sma", "ces", "ets", "theta"}


def test_fitted_members_are_judged_where_they_were_heard():
    """Levels wander: ETS and theta, rehearsed at past origins, follow them and are put in use."""
    rng = np.random.default_rng(13)
    bucket, node = buckets(110, 4), nodes([f"i{n:03d}" for n in range(60)], ["l"])
    level = 200.0 * np.exp(np.cumsum(rng.normal(0, 0.12, (60, 110)), axis=1))
    plan = run(history(node, bucket, rng.poisson(level).astype(float)), node, bucket, heavy=True, rehearsed=True)
    assert used(plan, plan.segment["demand_class"][0]) & {"ets", "theta", "ces"}
    cells = plan.score.filter(pl.col("member").eq("ets") & pl.col("demand_class").eq("all"))["cell_count"]
    assert cells.min() > 0


def test_the_critical_ratio_weighs_a_lost_unit_against_one_that_waits():
    node = nodes(["a", "b", "c"], ["l"], shortage_cost=[0.3, 0.0, 0.01], holding_cost_per_day=[0.01, 0.01, 0.01])
    np.testing.assert_allclose(critical_ratio(node, np.full(3, 7.0)), [0.3 / 0.37, 0.95, 0.5])


# ---------------------------------------------------------------- calibration


def test_levels_hold_where_the_law_is_right():
    plan = run(*company(weeks=160, count=300, mean=10.0, size=2.0, seed=6))
    rows = plan.calibration.filter((pl.col("category") == "all") & (pl.col("window") == "protection"))
    assert set(plan.calibration["window"]) == {"protection", "bucket"}
    assert rows["window_count"].min() > 500
    for level, achieved in rows.filter(pl.col("level_share") >= 0.8)["level_share", "achieved_share"].iter_rows():
        assert achieved == pytest.approx(level, abs=0.02)
    assert rows["width_rate"].to_list() == pytest.approx([1.0] * rows.height, abs=0.15)


def test_a_law_that_is_too_narrow_is_stretched():
    """Half the windows see a level nobody could know: the pooled law is stretched until its high levels hold."""
    pit = np.linspace(0.001, 0.999, 999) ** 0.4  # too many high values
    better = recalibrated_level(pit, np.array(LEVELS))
    assert (better[1:] > np.array(LEVELS)[1:]).all()
    assert width_of(better) > 1.3
    assert width_of(np.array(LEVELS)) == 1.0
    assert width_of(np.array([0.5, 0.7, 0.8, 0.88, 0.93])) < 0.8


def test_levels_are_asked_for_where_they_hold():
    """By category, else by its parent; in proportion beyond the highest level; untouched below the lowest."""
    rows = [("food", "bucket", level, 0.5, 900, given, 1.0) for level, given in ((0.5, 0.4), (0.9, 0.8), (0.98, 0.96))]
    table = Calibration.cast(pl.DataFrame(rows, schema=Calibration.column_names(), orient="row"))
    asked = np.array([0.3, 0.7, 0.9, 0.99, 0.9])
    got = recalibrated(asked, ["food/dairy", "food", "food", "food", "toys"], table, "bucket")
    np.testing.assert_allclose(got, [0.3, 0.6, 0.8, 0.98, 0.9])
    np.testing.assert_array_equal(recalibrated(asked, ["food"] * 5, table, "protection"), asked)


def test_errors_of_single_buckets_tell_a_steady_node_from_a_wild_one():
    rng = np.random.default_rng(14)
    bucket, node = buckets(100, 4), nodes([f"i{n:03d}" for n in range(60)], ["l"])
    sales = rng.poisson(10.0, (60, 100)).astype(float)
    sales[0] = rng.negative_binomial(2, 2 / 12, 100)
    factor = run(history(node, bucket, sales), node, bucket).error_factor["bucket_factor_rate"]
    assert factor[0] > 2.5
    assert factor[1:].mean() == pytest.approx(1.0, abs=0.15)


def test_a_stored_forecast_is_never_held_against_days_it_had_seen():
    """Weeks end on Sundays; one made on a Thursday is held against the week that begins on Monday."""
    node, weeks, sunday = nodes(["a"], ["l"]), 10, date(2024, 6, 30)
    for days, column in ((0, 10), (3, 10), (7, 9), (10, 9), (14, 8)):
        row = ("a", "l", "ets", sunday - timedelta(days=days), 4.0)
        told = PastMember.cast(pl.DataFrame([row], schema=PastMember.column_names(), orient="row"))
        assert np.flatnonzero(~np.isnan(stored_levels(told, node, weeks, sunday)["ets"][0])).tolist() == [column]
