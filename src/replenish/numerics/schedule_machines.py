"""Machines of the constraint model: one step at a time on each, set up for after what runs before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.schedule_model import Arm, Model, setup_between

Bools = NDArray[np.bool_]
_DEPOT = 0


@dataclass(frozen=True)
class Block:
    """A step that stays on a machine: its option, the set-up it has time for, and its places on the axis."""

    step: int
    option: int
    setup: int
    begin: int
    end: int


def add_machines(model: Model, plain: Bools) -> None:
    """Every machine of every centre that a free step could use."""
    users: dict[int, list[Arm]] = defaultdict(list)
    for arms in model.arms.values():
        for arm in arms:
            users[int(model.shop.centre[arm.option])].append(arm)
    for centre in sorted(users):
        first, last = (int(one) for one in model.shop.machine_start[centre : centre + 2])
        if plain[centre] and last > first:
            _add_capacity(model, users[centre], range(first, last))
        for machine in () if plain[centre] else range(first, last):
            _add_circuit(model, [arm for arm in users[centre] if arm.machine == machine], _blocks(model, machine))


def _add_capacity(model: Model, arms: list[Arm], machines: range) -> None:
    """No more steps at once than machines."""
    blocks = [block for machine in machines for block in _blocks(model, machine)]
    fixed = [model.cp.new_interval_var(block.begin, block.end - block.begin, block.end, "") for block in blocks]
    intervals = [arm.interval for arm in arms] + fixed
    if len(machines) == 1:
        model.cp.add_no_overlap(intervals)
    else:
        model.cp.add_cumulative(intervals, [1] * len(intervals), len(machines))


def _blocks(model: Model, machine: int) -> list[Block]:
    """Steps that stay on a machine, from the last one before the stretch to the first one after it, in order."""
    now = model.now
    stays = np.flatnonzero((now.machine == machine) & ~model.stretch.free)
    # What was over before tonight is at 0 on the axis: there the clock tells what came last.
    stays = stays[np.lexsort((stays, now.finish[stays], now.end[stays], now.begin[stays]))]
    if not len(stays):
        return []
    low, high = model.limits(model.axis(int(now.option[stays[0]])))
    first = max(int(np.searchsorted(now.end[stays], low, side="right")) - 1, 0)
    last = int(np.searchsorted(now.begin[stays], high, side="left"))
    columns = (now.option, now.setup, now.begin, now.end)
    return [Block(int(step), *(int(one[step]) for one in columns)) for step in stays[first : last + 1]]


def _add_circuit(model: Model, arms: list[Arm], blocks: list[Block]) -> None:
    """One way through all steps of a machine, each after the set-up from the step before it."""
    if not arms:
        return
    arcs: list[tuple[int, int, Any]] = []
    nodes = list(range(1, len(arms) + 1))
    previous = _previous(model, arms, blocks)
    for n, arm in zip(nodes, arms, strict=True):
        if arm.is_taken is not True:
            arcs.append((n, n, arm.is_taken.negated()))
        for before, other in [(_DEPOT, None), *zip(nodes, arms, strict=True)]:
            if before != n:
                arcs.append((before, n, _arc_to_arm(model, other, arm, previous)))
        arcs.append((n, _DEPOT, _literal(model, previous.get((arm.step, None)))))
        arcs += [(n, len(arms) + 1 + k, _arc_to_block(model, arm, block, previous)) for k, block in enumerate(blocks)]
    arcs += _block_arcs(model, arms, blocks, previous)
    if not blocks:
        arcs.append((_DEPOT, _DEPOT, _literal(model, not previous)))
    model.cp.add_circuit([arc for arc in arcs if arc[2] is not None])
    model.cp.add_no_overlap([arm.interval for arm in arms])


def _block_arcs(
    model: Model, arms: list[Arm], blocks: list[Block], previous: dict[Any, Any]
) -> list[tuple[int, int, Any]]:
    """Ways from the steps that stay: to a free one, to the next that stays, home from the last."""
    arcs: list[tuple[int, int, Any]] = []
    for k, block in enumerate(blocks):
        node = len(arms) + 1 + k
        arcs += [(node, n, _arc_from_block(model, block, arm, previous)) for n, arm in enumerate(arms, start=1)]
        if k == 0:
            arcs.append((_DEPOT, node, _literal(model, previous.get((None, block.step)))))
        if k + 1 < len(blocks):
            arc = _literal(model, previous.get((block.step, blocks[k + 1].step)))
            after = setup_between(model, block.option, blocks[k + 1].option)
            arcs.append((node, node + 1, arc))
            model.setups.append(after * arc)
        else:
            arcs.append((node, _DEPOT, _literal(model, previous.get((block.step, None)))))
    return arcs


def _previous(model: Model, arms: list[Arm], blocks: list[Block]) -> dict[Any, Any]:
    """Pairs of steps that follow each other on the machine in the schedule so far; None for its two ends."""
    now = model.now
    here = [arm.step for arm in arms if arm.machine == now.machine[arm.step] and arm.option == now.option[arm.step]]
    if not here:
        return {}
    steps = sorted(
        [*here, *(block.step for block in blocks)], key=lambda s: (now.begin[s], now.end[s], now.finish[s], s)
    )
    ends: list[int | None] = [None, *steps, None]
    return dict.fromkeys(pairwise(ends), True)


def _literal(model: Model, hinted: Any) -> Any:
    arc = model.cp.new_bool_var("")
    model.cp.add_hint(arc, int(bool(hinted)))
    return arc


def _arc_to_arm(model: Model, before: Arm | None, arm: Arm, previous: dict[Any, Any]) -> Any:
    """The arm runs right after another one, or first of all."""
    arc = _literal(model, previous.get((before.step if before else None, arm.step)))
    setup = setup_between(model, before.option if before else -1, arm.option)
    if before is not None:
        model.cp.add(arm.begin >= before.end).only_enforce_if(arc)
    _set_up(model, arm, setup, arc)
    return arc


def _arc_from_block(model: Model, block: Block, arm: Arm, previous: dict[Any, Any]) -> Any:
    """The arm runs right after a step that stays."""
    arc = _literal(model, previous.get((block.step, arm.step)))
    model.cp.add(arm.begin >= block.end).only_enforce_if(arc)
    _set_up(model, arm, setup_between(model, block.option, arm.option), arc)
    return arc


def _arc_to_block(model: Model, arm: Arm, block: Block, previous: dict[Any, Any]) -> Any:
    """The arm runs right before a step that stays, which has time for its set-up; None where it has not."""
    setup = setup_between(model, arm.option, block.option)
    if setup > block.setup:
        return None
    arc = _literal(model, previous.get((arm.step, block.step)))
    model.cp.add(arm.end <= block.begin).only_enforce_if(arc)
    model.setups.append(setup * arc)
    return arc


def _set_up(model: Model, arm: Arm, setup: int, arc: Any) -> None:
    own = model.shop.family[arm.option]
    if own >= 0:
        model.cp.add(arm.size == int(model.shop.duration[arm.option]) + setup).only_enforce_if(arc)
    model.setups.append(setup * arc)
