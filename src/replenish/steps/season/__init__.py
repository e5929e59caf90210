"""What does the calendar do to a category?

Seasons are properties of groups; single items are too noisy to show them.
"""

from __future__ import annotations

from collections.abc import Iterable

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.calendar import GROUP, bucket_days
from replenish.steps.learn_uplift import learn_uplift
from replenish.steps.panel import codes
from replenish.steps.season.pooled import Pooled
from replenish.steps.season.seen import Block, Seen, effects_of, joined, look, opened
from replenish.steps.season.week import week_index
from replenish.steps.season.weekday import weekday_index
from replenish.tables.core import Bucket, DemandHistory, EventBucket, Node
from replenish.tables.plan import EventEffect, EventUplift, Record, Season


def season(
    blocks: Iterable[tuple[dy.DataFrame[DemandHistory], dy.DataFrame[Node], dy.DataFrame[EventBucket]]],
    record: dy.DataFrame[Record],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Season]:
    """Pool demand by category and cluster into week indices, and weekday shares where buckets are days.

    Every (category, cluster) of a node with demand gets its rows; `source` says which is the finest group large and
    old enough to have a say in them: category x cluster, category (or a parent of it), all; `flat` where none is.

    `blocks` are history, nodes and events, a part of the company at a time. They are gone through again where there
    were events, because what these do to a category is known only then, and again where shelves ran out.
    """
    row_largest = record["largest_sales_qty"].to_numpy()
    looks = [_first_look(opened(*block, bucket, row_largest)) for block in blocks]
    effect = EventEffect.cast(pl.concat([one for one, _, _ in looks]).select(EventEffect.column_names()))
    uplift = learn_uplift(effect)
    seen = joined([one for _, one, _ in looks])
    if not effect.is_empty():
        seen = joined([look(opened(*block, bucket, row_largest), uplift) for block in blocks])
    found = _table(seen, bucket)
    if any(is_partly for _, _, is_partly in looks):
        # how much a sold-out bucket would have sold depends on the season, and the season on that
        found = _table(joined([look(opened(*block, bucket, row_largest), uplift, found) for block in blocks]), bucket)
    return Season.cast(found.select(Season.column_names()))


def _first_look(block: Block) -> tuple[pl.DataFrame, Seen, bool]:
    """Effects of events, sums as if there were none, and whether any shelf ran out."""
    return effects_of(block), look(block, EventUplift.create_empty()), bool(block.is_partly.any())


def _table(seen: Seen, bucket: pl.DataFrame) -> pl.DataFrame:
    """Rows of all groups."""
    when = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index")
    groups = codes(seen.nodes, GROUP)[1]
    parts = [_rows(groups, "week", week_index(seen, when))]
    if bucket_days(bucket) == 1:
        parts.append(_rows(groups, "weekday", weekday_index(seen)))
    return pl.concat(parts).sort(Season.primary_key())


def _rows(groups: pl.DataFrame, kind: str, found: Pooled) -> pl.DataFrame:
    positions = found.index.shape[1]
    source = pl.Series(found.source, dtype=pl.String)
    repeated = groups.with_columns(node_count=pl.Series(found.size), source=source)
    repeated = repeated.select(pl.all().repeat_by(positions).explode()) if groups.height else repeated
    return repeated.with_columns(
        position_kind=pl.lit(kind),
        position=pl.Series(np.tile(np.arange(1, positions + 1), groups.height)),
        index_rate=pl.Series(found.index.ravel()),
    )
