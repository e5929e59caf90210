"""The best schedule within a work limit: dispatch first, then constraint search, or repair where the plant is large.

Planned jobs begin when they are planned. Where something is late then, they may begin sooner, as far as their material
is there: those that help, no others.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.dispatch import MOST_WORK, SHORTEST, TARDINESS, Rule, dispatch
from replenish.numerics.open_hours import common_step
from replenish.numerics.placing import Schedule
from replenish.numerics.schedule_goals import cost_of, free_part, least_cost, least_of
from replenish.numerics.schedule_model import Stretch
from replenish.numerics.schedule_pull import given_back, held_back
from replenish.numerics.schedule_repair import RULES, repair
from replenish.numerics.schedule_solve import Effort, Found, solve
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
WHOLE_STEPS = 300  # up to so many steps are searched at once
_RULES = (Rule(SHORTEST), Rule(MOST_WORK), *(Rule(TARDINESS, look_ahead) for look_ahead in (0.5, 1.0, 2.0, 4.0, 8.0)))
_LARGE = 4_000_000  # steps times jobs
_PULL_SHARE = 0.3  # of the work that looking for jobs to begin sooner may take


def best_schedule(shop: Shop, effort: Effort) -> Found:
    """The best schedule found for all steps that are not fixed."""
    if not shop.step_count:
        empty = np.zeros(0, dtype=np.int64)
        return Found(Schedule(*[empty] * len(Schedule._fields)), is_proven=True, is_stopped=False, left=effort)
    unit = _unit_of(shop)
    small = _in_units(shop, unit)
    held = held_back(small)
    start = best_dispatch(held)
    late, can_pull = cost_of(held, start)[0], (held.release > small.release).any()
    if can_pull and late > (0 if _is_large(small) else least_cost(small, least_of(small))[0]):
        found = _pulled_forward(small, held, start, effort)
    else:
        found = _searched(held, start, effort)
    method = "dispatch" if found.schedule is start else "repair" if _is_large(small) else "cp_sat"
    return replace(found, schedule=_times(found.schedule, unit), method=method)


def _pulled_forward(small: Shop, held: Shop, start: Schedule, effort: Effort) -> Found:
    """First with jobs begun when planned; then, if one is late, as soon as they could; those that need not, go back."""
    share = effort.work * _PULL_SHARE
    kept = _searched(held, start, replace(effort, work=share), goal_count=1)
    soon = _searched(small, best_dispatch(small), replace(kept.left, work=share), goal_count=1)
    late = cost_of(small, soon.schedule)[0]
    left = replace(soon.left, work=effort.work - (2 * share - kept.left.work - soon.left.work))
    if late >= cost_of(held, kept.schedule)[0]:
        return _searched(held, kept.schedule, left, least_late=late if kept.is_proven else 0)
    shop, begun = given_back(small, soon.schedule)
    return _searched(shop, begun, left, least_late=late if soon.is_proven else 0)


def _searched(shop: Shop, start: Schedule, effort: Effort, goal_count: int = 3, least_late: int = 0) -> Found:
    """The best schedule from this one on; nothing is sought where a bound says that it is the best there is."""
    if _is_large(shop):
        return repair(shop, start, effort)
    least = least_of(shop)
    bound = least_cost(shop, least)
    bound = (max(bound[0], least_late), *bound[1:])
    free = shop.fixed_machine < 0
    if cost_of(shop, start)[:goal_count] == bound[:goal_count] or not free.any():
        return Found(start, is_proven=True, is_stopped=False, left=effort)
    is_last = cost_of(shop, start)[:2] == bound[:2]
    stretch, floor = Stretch(free, 0, _latest(shop, start)), free_part(shop, least, bound)
    return solve(shop, start, stretch, effort, floor, goal_count, is_last=is_last)


def _is_large(shop: Shop) -> bool:
    return int((shop.fixed_machine < 0).sum()) > WHOLE_STEPS


def best_dispatch(shop: Shop) -> Schedule:
    """The best schedule of all dispatch rules; of the few that do well in large plants where a dispatch takes long."""
    rules = RULES if shop.step_count * len(shop.release) > _LARGE else (*_RULES, *RULES)
    return min((dispatch(shop, rule) for rule in rules), key=lambda schedule: cost_of(shop, schedule))


def _latest(shop: Shop, start: Schedule) -> int:
    """Nothing has to end later than this: a quarter after the dispatch, which keeps the numbers small."""
    end = int(start.finish.max(initial=0))
    return end + (end // 4 if (shop.setup.any() or cost_of(shop, start)[0] > 0) else 0)


_MINUTES = (
    *("release", "planned", "due", "queue", "duration", "setup", "change", "open_at", "wall_at"),
    *("fixed_setup", "fixed_begin", "fixed_end", "fixed_finish"),
)


def _unit_of(shop: Shop) -> int:
    """Minutes that divide all times: the fewer the numbers, the shorter the search."""
    return common_step(*(values[values != -1] for values in (getattr(shop, name) for name in _MINUTES)))


def _in_units(shop: Shop, unit: int) -> Shop:
    def scaled(values: Ints) -> Ints:
        return np.where(values == -1, -1, values // unit)

    return shop._replace(**{name: scaled(getattr(shop, name)) for name in _MINUTES})


def _times(schedule: Schedule, unit: int) -> Schedule:
    names = ("setup", "begin", "end", "start", "finish")
    return schedule._replace(**{name: getattr(schedule, name) * unit for name in names})
