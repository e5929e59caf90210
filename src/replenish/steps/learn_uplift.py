"""What do events of a kind do to a category?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.steps.events import event_logs
from replenish.steps.panel import codes
from replenish.steps.pools import ALL
from replenish.tables.plan import EventEffect, EventUplift


def learn_uplift(event_effect: dy.DataFrame[EventEffect]) -> dy.DataFrame[EventUplift]:
    """Uplift by category and kind: geometric mean over events of their total demand over total baseline.

    Totals first, because the logarithm of a slow item's few units is far below that of its mean. The rows of `all`
    are the mean over the events of all categories, each category's counting for itself.
    """
    code, events = codes(event_effect, ["category", "kind", "event_id"])
    names = ("sold_qty", "baseline_qty", "inside_qty")
    totals = {name: pl.Series(sums(code, event_effect[name].to_numpy(), events.height)) for name in names}
    known, logs = event_logs(events.with_columns(**totals))
    parts = [_means(known.with_columns(category=pl.lit(ALL)), logs), _means(known, logs)]
    found = pl.concat(parts).unique(["category", "kind"], keep="first", maintain_order=True)
    return EventUplift.cast(found.sort("category", "kind").select(EventUplift.column_names()))


def _means(events: pl.DataFrame, logs: np.ndarray) -> pl.DataFrame:
    code, groups = codes(events, ["category", "kind"])
    count = sums(code, np.ones(code.size), groups.height)
    rate = np.exp(sums(code, logs, groups.height) / count)
    return groups.with_columns(uplift_rate=pl.Series(rate), event_count=pl.Series(count))
