"""Where among components and semi-finished items should safety stock lie?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl
from scipy import special

from replenish.numerics import stationary_policy as policy
from replenish.numerics.guaranteed_service import Placement, Stages, longest_times, place_stock
from replenish.steps.network import Network, network_of, only_components, passes_on, without_waits
from replenish.steps.panel import KEY, Floats, Ints
from replenish.steps.target import DEFAULT_LEVEL, demand_seen, variance_over
from replenish.tables.core import Arc, BomLine, Bucket, Node
from replenish.tables.plan import Decoupling, Forecast, LeadTime, Parameter

# A longer chain of lead times is told in coarser steps: the work grows with the square of how many there are.
_MOST_TIMES = 60
# Cells of all tables of costs together, so that a large plant is an answer of seconds; fewer trees are tried then.
_MOST_CELLS = 20_000_000
_MOST_TREES = 400


def decouple(
    forecast: dy.DataFrame[Forecast],
    parameter: dy.DataFrame[Parameter],
    lead_time: dy.DataFrame[LeadTime],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Decoupling]:
    """Choose the promises between stages of production that hold the least money in safety stock.

    Stages are the nodes that only production asks for, and that are not used up. All others have stock of their own
    accord: they promise delivery at once and expect the same, so a stage one of them takes from promises 0. Stock of a
    stage with net time n > 0 covers z standard deviations of demand over n plus its review, z by its service target;
    n = 0 needs none.
    """
    network = network_of(node, without_waits(arc), lead_time, bom_line, bucket)
    stage = np.flatnonzero(only_components(network) & ~passes_on(network))
    unit = _unit(network, stage)
    stock = _stock(network, stage, unit, forecast, parameter)
    placed = _placed(network, stage, unit, stock)
    net = placed.wait + _work(network, stage, unit) - placed.promise
    days = unit * network.calendar.bucket_days
    found = (
        network.nodes[stage]
        .select(KEY)
        .with_columns(
            service_time_days=pl.Series(placed.promise * float(days)),
            supply_time_days=pl.Series(placed.wait * float(days)),
            net_replenishment_days=pl.Series(net * float(days)),
            safety_stock_qty=pl.Series(stock[np.arange(len(stage)), net]),
            is_decoupling_point=pl.Series(net > 0),
        )
    )
    return Decoupling.cast(found.select(Decoupling.column_names()).sort(KEY))


def _arcs(network: Network, stage: Ints) -> tuple[Ints, Ints]:
    """Supplier and dependant of the arcs between stages, by number of the stage."""
    number = np.full(network.count, -1)
    number[stage] = np.arange(len(stage))
    supplier, dependant = number[network.edges.source], number[network.edges.dependant]
    inside = (supplier >= 0) & (dependant >= 0)
    # A line of a bill that changes is still one arc.
    found = np.unique(np.stack([dependant[inside], supplier[inside]], axis=1), axis=0)
    return found[:, 1].copy(), found[:, 0].copy()


def _unit(network: Network, stage: Ints) -> int:
    """Buckets in one step of the times."""
    most = longest_times(network.lead[stage], np.zeros_like(stage), *_arcs(network, stage))
    return max(1, -(-int(most.max(initial=0)) // _MOST_TIMES))


def _work(network: Network, stage: Ints, unit: int) -> Ints:
    found: Ints = -(-network.lead[stage] // unit)
    return found


def _stock(network: Network, stage: Ints, unit: int, forecast: pl.DataFrame, parameter: pl.DataFrame) -> Floats:
    """Safety stock of each stage for a net time of 0, 1, ... steps, in base units; whole if counted."""
    mean, variance, _ = demand_seen(network, forecast, parameter)
    longest = longest_times(_work(network, stage, unit), np.zeros_like(stage), *_arcs(network, stage))
    level, _ = policy.usable_level(network.column("service_target")[stage], DEFAULT_LEVEL)
    # A target below one half asks for no safety stock, not for less than the mean.
    z = np.maximum(special.ndtri(np.clip(level, 0.5, None)), 0.0)
    steps = range(1, int(longest.max(initial=0)) + 1)
    review = network.review[stage]
    found = np.zeros((len(stage), len(steps) + 1))
    for step in steps:
        found[:, step] = z * np.sqrt(np.maximum(variance_over(variance[stage], mean[stage], step * unit + review), 0.0))
    whole = ~network.nodes["is_continuous"].to_numpy()[stage]
    found = np.nan_to_num(np.maximum.accumulate(found, axis=1))
    return np.where(whole[:, None], np.ceil(np.maximum(found - 1e-9, 0.0)), found)


def _placed(network: Network, stage: Ints, unit: int, stock: Floats) -> Placement:
    """Promises of least money in stock."""
    supplier, dependant = _arcs(network, stage)
    inner = np.isin(network.edges.dependant, stage)
    sold = np.isin(stage, network.edges.source[~inner])
    cost = np.nan_to_num(network.column("holding_cost_per_day"))[stage, None] * stock
    limit = np.where(sold, 0, stock.shape[1])
    trees = int(np.clip(_MOST_CELLS // max(1, stock.size * stock.shape[1]), 1, _MOST_TREES))
    stages = Stages(_work(network, stage, unit), np.zeros_like(stage), limit, cost, supplier, dependant)
    return place_stock(stages, trees)
