"""How good are forecasts beside bare statsforecast: same series, same origins, same run; RMSSE, pinball and PIT."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from measure import row
from numpy.typing import NDArray

from replenish import ingest
from replenish.night import facts, previous
from replenish.night.folder import build_core, make_tables, run_station
from replenish.numerics.calibration import window_pit
from replenish.numerics.forecast_metrics import naive_absolute_scale, naive_squared_scale, value_weighted_mean
from replenish.numerics.loss import GAMMA, NEGATIVE_BINOMIAL, quantile
from replenish.settings import Settings
from replenish.steps.laws import recalibrated
from replenish.tables import core, plan
from replenish.warehouse import Warehouse

Floats = NDArray[np.float64]

LEVELS = (0.8, 0.9, 0.95, 0.98)
KEY = ["item_id", "location_id"]
WINDOWS = 6  # past windows that give a model without a law its intervals
SHORT, LONG = 4, 13  # seasons in the moving averages


@dataclass(frozen=True)
class Told:
    """Forecasts of the buckets after an origin: mean [N, H] and upper quantiles [levels, N, H]."""

    mean: Floats
    upper: Floats


@dataclass(frozen=True)
class Case:
    """A data set: actual [N, T] (NaN = unknown or not on sale), in the order of `nodes`, and what it is worth."""

    name: str
    nodes: pl.DataFrame  # item_id, location_id
    actual: Floats
    value: Floats  # money sold a unit [N]
    sources: Callable[[int], dict[str, pl.DataFrame]]  # input frames up to an origin, events to come included
    as_of: Callable[[int], Any]
    settings: dict[str, Any]
    season_length: int


def ours(case: Case, origin: int, horizon: int) -> tuple[Told, Floats]:
    """A night's forecasts as-of the origin, and whether what came lay within each level [levels, N, H] (NaN: unknown).

    The levels are asked of the law where the night's calibration says that they hold; counts by randomised PIT.
    """
    settings = Settings.model_validate(case.settings)
    house = Warehouse(memory_limit_gb=4.0)
    make_tables(house)
    ingest.load_frames(house, case.sources(origin), settings)
    facts.tell_settings(house, settings, case.as_of(origin))
    known = facts.tonight(house, settings)
    previous.bring_previous(house, None, known.as_of)
    tonight = build_core(house, known, None)
    for station in ("demand", "forecast"):
        run_station(house, tonight, station)
    forecast, parameter, calibration = house.read_all(plan.Forecast, plan.Parameter, plan.Calibration)
    place_of = case.nodes.join(house.read(core.Node), on=KEY, how="left", maintain_order="left")
    category = place_of["category"].fill_null("all").to_list()
    held = [recalibrated(np.full(len(category), level), category, calibration, "bucket")[:, None] for level in LEVELS]
    ahead = forecast.filter(pl.col("bucket_index") < horizon)
    known_nodes = ahead.select(KEY).unique(maintain_order=True)
    place = known_nodes.join(case.nodes.with_row_index("row"), on=KEY, how="left", maintain_order="left")["row"]
    mean = np.full((case.nodes.height, horizon), np.nan)
    mean[place.to_numpy()] = ahead["forecast_qty"].to_numpy().reshape(-1, horizon)
    law = case.nodes.join(parameter, on=KEY, how="left", maintain_order="left")
    phi, kappa = (law[name].fill_null(1.0).to_numpy()[:, None] for name in ("phi", "kappa"))
    counts = (law["family"] == "negative_binomial").fill_null(value=True).to_numpy()[:, None]
    f = np.maximum(np.nan_to_num(mean), 1e-9)
    variance = np.where(counts, np.maximum(phi * f + kappa * f**2, 1.01 * f), phi * f + kappa * f**2)
    family = np.where(counts, NEGATIVE_BINOMIAL, GAMMA)
    upper = np.stack([quantile(level, f, variance, family) for level in held])
    came = case.actual[:, origin : origin + horizon]
    pit = window_pit(came, f, variance, np.broadcast_to(counts, f.shape), np.random.default_rng(origin).random(f.shape))
    unknown = np.isnan(mean) | np.isnan(pit)
    inside = np.stack([np.where(unknown, np.nan, pit <= level) for level in held])
    return Told(mean, np.where(np.isnan(mean), np.nan, upper)), inside


def bare(case: Case, origin: int, horizon: int) -> dict[str, Told]:
    """Single models of statsforecast with their own intervals, or conformal ones where they have none."""
    from statsforecast import StatsForecast

    started = np.cumsum(np.nan_to_num(case.actual[:, :origin]) > 0, axis=1) > 0
    enough = started.sum(axis=1) > horizon * WINDOWS + LONG * case.season_length + 1  # for the longest mean's intervals
    rows, column = np.nonzero(started & enough[:, None])
    told = pl.DataFrame({"unique_id": rows, "ds": column, "y": np.nan_to_num(case.actual[rows, column])})
    levels = [round(200 * (level - 0.5)) for level in LEVELS]
    models = _models(case.season_length, horizon)
    frame = StatsForecast(models, freq=1, n_jobs=1).forecast(df=told, h=horizon, level=levels)
    out = {}
    for name in [model.alias for model in models]:
        upper = np.stack([_grid(frame, f"{name}-hi-{level}", case, horizon) for level in levels])
        out[name] = Told(_grid(frame, name, case, horizon), np.maximum(upper, 0.0))
    return out


def _models(season_length: int, horizon: int) -> list[Any]:
    from statsforecast import models as sf
    from statsforecast.utils import ConformalIntervals

    conformal = {"prediction_intervals": ConformalIntervals(h=horizon, n_windows=WINDOWS)}
    weekly = [sf.SeasonalWindowAverage(season_length=7, window_size=8, **conformal)] if season_length == 7 else []
    return [
        sf.CrostonSBA(**conformal),
        sf.TSB(0.1, 0.1, **conformal),
        sf.SeasonalNaive(season_length),
        sf.WindowAverage(SHORT * season_length, alias="WindowAverage 4", **conformal),
        sf.WindowAverage(LONG * season_length, alias="WindowAverage 13", **conformal),
        *weekly,
        sf.AutoETS(season_length=season_length),
        sf.AutoTheta(season_length=season_length),
    ]


def _grid(frame: pl.DataFrame, name: str, case: Case, horizon: int) -> Floats:
    out = np.full((case.nodes.height, horizon), np.nan)
    out[frame["unique_id"].unique(maintain_order=True).to_numpy()] = frame[name].to_numpy().reshape(-1, horizon)
    return out


def compare(case: Case, origins: list[tuple[int, int]]) -> None:
    """Print a row a model: RMSSE and mean pinball at the levels, plain and weighted by value, and our PIT."""
    found: dict[str, list[list[float]]] = {}
    insides: list[Floats] = []
    for origin, horizon in origins:
        mine, inside = ours(case, origin, horizon)
        told = bare(case, origin, horizon) | {"replenish": mine}
        train, came = case.actual[:, :origin], case.actual[:, origin : origin + horizon]
        scored = ~np.isnan(came).all(axis=1) & (naive_squared_scale(train) > 0)
        for one in told.values():
            scored &= ~np.isnan(one.mean).any(axis=1) & ~np.isnan(one.upper).any(axis=(0, 2))
        insides.append(inside[:, scored].reshape(len(LEVELS), -1))
        sold = np.nansum(train[:, -horizon:], axis=1) * case.value
        for name, one in told.items():
            found.setdefault(name, []).append(_scores(one, train, came, scored, sold))
    means = {name: np.mean(rows, axis=0) for name, rows in found.items()}
    for name, (rmsse, loss, rmsse_value, loss_value) in means.items():
        measured = f"{rmsse:.4f} / {rmsse_value:.4f} | {loss:.4f} / {loss_value:.4f}"
        print(f"| {case.name}: {name} | {measured} |")
    _verdict(case, means, np.nanmean(np.concatenate(insides, axis=1), axis=1))


def _scores(told: Told, train: Floats, came: Floats, scored: NDArray[np.bool_], sold: Floats) -> list[float]:
    """RMSSE and pinball over the rows that count: plain means, then weighted by the value `sold`."""
    usual = naive_squared_scale(train)
    error = np.sqrt(_mean((told.mean - came) ** 2) / np.where(usual > 0, usual, np.nan))
    losses = [_pinball(came, upper, level) for upper, level in zip(told.upper, LEVELS, strict=True)]
    change = naive_absolute_scale(train)
    loss = np.mean(losses, axis=0) / np.where(change > 0, change, np.nan)
    parts = [np.where(scored, part, np.nan) for part in (error, loss)]
    weighed = [float(value_weighted_mean(part, sold)) for part in parts]
    return [*(float(np.nanmean(part)) for part in parts), *weighed]


def _verdict(case: Case, means: dict[str, Any], shares: Floats) -> None:
    """What we gain on the best single model, metric by metric, and where our levels stand."""
    mine = means["replenish"]
    best = np.min([scores for name, scores in means.items() if name != "replenish"], axis=0)
    gains = [f"{100 * (1 - own / other):.1f} %" for own, other in zip(mine, best, strict=True)]
    row(f"{case.name}: RMSSE below the best single model, plain / by value", f"{gains[0]} / {gains[2]}")
    row(f"{case.name}: pinball at 0.8-0.98 below the best single model, plain / by value", f"{gains[1]} / {gains[3]}")
    told = ", ".join(f"{100 * share:.1f}" for share in shares)
    row(f"{case.name}: % of held-back PIT at or below 80, 90, 95, 98 %", told)


def _pinball(actual: Floats, upper: Floats, level: float) -> Floats:
    gap = actual - upper
    return _mean(np.where(gap >= 0, level * gap, (level - 1.0) * gap))


def _mean(values: Floats) -> Floats:
    there = ~np.isnan(values)
    count = there.sum(axis=1)
    return np.where(count > 0, np.where(there, values, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)
