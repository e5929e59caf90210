from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from replenish.steps.forecast import forecast as make_forecast
from replenish.tables.plan import Forecast, Member, Parameter
from tests.golden_cases import golden
from tests.steps.demand_world import AS_OF, arcs, buckets, events, fit, history, no_events, nodes, run


def company(sales, bucket, **columns):
    node = nodes([f"i{n:03d}" for n in range(len(sales))], ["l"], **columns)
    return history(node, bucket, np.asarray(sales, dtype=float)), node, bucket


def of(plan, item="i000"):
    rows = plan.forecast.filter(pl.col("item_id") == item)
    return rows, plan.parameter.filter(pl.col("item_id") == item).row(0, named=True)


def test_a_level_is_carried_over_the_horizon():
    rng = np.random.default_rng(1)
    plan = run(*company(rng.poisson(10, (40, 60)), buckets(60, 26)))
    Forecast.validate(plan.forecast)
    Parameter.validate(plan.parameter)
    assert plan.forecast.height == 40 * 26
    assert plan.forecast["forecast_qty"].mean() == pytest.approx(10, rel=0.05)
    rows, parameter = of(plan)
    assert parameter["method"] == "seasonal_sma"
    assert parameter["members"] == "seasonal_sma"
    assert parameter["history_buckets"] == 60
    assert parameter["family"] == "negative_binomial"
    variance, total = rows["variance_qty2"].to_numpy(), np.cumsum(rows["forecast_qty"].to_numpy())
    assert (np.diff(variance) > 0).all()
    assert (variance >= 1.01 * total - 1e-9).all()


def test_the_promised_variance_is_the_variance_that_comes_true():
    rng = np.random.default_rng(2)
    mean = rng.gamma(2, 5, 400)[:, None]
    past, after = (rng.negative_binomial(2, 2 / (2 + mean), (400, weeks)) for weeks in (80, 3))
    plan = run(*company(past, buckets(80, 3)))
    rows = plan.forecast.filter(pl.col("bucket_index") == 2)
    total = plan.forecast.group_by("item_id", maintain_order=True).agg(pl.col("forecast_qty").sum())["forecast_qty"]
    z2 = (after.sum(axis=1) - total.to_numpy()) ** 2 / rows["variance_qty2"].to_numpy()
    assert z2.mean() == pytest.approx(1, abs=0.2)


def test_season_comes_back_in_the_future():
    bucket = buckets(156, 26)
    week = bucket["season_week"].to_numpy()
    wave = 1 + 0.6 * np.sin(2 * np.pi * week / 52)
    rng = np.random.default_rng(3)
    past, future = bucket["bucket_index"].to_numpy() < 0, bucket["bucket_index"].to_numpy() >= 0
    plan = run(*company(rng.poisson(30 * wave[past], (60, 156)), bucket))
    got = plan.forecast.group_by("bucket_index").agg(pl.col("forecast_qty").mean()).sort("bucket_index")
    np.testing.assert_allclose(got["forecast_qty"].to_numpy(), 30 * wave[future], rtol=0.12)


def test_an_open_week_that_is_partly_over_takes_its_share():
    bucket = buckets(30, 4).with_columns(
        week_share=pl.when(pl.col("bucket_index") == 0).then(3 / 7).otherwise(1.0),
        bucket_days=pl.when(pl.col("bucket_index") == 0).then(3).otherwise(7).cast(pl.Int32),
    )
    rows, _ = of(run(*company(np.full((3, 30), 7.0), bucket)))
    np.testing.assert_allclose(rows["forecast_qty"].to_numpy(), [3.0, 7.0, 7.0, 7.0])


def test_daily_buckets_follow_the_week_and_skip_closed_weekdays():
    bucket = buckets(30, 2, days=1)
    weekday = bucket["bucket_start"].dt.weekday().to_numpy()
    past = bucket["bucket_index"].to_numpy() < 0
    profile = np.array([1.0, 1.0, 1.0, 1.0, 2.0, 4.0, 2.0])
    sales = np.tile(10 * profile[weekday[past] - 1], (40, 1))
    share = np.ones(sales.shape)
    share[0, weekday[past] == 7] = 0.0
    node = nodes([f"i{n:03d}" for n in range(40)], ["l"])
    plan = run(history(node, bucket, np.where(share > 0, sales, 0.0), open_share=share), node, bucket)
    shut = of(plan, "i000")[0].with_columns(weekday=pl.col("bucket_start").dt.weekday())
    shop = of(plan, "i001")[0].with_columns(weekday=pl.col("bucket_start").dt.weekday())
    assert (shut.filter(pl.col("weekday") == 7)["forecast_qty"] == 0).all()
    assert shop["forecast_qty"].sum() == pytest.approx(2 * 120, rel=0.02)
    assert shut["forecast_qty"].sum() == pytest.approx(2 * 100, rel=0.02)
    saturday, monday = (shop.filter(pl.col("weekday") == day)["forecast_qty"][0] for day in (6, 1))
    assert saturday == pytest.approx(4 * monday, rel=0.02)


