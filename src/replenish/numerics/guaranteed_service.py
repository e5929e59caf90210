"""Where a manufacturing network should hold safety stock: the guaranteed-service model.

Stage k promises its dependants delivery within S_k; its suppliers deliver to it within SI_k, the largest of their
promises; it works T_k. Its stock covers demand, up to a bound, over the net time SI_k + T_k - S_k; beyond the bound
the business expedites. Promises are chosen so that holding costs least.

Sources: Graves & Willems (2000), MSOM 2 (trees, by dynamic programme in O(stages x M^2), M the longest cumulative
time); Humair & Willems (2011), IJOC 23 (networks with cycles, by branching over the arcs outside a spanning tree).
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Differences of cost below this share are rounding.
_SAME = 1e-9


class Stages(NamedTuple):
    """A network of stages; times are whole buckets (or days), costs money per year or any other time."""

    work: Ints  # T: time a stage takes once everything it needs is there
    least_wait: Ints  # SI at least: what outside suppliers promise
    longest_promise: Ints  # S at most, such as what customers accept; `longest_times` or more where free
    cost: Floats  # stages x (M + 1): cost of safety stock that covers a net time of 0, 1, ... M; must not fall
    supplier: Ints  # one arc an entry: `supplier` serves `dependant`; no cycle along the arrows
    dependant: Ints


class Placement(NamedTuple):
    """Promises of each stage and what they cost; `bound` is a cost no placement can go below (equal: proven best)."""

    promise: Ints
    wait: Ints
    cost: float
    bound: float


def longest_times(work: Ints, least_wait: Ints, supplier: Ints, dependant: Ints) -> Ints:
    """Longest promise each stage could ever need: its work after the longest path of work that feeds it.

    Raises ValueError where the arcs go round in a circle.
    """
    wait = least_wait.astype(np.int64).copy()
    for _ in range(len(work) + 1):
        before = wait.copy()
        np.maximum.at(wait, dependant, (wait + work)[supplier])
        if np.array_equal(wait, before):
            return wait + work
    raise ValueError("the arcs of the stages go round in a circle")


def place_stock(stages: Stages, most_trees: int = 400) -> Placement:
    """Promises of least cost. Exact on trees; elsewhere too, unless `most_trees` tree solutions do not prove it.

    Arcs outside a spanning tree are left out at first; where a solution breaks one, either its supplier promises no
    more than a time c or its dependant waits more than c. When the limit is met, the best placement found is improved
    stage by stage. Raises ValueError where a table of costs is too short or the arcs go round in a circle.
    """
    most = longest_times(stages.work, stages.least_wait, stages.supplier, stages.dependant)
    if stages.cost.shape[1] <= most.max(initial=0):
        raise ValueError("costs must reach to the longest cumulative time")
    tree = _spanning_tree(stages, most)
    loose = np.setdiff1d(np.arange(len(stages.supplier)), tree)
    order = _peeling(stages, tree)
    ticket = count()
    first = _Bounds(np.minimum(stages.longest_promise, most), stages.least_wait)
    waiting = [(*_solved(stages, order, first, ticket), first)]
    best: Placement | None = None
    for _ in range(most_trees):
        if not waiting:
            break
        least, _, promise, wait, bounds = heapq.heappop(waiting)
        if best is not None and least >= best.cost * (1.0 - _SAME):
            return best._replace(bound=best.cost)
        found = _evaluated(stages, promise, least)
        best = found if best is None or found.cost < best.cost else best
        for side in _branches(stages, loose, promise, wait, bounds):
            entry = (*_solved(stages, order, side, ticket), side)
            if np.isfinite(entry[0]):
                heapq.heappush(waiting, entry)
    assert best is not None
    if not waiting:
        return best._replace(bound=best.cost)
    improved = _improved(stages, best)
    return improved._replace(bound=min(improved.cost, waiting[0][0]))


class _Bounds(NamedTuple):
    promise: Ints  # at most
    wait: Ints  # at least


_Step = tuple[int, int, bool, list[int], list[int]]


def _spanning_tree(stages: Stages, most: Ints) -> Ints:
    """Arcs of a spanning forest that keeps the longest promises (Kruskal), as they bind first."""
    leader = np.arange(len(stages.work))

    def top(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = int(leader[one])
        return one

    kept = []
    for arc in np.argsort(-most[stages.supplier], kind="stable"):
        left, right = top(int(stages.supplier[arc])), top(int(stages.dependant[arc]))
        if left != right:
            leader[left] = right
            kept.append(int(arc))
    return np.array(sorted(kept), dtype=np.int64)


def _peeling(stages: Stages, tree: Ints) -> list[_Step]:
    """Leaves first: (stage, its one neighbour left or -1, is that neighbour its dependant, suppliers and dependants
    done before)."""
    near: list[dict[int, bool]] = [{} for _ in stages.work]
    for arc in tree:
        supplier, dependant = int(stages.supplier[arc]), int(stages.dependant[arc])
        near[supplier][dependant], near[dependant][supplier] = True, False
    done: list[_Step] = []
    feeding: list[tuple[list[int], list[int]]] = [([], []) for _ in near]
    leaves = [stage for stage, others in enumerate(near) if len(others) <= 1]
    for stage in leaves:
        other = next(iter(near[stage]), -1)
        down = near[stage].get(other, False)
        done.append((stage, other, down, *feeding[stage]))
        if other >= 0:
            feeding[other][0 if down else 1].append(stage)
            del near[other][stage]
            near[stage].clear()
            if len(near[other]) == 1 or not near[other]:
                leaves += [other] if other not in leaves else []
    return done


def _solved(stages: Stages, order: list[_Step], bounds: _Bounds, ticket: count[int]) -> tuple[float, int, Ints, Ints]:
    """Best promises within bounds where the arcs of the tree alone count: cost, a number to sort ties by, S and SI."""
    size = stages.cost.shape[1]
    value = np.full((len(stages.work), size), np.inf)  # by S where the neighbour left is a dependant, else by SI
    tables: dict[int, Floats] = {}
    total = 0.0
    for stage, other, down, suppliers, dependants in order:
        table = _stage_costs(stages, stage, bounds)
        for one in suppliers:
            table += np.minimum.accumulate(value[one])[None, :]
        for one in dependants:
            table += np.minimum.accumulate(value[one][::-1])[::-1][:, None]
        tables[stage] = table
        if other < 0:
            total += float(table.min())
        else:
            value[stage] = table.min(axis=1 if down else 0)
    promise, wait = np.zeros(len(stages.work), np.int64), np.zeros(len(stages.work), np.int64)
    if np.isfinite(total):
        for stage, other, down, _, _ in reversed(order):
            table = tables[stage]
            if other >= 0 and down:
                table = table[: wait[other] + 1]
            elif other >= 0:
                table = np.where(np.arange(size)[None, :] >= promise[other], table, np.inf)
            promise[stage], wait[stage] = np.unravel_index(int(np.argmin(table)), table.shape)
    return total, next(ticket), promise, wait


def _stage_costs(stages: Stages, stage: int, bounds: _Bounds) -> Floats:
    """Own cost by promise (rows) and wait (columns); infinite where a promise or a wait is out of bounds."""
    size = stages.cost.shape[1]
    promise, wait = np.arange(size)[:, None], np.arange(size)[None, :]
    net = wait + stages.work[stage] - promise
    allowed = (net >= 0) & (net < size) & (promise <= bounds.promise[stage]) & (wait >= bounds.wait[stage])
    return np.where(allowed, stages.cost[stage][np.clip(net, 0, size - 1)], np.inf)


def _evaluated(stages: Stages, promise: Ints, bound: float) -> Placement:
    """The promises with the waits that all arcs make of them: never infeasible, as waits only grow."""
    wait = stages.least_wait.copy()
    np.maximum.at(wait, stages.dependant, promise[stages.supplier])
    own = stages.cost[np.arange(len(promise)), wait + stages.work - promise]
    return Placement(promise, wait, float(own.sum()), bound)


def _branches(stages: Stages, loose: Ints, promise: Ints, wait: Ints, bounds: _Bounds) -> list[_Bounds]:
    """Two halves that both leave out this solution, by the arc outside the tree that it breaks most; none if none."""
    excess = promise[stages.supplier[loose]] - wait[stages.dependant[loose]]
    if not (excess > 0).any():
        return []
    arc = loose[int(np.argmax(excess))]
    supplier, dependant = stages.supplier[arc], stages.dependant[arc]
    split = wait[dependant] + (promise[supplier] - wait[dependant]) // 2
    sooner, longer = bounds.promise.copy(), bounds.wait.copy()
    sooner[supplier], longer[dependant] = split, split + 1
    if split + 1 >= stages.cost.shape[1]:
        return [bounds._replace(promise=sooner)]
    return [bounds._replace(promise=sooner), bounds._replace(wait=longer)]


def _improved(stages: Stages, found: Placement) -> Placement:
    """The placement with one promise changed at a time as long as that saves anything."""
    limit = np.minimum(stages.longest_promise, stages.cost.shape[1] - 1)
    changed = True
    while changed:
        changed = False
        for stage in range(len(stages.work)):
            for other in range(int(min(limit[stage], found.wait[stage] + stages.work[stage])) + 1):
                promise = found.promise.copy()
                promise[stage] = other
                if (promise - stages.work <= _waits(stages, promise)).all():
                    trial = _evaluated(stages, promise, found.bound)
                    if trial.cost < found.cost * (1.0 - _SAME):
                        found, changed = trial, True
    return found


def _waits(stages: Stages, promise: Ints) -> Ints:
    wait = stages.least_wait.copy()
    np.maximum.at(wait, stages.dependant, promise[stages.supplier])
    return wait
