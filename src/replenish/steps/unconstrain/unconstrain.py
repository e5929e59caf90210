"""What would have sold, had it been there?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import unconstrain as em
from replenish.steps.events import effects
from replenish.steps.panel import KEY, Floats
from replenish.steps.seeds import node_seeds
from replenish.steps.unconstrain.estimate import Estimate, estimate
from replenish.steps.unconstrain.pools import (
    Pools,
    Seen,
    exposure_of,
    full_demand,
    learn_pools,
    lift_of,
    seen_exposure,
    seen_of,
    size_of,
    usual_of,
)
from replenish.steps.unconstrain.shelf import Shelf, shelf_of
from replenish.steps.unconstrain.unseen import Unseen, unseen
from replenish.tables.core import Bucket, DemandHistory, EventBucket, Node
from replenish.tables.plan import Demand, EventEffect, Record, Season


def seen_sales(
    history: dy.DataFrame[DemandHistory],
    node: dy.DataFrame[Node],
    event_bucket: dy.DataFrame[EventBucket],
    record: dy.DataFrame[Record],
    season: dy.DataFrame[Season],
    bucket: dy.DataFrame[Bucket],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What a block of nodes adds to `sales_pools`: effects of events and moments of sales, one row a node."""
    shelf = shelf_of(history, node, record, season, event_bucket, bucket)
    seen = seen_of(shelf, record["largest_sales_qty"].to_numpy())
    return seen.effect, seen.moments


def sales_pools(seen: Iterable[tuple[pl.DataFrame, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    """What is pooled over all blocks: `size` by category and the `uplift` of events, as `unconstrain` takes them."""
    pools = learn_pools([Seen(*one) for one in seen])
    return {"size": pools.size, "uplift": pools.uplift}


def unconstrain(
    history: dy.DataFrame[DemandHistory],
    node: dy.DataFrame[Node],
    event_bucket: dy.DataFrame[EventBucket],
    record: dy.DataFrame[Record],
    season: dy.DataFrame[Season],
    bucket: dy.DataFrame[Bucket],
    size: pl.DataFrame,
    uplift: pl.DataFrame,
    *,
    seed: int,
    as_of: date,
) -> tuple[dy.DataFrame[Demand], dy.DataFrame[EventEffect]]:
    """Say of every closed bucket how far the shelf let demand show, and what would have sold.

    Observed where the shelf was full, sales over share where it was closed for a part, the conditional mean of a fitted
    negative binomial (weights and volumes: gamma) where it ran out, empty where there was nothing to sell; beside it a
    draw from the same law, decided by the node's ids, `seed` and `as_of` alone.

    History, nodes and events are of any block of nodes; `record` is of all, `size` and `uplift` are what `sales_pools`
    learned. Uplifts are those of sales as seen, until `lift` puts in those of demand.
    """
    shelf = shelf_of(history, node, record, season, event_bucket, bucket)
    return _estimated(shelf, history, Pools(size, uplift), record["largest_sales_qty"].to_numpy(), bucket, seed, as_of)


def _estimated(
    shelf: Shelf,
    history: pl.DataFrame,
    pools: Pools,
    row_largest: Floats,
    bucket: pl.DataFrame,
    seed: int,
    as_of: date,
) -> tuple[dy.DataFrame[Demand], dy.DataFrame[EventEffect]]:
    found = estimate(shelf, exposure_of(shelf, pools.uplift), size_of(shelf, pools.size))
    hidden = unseen(shelf, found, node_seeds(shelf.nodes, seed, as_of), _days(shelf, bucket))
    demand = full_demand(shelf, found.demand) + usual_of(shelf, row_largest)
    effect = effects(shelf.events, demand, shelf.index, shelf.cells.first, shelf.buckets_a_week)
    table = _table(shelf, history, found, hidden, lift_of(shelf, pools.uplift))
    return table, EventEffect.cast(effect.select(EventEffect.column_names()))


def _days(shelf: Shelf, bucket: pl.DataFrame) -> np.ndarray:
    """Number of the first day of every bucket of the shelf."""
    inside = bucket.filter(pl.col("bucket_index").is_between(shelf.cells.first, -1)).sort("bucket_index")
    return inside["bucket_start"].to_physical().cast(pl.Int64).to_numpy()


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
