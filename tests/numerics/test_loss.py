"""Losses, distribution functions and quantiles against worked answers, identities and direct sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from replenish.numerics import loss as law
from tests.golden_cases import assert_golden, case, cases

FAMILY = {
    "negative_binomial": law.NEGATIVE_BINOMIAL,
    "poisson": law.POISSON,
    "gamma": law.GAMMA,
    "normal": law.NORMAL,
    "variance": law.NEGATIVE_BINOMIAL,
    "loss": law.POISSON,
}


def _law_of(case: Any) -> tuple[float, float, int]:
    given = case["inputs"]
    family = next(code for word, code in FAMILY.items() if case["name"].startswith(word))
    variance = given.get("variance", given.get("sd", np.nan) ** 2 if "sd" in given else given["mean"])
    return given["mean"], variance, family


@pytest.mark.parametrize("case", cases("loss", "standard_normal"), ids=lambda c: c["name"])
def test_standard_normal_loss(case: Any) -> None:
    z, expected, tolerance = case["inputs"]["z"], case["expected"], case["tolerance"]
    assert_golden(law.standard_normal_loss(z), expected["loss"], tolerance)
    assert_golden(law.standard_normal_loss(-z), expected["complementary_loss"], tolerance)
    assert_golden(law.cumulative(z, 0.0, 1.0, law.NORMAL), expected["cycle_service"], tolerance)


def test_far_tail_keeps_its_relative_accuracy() -> None:
    assert law.standard_normal_loss(8.0) == pytest.approx(7.55026241195e-17, rel=1e-9)


@pytest.mark.parametrize(
    "case", [c for c in cases("loss") if "loss_" in c["name"][7:] and "stock" in c["inputs"]], ids=lambda c: c["name"]
)
def test_loss(case: Any) -> None:
    expected = case["expected"]
    stock = case["inputs"]["stock"]
    assert_golden(law.loss(stock, *_law_of(case)), expected["loss"], case["tolerance"])
    if "cdf_at_stock" in expected:
        assert_golden(law.cumulative(stock, *_law_of(case)), expected["cdf_at_stock"], case["tolerance"])
        assert_golden(law.survival(stock, *_law_of(case)), 1 - expected["cdf_at_stock"], case["tolerance"])
    if "complementary_loss" in expected:
        mean = case["inputs"]["mean"]
        assert_golden(stock - mean + law.loss(stock, *_law_of(case)), expected["complementary_loss"], case["tolerance"])


def test_degenerate_laws() -> None:
    nothing = case("loss", "loss_zero_mean")
    assert_golden(law.loss(nothing["inputs"]["stock"], 0.0, 0.0, law.NEGATIVE_BINOMIAL), nothing["expected"]["loss"], 0)
    assert law.quantile(0.95, 0.0, 0.0, law.GAMMA) == nothing["expected"]["quantile_0_95"]
    narrow = case("loss", "variance_equals_mean_is_poisson")
    assert_golden(law.loss(7, 5.0, 5.0, law.NEGATIVE_BINOMIAL), narrow["expected"]["loss"], narrow["tolerance"])
    assert law.loss(7, 5.0, 3.0, law.NEGATIVE_BINOMIAL) == law.loss(7, 5.0, 5.0, law.POISSON)


@pytest.mark.parametrize("case", [c for c in cases("loss") if "quantile" in c["name"]], ids=lambda c: c["name"])
def test_quantile(case: Any) -> None:
    got = law.quantile(case["inputs"]["level"], *_law_of(case))
    assert_golden(got, case["expected"]["quantile"], case["tolerance"])


def test_quantile_of_the_sum_is_not_the_sum_of_quantiles() -> None:
    trap = case("traps", "quantile_of_the_sum")
    given = trap["inputs"]
    total = given["mean_per_day"] * given["days"]
    assert law.quantile(given["level"], total, total, law.POISSON) == trap["expected"]["quantile"]
    day = law.quantile(given["level"], given["mean_per_day"], given["mean_per_day"], law.POISSON)
    assert day * given["days"] == trap["expected"]["wrong_sum_of_quantiles"]


laws = st.tuples(
    st.floats(0.01, 400),
    st.floats(1.0, 6.0),
    st.sampled_from([law.POISSON, law.NEGATIVE_BINOMIAL, law.GAMMA, law.NORMAL]),
).map(lambda each: (each[0], each[0] * (1.0 if each[2] == law.POISSON else each[1]), each[2]))


@given(laws, st.integers(0, 1000))
def test_loss_falls_and_is_convex_in_stock(which: tuple[float, float, int], stock: int) -> None:
    values = law.loss(np.arange(stock, stock + 3), *which)
    slope = np.diff(values)
    assert (slope <= 1e-9).all()
    assert (np.diff(slope) >= -1e-9).all()


@given(laws, st.integers(1, 60))
def test_loss_is_the_sum_of_survival(which: tuple[float, float, int], stock: int) -> None:
    # E(D - S)+ falls by P(D > s) for each unit of a count.
    if which[2] in (law.POISSON, law.NEGATIVE_BINOMIAL):
        step = law.loss(stock - 1, *which) - law.loss(stock, *which)
        assert step == pytest.approx(float(law.survival(stock - 1, *which)), abs=1e-9)


@given(laws, st.floats(0.01, 0.999))
def test_quantile_inverts_the_distribution_function(which: tuple[float, float, int], level: float) -> None:
    q = law.quantile(level, *which)
    assert law.cumulative(q, *which) >= level - 1e-9
    if which[2] in (law.POISSON, law.NEGATIVE_BINOMIAL):
        assert q == 0 or law.cumulative(q - 1, *which) < level


def test_negative_binomial_against_an_independent_implementation() -> None:
    mean, variance = 7.3, 19.0
    size, chance = mean**2 / (variance - mean), mean / variance
    k = np.arange(0, 60)
    assert np.allclose(
        law.cumulative(k, mean, variance, law.NEGATIVE_BINOMIAL), stats.nbinom.cdf(k, size, chance), atol=1e-12
    )
    direct = [sum((d - 5.5) * stats.nbinom.pmf(d, size, chance) for d in range(6, 400))]
    assert law.loss([5.5], mean, variance, law.NEGATIVE_BINOMIAL) == pytest.approx(direct, rel=1e-9)


def test_one_missing_node_does_not_touch_the_others() -> None:
    got = law.loss([3.0, np.nan, 3.0], [5.0, 5.0, np.nan], [5.0, 5.0, 5.0], law.POISSON)
    assert got[0] == law.loss(3.0, 5.0, 5.0, law.POISSON)
    assert np.isnan(got[1:]).all()


def test_family_follows_dispersion_and_size() -> None:
    family = law.choose_family([0, 5, 5, 5, 600, 3], [0, 0, 4, 9, 9000, 9], [0, 0, 0, 0, 0, 1])
    assert family.tolist() == [law.POINT, law.POINT, law.POISSON, law.NEGATIVE_BINOMIAL, law.GAMMA, law.GAMMA]


@given(mean=st.floats(1e-80, 1e-3), ratio=st.floats(1.0, 5.0), level=st.floats(0.001, 0.999))
def test_quantiles_of_next_to_no_demand_are_found_at_once(mean: float, ratio: float, level: float) -> None:
    """The inverse of a library is 1e100 there."""
    found = law.quantile(level, mean, ratio * mean, law.choose_family(mean, ratio * mean))
    assert found <= 1.0 + mean + np.sqrt(ratio * mean * level / (1.0 - level))
