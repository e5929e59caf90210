"""A large schedule made better: exchanges first, then constraint search stretch by stretch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.machine_time import idle_machines
from replenish.numerics.placing import Schedule
from replenish.numerics.schedule_exchange import exchange
from replenish.numerics.schedule_goals import cost_of
from replenish.numerics.schedule_model import Stretch
from replenish.numerics.schedule_solve import Effort, Found, solve
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
STRETCH_STEPS = 24
_PARTS = 60  # so many stretches at least are searched in a repair
_TRIALS = 1_500_000  # exchanges tried for each unit of work, each step of the plant counted


def repair(shop: Shop, start: Schedule, effort: Effort) -> Found:
    """Single exchanges first, then stretch by stretch, again and again, as long as it helps and there is work left."""
    trials = round(effort.work * _TRIALS / shop.step_count)
    now, left, is_stopped = exchange(shop, idle_machines(shop), start, trials, effort.seed), effort, False
    shift, idle = 0, 0
    while idle < 2 and left.work > 0 and not is_stopped:
        before = cost_of(shop, now)
        for stretch in _stretches(shop, now, shift):
            share = min(effort.work / _PARTS, left.work)
            is_stopped |= left.seconds <= 0
            if share <= 0 or is_stopped:
                break
            found = solve(shop, now, stretch, replace(left, work=share), goal_count=2)
            spent = max(share - found.left.work, share / 2)  # the model's own making counts too
            left = replace(left, work=left.work - spent, seconds=found.left.seconds)
            now, is_stopped = found.schedule, is_stopped or found.is_stopped
        shift = (shift + STRETCH_STEPS // 4) % STRETCH_STEPS
        idle = 0 if cost_of(shop, now) < before else idle + 1
    return Found(now, is_proven=False, is_stopped=is_stopped, left=left)


def _stretches(shop: Shop, now: Schedule, shift: int) -> list[Stretch]:
    """Neighbouring steps of a centre, each stretch half over the one before; those that could gain most come first."""
    ends = shop.job_start[shop.step_job + 1] - 1
    late = np.maximum(now.finish[ends] - shop.due[shop.step_job], 0) * shop.weight[shop.step_job]
    centre = shop.centre[now.option]
    made = []
    for one in np.unique(centre):
        steps = np.flatnonzero((centre == one) & (shop.fixed_machine < 0) & (now.machine >= 0))
        steps = steps[np.lexsort((steps, now.start[steps]))]
        for first in range(-shift, len(steps), STRETCH_STEPS // 2):
            chosen = steps[max(first, 0) : first + STRETCH_STEPS]
            gain = (int(late[chosen].sum()), int(now.setup[chosen].sum()))
            if len(chosen) > 1 and gain > (0, 0):
                made.append((gain, one, first, chosen))
    made.sort(key=lambda part: (-part[0][0], -part[0][1], part[1], part[2]))
    return [_stretch(shop, now, chosen) for *_, chosen in made]


def _stretch(shop: Shop, now: Schedule, chosen: Ints) -> Stretch:
    free = np.zeros(shop.step_count, dtype=bool)
    free[chosen] = True
    return Stretch(free, int(now.start[chosen].min()), int(now.finish[chosen].max()))
