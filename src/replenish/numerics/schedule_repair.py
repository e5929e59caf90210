"""A large schedule made better: dispatched again with other priorities, then exchanges step by step.

Trials are counted, and follow from the work allowed: constraint search of windows gained less for the same work.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import numpy as np

from replenish.numerics.dispatch import TARDINESS, Rule, dispatch
from replenish.numerics.machine_time import idle_machines
from replenish.numerics.placing import Schedule
from replenish.numerics.schedule_exchange import exchange
from replenish.numerics.schedule_goals import cost_of
from replenish.numerics.schedule_solve import Effort, Found
from replenish.numerics.shop import Shop

RULES = tuple(Rule(TARDINESS, look_ahead, 2.0) for look_ahead in (8.0, 16.0, 32.0))
_DISPATCHES = 17_000_000  # for each unit of work, each step and each job of the plant counted
_EACH = 40_000  # what a dispatch of any size takes beside, in the same measure
_EXCHANGES = 900_000  # for each unit of work, each step counted
_CHANGED = 50  # of so many jobs one gets another priority
_PARTS = 20  # looks at the clock while exchanging


def repair(shop: Shop, start: Schedule, effort: Effort) -> Found:
    """The best schedule that both find; stopped where the seconds run out."""
    end = monotonic() + effort.seconds
    now = _other_priorities(shop, start, effort, end)
    trials = round(effort.work * _EXCHANGES / shop.step_count / _PARTS) + 1
    for part in range(_PARTS):
        if monotonic() > end:
            break
        now = exchange(shop, idle_machines(shop), now, trials, effort.seed + part)
    left = replace(effort, work=0.0, seconds=end - monotonic())
    return Found(now, is_proven=False, is_stopped=left.seconds <= 0, left=left)


def _other_priorities(shop: Shop, start: Schedule, effort: Effort, end: float) -> Schedule:
    """Jobs drawn at random count more or less than they should; what helps is kept and changed again."""
    draw, jobs = np.random.default_rng(effort.seed), len(shop.release)
    ruled = [(rule, dispatch(shop, rule)) for rule in RULES]
    rule, now = min(ruled, key=lambda one: cost_of(shop, one[1]))
    priority, cost = np.ones(jobs), cost_of(shop, now)
    for _ in range(round(effort.work * _DISPATCHES / (shop.step_count * jobs + _EACH))):
        if monotonic() > end:
            break
        changed = np.exp(np.where(draw.random(jobs) < 1 / _CHANGED, draw.standard_normal(jobs), 0.0))
        found = dispatch(shop, rule, priority * changed)
        if (better := cost_of(shop, found)) <= cost:
            now, cost, priority = found, better, priority * changed
    return min(start, now, key=lambda schedule: cost_of(shop, schedule))
