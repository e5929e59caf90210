"""The climb through the network: decide a level, hand its orders to the sources as demand, go on with the next."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from replenish.numerics.dependent_demand import add_releases, spread_mean
from replenish.numerics.node_facts import CURVE_STEPS, Decision, Nodes, empty_decision
from replenish.numerics.order_engine import decide
from replenish.numerics.promise import empty_promise, promise
from replenish.steps.age_stock import life_days
from replenish.steps.facts import nothing_drawn
from replenish.steps.network import Network, only_components, passes_on, window_sums
from replenish.steps.order.rules import Goals, given_quantities, material_releases
from replenish.steps.order.simple import has_short_history, simple_quantities
from replenish.steps.panel import Bools, Floats, Ints

# Nodes a thread decides at a time: small enough for their order paths to stay in memory, large enough to be worth it.
_BLOCK = 256


@dataclass(frozen=True)
class Climb:
    """Everything known and decided: one entry a planned node."""

    network: Network
    nodes: Nodes
    decision: Decision
    promise: NDArray[Any]
    served: Floats  # nodes x steps of the curve: units expected to be needed before the next order
    method: pl.Series
    refusal: pl.Series  # why nothing may be ordered tonight; empty where it may
    window_qty: Floats  # nodes x 2: mean demand of the first two coverage windows
    simple_qty: Floats  # what simple mode would order; NaN where there is no forecast
    is_short: Bools  # follows simple mode for want of a history


@dataclass(frozen=True)
class _Dependants:
    """Orders of the nodes below, as demand of their sources."""

    row: Ints  # of each node; -1 where nothing depends on it
    paths: NDArray[np.float32]  # of the first rows: sources that are not netted
    mean: Floats


@dataclass(frozen=True)
class Manner:
    """How decisions are taken."""

    path_count: int
    decision_dispersion: float
    cover_share: float
    last_level: int | None = None  # levels above it are left undecided
    has_outlook: bool = True  # else nothing is promised beside the quantities


def climb(
    network: Network,
    nodes: Nodes,
    goals: Goals,
    parameter: pl.DataFrame,
    manner: Manner,
) -> Climb:
    """Decide all levels from the customer-facing nodes up."""
    is_short = has_short_history(network, nodes, parameter)
    found = Climb(
        network,
        nodes,
        empty_decision(network.count, network.width),
        empty_promise(network.count),
        np.zeros((network.count, CURVE_STEPS)),
        _methods(network, is_short),
        _refusals(network),
        np.zeros((network.count, 2)),
        np.zeros(network.count),
        is_short,
    )
    nodes.fact["is_netted"] = (found.method == "mrp").to_numpy()
    nodes.fact["is_certain"] = nodes.fact["is_netted"] & nothing_drawn(nodes)
    below = _dependants(network, nodes, manner.path_count)
    # What is never sellable is not planned for later either.
    nodes.fact["end_bucket"][(found.refusal == "never_sellable").fill_null(value=False).to_numpy()] = 0
    top = int(network.level.max(initial=0)) if manner.last_level is None else manner.last_level
    starts = np.searchsorted(network.level, np.arange(top + 2))
    for first, last in pairwise(starts):
        level = slice(int(first), int(last))
        _prepare(found, below, goals, level, manner)
        _decide(found, below, goals, level, manner)
        if manner.has_outlook:
            _promise(found, below, level, manner)
    return found


def _methods(network: Network, is_short: Bools) -> pl.Series:
    """Ordering rule of each node; what only production asks for, or passes its need on, is always netted."""
    netted, simple = pl.Series(only_components(network) | passes_on(network)), pl.Series(is_short)
    usual = pl.when(simple).then(pl.lit("simple")).otherwise(pl.col("method"))
    return network.nodes.select(pl.when(netted).then(pl.lit("mrp")).otherwise(usual)).to_series()


def _refusals(network: Network) -> pl.Series:
    """Why a node orders nothing tonight: no source, no bill, approved beyond the horizon, or too old on arrival."""
    gaps, wait = network.bill_gaps, network.wait
    closed = gaps[(gaps[:, 1] <= wait[gaps[:, 0]]) & (wait[gaps[:, 0]] < gaps[:, 2]), 0]
    rules = {
        "no_source": pl.col("source_id").is_null(),
        "no_bill": pl.lit(pl.Series(np.isin(np.arange(network.count), closed))),
        "not_approved": pl.col("approval_date") > network.calendar.ends[-1],
        "never_sellable": life_days() <= 0,
    }
    reason = pl.lit(None, dtype=pl.String)
    for word, holds in reversed(rules.items()):
        reason = pl.when(holds.fill_null(value=False)).then(pl.lit(word)).otherwise(reason)
    return network.nodes.select(reason).to_series()


def _dependants(network: Network, nodes: Nodes, path_count: int) -> _Dependants:
    """Room for the demand that dependants put on each source: paths only where it does not plan on means."""
    sources = np.unique(network.edges.source)
    netted = nodes.fact["is_netted"][sources]
    sampled = sources[~netted]
    sources = np.concatenate([sampled, sources[netted]])
    row = np.full(network.count, -1, dtype=np.int64)
    row[sources] = np.arange(len(sources))
    buckets = int(nodes.fact["sampled"][sampled].max(initial=1))
    paths = np.zeros((len(sampled), path_count, buckets), dtype=np.float32)
    return _Dependants(row, paths, np.zeros((len(sources), network.width)))


def _prepare(found: Climb, below: _Dependants, goals: Goals, level: slice, manner: Manner) -> None:
    """What is only known once the dependants have ordered: dependent demand, caps, quantities set by other rules."""
    network, nodes = found.network, found.nodes
    fact, row = nodes.fact[level], below.row[level]
    netted = fact["is_netted"]
    dependent = np.zeros_like(nodes.firm[level])
    dependent[row >= 0] = below.mean[row[row >= 0]]
    # Netted nodes plan on means: their dependent demand is certain, not sampled.
    nodes.firm[level] += np.where(netted[:, None], dependent, 0.0)
    fact["dependant"] = np.where(netted, -1, row)
    mean = nodes.forecast[level] + nodes.firm[level] + np.where(netted[:, None], 0.0, dependent)
    mean[np.arange(network.width)[None, :] >= fact["end_bucket"][:, None]] = 0.0
    known, lead, review = np.nan_to_num(mean), network.lead[level], network.window[level]
    found.window_qty[level, 0] = window_sums(known, lead, review[:, 0])
    found.window_qty[level, 1] = window_sums(known, lead + review[:, 0], review[:, 1])
    # Demand of the longest cover after arrival.
    fact["cover_qty"] = window_sums(known, lead, goals.terms.cover_buckets[level])
    simple = simple_quantities(network, nodes, goals.receipts[level], mean, manner.cover_share, level)
    plans = np.flatnonzero(netted) + level.start
    released = found.decision.release_mean
    released[plans] = material_releases(nodes, goals, plans)
    fact["given"] = given_quantities(nodes, found.method, goals, mean, simple, released[level, 0], level)
    refused = found.refusal[level].is_not_null().to_numpy()
    fact["given"][refused] = 0.0
    found.simple_qty[level] = np.where(refused, 0.0, simple)


def _decide(found: Climb, below: _Dependants, goals: Goals, level: slice, manner: Manner) -> None:
    """Decide a level in blocks, and add its orders to the sources in the order of the nodes."""
    edges, nodes, decision = found.network.edges, found.nodes, found.decision

    def linked(block: slice) -> slice:
        return slice(*np.searchsorted(edges.dependant, [block.start, block.stop]).tolist())

    def decided(block: slice) -> tuple[slice, NDArray[np.float32]]:
        here = linked(block)
        rows = block.stop - block.start if here.stop > here.start else 0
        sampled = (below.row[edges.source[here]] < len(below.paths)).any()
        release = np.zeros((rows, *(below.paths.shape[1:] if sampled else (0, 0))), dtype=np.float32)
        how = (manner.path_count, manner.decision_dispersion, below.paths, below.mean, decision, release)
        decide(nodes, block.start, block.stop, *how)
        return block, release

    for block, release in _in_threads(decided, level):
        if len(release):
            _net_releases(found, block, release)
            _wait_for_bill(found, block, release)
            here = linked(block)
            pairs = (edges.dependant[here], below.row[edges.source[here]], edges.factor[here])
            days = (edges.first_bucket[here], edges.last_bucket[here])
            mean, wait = decision.release_mean[block], found.network.wait
            add_releases(*pairs, *days, block.start, release, mean, wait, below.paths, below.mean)


def _net_releases(found: Climb, block: slice, release: NDArray[np.float32]) -> None:
    """Netted nodes release what netting plans, on every path alike; tonight's quantity is what was decided."""
    netted = np.flatnonzero(found.nodes.fact["is_netted"][block])
    rows = netted + block.start
    found.decision.release_mean[rows, 0] = np.nan_to_num(found.decision.choice["qty"][rows])
    spread_mean(netted, found.decision.release_mean[rows], release)


