"""How good was the forecast: exact metrics, one expression each, over the last axis; NaN when the denominator is 0.

`error` = forecast - actual. NaN cells (sold-out and missing buckets, whose actual is not the demand) are left out.
Sources: Hyndman & Koehler (2006), IJF 22; Makridakis, Spiliotis & Assimakopoulos (2022), IJF 38 (M5);
Gneiting & Raftery (2007), JASA 102.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mean_absolute_error(actual: Floats, forecast: Floats) -> Floats:
    """MAE, in units."""
    return _mean(np.abs(forecast - actual))


def root_mean_squared_error(actual: Floats, forecast: Floats) -> Floats:
    """RMSE, in units."""
    return np.sqrt(_mean((forecast - actual) ** 2))


def bias(actual: Floats, forecast: Floats) -> Floats:
    """sum of errors / sum of actuals: positive when forecasts are too high."""
    error = forecast - actual
    return _ratio(np.nansum(error, axis=-1), np.nansum(np.where(np.isnan(error), 0.0, actual), axis=-1))


def weighted_absolute_percentage_error(actual: Floats, forecast: Floats) -> Floats:
    """WAPE: sum of absolute errors / sum of actuals."""
    error = np.abs(forecast - actual)
    return _ratio(np.nansum(error, axis=-1), np.nansum(np.where(np.isnan(error), 0.0, actual), axis=-1))


def naive_absolute_scale(train: Floats, season: int = 1) -> Floats:
    """mean |y_t - y_{t-m}| over training [..., T]: the denominator of MASE."""
    return _mean(np.abs(train[..., season:] - train[..., :-season]))


def naive_squared_scale(train: Floats) -> Floats:
    """mean (y_t - y_{t-1})^2 over training from its first non-zero value: the denominator of RMSSE."""
    return _mean(np.diff(_without_leading_zeros(train), axis=-1) ** 2)


def mase(actual: Floats, forecast: Floats, train: Floats, season: int = 1) -> Floats:
    """Mean absolute scaled error."""
    return _ratio(mean_absolute_error(actual, forecast), naive_absolute_scale(train, season))


def rmsse(actual: Floats, forecast: Floats, train: Floats) -> Floats:
    """Root mean squared scaled error (M5)."""
    return np.sqrt(_ratio(_mean((forecast - actual) ** 2), naive_squared_scale(train)))


def value_weighted_mean(score: Floats, sales_value: Floats) -> Floats:
    """Mean of scores weighted by value sold (WRMSSE and WSPL of one level); series without a score are left out."""
    weight = np.where(np.isnan(score), 0.0, sales_value)
    return _ratio((np.nan_to_num(score) * weight).sum(axis=-1), weight.sum(axis=-1))


def pinball(actual: Floats, quantile: Floats, level: Floats) -> Floats:
    """Mean pinball loss: u (y - q) if y >= q else (1 - u)(q - y); `quantile` [..., T], `level` broadcast to it."""
    gap = actual - quantile
    return _mean(np.where(gap >= 0, level * gap, (level - 1.0) * gap))


def scaled_pinball(actual: Floats, quantile: Floats, level: Floats, train: Floats) -> Floats:
    """SPL: pinball / mean |one-step difference| of training from its first non-zero value."""
    scale = _mean(np.abs(np.diff(_without_leading_zeros(train), axis=-1)))
    return _ratio(pinball(actual, quantile, level), scale)


def coverage(actual: Floats, quantile: Floats) -> Floats:
    """Share of actuals at or below the quantile; overstates for integer demand (judge calibration by PIT)."""
    return _mean(np.where(np.isnan(actual) | np.isnan(quantile), np.nan, actual <= quantile))


def crps_sample(sample: Floats, actual: Floats) -> Floats:
    """Continuous ranked probability score of a sample [..., M]: mean|x - y| - 0.5 mean|x_i - x_j|, by sorting."""
    ordered = np.sort(sample, axis=-1)
    count = sample.shape[-1]
    rank = 2 * np.arange(1, count + 1) - count - 1
    spread = (ordered * rank).sum(axis=-1) / count**2
    out: Floats = np.abs(sample - np.expand_dims(actual, -1)).mean(axis=-1) - spread
    return out


def _without_leading_zeros(train: Floats) -> Floats:
    started = np.cumsum(np.nan_to_num(train) != 0, axis=-1) > 0
    return np.where(started, train, np.nan)


def _mean(values: Floats) -> Floats:
    there = ~np.isnan(values)
    return _ratio(np.where(there, values, 0.0).sum(axis=-1), there.sum(axis=-1).astype(np.float64))


def _ratio(above: Floats, below: Floats) -> Floats:
    below = np.broadcast_to(below, np.broadcast_shapes(np.shape(above), np.shape(below)))
    positive = below > 0
    return np.where(positive, above / np.where(positive, below, 1.0), np.nan)
