"""Lines that must not be executed because the data behind them is in doubt, each with its cause."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.terms import Terms

_HALF = 0.5


def with_holds(
    lines: pl.DataFrame, invalid: pl.DataFrame, doubted: pl.DataFrame, nodes: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """Lines with `hold` and `hold_cause`, which begins with the exception code.

    Held are all lines of nodes with DATA_INVALID (`invalid`: item, location, detail), and NEW lines of ghosts of which
    more than half is ordered only because the shelf may be empty: ghost probability times the units the books show;
    and all lines of nodes whose plan rests on demand beyond reason (`doubted`: the same columns, rows repeat); and NEW
    lines of items that are not approved yet, until the day they are.
    """
    lines = attach(lines, invalid, "detail")
    lines = attach(lines, nodes, "ghost_probability", "is_ghost", "recorded_on_hand_qty", "silent_buckets")
    resting = pl.col("ghost_probability") * pl.min_horizontal("recorded_on_hand_qty", "qty")
    ghost = pl.col("is_ghost") & pl.col("action").is_in(["NEW", "INCREASE"]) & (resting > _HALF * pl.col("qty"))
    silence = pl.format(
        "GHOST_STOCK: the books show {} but nothing sold for {}; count first",
        w.quantity(pl.col("recorded_on_hand_qty")),
        w.open_count(pl.col("silent_buckets"), terms.bucket_days),
    )
    doubt = pl.when(pl.col("detail").is_not_null()).then(pl.format("DATA_INVALID: {}", pl.col("detail")))
    wild = doubted.group_by(NODE, maintain_order=True).agg(wild=pl.col("detail").str.join("; "))
    lines = attach(lines, wild, "wild")
    outlier = pl.when(pl.col("wild").is_not_null()).then(pl.format("OUTLIER: {}", pl.col("wild")))
    lines = attach(lines, nodes, "approval_date")
    early = (pl.col("action") == "NEW") & (pl.col("approval_date") > terms.today)
    text = pl.format("NOT_APPROVED: held until the item is approved on {}", w.day(pl.col("approval_date")))
    unapproved = pl.when(early).then(text)
    causes = (doubt.when(ghost.fill_null(False)).then(silence), outlier, unapproved)
    lines = lines.with_columns(hold_cause=pl.coalesce(causes))
    return lines.with_columns(hold=pl.col("hold_cause").is_not_null())
