"""Sampled paths keep the moments that were asked for, whatever the law, and are the same every night."""

from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics import paths
from replenish.numerics.compiled import kernel
from tests.golden_cases import case, cases

PATHS = 40_000


def _sample(
    forecast: list[float], phi: float, kappa: float, rho: float, is_count: bool = True, seed: int = 3
) -> np.ndarray:
    out = np.empty((PATHS, len(forecast)))
    _seeded(out, np.array(forecast, dtype=float), is_count, phi, kappa, rho, seed)
    return out


@kernel
def _seeded(out, forecast, is_count, phi, kappa, rho, seed):  # type: ignore[no-untyped-def]
    np.random.seed(seed)  # noqa: NPY002
    paths.sample_demand(out, out.shape[1], forecast, is_count, phi, kappa, rho)


@pytest.mark.parametrize("known", cases("distribution", "path_dispersion"), ids=lambda c: c["name"])
def test_sum_of_a_path_keeps_the_protection_variance(known: dict) -> None:
    forecast, expected = known["inputs"]["forecast_qty"], known["expected"]
    total = _sample(forecast, expected["phi"], expected["kappa"], expected["rho"]).sum(axis=1)
    assert total.mean() == pytest.approx(sum(forecast), rel=0.01)
    assert total.var() == pytest.approx(expected["path_sum_variance"], rel=0.06)


@pytest.mark.parametrize("is_count", [True, False])
@pytest.mark.parametrize("mean", [0.4, 6.0, 60.0])
def test_one_bucket_keeps_its_variance(mean: float, is_count: bool) -> None:
    phi, kappa, rho = 1.7, 0.3, 0.4
    drawn = _sample([mean, mean], phi, kappa, rho, is_count)
    # the mean of 40,000 draws in mirrored pairs is near exact, the variance has a relative standard error near 2 %
    assert drawn.mean() == pytest.approx(mean, rel=0.02)
    assert drawn[:, 0].var() == pytest.approx(phi * mean + kappa * mean**2, rel=0.1)
    assert np.cov(drawn.T)[0, 1] == pytest.approx(rho * kappa * mean**2, rel=0.15, abs=0.02)
    assert (drawn >= 0).all()
    if is_count:
        assert (drawn == np.round(drawn)).all()


def test_zero_dispersion_is_a_point_and_poisson_is_poisson() -> None:
    assert (_sample([2.5, 0.0], 0.0, 0.0, 0.0) == [2.5, 0.0]).all()
    poisson = _sample([3.0], 1.0, 0.0, 0.0)[:, 0]
    assert poisson.var() == pytest.approx(3.0, rel=0.03)
    assert (poisson == 0).mean() == pytest.approx(np.exp(-3.0), abs=0.004)


def test_negative_binomial_by_inversion_is_the_law_itself() -> None:
    from scipy import stats

    mean, phi = 4.0, 1.5
    drawn = _sample([mean], phi, 0.0, 0.0)[:, 0]
    law = stats.nbinom.cdf(np.arange(12), mean / (phi - 1), 1 / phi)
    assert np.allclose([(drawn <= k).mean() for k in range(12)], law, atol=0.008)


def test_decisions_may_shrink_the_excess_variance_only() -> None:
    known = case("distribution", "decision_dispersion")["inputs"]
    mean, variance = known["forecast_qty"], known["variance"]
    phi, kappa = paths.decision_dispersion(variance / mean, 0.0, True, known["delta"])
    assert phi * mean + kappa * mean**2 == pytest.approx(
        case("distribution", "decision_dispersion")["expected"]["variance"]
    )
    # weights have no Poisson floor: all of their variance shrinks, so that kilograms and grams agree
    assert paths.decision_dispersion(0.4, 0.2, False, 0.5) == (0.2, 0.1)


def test_mirrored_pairs_are_exact_and_opposed() -> None:
    for shape in (0.4, 1.0, 8.0):
        pairs = np.array([paths.gamma_pair(shape) for _ in range(20_000)])
        assert pairs.mean(axis=0) == pytest.approx([1.0, 1.0], rel=0.03)
        assert pairs.var(axis=0) == pytest.approx([1 / shape, 1 / shape], rel=0.12)
        assert np.corrcoef(pairs.T)[0, 1] < -0.2


def test_arrivals_follow_their_law_and_missing_mass_never_arrives() -> None:
    arrival = np.empty(20_000, dtype=np.int64)
    paths.sample_arrivals(arrival, np.array([0.0, 0.25, 0.25, 1.0]))
    assert (arrival == 1).mean() == pytest.approx(0.25, abs=0.02)
    assert set(arrival) == {1, 3}
    supply = np.empty((20_000, 4))
    paths.sample_supply(supply, 4, np.array([10.0, 3.0]), np.array([[0.0, 0.5, 0.5, 0.8], [0.0, 0.0, 1.0, 1.0]]))
    assert supply.mean(axis=0) == pytest.approx([0.0, 5.0, 3.0, 3.0], abs=0.15)
    assert (supply[:, 2] == 3.0).all()
