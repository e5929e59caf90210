"""Which members have earned their place, by kind of demand, and how large are errors of the sum?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from replenish.steps.calendar import GROUP
from replenish.steps.forecast.cheap import ANCHOR, blend, cheap_levels
from replenish.steps.panel import KEY, Floats
from replenish.steps.protection import protection_days, review_days
from replenish.steps.score.buckets import bucket_errors
from replenish.steps.score.calibrate import bucket_evidence, calibrate, protection_evidence
from replenish.steps.score.contest import contest, critical_ratio, kinds_of, used_members
from replenish.steps.score.law import error_factor, error_law
from replenish.steps.score.members import both_windows, judged, member_scores
from replenish.steps.score.past import past_weeks, stored_levels
from replenish.steps.weeks import last_closed_day
from replenish.tables.core import Arc, Bucket, Node
from replenish.tables.plan import (
    Baseline,
    Calibration,
    Demand,
    ErrorFactor,
    ErrorLaw,
    LeadTime,
    PastMember,
    Score,
    Season,
    Segment,
)

Kinds = NDArray[np.object_]
Scores = tuple[dy.DataFrame[Score], dy.DataFrame[ErrorLaw], dy.DataFrame[ErrorFactor], dy.DataFrame[Calibration]]


def score(
    demand: Iterable[tuple[dy.DataFrame[Demand]]],
    baseline: dy.DataFrame[Baseline],
    past_member: dy.DataFrame[PastMember],
    season: dy.DataFrame[Season],
    segment: dy.DataFrame[Segment],
    lead_time: dy.DataFrame[LeadTime],
    arc: dy.DataFrame[Arc],
    node: dy.DataFrame[Node],
    bucket: dy.DataFrame[Bucket],
    *,
    fitted: tuple[str, ...],
    window_weeks: int,
    seed: int,
) -> Scores:
    """Forecast the past from every week of the last year, let the members compete, and learn the law of the error.

    Cheap members at every origin, fitted ones (`fitted` names those the settings ask for) where they were heard, each
    from data before its origin (the season index and the unconstrained demand are tonight's). Point errors leave out
    windows with sold-out weeks; the law keeps them, with the variance of their estimate, because leaving them out would
    remove the high ones. The law is that of the cheap members in use.

    `demand` comes a part of the company at a time, its last year at least.
    """
    nodes = node.filter(pl.col("has_demand"))
    past = past_weeks(baseline, season, nodes.select(*KEY, *GROUP), bucket)
    longest = max(past.weekly.shape[1] // 2, 1)
    window = np.clip(np.rint(protection_days(nodes, lead_time, arc) / 7.0), 1, longest).astype(np.int64)
    label = nodes.select(KEY).join(segment, on=KEY, how="left", maintain_order="left")
    kinds: Kinds = label["demand_class"].fill_null("no_demand").to_numpy()
    cheap = cheap_levels(past.weekly, window_weeks)
    stored = stored_levels(past_member, nodes, past.weekly.shape[1], last_closed_day(bucket))
    silent = np.full(cheap[ANCHOR].shape, np.nan)
    levels = cheap | {name: stored.get(name, silent) for name in fitted}
    results = contest(past, levels, kinds, critical_ratio(nodes, review_days(nodes, arc)), window)
    used = used_members(results, kinds_of(kinds), fitted)
    law_levels = blended(cheap, kinds, used)
    levels["combination"] = blended(levels, kinds, used)
    table = pl.concat(member_scores(past, levels, kinds, kind, length) for kind, length in both_windows(window))
    single = bucket_errors(demand, season, nodes, bucket, law_levels)
    law = error_law(nodes, past, law_levels, single)
    factor = error_factor(nodes, past, law_levels, single, law, window)
    told = {
        "protection": protection_evidence(nodes, past, law_levels, law, factor, window, seed),
        "bucket": bucket_evidence(nodes, single, law, factor, seed),
    }
    calibration = calibrate(nodes, told)
    return _shaped(judged(table, results, used)), law, factor, calibration


def blended(levels: Mapping[str, Floats], kinds: Kinds, used: Mapping[str, list[str]]) -> Floats:
    """Level of every node by the members in use for its kind of demand, of those at hand; else the moving average."""
    out = levels[ANCHOR].copy()
    for kind, names in used.items():
        mine = kinds == kind
        at_hand = [name for name in names if name in levels] or [ANCHOR]
        level = blend({name: levels[name][mine] for name in at_hand}, at_hand)
        out[mine] = np.where(np.isnan(level), out[mine], level)
    return out


def _shaped(table: pl.DataFrame) -> dy.DataFrame[Score]:
    return Score.cast(table.sort(Score.primary_key()).select(Score.column_names()))
