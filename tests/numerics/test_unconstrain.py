from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from replenish.numerics.censored_law import censored_moments, censored_moments_gamma, truncated_quantile
from replenish.numerics.unconstrain import (
    CENSORED,
    STATE_NAMES,
    availability_state,
    pooled_size,
    size_moments,
    unconstrain,
)
from tests.golden_cases import assert_golden, golden, golden_names, numbers


def states(codes):
    return [STATE_NAMES[code] for code in codes]


def test_availability_state_from_the_stock_ledger():
    inputs, expected, _ = golden("unconstrain", "availability_state")
    state, error = availability_state(
        *(numbers(inputs[k]) for k in ("opening_qty", "receipt_qty", "sales_qty", "closing_qty"))
    )
    assert states(state) == expected["state"]
    assert error.tolist() == expected["record_error"]


def test_in_stock_share_wins_over_the_ledger():
    inputs, expected, tolerance = golden("unconstrain", "availability_state_in_stock_share")
    share, sales = numbers(inputs["in_stock_share"]), numbers(inputs["sales_qty"])
    nothing = np.zeros(4)
    state, error = availability_state(nothing, nothing, sales, nothing, share)
    assert states(state) == expected["state"]
    assert not error.any()
    usable = np.isin(states(state), ["full", "partial"])
    assert_golden(np.where(usable, sales / np.where(usable, share, 1), np.nan), expected["demand_qty"], tolerance)


def test_a_bucket_without_any_stock_record_is_full():
    unknown = np.array([np.nan, np.nan])
    state, error = availability_state(unknown, np.array([np.nan, 3.0]), np.array([0.0, 2.0]), unknown)
    assert states(state) == ["full", "full"]
    assert not error.any()


@pytest.mark.parametrize("name", golden_names("unconstrain", "censored_mean_c"))
def test_censored_moments(name):
    inputs, expected, tolerance = golden("unconstrain", name)
    mean, second = censored_moments(*(numbers([inputs[k]]) for k in ("sold_qty", "mean", "size")))
    assert_golden(mean, [expected["mean"]], tolerance)
    assert_golden(second, [expected["second_factorial_moment"]], tolerance)


@pytest.mark.parametrize("name", golden_names("unconstrain", "censored_mean_gamma"))
def test_censored_moments_of_gamma_demand(name):
    inputs, expected, tolerance = golden("unconstrain", name)
    mean, second = censored_moments_gamma(*(numbers([inputs[k]]) for k in ("sold_qty", "mean", "variance")))
    assert_golden(mean, [expected["mean"]], tolerance)
    assert_golden(second, [expected["second_moment"]], tolerance)


@pytest.mark.parametrize("name", [n for n in golden_names("unconstrain", "em_nb") if n != "em_nb_all_sold_out"])
def test_em_finds_the_fixed_point(name):
    inputs, expected, tolerance = golden("unconstrain", name)
    sold, exposure = numbers([inputs["sold_qty"]]), numbers([inputs["exposure"]])
    options = {k: inputs[k] for k in ("iterations", "stop") if k in inputs}
    got = unconstrain(sold, exposure, np.array([inputs["sold_out"]]), **options)
    assert_golden(got.theta, [expected["theta"]], tolerance)
    if "size" in expected:
        assert_golden(got.size, [expected["size"]], tolerance)
    if "demand_qty" in expected:
        assert_golden(got.demand_qty, [expected["demand_qty"]], tolerance)
    assert got.level_identified.all()


def test_a_node_that_was_always_sold_out_has_no_identified_level():
    inputs, expected, tolerance = golden("unconstrain", "em_nb_all_sold_out")
    got = unconstrain(numbers([inputs["sold_qty"]]), numbers([inputs["exposure"]]), np.array([inputs["sold_out"]]))
    assert_golden(got.theta, [expected["theta"]], tolerance)
    assert not got.level_identified[0]
    assert (got.demand_qty >= numbers([inputs["sold_qty"]])).all()


