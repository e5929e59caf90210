"""What would the fitted members have said? On a sample, at a few past origins: evidence for a first night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.forecast.fitting import fit_series
from replenish.steps.forecast.gate import ENSEMBLE_WEEKS, wants_ensemble
from replenish.steps.forecast.global_model import GLOBAL, fit_global
from replenish.steps.panel import KEY, panel
from replenish.steps.weeks import last_closed_day
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Baseline, PastMember, Segment

BACK_WEEKS = (4, 8, 12, 16, 28, 40)  # origins, counted back from tonight
LEVEL_WEEKS = 4  # whose mean a stored forecast is
ONE_IN, LEAST, MOST = 8, 24, 300  # nodes of the sample: it costs less than tonight's fits, and is enough to tell


def rehearsed_nodes(
    baseline: dy.DataFrame[Baseline], segment: dy.DataFrame[Segment], node: dy.DataFrame[Node]
) -> pl.DataFrame:
    """The sample: item_id, location_id of some nodes of each category that fitted members serve, in key order."""
    nodes = segment.join(node.select(*KEY, "category"), on=KEY, how="left", maintain_order="left")
    weekly = panel(baseline, nodes, time="week_index", last=-1).grid(baseline["baseline_qty"])
    steady = nodes.filter(pl.Series(wants_ensemble(weekly, nodes["average_interval"])))
    wanted = min(max(steady.height // ONE_IN, LEAST), MOST)
    stride = max(steady.height // wanted, 1)
    # nodes in the order of their categories: every category is there, the larger ones with more
    return steady.sort("category", *KEY)[::stride].select(KEY).sort(KEY)


def rehearse(
    baseline: dy.DataFrame[Baseline], bucket: dy.DataFrame[Bucket], *, members: Sequence[str]
) -> dy.DataFrame[PastMember]:
    """Level of each member at each past origin for every node of `baseline`, fitted to the weeks before it alone."""
    cells = panel(baseline, time="week_index", last=-1)
    weekly, last_day = cells.grid(baseline["baseline_qty"]), last_closed_day(bucket)
    rows = []
    for row, (item_id, location_id) in enumerate(cells.nodes.select(KEY).iter_rows()):
        for back in BACK_WEEKS:
            seen = weekly[row, : max(cells.width - back, 0)]
            seen = seen[~np.isnan(seen)]
            if seen.size >= ENSEMBLE_WEEKS:
                told = fit_series(seen, LEVEL_WEEKS, members)
                when = last_day - timedelta(days=7 * back)
                rows += [(item_id, location_id, name, when, float(qty.mean())) for name, qty in told.items()]
    table = pl.DataFrame(rows, schema=PastMember.column_names(), orient="row")
    return PastMember.cast(table.sort(PastMember.primary_key()))


def rehearse_global(
    baseline: dy.DataFrame[Baseline], node: dy.DataFrame[Node], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[PastMember]:
    """The same of the one model of all nodes."""
    found = [PastMember.create_empty()]
    for back in BACK_WEEKS:
        before = baseline.filter(pl.col("week_index") < -back).with_columns(pl.col("week_index") + back)
        told = fit_global(Baseline.cast(before), node, horizon_weeks=LEVEL_WEEKS - 1)
        level = told.group_by(*KEY, maintain_order=True).agg(level_qty=pl.col("member_qty").mean())
        when = pl.lit(last_closed_day(bucket) - timedelta(days=7 * back))
        found.append(PastMember.cast(level.with_columns(member=pl.lit(GLOBAL), origin_date=when)))
    return PastMember.cast(pl.concat(found).sort(PastMember.primary_key()))
