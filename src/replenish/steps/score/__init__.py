"""Which members have earned their place, by kind of demand, and how large are errors of the sum?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.calendar import GROUP
from replenish.steps.forecast.gate import is_sparse
from replenish.steps.panel import KEY
from replenish.steps.protection import protection_days
from replenish.steps.score.law import error_factor, error_law
from replenish.steps.score.members import both_windows, member_scores
from replenish.steps.score.past import cheap_levels, past_weeks
from replenish.tables.core import Arc, Bucket, Node
from replenish.tables.plan import Baseline, ErrorFactor, ErrorLaw, LeadTime, Score, Season, Segment


def score(
    baseline: dy.DataFrame[Baseline],
    season: dy.DataFrame[Season],
    segment: dy.DataFrame[Segment],
    lead_time: dy.DataFrame[LeadTime],
    arc: dy.DataFrame[Arc],
    node: dy.DataFrame[Node],
    bucket: dy.DataFrame[Bucket],
    *,
    window_weeks: int,
) -> tuple[dy.DataFrame[Score], dy.DataFrame[ErrorLaw], dy.DataFrame[ErrorFactor]]:
    """Forecast the past from every week of the last year and compare: member by member, and as the law of the error.

    Cheap members only, each made from data before its origin (the season index and the unconstrained demand are
    tonight's). Point errors leave out windows with sold-out weeks; the law keeps them, with the variance of their
    estimate, because leaving them out would remove the high ones.
    """
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP)
    past = past_weeks(baseline, season, nodes, bucket)
    longest = max(past.weekly.shape[1] // 2, 1)
    window = np.clip(np.rint(protection_days(nodes, lead_time, arc) / 7.0), 1, longest).astype(np.int64)
    label = nodes.join(segment, on=KEY, how="left", maintain_order="left")
    levels = cheap_levels(past.weekly, window_weeks)
    classes = label["demand_class"].fill_null("no_demand").to_numpy()
    table = pl.concat(member_scores(past, levels, classes, kind, length) for kind, length in both_windows(window))
    sparse = is_sparse(label["average_interval"])
    used = np.where(sparse[:, None], levels["combination"], levels["seasonal_sma"])
    law = error_law(nodes, past, used)
    return _shaped(table), law, error_factor(nodes, past, used, law, window)


def _shaped(table: pl.DataFrame) -> dy.DataFrame[Score]:
    return Score.cast(table.sort(Score.primary_key()).select(Score.column_names()))
