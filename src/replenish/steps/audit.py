"""Which stock records can be believed?

A positive record without a sale for too long means an empty, or unfindable, shelf.
"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.silence import GHOST_THRESHOLD, ghost_posterior, silence_probability
from replenish.numerics.unconstrain import MISSING, availability_state
from replenish.steps.calendar import first_bucket
from replenish.steps.learn_counts import ALL
from replenish.steps.panel import KEY, Bools, Floats, Panel, panel
from replenish.tables.core import Bucket, CountLine, DemandHistory, Node, Position
from replenish.tables.plan import Record, RecordLaw

LEAST_BUCKETS = 8  # with less evidence of a rate, silence proves nothing
UNCOUNTED_DAYS = 365  # without a count on record, errors of so many days are supposed: books are taken once a year


def audit(
    history: dy.DataFrame[DemandHistory],
    position: dy.DataFrame[Position],
    node: dy.DataFrame[Node],
    count_line: dy.DataFrame[CountLine],
    record_law: dy.DataFrame[RecordLaw],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Record]:
    """Say for every node of `position` what stock the plan may start from and how likely the shelf is empty.

    Every node is judged alone, beside what counts found in the whole company: any split into blocks gives the same
    rows, as long as `count_line` is whole.
    """
    cells = panel(history, position.select(KEY), last=-1, first=first_bucket(bucket))
    counted = _counted(cells, count_line, bucket)
    silent, silence = _silence(cells, history, counted)
    law = _laws(position, node, record_law)
    sales = cells.grid(history["sales_qty"], empty=0.0)
    recorded = position["recorded_on_hand_qty"].to_numpy()
    some = (recorded > 0) & silent.any(axis=1)
    silence = np.where(some, silence, 1.0)
    ghost = silence < GHOST_THRESHOLD
    first = cells.first + silent.argmax(axis=1) if cells.width else np.zeros(recorded.size, np.int64)
    usable = pl.max_horizontal(
        pl.lit(0.0),
        pl.col("recorded_on_hand_qty") - pl.col("blocked_qty") - pl.col("expired_qty") - pl.col("reserved_qty"),
    )
    record = position.select(*KEY, "recorded_on_hand_qty", on_hand_qty=usable).with_columns(
        record_adjustment_qty=pl.col("on_hand_qty") - pl.col("recorded_on_hand_qty"),
        silent_from_index=pl.Series(np.where(ghost, first, 0)).set(pl.Series(~ghost), None),
        silent_buckets=pl.Series(np.where(some, silent.sum(axis=1), 0)),
        silence_probability=pl.Series(silence),
        ghost_probability=pl.Series(np.where(some, ghost_posterior(silence, law["ghost_rate"].to_numpy()), 0.0)),
        is_ghost=pl.Series(ghost),
        is_negative=pl.col("recorded_on_hand_qty") < 0,
        largest_sales_qty=pl.Series(sales.max(axis=1, initial=0.0)),
        moved_qty=pl.Series(_moved(cells, history, counted, bucket)),
        shrinkage_rate=law["shrinkage_rate"],
    )
    grown = (pl.col("moved_qty") * law["error_variance_rate"]).sqrt()
    record = record.with_columns(error_sd_qty=grown)
    last = count_line.group_by(KEY).agg(last_count_date=pl.col("date").max())
    record = record.join(last, on=KEY, how="left", maintain_order="left")
    return Record.cast(record.select(Record.column_names()))


def _silence(cells: Panel, history: pl.DataFrame, counted: Bools) -> tuple[Bools, Floats]:
    """The newest unbroken run of silent buckets of every node, and its probability with stock on the shelf."""
    sales, receipt = cells.grid(history["sales_qty"]), cells.grid(history["receipt_qty"])
    opening, closing = cells.grid(history["opening_qty"]), cells.grid(history["closing_qty"])
    is_open = cells.grid(history["open_share"]) > 0
    quiet = (sales <= 0) & (receipt <= 0) & (closing > 0) & ~(opening <= 0)
    unbroken = quiet | (~is_open & ~(sales > 0))  # days the history leaves out count as closed
    unbroken &= ~counted
    run = np.logical_and.accumulate(unbroken[:, ::-1], axis=1)[:, ::-1]
    silent = run & is_open
    state, _ = availability_state(opening, receipt, sales, closing, cells.grid(history["in_stock_share"]))
    usual = ~np.isnan(sales) & is_open & (state != MISSING) & ~silent
    count = usual.sum(axis=1)
    divisor = np.maximum(count, 1)
    mean = np.where(usual, sales, 0.0).sum(axis=1) / divisor
    variance = np.where(usual, (sales - mean[:, None]) ** 2, 0.0).sum(axis=1) / divisor
    size = np.where(variance > mean, mean**2 / np.where(variance > mean, variance - mean, 1.0), np.inf)
    expected = np.where(count >= LEAST_BUCKETS, mean, 0.0)
    return silent, silence_probability(np.broadcast_to(expected[:, None], silent.shape), size[:, None], silent)


def _counted(cells: Panel, count_line: pl.DataFrame, bucket: pl.DataFrame) -> Bools:
    """Cells in which the stock was counted."""
    starts = bucket.filter(pl.col("bucket_index") < 0).select("bucket_index", "bucket_start").sort("bucket_start")
    numbered = cells.nodes.select(KEY).with_row_index("row")
    counts = count_line.sort("date").join_asof(starts, left_on="date", right_on="bucket_start").join(numbered, on=KEY)
    counts = counts.filter(pl.col("bucket_index") >= cells.first)
    out = np.zeros(cells.shape, dtype=bool)
    out[counts["row"].to_numpy(), counts["bucket_index"].to_numpy() - cells.first] = True
    return out


def _laws(position: pl.DataFrame, node: pl.DataFrame, record_law: pl.DataFrame) -> pl.DataFrame:
    """What counts tell of the records of each node's category, else of all."""
    known = position.select(KEY).join(node.select(*KEY, "category"), on=KEY, how="left", maintain_order="left")
    known = known.join(record_law, on="category", how="left", maintain_order="left")
    overall = record_law.row(by_predicate=pl.col("category") == ALL, named=True)
    names = ("ghost_rate", "error_variance_rate", "shrinkage_rate")
    return known.select(pl.col(name).fill_null(overall[name]) for name in names)


def _moved(cells: Panel, history: pl.DataFrame, counted: Bools, bucket: pl.DataFrame) -> Floats:
    """Units sold and received after the bucket of the last count; of a year at most where none is on record."""
    flow = np.abs(cells.grid(history["sales_qty"], empty=0.0)) + cells.grid(history["receipt_qty"], empty=0.0)
    later: Bools = ~np.logical_or.accumulate(counted[:, ::-1], axis=1)[:, ::-1]
    length = int(bucket.select(pl.col("bucket_days").max()).item() or 1)
    recent: Bools = np.arange(cells.width) >= cells.width - max(1, UNCOUNTED_DAYS // length)
    ever: Bools = np.max(counted, axis=1, keepdims=True, initial=False)
    out: Floats = np.where(later & (recent | ever), flow, 0.0).sum(axis=1)
    return out
