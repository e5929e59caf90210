"""What should an ERP's minimum and maximum say? Only what changed enough is told, to keep its item master quiet."""

from __future__ import annotations

import dataframely as dy
import polars as pl

from replenish.steps.panel import KEY
from replenish.tables.core import Arc, Node, PreviousMinMax
from replenish.tables.plan import MinMax, Target

_LEAST_UNITS, _LEAST_SHARE = 1.0, 0.1
_TOLD = ("min_qty", "max_qty", "multiple_qty")


def min_max(
    target: dy.DataFrame[Target],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    previous_min_max: dy.DataFrame[PreviousMinMax],
) -> dy.DataFrame[MinMax]:
    """Minimum, maximum and pack of every planned node beside those last exported, and whether to export them.

    A change counts where it is more than max(1 unit, 10 %) of what was last exported, so that small steps add up from
    night to night; another pack always counts. A node whose target is not a number keeps what it had; one that is used
    up has none.
    """
    used_up = arc.filter((pl.col("arc_rank") == 1) & (pl.col("kind") == "pass"))
    packs = arc.filter(pl.col("arc_rank") == 1).unique(KEY, keep="first", maintain_order=True)
    before = previous_min_max.rename({name: f"previous_{name}" for name in _TOLD})
    rows = (
        target.select(*KEY, pl.col("min_qty", "max_qty").fill_nan(None))
        .join(used_up, on=KEY, how="anti", maintain_order="left")
        .join(node.select(*KEY, "uom"), on=KEY, how="left", maintain_order="left")
        .join(packs.select(*KEY, "multiple_qty"), on=KEY, how="left", maintain_order="left")
        .join(before, on=KEY, how="left", maintain_order="left")
        .with_columns(pl.col("multiple_qty").fill_null(0.0))
        .with_columns(pl.coalesce(name, f"previous_{name}").alias(name) for name in _TOLD)
        .drop_nulls(["min_qty", "max_qty"])
        .with_columns(change=_change())
        .with_columns(is_exported=~pl.col("change").is_in(["small", "none"]))
    )
    return MinMax.cast(rows.select(MinMax.column_names()).sort(KEY))


def _change() -> pl.Expr:
    """What differs from the last export, most telling first."""
    least, most, pack = (pl.col(name) != pl.col(f"previous_{name}") for name in _TOLD)
    words = {
        "new": pl.col("previous_min_qty").is_null(),
        "pack": pack,
        "min_and_max": _is_large("min_qty") & _is_large("max_qty"),
        "min": _is_large("min_qty"),
        "max": _is_large("max_qty"),
        "small": least | most,
    }
    change = pl.lit("none")
    for word, holds in reversed(words.items()):
        change = pl.when(holds).then(pl.lit(word)).otherwise(change)
    return change


def _is_large(name: str) -> pl.Expr:
    before = pl.col(f"previous_{name}")
    return (pl.col(name) - before).abs() > pl.max_horizontal(pl.lit(_LEAST_UNITS), _LEAST_SHARE * before)