@pytest.mark.parametrize("name", golden_names("unconstrain", "bias_"))
def test_em_removes_the_bias_of_sold_out_buckets(name):
    inputs, expected, tolerance = golden("unconstrain", name)
    rng = np.random.default_rng(5)
    shape = (inputs["replications"] * 3, inputs["buckets"])
    mean, size = inputs["mean"], inputs["size"]
    demand = rng.negative_binomial(size, size / (size + mean), shape)
    shelf = np.maximum(1, rng.poisson(inputs["shelf_stock_mean"], shape))
    sold, out = np.minimum(demand, shelf).astype(float), demand >= shelf
    got = unconstrain(sold, np.ones(shape), out)
    assert abs(got.theta.mean() / mean - 1 - expected["bias_em_nb"]) < tolerance
    assert abs(sold.mean() / mean - 1 - expected["bias_raw_sales"]) < tolerance


def test_gamma_demand_is_recovered_too():
    rng = np.random.default_rng(2)
    demand = rng.gamma(4.0, 5.0, (300, 104))
    shelf = rng.gamma(6.0, 4.0, (300, 104))
    got = unconstrain(np.minimum(demand, shelf), np.ones(shelf.shape), demand >= shelf, counts=False)
    assert abs(got.theta.mean() - 20) < 0.3
    assert abs(np.median(got.size) - 4) < 0.4


def test_nodes_do_not_depend_on_their_neighbours():
    rng = np.random.default_rng(3)
    sold = rng.poisson(3.0, (40, 30)).astype(float)
    out = rng.random(sold.shape) < 0.3
    exposure = rng.uniform(0.5, 1.5, sold.shape)
    together = unconstrain(sold, exposure, out)
    for n in (0, 17, 39):
        alone = unconstrain(sold[[n]], exposure[[n]], out[[n]])
        assert alone.theta[0] == together.theta[n]
        np.testing.assert_array_equal(alone.demand_qty[0], together.demand_qty[n])


def test_missing_cells_and_empty_nodes():
    sold = np.array([[2.0, np.nan, 4.0], [np.nan, np.nan, np.nan]])
    got = unconstrain(sold, np.ones(sold.shape), np.zeros(sold.shape, dtype=bool))
    np.testing.assert_array_equal(got.theta, [3.0, np.nan])
    np.testing.assert_array_equal(got.demand_qty, sold)
    assert got.level_identified.all()


def test_few_uncensored_cells_take_the_size_of_their_group():
    sold = np.array([[2.0, 9.0, 4.0, 3.0]])
    out = np.array([[False, False, True, False]])
    own = unconstrain(sold, np.ones(sold.shape), out, pooled_size=np.array([1.7]))
    assert own.size[0] == 1.7
    rng = np.random.default_rng(1)
    many = rng.negative_binomial(2.0, 2.0 / 5.0, (400, 60)).astype(float)
    moments = size_moments(many, np.ones(many.shape), np.zeros(many.shape, bool))
    pooled = pooled_size(*moments, np.zeros(400, np.int64), 2)
    assert abs(pooled[0] - 2.0) < 0.15
    assert pooled[1] == 10_000.0


@given(st.integers(0, 60), st.floats(0.05, 80), st.floats(0.05, 500), st.floats(0.001, 0.999))
def test_truncated_quantile_is_the_conditional_law(sold, mean, size, level):
    got = truncated_quantile(*(np.array([float(v)]) for v in (sold, mean, size, level)))[0]
    law = stats.nbinom(size, size / (size + mean))
    reach = law.sf(sold - 1)
    assert got >= sold
    assert (law.sf(got) / reach) <= (1 - level) * (1 + 1e-9)
    if got > sold:
        assert (law.sf(got - 1) / reach) > (1 - level) * (1 - 1e-9)


@given(st.integers(1, 40), st.floats(0.05, 50), st.floats(0.05, 100))
def test_demand_given_a_stockout_is_at_least_what_was_sold(sold, mean, size):
    first, second = censored_moments(*(np.array([float(v)]) for v in (sold, mean, size)))
    assert first[0] >= max(sold, mean) - 1e-9
    assert second[0] + first[0] >= first[0] ** 2 - 1e-6 * first[0] ** 2


def test_state_codes_are_stable():
    assert STATE_NAMES[CENSORED] == "censored"
