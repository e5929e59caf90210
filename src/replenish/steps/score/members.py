"""How each member did over the same past windows, by kind of demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from replenish.numerics.forecast_metrics import naive_squared_scale
from replenish.numerics.rolling import seasonal_naive_sums, window_sums
from replenish.steps.forecast.cheap import FITTED
from replenish.steps.panel import Bools, Floats, Ints
from replenish.steps.pools import ALL
from replenish.steps.score.contest import Result, kinds_of
from replenish.steps.score.past import Past

BENCHMARK, YEAR_WEEKS = "seasonal_naive", 52
NUMBERS = (
    "wape_rate", "bias_rate", "rmsse_rate", "value_added_rate", "pinball_rate", "gain_rate", "gain_error_rate",
)  # fmt: skip


def both_windows(window: Ints) -> list[tuple[str, Ints]]:
    return [("protection", window), ("week", np.ones_like(window))]


def member_scores(
    past: Past, levels: Mapping[str, Floats], classes: NDArray[np.object_], kind: str, window: Ints
) -> pl.DataFrame:
    """Errors of every member over the windows that all cheap ones have, and a fitted one where it was heard."""
    observed = np.where(past.censored, np.nan, past.actual)
    zero = np.zeros(observed.shape)
    sums = {one: window_sums(observed, zero, past.index, level, past.origins, window) for one, level in levels.items()}
    actual = sums["seasonal_sma"].actual_qty
    forecasts = {one: part.forecast_qty for one, part in sums.items()}
    cheap = [forecast for one, forecast in forecasts.items() if one not in FITTED]
    shared = ~np.isnan(np.stack(cheap)).any(axis=0)
    forecasts[BENCHMARK] = seasonal_naive_sums(observed, past.origins, window, YEAR_WEEKS)
    rivalled = shared & ~np.isnan(forecasts[BENCHMARK])
    errors = _Errors(actual, naive_squared_scale(observed) * window)
    rows = []
    for label in [ALL, *kinds_of(classes)]:
        mine = ((classes == label) | (label == ALL))[:, None]
        for one, forecast in forecasts.items():
            told = mine & ~np.isnan(forecast)
            found = errors.of(forecast, shared & told)
            rival, own = (errors.rmsse(rated, rivalled & told) for rated in (forecasts[BENCHMARK], forecast))
            added = None if rival is None or own is None else rival - own
            rows.append({"member": one, "demand_class": label, "window": kind, **found, "value_added_rate": added})
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(NUMBERS[:4], pl.Float64))


def judged(
    scores: pl.DataFrame, results: Mapping[tuple[str, str], Result], used: Mapping[str, list[str]]
) -> pl.DataFrame:
    """The rows with the outcome of the contest, which is about the protection time, and whether a member is in use."""
    rows = []
    for member, label, window in scores.select("member", "demand_class", "window").iter_rows():
        result = results.get((member, label)) if window == "protection" else None
        told = result is not None and result.pinball is not None and result.benchmark > 0
        rows.append(
            {
                "pinball_rate": result.pinball if result is not None else None,
                "gain_rate": result.gain.mean / result.benchmark if result is not None and told else None,
                "gain_error_rate": result.gain.error / result.benchmark if result is not None and told else None,
                "is_used": member in used.get(label, ()),
            }
        )
    schema = {**dict.fromkeys(NUMBERS[4:], pl.Float64), "is_used": pl.Boolean}
    return pl.concat([scores, pl.DataFrame(rows, schema=schema)], how="horizontal")


@dataclass(frozen=True)
class _Errors:
    """Errors of forecasts of the same windows [N, O]; the scale of a window grows with its length."""

    actual: Floats
    scale: Floats

    def of(self, forecast: Floats, cells: Bools) -> dict[str, float | int | None]:
        """WAPE and bias over all cells, RMSSE as the mean over nodes."""
        error = np.where(cells, forecast - self.actual, 0.0)
        total = float(np.where(cells, self.actual, 0.0).sum())
        return {
            "origin_count": int(cells.any(axis=0).sum()),
            "cell_count": int(cells.sum()),
            "wape_rate": float(np.abs(error).sum()) / total if total > 0 else None,
            "bias_rate": float(error.sum()) / total if total > 0 else None,
            "rmsse_rate": self.rmsse(forecast, cells),
        }

    def rmsse(self, forecast: Floats, cells: Bools) -> float | None:
        """Root mean squared scaled error, mean over the nodes that have a scale."""
        squared = np.where(cells, (forecast - self.actual) ** 2, 0.0).sum(axis=1)
        count = cells.sum(axis=1)
        rated = (count > 0) & (self.scale > 0)
        each = np.sqrt(squared[rated] / count[rated] / self.scale[rated])
        return float(each.mean()) if each.size else None
