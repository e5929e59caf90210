from __future__ import annotations

import numpy as np
import pytest
from statsforecast.models import MSTL, AutoCES, AutoETS, AutoTheta, DynamicOptimizedTheta

from replenish import member_names
from replenish.numerics.tracking import tracking_rate
from replenish.steps.forecast.fitting import FITTED, Fit, fit_model, fit_series, is_stable, run_model

LIBRARY = {
    "ets": lambda season: AutoETS(season_length=1, model="ZZN"),
    "ces": lambda season: AutoCES(season_length=1, model="N"),
    "theta": lambda season: DynamicOptimizedTheta(season_length=1),
    "auto_ets": lambda season: AutoETS(season_length=season),
    "auto_ces": lambda season: AutoCES(season_length=season),
    "auto_theta": lambda season: AutoTheta(season_length=season),
    "mstl": lambda season: MSTL(season_length=52, trend_forecaster=AutoETS(model="ZZN")),
}


def series(weeks, seed=1, wave=0.5):
    week = np.arange(weeks)
    mean = 20 * (1 + wave * np.sin(2 * np.pi * week / 52)) + 0.1 * week
    return np.random.default_rng(seed).poisson(mean).astype(float)


def test_every_name_of_the_settings_is_a_model():
    assert {*FITTED, "ml"} == set(member_names.FITTED)
    assert set(LIBRARY) == set(FITTED)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("member", FITTED)
@pytest.mark.parametrize("weeks", [60, 130])
def test_a_stored_fit_runs_over_newer_weeks_as_the_library_does(member, weeks, seed):
    whole = series(weeks + 3, seed)
    season = 52 if weeks >= 104 else 1
    if member == "mstl" and season == 1:
        assert fit_model(member, whole[:-3]) == Fit()
        return
    fit = fit_model(member, whole[:-3])
    theirs = LIBRARY[member](season).fit(whole[:-3])
    if member.endswith("ces") and not is_stable(theirs.model_["par"]["alpha_0"], theirs.model_["par"]["alpha_1"]):
        assert fit == Fit()
        return
    told = run_model(member, fit, whole, 9)
    expected = theirs.forward(whole, 9, fitted=True)
    np.testing.assert_array_equal(told.forecast_qty, np.maximum(expected["mean"], 0))
    assert told.tracking_rate == tracking_rate(whole - expected["fitted"])
    bare = LIBRARY[member](season).forecast(whole[:-3], 9)["mean"]
    np.testing.assert_array_equal(run_model(member, fit, whole[:-3], 9).forecast_qty, np.maximum(bare, 0))


@pytest.mark.parametrize("member", ["ets", "ces", "theta", "auto_ets", "auto_ces", "auto_theta"])
def test_a_constant_series_stays_where_it_is(member):
    told = run_model(member, fit_model(member, np.full(60, 3.0)), np.full(61, 3.0), 5)
    np.testing.assert_allclose(told.forecast_qty, 3, rtol=1e-6)


def test_a_yearly_season_is_seen_where_two_years_are_there():
    long = series(156, wave=0.8)
    ahead = fit_series(long, 52, ["auto_ces", "auto_theta", "mstl", "ets"])
    truth = 20 * (1 + 0.8 * np.sin(2 * np.pi * np.arange(156, 208) / 52)) + 0.1 * np.arange(156, 208)
    error = {name: np.abs(qty - truth).mean() for name, qty in ahead.items()}
    assert max(error["mstl"], error["auto_ces"], error["auto_theta"]) < error["ets"]


@pytest.mark.parametrize(
    "bad",
    [
        np.empty(0),
        np.zeros(60),
        np.full(130, 7.0),
        np.array([5.0]),
        np.array([1.0, 2.0, 3.0]),
        np.r_[np.ones(59), 1e12],
        np.r_[1e12, series(129)],
        np.r_[series(129), 1e12],
        np.r_[np.nan, series(60)],
        np.r_[series(60), np.inf],
        np.resize([0.0, 1e-300], 60),
        np.full(60, 1e15),
        series(20_000),
        -series(60),
    ],
    ids=str.split(
        "empty zeros constant one three spike_on_ones spike_first spike_last nan inf tiny huge 20000 negative"
    ),
)
def test_a_bad_series_leaves_members_out_and_never_breaks(bad):
    told = fit_series(bad, 27, FITTED)
    for qty in told.values():
        assert qty.shape == (27,)
        assert np.isfinite(qty).all()
        assert (qty >= 0).all()
        assert (qty <= 1e15).all()
    if not np.isfinite(bad).all() or not bad.size:
        assert told == {}


def test_a_ces_is_stable_exactly_where_its_oldest_weeks_fade():
    rng = np.random.default_rng(5)
    seen = set()
    for alpha_0, alpha_1 in zip(rng.uniform(0.01, 1.8, 200), rng.uniform(0.01, 1.9, 200), strict=True):
        # one step of errors e = y - level, written out from the model: level and its partner answer to e
        def step(level, partner, alpha_0=alpha_0, alpha_1=alpha_1):
            error = -level
            return (
                level - (1 - alpha_1) * partner + (alpha_0 - alpha_1) * error,
                level + (1 - alpha_0) * partner + (alpha_0 + alpha_1) * error,
            )

        state = (1.0, 0.5)
        for _ in range(3000):
            state = step(*state)
            if max(map(abs, state)) > 1e9:
                break
        seen.add(fades := max(map(abs, state)) < 1.0)
        assert is_stable(alpha_0, alpha_1) == fades, (alpha_0, alpha_1)
    assert seen == {True, False}


def test_a_ces_that_is_not_stable_blows_up_outside_its_weeks_and_is_left_out():
    whole = np.random.default_rng(5).poisson(9, 105).astype(float)
    explosive = run_model("ces", Fit("N", 1, (0.94, 1.0, 0.0, 0.0)), np.r_[whole, whole, whole], 3)
    assert explosive is None or abs(explosive.tracking_rate) > 0.99
    found = 0
    for seed in range(60):
        weeks = np.random.default_rng(seed).poisson(9, 71).astype(float)
        theirs = AutoCES(season_length=1, model="N").fit(weeks).model_["par"]
        stable = is_stable(theirs["alpha_0"], theirs["alpha_1"])
        assert (fit_model("ces", weeks) == Fit()) == (not stable)
        assert ("ces" in fit_series(weeks, 3, ["ces", "ets"])) == stable
        found += not stable
    assert found > 0
