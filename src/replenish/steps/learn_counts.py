"""What do counts tell of the records?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.record_error import shrinkage_rate, variance_rate
from replenish.numerics.silence import GHOST_PRIOR
from replenish.steps.panel import codes
from replenish.tables.core import CountLine
from replenish.tables.plan import RecordLaw

ALL = "all"
LEAST_COUNTS = 100  # counts of a group before its own findings replace what all of them, or nobody, found
LEAST_PRIOR, MOST_PRIOR = 0.001, 0.5


def learn_counts(count_line: dy.DataFrame[CountLine]) -> dy.DataFrame[RecordLaw]:
    """Error variance, shrinkage and rate of empty shelves by category, and of all counts together (`all`).

    Only counts that follow another, with movements between, tell how errors grow; shelves found empty although the
    books showed stock are ghosts and are left out of the variance.
    """
    return RecordLaw.cast(
        pl.concat([_laws(count_line), _laws(count_line.with_columns(category=pl.lit(ALL)))])
        .pipe(_with_ghosts, count_line)
        .unique("category", keep="last")
        .sort("category")
        .select(RecordLaw.column_names())
    )


def _laws(counts: pl.DataFrame) -> pl.DataFrame:
    group, keys = codes(counts, ["category"])
    if keys.is_empty():  # no count yet: the defaults stand, for all
        keys, group = pl.DataFrame({"category": [ALL]}), np.zeros(0, np.int64)
    moved = counts["moved_qty"].fill_null(0.0).to_numpy()
    error = (counts["counted_qty"] - counts["book_qty"]).to_numpy()
    told = moved > 0
    steady = told & ~_found_empty(counts)
    return keys.with_columns(
        count_count=pl.Series(np.bincount(group, minlength=keys.height)),
        error_variance_rate=pl.Series(variance_rate(error[steady], moved[steady], group[steady], keys.height)),
        shrinkage_rate=pl.Series(shrinkage_rate(error[told], moved[told], group[told], keys.height)),
        positive_count=pl.Series(np.bincount(group, counts["book_qty"].to_numpy() > 0, keys.height)),
        empty_count=pl.Series(np.bincount(group, _found_empty(counts), keys.height)),
    )


def _found_empty(counts: pl.DataFrame) -> np.ndarray:
    return ((counts["book_qty"] > 0) & (counts["counted_qty"] <= 0)).to_numpy()


def _with_ghosts(laws: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """Rate at which counts of a positive record found nothing: the category's, else everybody's, else the default."""
    positive = counts.filter(pl.col("book_qty") > 0)
    found = positive.filter(pl.col("counted_qty") <= 0).height / max(1, positive.height)
    overall = min(max(found, LEAST_PRIOR), MOST_PRIOR) if positive.height >= LEAST_COUNTS else GHOST_PRIOR
    own = (pl.col("empty_count") / pl.col("positive_count")).clip(LEAST_PRIOR, MOST_PRIOR)
    enough = pl.col("positive_count") >= LEAST_COUNTS
    return laws.with_columns(ghost_rate=pl.when(enough).then(own).otherwise(overall))
