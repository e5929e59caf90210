"""What an order promises and what stock will be: paths with the full variance of demand, delta = 1.

Decisions may be taken on narrower paths; probabilities and projections shown to people never are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.future_orders import Later, Roll, cover_of
from replenish.numerics.node_facts import Nodes, Record, Scratch, later_of, make_scratch, sample_node, work_of
from replenish.numerics.node_needs import node_needs
from replenish.numerics.order_engine import play
from replenish.numerics.perishable_curve import promise_by_age
from replenish.numerics.reductions import mean_of

Floats = NDArray[np.float64]


# Outlook of tonight's line, one record a node. Window 1 runs from its arrival to the arrival of the next order.
PROMISE = np.dtype(
    [
        ("stockout_before", np.float64),  # chance of a unit short before anything ordered tonight can arrive
        ("stockout_without", np.float64),  # chance of a unit short in window 1 without the order
        ("stockout_with", np.float64),
        ("lost_without", np.float64),  # expected units short in window 1 without the order
        ("lost_with", np.float64),
        ("leftover", np.float64),  # expected units of the order not needed by the end of window 1
        ("stock_mean", np.float64),  # at arrival
        ("stock_q10", np.float64),
        ("need_mean", np.float64),  # mean demand until the next order arrives, tonight's wishes of others included
        ("need_90", np.float64),  # the same, 90 % quantile
        ("window_demand", np.float64),  # mean demand of window 1
        ("next_demand", np.float64),  # and of window 2
        ("waste_without", np.float64),  # units that expire until the last of the order must be gone; 0 without ages
        ("waste_with", np.float64),
    ],
    align=True,
)


class Outlook(NamedTuple):
    """Mean projection: nodes x buckets."""

    receipt: Floats
    proposed: Floats
    planned: Floats
    lost: Floats
    expired: Floats
    closing: Floats
    closing_q10: Floats
    closing_q50: Floats
    closing_q90: Floats
    closing_without: Floats  # with open orders only
    short_without: Floats
    sure: Floats  # units that are there from then on at the node's promised probability, besides all that is expected


def empty_promise(nodes: int) -> NDArray[np.void]:
    """Room for the results of `promise`: NaN until filled."""
    return np.full(nodes, np.nan).astype(PROMISE)


def empty_outlook(nodes: int, buckets: int) -> Outlook:
    """Room for the results of `project`."""
    return Outlook(*(np.zeros((nodes, buckets)) for _ in Outlook._fields))


@kernel
def order_statistic(ordered: Floats, level: float) -> float:
    """Smallest value with at least that share of the values at or below it."""
    return ordered[max(0, int(np.ceil(level * ordered.shape[0] - 1e-9)) - 1)]


@part
def _window_sums(fact: Record, work: Scratch, until_next: Floats) -> tuple[float, float]:
    """Mean demand of windows 1 and 2; `until_next` takes each path's demand until the next order arrives."""
    first = second = 0.0
    paths, edge, end = work.arrival.shape[0], work.window[0], work.window[0] + work.window[1]
    for m in range(paths):
        until_next[m] = 0.0
        for t in range(fact.sampled):
            late = t - work.arrival[m]
            if late < edge:
                until_next[m] += work.demand[m, t]
            if 0 <= late < edge:
                first += work.demand[m, t]
            elif edge <= late < end:
                second += work.demand[m, t]
    return first / paths, second / paths


@part
def _promise_node(fact: Record, qty: float, work: Scratch, out: Record) -> Floats:
    """Outlook of one order; the need of window 1 on every path."""
    running, _ = node_needs(fact, work)
    need, paths = running[0], work.stock.shape[0]
    until_next = np.empty(paths)
    out.window_demand, out.next_demand = _window_sums(fact, work, until_next)
    before = without = short = with_order = left = 0.0
    for m in range(paths):
        before += work.short[m] > 1e-9
        without += need[m] > 1e-9
        with_order += need[m] > qty + 1e-9
        short += max(0.0, need[m] - qty)
        left += max(0.0, qty - need[m])
    out.stockout_before, out.stockout_without = before / paths, without / paths
    out.stockout_with, out.lost_without = with_order / paths, mean_of(need)
    out.lost_with, out.leftover = short / paths, left / paths
    out.stock_mean = mean_of(work.stock)
    out.stock_q10 = order_statistic(np.sort(work.stock), 0.1)
    out.need_mean = mean_of(until_next)
    out.need_90 = order_statistic(np.sort(until_next), 0.9)
    out.waste_without = out.waste_with = 0.0
    if fact.life > 0:
        promise_by_age(fact, qty, work, out)
    return need


@part
def _serve_steps(need: Floats, step: float, served: Floats) -> None:
    """Mean units of each step of an order that are needed in window 1."""
    largest = need.max()
    for j in range(served.shape[0]):
        served[j] = 0.0
        if j * step >= largest:
            continue
        for m in range(need.shape[0]):
            served[j] += min(max(need[m] - j * step, 0.0), step) / need.shape[0]


@kernel
def promise(
    nodes: Nodes,
    qty: Floats,
    step: Floats,
    first: int,
    last: int,
    paths: int,
    dependants: NDArray[np.float32],
    out: NDArray[np.void],
    served: Floats,
) -> None:
    """Fill the promises of nodes first..last-1 for the quantities `qty`; a node without a quantity (NaN) stays NaN.

    `served` [nodes, steps] takes the units of each further `step` of the order that are expected to be needed.
    """
    many = make_scratch(paths, nodes.forecast.shape[1], nodes.window.shape[1])
    few = make_scratch(2, nodes.forecast.shape[1], nodes.window.shape[1])
    for i in range(first, last):
        if not np.isnan(qty[i]):
            work = work_of(nodes.fact[i], many, few)
            sample_node(nodes, i, 1.0, dependants, work)
            need = _promise_node(nodes.fact[i], qty[i], work, out[i])
            _serve_steps(need, step[i], served[i])


