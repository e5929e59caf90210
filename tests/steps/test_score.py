from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from replenish.steps.pools import nearest_pool, pools_of
from replenish.tables.plan import ErrorFactor, ErrorLaw, Score
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
    assert set(plan.score["member"]) == {"seasonal_sma", "ses", "tsb", "combination", "naive", "seasonal_naive"}
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
    plan = run(*company(weeks=120, count=300, mean=np.random.default_rng(3).gamma(2, 10, 300)))
    law = {row["window_weeks"]: row for row in plan.error_law.filter(pl.col("category") == "all").to_dicts()}
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
    assert (law.group_by("category").len()["len"] == 5).all()


def test_a_young_company_still_gets_a_law():
    law = run(*company(weeks=9, count=40, size=1.0)).error_law.filter(pl.col("category") == "all")
    assert law.height == 5
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