def _wait_for_bill(found: Climb, block: slice, release: NDArray[np.float32]) -> None:
    """What would be made while there is no bill is made when the next begins: it takes its components then."""
    gaps, wait = found.network.bill_gaps, found.network.wait
    for row, closed, opens in gaps[slice(*np.searchsorted(gaps[:, 0], [block.start, block.stop]))]:
        # Orders stand by the bucket of their decision, which the node waits after.
        first, last = np.maximum([closed - wait[row], opens - wait[row]], 0)
        for each in (found.decision.release_mean[row], release[row - block.start]):
            if last < each.shape[-1]:
                each[..., last] += each[..., first:last].sum(axis=-1)
            each[..., first:last] = 0.0


def _promise(found: Climb, below: _Dependants, level: slice, manner: Manner) -> None:
    """Outlook of every line of a level, with the full variance of demand."""

    qty, step = (np.ascontiguousarray(found.decision.choice[name]) for name in ("qty", "step_qty"))

    def promised(block: slice) -> None:
        what = (manner.path_count, below.paths, found.promise, found.served)
        promise(found.nodes, qty, step, block.start, block.stop, *what)

    for _ in _in_threads(promised, level):
        pass


def _in_threads(work: Callable[[slice], Any], part: slice) -> Iterator[Any]:
    """Results of blocks of the level in their order, a few blocks ahead of the reader at a time."""
    blocks = [slice(start, min(start + _BLOCK, part.stop)) for start in range(part.start, part.stop, _BLOCK)]
    count = os.cpu_count() or 1
    if len(blocks) == 1 or count == 1:
        yield from map(work, blocks)
        return
    with ThreadPoolExecutor(count) as pool:
        for start in range(0, len(blocks), 2 * count):
            yield from pool.map(work, blocks[start : start + 2 * count])