def test_sparse_demand_is_served_by_tsb_and_dies_with_it():
    dying = np.concatenate([np.resize([0.0, 0.0, 4.0], 48), np.zeros(24)])
    plan = run(*company([np.resize([0.0, 0.0, 4.0], 72), dying], buckets(72, 4)))
    assert of(plan, "i000")[1]["method"] == "intermittent"
    assert of(plan, "i000")[1]["weekly_level_qty"] == pytest.approx(4 / 3, rel=0.15)
    assert of(plan, "i001")[1]["weekly_level_qty"] < 0.1


def test_dead_items_and_those_never_sold_get_nothing():
    dead = np.concatenate([np.full(20, 5.0), np.zeros(60)])
    plan = run(*company([dead, np.zeros(80), np.full(80, 5.0)], buckets(80, 4)))
    assert plan.parameter["method"].to_list() == ["dead", "no_demand", "seasonal_sma"]
    assert plan.forecast.filter(pl.col("item_id") < "i002")["forecast_qty"].sum() == 0
    assert plan.forecast.filter(pl.col("item_id") < "i002")["variance_qty2"].sum() == 0
    assert plan.parameter["reason"].null_count() == 3


def test_a_new_item_sells_like_its_kind_until_it_speaks_for_itself():
    rng = np.random.default_rng(4)
    weeks, count = 60, 42
    mean = np.where(np.arange(count) < 21, 4.0, 40.0)
    sales = rng.poisson(mean[:, None], (count, weeks)).astype(float)
    sales[0, :-3] = np.nan
    sales[41, :] = np.nan
    sales[20, :-10] = np.nan
    category = ["slow"] * 21 + ["fast"] * 21
    plan = run(*company(sales, buckets(weeks, 4), category=category))
    assert [of(plan, item)[1]["method"] for item in ("i000", "i041", "i020")] == ["new_item"] * 3
    assert of(plan, "i000")[1]["weekly_level_qty"] == pytest.approx(4, rel=0.3)
    assert of(plan, "i041")[1]["weekly_level_qty"] == pytest.approx(40, rel=0.1)
    assert of(plan, "i041")[1]["history_buckets"] == 0
    assert of(plan, "i000")[1]["window_count"] == 1
    assert of(plan, "i041")[1]["window_count"] == 1
    wide, narrow = (of(plan, item)[0]["variance_qty2"][3] for item in ("i041", "i040"))
    assert wide > narrow


def test_short_history_is_a_new_item():
    inputs, expected, _ = golden("edge_cases", "history_short")
    plan = run(*company(np.full((6, inputs["buckets_of_history"]), 3.0), buckets(inputs["buckets_of_history"], 4)))
    assert set(plan.parameter["method"]) == {expected["method"]}
    assert plan.parameter["weekly_level_qty"].to_numpy() == pytest.approx(3, rel=0.01)


def test_nothing_to_learn_from_is_said():
    past, node, bucket = company(np.ones((2, 5)), buckets(5, 4))
    plan = run(past.clear(), node, bucket)
    assert plan.forecast.height == 0
    assert plan.parameter["method"].to_list() == ["none", "none"]
    assert plan.parameter["reason"].null_count() == 0
    assert run(past.clear(), node.clear(), bucket).parameter.height == 0


def test_an_item_always_sold_out_may_look_ahead_one_window_only():
    node, bucket = nodes(["a"], ["l"]), buckets(30, 4)
    sold = np.full((1, 30), 2.0)
    plan = run(history(node, bucket, sold, opening_qty=sold, closing_qty=sold * 0), node, bucket)
    parameter = plan.parameter.row(0, named=True)
    assert not parameter["is_identified"]
    assert parameter["window_count"] == 1
    assert parameter["weekly_level_qty"] > 2.2


def test_listing_dates_bound_the_forecast():
    launch, end = AS_OF + timedelta(days=10), AS_OF + timedelta(days=10)
    past, node, bucket = company(
        np.full((3, 30), 7.0), buckets(30, 4), listed_from=[launch, None, None], listed_to=[None, end, None]
    )
    plan = run(past, node, bucket)
    assert (of(plan, "i000")[0]["forecast_qty"] > 0).to_list() == [False, True, True, True]
    assert (of(plan, "i001")[0]["forecast_qty"] > 0).to_list() == [True, True, False, False]


