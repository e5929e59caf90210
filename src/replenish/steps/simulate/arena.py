"""The ground of a backtest: nodes with what they are supplied through, their true demand, delays and costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from replenish.numerics.hashed import hashed_uniform
from replenish.numerics.policy_simulator import COUNTED, NOBODY, Ages, Policy, Shelf, families
from replenish.steps.ages import LIFO_SHARE, selling_buckets
from replenish.steps.network import Network, network_of, only_components, passes_on
from replenish.steps.panel import KEY, Bools, Floats, Ints, panel
from replenish.steps.seeds import node_seeds
from replenish.steps.waste import unit_waste_cost

DAYS_OF_EPOCH = 7  # a rule decides once a week, or at every bucket where buckets are longer


@dataclass(frozen=True)
class Arena:
    """Nodes in the order of their families; quantities in base units, time in buckets, money per unit."""

    nodes: pl.DataFrame  # item_id, location_id and the columns of core.node
    demand: NDArray[np.float32]  # nodes x buckets: as wanted, sold-out buckets with a draw of what was missed
    step: int  # buckets from one decision to the next
    bucket_days: int
    is_open: Bools  # nodes x epochs: whether the node may order
    delay: Ints  # nodes x epochs: buckets until what is ordered then arrives, one luck for all rules
    lead: Ints  # planned
    review: Ints
    pack: Floats
    min_qty: Floats
    lost_share: Floats
    parent: Ints
    family: Ints
    order_cost: Floats
    unit_cost: Floats
    unit_price: Floats
    shortage_cost: Floats
    holding_cost: Floats  # of a unit and bucket
    waste_cost: Floats  # of a unit that expires
    age_row: Ints  # row of the nodes whose stock is followed by age, -1 elsewhere
    life: Ints  # rows: selling buckets of what arrives
    lifo_share: Floats  # rows: share of demand that takes the newest first

    @property
    def epochs(self) -> int:
        """How often a rule decides."""
        return self.is_open.shape[1]

    @property
    def protection(self) -> Ints:
        """Lead plus review time."""
        return self.lead + self.review

    def policy(self, epochs: int) -> Policy:
        """A rule that orders nothing yet, with room for so many decisions."""
        shape = (len(self.lead), epochs)
        point, level, given = np.full(shape, -np.inf), np.zeros(shape), np.full(shape, np.nan)
        terms = (self.delay, self.pack, self.min_qty, self.lost_share, self.parent, self.family)
        return Policy(point, level, given, *terms)

    def shelf(self, on_hand: Floats) -> Shelf:
        """A state with nothing under way."""
        return Shelf(on_hand.copy(), np.zeros((len(on_hand), int(self.delay.max(initial=0)) + 1)))

    def ages(self) -> Ages:
        """Stock by age, all of it yet to be received or taken as fresh."""
        stock = np.zeros((len(self.life), int(self.life.max(initial=1))))
        return Ages(self.age_row, stock, self.life, self.lifo_share)

    def counts(self, windows: int) -> Floats:
        """Room for what is counted."""
        return np.zeros((windows, len(self.lead), len(COUNTED)))


def arena(
    node: pl.DataFrame,
    arc: pl.DataFrame,
    lead_time: pl.DataFrame,
    bom_line: pl.DataFrame,
    bucket: pl.DataFrame,
    demand: pl.DataFrame,
    *,
    weeks: int,
    seed: int,
    as_of: date,
    lifo_share: float = LIFO_SHARE,
) -> Arena:
    """Lay out the last `weeks` weeks of history of every node that is sold from or supplies one that is.

    Made items are supplied by their plant without limit of material or hours; what is used up there is left out. Stock
    that may expire within two protection times is followed by age. Items that live shorter than the time between two
    decisions are left out: a rule that is asked weekly cannot sell daily bread. Raises ValueError where nodes supply
    each other in a circle.
    """
    network = network_of(node, weekly(arc), lead_time, bom_line, bucket)
    sourced = network.nodes["source_id"].is_not_null().to_numpy()
    step = max(1, DAYS_OF_EPOCH // network.calendar.bucket_days)
    kept = np.flatnonzero(sourced & ~only_components(network) & ~passes_on(network) & ~_too_short(network, step))
    order, family = families(_parents(network, kept))
    rows = kept[order]
    epochs = weeks * 7 // (step * network.calendar.bucket_days)
    nodes = network.nodes[rows]
    every = np.maximum(1, network.review[rows] // step)
    column = {name: network.column(name, 0.0)[rows] for name in _NUMBERS}
    pack = np.where(column["multiple_qty"] > 0, column["multiple_qty"], 1.0)
    return Arena(
        nodes=nodes,
        demand=true_demand(nodes, demand, epochs * step),
        step=step,
        bucket_days=network.calendar.bucket_days,
        is_open=np.arange(epochs)[None, :] % every[:, None] == 0,
        delay=_delays(network, rows, epochs, node_seeds(nodes, seed, as_of)),
        lead=network.lead[rows],
        review=np.maximum(network.review[rows], step),
        pack=pack,
        min_qty=column["min_qty"],
        lost_share=(nodes["shortage_rule"] == "lost_sales").to_numpy().astype(np.float64),
        parent=_parents(network, rows),
        family=family,
        order_cost=column["order_cost"],
        unit_cost=column["unit_cost"],
        unit_price=column["unit_price"],
        shortage_cost=np.maximum(column["shortage_cost"], 0.0),
        holding_cost=column["holding_cost_per_day"] * network.calendar.bucket_days,
        waste_cost=nodes.select(unit_waste_cost()).to_series().to_numpy(),
        **_ages(network, rows, lifo_share),
    )


def true_demand(nodes: pl.DataFrame, demand: pl.DataFrame, buckets: int) -> NDArray[np.float32]:
    """The last `buckets` buckets of plan.demand as wanted: what was sold, and where the shelf was empty a draw."""
    cells = panel(demand, nodes, last=-1, first=-buckets)
    return cells.grid(demand["demand_sample_qty"], empty=0.0).astype(np.float32)


_NUMBERS = (
    "multiple_qty",
    "min_qty",
    "order_cost",
    "unit_cost",
    "unit_price",
    "shortage_cost",
    "holding_cost_per_day",
)


def _too_short(network: Network, step: int) -> Bools:
    """Nodes of items that at some location can be sold in fewer buckets than lie between two decisions."""
    life = selling_buckets(network)
    dated = np.nan_to_num(network.column("shelf_life_days"), nan=0.0) > 0
    short = network.nodes["item_id"].filter(pl.Series(dated & (life < step)))
    found: Bools = network.nodes["item_id"].is_in(short.unique().implode()).to_numpy()
    return found


def _ages(network: Network, rows: Ints, lifo_share: float) -> dict[str, Any]:
    """Which of the nodes are followed by age, and how what arrives there ages."""
    life, protection = selling_buckets(network)[rows], (network.lead + network.review)[rows]
    followed = (life > 0) & (life <= 2 * protection)
    age_row = np.where(followed, np.cumsum(followed) - 1, -1)
    is_store = (network.nodes["location_kind"] == "store").fill_null(value=False).to_numpy()[rows]
    share = np.where(is_store, lifo_share, 0.0)
    return {"age_row": age_row, "life": life[followed], "lifo_share": share[followed]}


def weekly(arc: pl.DataFrame) -> pl.DataFrame:
    """Arcs as a backtest uses them: an order can be placed in every epoch, at the pace of the node's own review."""
    days = (pl.col("review_days") / DAYS_OF_EPOCH).ceil().clip(lower_bound=1.0) * DAYS_OF_EPOCH
    return arc.with_columns(
        wait_days=pl.lit(0.0), review_days=days, slot_gap_days=pl.lit(None, dtype=arc.schema["slot_gap_days"])
    )