@part
def _match_means(mean: Floats, demand: Floats, sampled: int) -> None:
    """Scale the sampled demand of each bucket to its exact mean, so that means of paths obey the stock identity."""
    for t in range(sampled):
        drawn = 0.0
        for m in range(demand.shape[0]):
            drawn += demand[m, t]
        drawn /= demand.shape[0]
        factor = mean[t] / drawn if drawn > 0.0 else 0.0
        for m in range(demand.shape[0]):
            demand[m, t] = demand[m, t] * factor if drawn > 0.0 else mean[t]


@part
def _add_planned(planned: Floats, later: Later, work: Scratch) -> None:
    """Planned orders arrive on every path, and in the mean beyond."""
    for t in range(planned.shape[0]):
        later.receipt[t] += planned[t]
    for m in range(work.supply.shape[0]):
        for t in range(later.sampled):
            work.supply[m, t] += planned[t]


@part
def _write_sure(closing: Floats, paths: Floats, level: float, sure: Floats) -> None:
    """Largest quantity that all closings from each bucket on exceed with the probability `level`; never below 0.

    `paths` [sampled buckets, paths] are used up. On each path the least closing still to come counts, so that what can
    be taken in one bucket can still be taken later. Beyond the sampled buckets the spread is that of the last one.
    """
    last, count = paths.shape[0] - 1, paths.shape[1]
    place = min(count - 1, max(0, int(np.floor((1.0 - level) * count + 1e-9))))
    ordered, least = np.sort(paths[last]), 0.0
    for t in range(closing.shape[0] - 1, last, -1):
        shift = closing[t] - closing[last]
        least = shift if t == closing.shape[0] - 1 else min(least, shift)
        sure[t] = max(0.0, ordered[place] + least)
    for m in range(count):
        paths[last, m] += min(0.0, least)
    for t in range(last, -1, -1):
        if t < last:
            for m in range(count):
                paths[t, m] = min(paths[t, m], paths[t + 1, m])
        sure[t] = max(0.0, np.sort(paths[t])[place])


@part
def _write_outlook(i: int, rolled: Roll, idle: Roll, extra: Floats, level: float, out: Outlook) -> None:
    for t in range(rolled.closing.shape[0]):
        out.receipt[i, t], out.proposed[i, t] = idle.receipt[t], rolled.proposed[t]
        out.planned[i, t] = rolled.planned[t] + extra[t]
        out.lost[i, t], out.expired[i, t], out.closing[i, t] = rolled.lost[t], rolled.expired[t], rolled.closing[t]
        out.closing_without[i, t], out.short_without[i, t] = idle.closing[t], idle.short[t]
    sampled = rolled.closing_paths.shape[0]
    ordered = np.sort(rolled.closing_paths[0])
    for t in range(rolled.closing.shape[0]):
        # Beyond the sampled buckets the spread is that of the last one sampled.
        edge = min(t, sampled - 1)
        if 0 < t < sampled:
            ordered = np.sort(rolled.closing_paths[t])
        shift = rolled.closing[t] - rolled.closing[edge]
        out.closing_q10[i, t] = order_statistic(ordered, 0.1) + shift
        out.closing_q50[i, t] = order_statistic(ordered, 0.5) + shift
        out.closing_q90[i, t] = order_statistic(ordered, 0.9) + shift
    _write_sure(rolled.closing, rolled.closing_paths, level, out.sure[i])


@kernel
def project(
    nodes: Nodes,
    qty: Floats,
    cover: Floats,
    planned: Floats,
    level: Floats,
    first: int,
    last: int,
    paths: int,
    out: Outlook,
) -> None:
    """Fill the mean projections of nodes first..last-1 with tonight's `qty` and later orders.

    `level` is the probability at which each node promises. Later orders keep `cover`, or come as `planned` (nodes x
    buckets) says. Dependent demand comes in as `firm`; opening + receipt + proposed + planned - demand + lost - expired
    = closing.
    """
    many = make_scratch(paths, nodes.forecast.shape[1], nodes.window.shape[1])
    few = make_scratch(2, nodes.forecast.shape[1], nodes.window.shape[1])
    nobody, no_release = np.empty((0, 0, 0), dtype=np.float32), np.empty((0, 0), dtype=np.float32)
    nothing = np.empty((0, 0))
    for i in range(first, last):
        work = work_of(nodes.fact[i], many, few)
        sample_node(nodes, i, 1.0, nobody, work)
        later = later_of(nodes, i, nothing)
        _match_means(later.mean, work.demand, later.sampled)
        idle = play(later, 0.0, 0.0, work, no_release)
        _add_planned(planned[i], later, work)
        _write_outlook(i, play(later, cover[i], qty[i], work, no_release), idle, planned[i], level[i], out)


@kernel
def covers(nodes: Nodes, expected: Floats, unrounded: Floats, by_value: NDArray[np.bool_]) -> Floats:
    """Cover that later orders of each node keep; see `future_orders.cover_of`."""
    out = np.zeros(nodes.fact.shape[0])
    nothing = np.empty((0, 0))
    for i in range(out.shape[0]):
        later = later_of(nodes, i, nothing)
        least = max(expected[i], nodes.fact[i].floor - unrounded[i])  # later orders keep the floor as well
        out[i] = cover_of(later, least, unrounded[i], nodes.fact[i].level, by_value[i])
    return out
