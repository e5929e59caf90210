from __future__ import annotations

import numpy as np

from replenish import member_names
from replenish.steps.forecast.cheap import FAMILIES, FITTED, blend, cheap_levels
from tests.golden_cases import assert_golden, golden, numbers


def test_median_then_half():
    """The routing of the books is the blend of the moving average and the fitted family."""
    inputs, expected, tolerance = golden("forecast", "combine_median_then_half")
    members = {name: numbers(inputs[name]) for name in ("seasonal_sma", "ets", "ces", "theta")}
    assert_golden(blend(members, members), expected["forecast"], tolerance)


def test_one_missing_side_leaves_the_other():
    members = {"seasonal_sma": np.array([2.0, np.nan, np.nan]), "tsb": np.array([np.nan, 3.0, np.nan])}
    np.testing.assert_array_equal(blend(members, members), [2.0, 3.0, np.nan])


def test_near_twins_have_one_vote():
    members = {
        "seasonal_sma": np.array([10.0]),
        "ets": np.array([4.0]),
        "theta": np.array([4.0]),
        "ces": np.array([5.0]),
    }
    assert blend(members, members)[0] == 7.0


def test_only_members_in_use_have_a_say():
    members = {"seasonal_sma": np.array([10.0]), "tsb": np.array([2.0])}
    assert blend(members, ["tsb"])[0] == 2.0


def test_every_cheap_member_has_a_family_and_waits_for_eight_weeks():
    levels = cheap_levels(np.random.default_rng(1).poisson(5.0, (3, 20)).astype(float), 13)
    assert set(levels) - {"naive"} == {name for family in FAMILIES[:3] for name in family}
    for level in levels.values():
        assert np.isnan(level[:, :8]).all()
        assert not np.isnan(level[:, 8:]).any()


def test_settings_and_blend_know_the_same_fitted_members():
    assert set(member_names.FITTED) == FITTED
