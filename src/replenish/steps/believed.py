"""Which of the history can be believed?"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from replenish.steps.panel import KEY
from replenish.tables.core import DemandHistory, DoubtfulBucket


def believed(
    history: dy.DataFrame[DemandHistory], doubtful: dy.DataFrame[DoubtfulBucket]
) -> dy.DataFrame[DemandHistory]:
    """The history of any nodes with its doubtful buckets as if the node had been closed: they say nothing of demand.

    Their rows stay, without sales and open for no share of the bucket; stock and receipts are as recorded.
    """
    if doubtful.is_empty():
        return history
    marked = history.join(
        doubtful.with_columns(is_doubtful=True), on=[*KEY, "bucket_index"], how="left", maintain_order="left"
    )
    none = [pl.when("is_doubtful").then(0.0).otherwise(name).alias(name) for name in ("sales_qty", "open_share")]
    return DemandHistory.cast(marked.with_columns(none).select(DemandHistory.column_names()))
