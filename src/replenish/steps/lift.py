"""How much of past demand did events bring?"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from replenish.steps.calendar import GROUP, first_bucket
from replenish.steps.events import events_on, uplift_grid, uplift_rows
from replenish.steps.panel import KEY, panel
from replenish.tables.core import Bucket, EventBucket, Node
from replenish.tables.plan import Demand, EventUplift


def lift(
    demand: dy.DataFrame[Demand],
    node: dy.DataFrame[Node],
    event_bucket: dy.DataFrame[EventBucket],
    event_uplift: dy.DataFrame[EventUplift],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Demand]:
    """Demand with the uplift its events had, now that is known what those that sold out would have sold.

    Every node has its own uplifts: any split into blocks gives the same rows.
    """
    cells = panel(demand, last=-1, first=first_bucket(bucket))
    nodes = cells.nodes.join(node.select(*KEY, *GROUP), on=KEY, how="left", maintain_order="left")
    events = events_on(event_bucket, nodes)
    grid = uplift_grid(events, uplift_rows(events, event_uplift), cells.first, cells.shape)
    return Demand.cast(demand.with_columns(uplift_rate=pl.Series(cells.rows(grid))))