def test_future_events_multiply_and_closures_close():
    rng = np.random.default_rng(5)
    weeks = [20, 35, 50]
    mean = np.full(60, 20.0)
    mean[weeks] *= 2.5
    past, node, bucket = company(rng.poisson(mean, (40, 60)), buckets(60, 4))
    items = node["item_id"].to_list()
    rows = [(item, "l", w - 60, f"promo{w}", "promotion", None, 1.0) for item in items for w in weeks]
    rows += [(item, "l", 1, "next", "promotion", None, 1.0) for item in items]
    rows += [(item, "l", 2, "told", "launch", 4.0, 1.0) for item in items]
    rows += [(item, "l", 3, "shut", "closure", None, 1.0) for item in items]
    plan = run(past, node, bucket, event=events(rows))
    got = (
        plan.forecast.group_by("bucket_index")
        .agg(pl.all().exclude("item_id", "location_id").mean())
        .sort("bucket_index")
    )
    plain = got["baseline_qty"].to_list()
    assert plain[0] == pytest.approx(20, rel=0.05)
    assert got["uplift_rate"][1] == pytest.approx(2.5, rel=0.08)
    assert got["forecast_qty"][1] == pytest.approx(plain[1] * 2.5, rel=0.08)
    assert got["uplift_rate"][2] == pytest.approx(4.0)
    assert got["forecast_qty"][3] == 0


def test_paths_keep_the_variance_of_the_protection_time():
    rng = np.random.default_rng(6)
    plan = run(*company(rng.negative_binomial(2, 2 / 12, (60, 80)), buckets(80, 8)))
    wide = plan.forecast.filter(pl.col("bucket_index") < 3)
    f = wide["forecast_qty"].to_numpy().reshape(60, 3)
    variance = wide["variance_qty2"].to_numpy().reshape(60, 3)[:, 2]
    first, second = f.sum(axis=1), (f * f).sum(axis=1)
    p = plan.parameter
    kappa, rho = p["kappa"].to_numpy(), p["rho"].to_numpy()
    sampled = p["phi"].to_numpy() * first + kappa * second + rho * kappa * (first**2 - second)
    np.testing.assert_allclose(sampled, variance, rtol=1e-9)


def test_weights_and_large_volumes_follow_a_gamma_law():
    rng = np.random.default_rng(7)
    past, node, bucket = company(
        rng.poisson([[5.0], [900.0], [5.0]], (3, 40)), buckets(40, 4), is_continuous=[True, False, False]
    )
    plan = run(past, node, bucket)
    assert plan.parameter["family"].to_list() == ["gamma", "gamma", "negative_binomial"]


def test_fitted_members_join_where_demand_is_steady():
    rng = np.random.default_rng(8)
    trend = np.linspace(10, 40, 60)
    past, node, bucket = company(np.stack([rng.poisson(trend), np.resize([0.0, 0.0, 5.0], 60)]), buckets(60, 4))
    plan = run(past, node, bucket, heavy=True)
    Member.validate(plan.member)
    assert set(plan.member["member"]) == {"ces", "ets", "theta"}
    assert set(plan.member["item_id"]) == {"i000"}
    assert plan.parameter["method"].to_list() == ["ensemble", "intermittent"]
    light = run(past, node, bucket)
    anchor = of(light)[0]["forecast_qty"][0]
    median = plan.member.filter(pl.col("week_index") == 0)["member_qty"].median()
    assert of(plan)[0]["forecast_qty"][0] == pytest.approx((anchor + median) / 2)


def test_members_do_not_depend_on_how_nodes_are_blocked():
    rng = np.random.default_rng(9)
    past, node, bucket = company(rng.poisson(9, (3, 40)), buckets(40, 2))
    plan = run(past, node, bucket)
    whole, _ = fit(plan.baseline, plan.segment, bucket, 2)
    mine = pl.col("item_id") == "i001"
    part, _ = fit(plan.baseline.filter(mine), plan.segment.filter(mine), bucket, 2)
    assert part.equals(whole.filter(mine))
    assert whole["week_index"].unique().to_list() == [0, 1, 2]


def test_a_member_gone_wild_is_dropped_and_said():
    rng = np.random.default_rng(10)
    past, node, bucket = company(rng.poisson(9, (2, 40)), buckets(40, 2))
    plan = run(past, node, bucket, heavy=True)
    rows = [(item, "l", name, week, qty) for item in ("i000", "i001") for name, qty in (("ces", 9.0), ("ets", 9.0),
            ("theta", 900.0 if item == "i001" else 9.0)) for week in range(2)]  # fmt: skip
    member = Member.cast(pl.DataFrame(rows, schema=Member.column_names(), orient="row"))
    reads = (
        plan.score,
        plan.season,
        plan.segment,
        plan.availability,
        plan.uplift,
        plan.error_law,
        plan.error_factor,
        plan.calibration,
        plan.lead_time,
        arcs(node),
        no_events(),
        node,
        bucket,
    )
    _, parameter = make_forecast(plan.baseline, member, *reads, window_weeks=13)
    assert parameter["is_clipped"].to_list() == [False, True]
    assert parameter["weekly_level_qty"].max() < 15


def test_the_same_inputs_give_the_same_bytes():
    rng = np.random.default_rng(11)
    world = company(rng.poisson(3, (20, 60)), buckets(60, 4))
    first, again = run(*world), run(*world)
    for name in ("demand", "score", "error_law", "error_factor", "forecast", "parameter"):
        assert getattr(first, name).equals(getattr(again, name)), name


def test_light_members_do_not_wait_for_the_fitting_library():
    code = "import sys, replenish.steps.forecast; print('statsforecast' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
