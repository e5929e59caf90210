"""What broken promises say of the law: its spread is refitted, never a factor set by hand."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.alarm import FEWEST, alarm
from replenish.numerics.kept_width import fitted_width, unmended_chance
from replenish.steps.laws import width_of_nodes
from replenish.steps.pools import ALL
from replenish.tables.plan import Calibration, KeptPromise, PromiseLaw


def recalibrate(
    calibration: dy.DataFrame[Calibration], kept: dy.DataFrame[KeptPromise]
) -> tuple[dy.DataFrame[Calibration], dy.DataFrame[PromiseLaw]]:
    """Widen or narrow the law of each category whose promises raise the alarm, or of all.

    Judged is what the law would have promised by itself, so that a mended law stays mended while its promises hold:
    each promise knows the factor it was made with. A category with too few promises follows its parents or all.
    """
    groups = [(ALL, kept), *((str(name), rows) for (name,), rows in kept.group_by("category") if name != ALL)]
    told = [_judged(name, rows) for name, rows in groups if rows.height > FEWEST]
    law = pl.DataFrame(told, schema=list(PromiseLaw.column_names()), orient="row", schema_overrides=_TYPES)
    widths = dict(law.select("category", "width_rate").iter_rows())
    factor = width_of_nodes(calibration["category"].to_list(), widths)
    mended = calibration.with_columns(width_rate=pl.col("width_rate") * pl.Series(factor, dtype=pl.Float64))
    return Calibration.cast(mended), PromiseLaw.cast(law.sort("category"))


_TYPES = {"category": pl.String, "promise_count": pl.Int32}


def _judged(name: str, kept: pl.DataFrame) -> tuple[str, int, float, float, float]:
    """Category, promises, chance that the law alone would have promised, share that ran out, factor it needs."""
    ordered = kept.sort("proposal_id", "item_id", "location_id")
    chance, width = (ordered[one].to_numpy() for one in ("stockout_probability", "width_rate"))
    unmended, achieved = unmended_chance(chance, width), ordered["is_stockout"].cast(pl.Float64).to_numpy()
    promised, came = float(unmended.mean()), float(achieved.mean())
    if not alarm(np.array([promised]), np.array([came]), np.array([float(kept.height)]))[0]:
        return name, kept.height, promised, came, 1.0
    below = chance < 0.5
    share = float(achieved[below].mean()) if below.any() else np.nan
    return name, kept.height, promised, came, fitted_width(chance, width, share)
