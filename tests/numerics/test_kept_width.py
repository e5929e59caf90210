"""A law that is too narrow or too wide is found out by what its promises did."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from replenish.numerics.kept_width import NARROWEST, WIDEST, Floats, fitted_width, unmended_chance

RNG = np.random.default_rng(4)
PROMISED = RNG.uniform(0.01, 0.3, 4000)


def _true_chance(promised: Floats, width: float) -> Floats:
    return np.asarray(ndtr(ndtri(promised) / np.sqrt(width)))


@pytest.mark.parametrize("width", [0.6, 0.8, 1.0, 1.3, 1.9])
def test_the_true_factor_is_found(width: float) -> None:
    achieved = _true_chance(PROMISED, width).mean()
    assert fitted_width(PROMISED, np.ones(PROMISED.size), achieved) == pytest.approx(width, rel=1e-6)


@pytest.mark.parametrize("width", [0.7, 1.5])
def test_a_mended_law_needs_the_same_factor_still(width: float) -> None:
    """Promises made with the true factor come true, and say the factor by which they were made."""
    factor = np.full(PROMISED.size, width)
    assert fitted_width(PROMISED, factor, PROMISED.mean()) == pytest.approx(width, rel=1e-6)
    alone = unmended_chance(PROMISED, factor)
    assert (alone.mean() < PROMISED.mean()) == (width > 1.0)


def test_draws_agree_within_four_standard_errors() -> None:
    ran_out = RNG.random(PROMISED.size) < _true_chance(PROMISED, 1.5)
    got = fitted_width(PROMISED, np.ones(PROMISED.size), ran_out.mean())
    error = np.sqrt(ran_out.var() / PROMISED.size)
    low, high = (fitted_width(PROMISED, np.ones(PROMISED.size), ran_out.mean() + k * error) for k in (-4, 4))
    assert low < 1.5 < high
    assert low < got < high


def test_what_cannot_be_fitted_stays_within_bounds() -> None:
    one = np.ones(3)
    assert fitted_width(np.array([0.9, 0.8, 0.5]), one, 0.9) == 1.0
    assert fitted_width(np.array([]), np.array([]), float("nan")) == 1.0
    assert fitted_width(np.array([0.0, 0.1, 0.2]), one, 1.0) == pytest.approx(WIDEST)
    assert fitted_width(np.array([0.0, 0.1, 0.2]), one, 0.0) == pytest.approx(NARROWEST)
    assert (unmended_chance(np.array([0.0, 0.4, 1.0]), one) == [0.0, 0.4, 1.0]).all()
