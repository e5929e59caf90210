"""What would have sold, had it been there?"""

from __future__ import annotations

from datetime import date

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import unconstrain as em
from replenish.steps.events import learn_uplift, uplift_grid
from replenish.steps.panel import KEY, Floats
from replenish.steps.seeds import node_seeds
from replenish.steps.unconstrain.estimate import Estimate, estimate
from replenish.steps.unconstrain.pools import Pools, exposure_of, full_demand, pools_of, seen_exposure, size_of
from replenish.steps.unconstrain.shelf import Shelf, shelf_of
from replenish.steps.unconstrain.unseen import Unseen, unseen
from replenish.tables.core import Bucket, DemandHistory, EventBucket, Node
from replenish.tables.plan import Demand, Record, Season


def unconstrain(
    history: dy.DataFrame[DemandHistory],
    node: dy.DataFrame[Node],
    record: dy.DataFrame[Record],
    season: dy.DataFrame[Season],
    event_bucket: dy.DataFrame[EventBucket],
    bucket: dy.DataFrame[Bucket],
    *,
    seed: int,
    as_of: date,
    pools: Pools | None = None,
) -> dy.DataFrame[Demand]:
    """Say of every closed bucket how far the shelf let demand show, and what would have sold.

    Observed where the shelf was full, sales over share where it was closed for a part, the conditional mean of a fitted
    negative binomial (weights and volumes: gamma) where it ran out, empty where there was nothing to sell; beside it a
    draw from the same law, decided by the node's ids, `seed` and `as_of` alone. `pools` is what `learn_pools` learned
    from all nodes; without it the nodes given are all there are.
    """
    shelf = shelf_of(history, node, record, season, event_bucket, bucket)
    pools = pools or pools_of(shelf)
    found = estimate(shelf, exposure_of(shelf, pools.seen_uplift), size_of(shelf, pools.size))
    seeds = node_seeds(shelf.nodes, seed, as_of)
    return _table(
        shelf, history, found, unseen(shelf, found, seeds, _days(shelf, bucket)), _uplift(shelf, found, pools)
    )


def _days(shelf: Shelf, bucket: pl.DataFrame) -> np.ndarray:
    """Number of the first day of every bucket of the shelf."""
    inside = bucket.filter(pl.col("bucket_index").is_between(shelf.cells.first, -1)).sort("bucket_index")
    return inside["bucket_start"].to_physical().cast(pl.Int64).to_numpy()


def _uplift(shelf: Shelf, found: Estimate, pools: Pools) -> Floats:
    """Uplift that the demand of every cell holds."""
    demand, first = full_demand(shelf, found.demand), shelf.cells.first
    uplift = learn_uplift(shelf.events, demand, shelf.index, first, shelf.buckets_a_week, pools.uplift)
    return uplift_grid(shelf.events, uplift, first, shelf.cells.shape)


def _table(
    shelf: Shelf, history: pl.DataFrame, found: Estimate, hidden: Unseen, uplift: Floats
) -> dy.DataFrame[Demand]:
    cells, opened = shelf.cells, np.where(shelf.there, shelf.opened, 1.0)
    cost = shelf.nodes["shortage_cost"].to_numpy()[:, None]
    lost = np.nan_to_num(np.maximum(found.demand - shelf.sales, 0.0))
    grids = {
        "demand_qty": full_demand(shelf, found.demand),
        "demand_sample_qty": hidden.sample,
        "estimate_variance_qty2": np.nan_to_num(found.variance / opened**2),
        "exposure_rate": seen_exposure(shelf),
        "uplift_rate": uplift,
        "lost_sales_qty": lost,
        "lost_sales_value": lost * cost,
        "lost_sales_low_value": hidden.lost_low * cost,
        "lost_sales_high_value": hidden.lost_high * cost,
    }
    state = pl.Series(cells.rows(shelf.state)).cast(pl.UInt8)
    columns = {name: pl.Series(cells.rows(grid)).fill_nan(None) for name, grid in grids.items()}
    out = history.select(*KEY, "bucket_index", "bucket_start", "sales_qty").with_columns(
        state=state.replace_strict(dict(enumerate(em.STATE_NAMES)), return_dtype=pl.String),
        is_estimate=state.is_in([em.CENSORED, em.PARTIAL]),
        **columns,
    )
    return Demand.cast(out.select(Demand.column_names()))
