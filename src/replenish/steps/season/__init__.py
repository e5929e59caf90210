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
from replenish.steps.season.seen import effects_of, joined, look, opened
from replenish.steps.season.week import week_index
from replenish.steps.season.weekday import weekday_index
from replenish.tables.core import Bucket, DemandHistory, EventBucket, Node
from replenish.tables.plan import EventEffect, EventUplift, Season


def season(
    blocks: Iterable[tuple[dy.DataFrame[DemandHistory], dy.DataFrame[Node], dy.DataFrame[EventBucket]]],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Season]:
    """Pool demand by category and cluster into week indices, and weekday shares where buckets are days.

    Every (category, cluster) of a node with demand gets its rows; `source` says which is the finest group large and
    old enough to have a say in them: category x cluster, category (or a parent of it), all; `flat` where none is.

    `blocks` are history, nodes and events, a part of the company at a time; they are gone through a second time where
    there were events, because what these do to a category is known only then.
    """
    none = EventUplift.create_empty()
    looks = [(effects_of(block), look(block, none)) for block in (opened(*one, bucket) for one in blocks)]
    effect = EventEffect.cast(pl.concat([one for one, _ in looks]).select(EventEffect.column_names()))
    uplift = learn_uplift(effect)
    seen = joined(
        [one for _, one in looks] if effect.is_empty() else [look(opened(*one, bucket), uplift) for one in blocks]
    )
    when = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index")
    groups = codes(seen.nodes, GROUP)[1]
    parts = [_rows(groups, "week", week_index(seen, when))]
    if bucket_days(bucket) == 1:
        parts.append(_rows(groups, "weekday", weekday_index(seen)))
    out = pl.concat(parts).sort(Season.primary_key())
    return Season.cast(out.select(Season.column_names()))


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