def _parents(network: Network, rows: Ints) -> Ints:
    """Place among `rows` of the location that each of them is supplied from; NOBODY for suppliers and plants."""
    place = np.full(network.count, NOBODY, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    is_move = (network.nodes["kind"] == "move").fill_null(value=False).to_numpy()[network.edges.dependant]
    parent = np.full(network.count, NOBODY, dtype=np.int64)
    parent[network.edges.dependant[is_move]] = place[network.edges.source[is_move]]
    return np.ascontiguousarray(parent[rows])


def _delays(network: Network, rows: Ints, epochs: int, seeds: Ints) -> Ints:
    """Lead times drawn from each node's own law: nodes x epochs."""
    counter = np.broadcast_to(np.arange(epochs), (len(rows), epochs))
    chance = hashed_uniform(np.broadcast_to(seeds[:, None], counter.shape), counter)
    law = network.lead_law[rows]
    drawn = (chance[:, :, None] >= law[:, None, :]).sum(axis=2)
    return np.minimum(drawn, law.shape[1] - 1).astype(np.int64)


def aligned(nodes: pl.DataFrame, frame: pl.DataFrame, column: str, empty: float) -> Floats:
    """A column of a table with one row a node, in the order of `nodes`."""
    found = nodes.select(KEY).join(frame.select(*KEY, column), on=KEY, how="left", maintain_order="left")
    return found[column].cast(pl.Float64).fill_null(empty).to_numpy().copy()
