"""One series and the library: fit a model, keep its few numbers, and run it over newer weeks without fitting again.

The only place that calls statsforecast for a single series. A series is a node's ordinary weeks [weeks], oldest first,
missing ones closed up.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from replenish.numerics.tracking import tracking_rate
from replenish.steps.panel import Floats
from replenish.tables.columns import LARGEST

SEASON_WEEKS = 52
# Weeks fitted to, newest first; older ones cost time and say little. What looks for a yearly season sees three of them.
FIT_WEEKS = {"ets": 104, "ces": 104, "theta": 104, "auto_ets": 156, "auto_ces": 156, "auto_theta": 156, "mstl": 156}
FITTED = tuple(FIT_WEEKS)
CES_NUMBERS = ("alpha_0", "alpha_1", "beta_0", "beta_1")
THETA_NUMBERS = ("initial_smoothed", "alpha", "theta")
NAIVE = "naive"  # what the library's CES makes of a constant series


@dataclass(frozen=True)
class Fit:
    """A fitted model in few numbers; without letters where the series could not be fitted."""

    model: str = ""  # the library's letters: components of ETS, season type of CES, kind of theta
    season_weeks: int = 1
    parameters: tuple[float, ...] = ()


@dataclass(frozen=True)
class Told:
    """What a model says of a series: units by week to come [horizon], and how its errors so far lean (-1 to 1)."""

    forecast_qty: Floats
    tracking_rate: float


def fit_series(series: Floats, horizon: int, members: Sequence[str]) -> dict[str, Floats]:
    """Forecasts [horizon] by member, negative ones as 0; a member that fails or is not finite is left out.

    `members` are names of `FITTED`.
    """
    newest = {name: series[-FIT_WEEKS[name] :] for name in members}
    with quietly():
        told = {name: run_model(name, fit_model(name, weeks), weeks, horizon) for name, weeks in newest.items()}
    return {name: one.forecast_qty for name, one in told.items() if one is not None}


def fit_model(member: str, series: Floats) -> Fit:
    """Fit a member to a series; the answer is a `Fit` without letters where that fails, or where CES is not stable."""
    season = SEASON_WEEKS if series.size >= 2 * SEASON_WEEKS else 1
    if not series.size or not np.isfinite(series).all() or (member == "mstl" and season == 1):
        return Fit()
    try:
        fit = _packed(member, _library(member, season).fit(y=series))
    except Exception:  # a foreign optimiser may fail in any way; the other members stand
        return Fit()
    return fit if not member.endswith("ces") or not fit.parameters or is_stable(*fit.parameters[:2]) else Fit()


def run_model(member: str, fit: Fit, series: Floats, horizon: int) -> Told | None:
    """Run a fitted member over a series without optimising anything, as the library's `forward` does.

    None where nothing was fitted, where the library fails, and where a forecast is not finite or beyond all reason.
    """
    if not fit.model or not np.isfinite(series).all():
        return None
    try:
        told = _unpacked(member, fit).forward(y=series, h=horizon, fitted=True)
    except Exception:  # see fit_model
        return None
    mean = np.asarray(told["mean"], dtype=np.float64)
    if not np.isfinite(mean).all() or (mean > LARGEST).any():
        return None
    return Told(np.maximum(mean, 0.0), tracking_rate(series - told["fitted"]))


def is_stable(alpha_0: float, alpha_1: float) -> bool:
    """Whether a CES with these parameters forgets its oldest weeks.

    The library looks for parameters in a box, and one fit in six lands where errors grow from week to week: such a fit
    holds for the very weeks it was made of and for no others. Both eigenvalues of the discount matrix must lie within
    the unit circle (Svetunkov, Kourentzes & Ord 2022, Complex exponential smoothing, Naval Research Logistics 69).
    """
    trace = 2.0 - 2.0 * alpha_0 + alpha_1
    determinant = (1.0 - alpha_0 + alpha_1) * (1.0 - alpha_0) + (1.0 - alpha_1) * (1.0 - alpha_0 - alpha_1)
    return abs(determinant) < 1.0 and abs(trace) < 1.0 + determinant


@contextmanager
def quietly() -> Iterator[None]:
    """The library's warnings kept from whoever plans: what it cannot do shows in what it returns."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _library(member: str, season: int) -> Any:
    """The library's model of a member, not fitted."""
    from statsforecast.models import MSTL, AutoCES, AutoETS, AutoTheta, DynamicOptimizedTheta

    makers: dict[str, Callable[[], Any]] = {
        "ets": lambda: AutoETS(season_length=1, model="ZZN"),
        "ces": lambda: AutoCES(season_length=1, model="N"),
        "theta": lambda: DynamicOptimizedTheta(season_length=1),
        "auto_ets": lambda: AutoETS(season_length=season, model="ZZZ"),
        "auto_ces": lambda: AutoCES(season_length=season, model="Z"),
        "auto_theta": lambda: AutoTheta(season_length=season),
        "mstl": lambda: MSTL(season_length=SEASON_WEEKS, trend_forecaster=AutoETS(model="ZZN")),
    }
    return makers[member]()


def _packed(member: str, model: Any) -> Fit:
    """The numbers of a fitted model that its `forward` needs; the library's NaN for what a model lacks becomes 0."""
    inner = model.trend_forecaster if member == "mstl" else model
    told = inner.model_
    if "mean" in told:
        return Fit(NAIVE)
    letters = next(told[key] for key in ("components", "seasontype", "modeltype") if key in told)
    numbers = list(told["par"].values()) if isinstance(told["par"], dict) else told["par"]
    return Fit(str(letters), int(told["m"]), tuple(np.nan_to_num(np.asarray(numbers, dtype=np.float64)).tolist()))


def _unpacked(member: str, fit: Fit) -> Any:
    """The library's model as it was after fitting, as far as its `forward` looks."""
    if fit.model == NAIVE:
        from statsforecast.models import Naive

        return Naive()
    model = _library(member, fit.season_weeks)
    inner = model.trend_forecaster if member == "mstl" else model
    inner.model_ = {"m": fit.season_weeks, **_own(member, fit)}
    return model


def _own(member: str, fit: Fit) -> dict[str, Any]:
    if member.endswith("ces"):
        return {"seasontype": fit.model, "par": dict(zip(CES_NUMBERS, fit.parameters, strict=True))}
    if member.endswith("theta"):
        return {"modeltype": fit.model, "par": dict(zip(THETA_NUMBERS, fit.parameters, strict=True))}
    return {"components": fit.model, "par": np.array(fit.parameters), "fit": None, "n_params": 0}
