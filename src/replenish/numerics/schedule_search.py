"""The best schedule within a work limit: dispatch first, then constraint search, over all of it or stretch by stretch.

Goals in their order: least weighted minutes late, least set-up minutes, earliest end. Each is sought with the ones
before it held. The limit counts the solver's own steps, so that every machine finds the same schedule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.dispatch import MOST_WORK, SHORTEST, TARDINESS, dispatch
from replenish.numerics.machine_time import idle_machines
from replenish.numerics.open_hours import common_step
from replenish.numerics.placing import Schedule, retime
from replenish.numerics.schedule_exchange import exchange
from replenish.numerics.schedule_machines import add_machines
from replenish.numerics.schedule_model import Model, Stretch, add_step, plain_centres
from replenish.numerics.schedule_ties import add_chains, add_goals
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
Cost = tuple[int, int, int]
WHOLE_STEPS = 300  # up to so many steps are searched at once
STRETCH_STEPS = 24
LOOK_AHEADS = (0.5, 1.0, 2.0, 4.0, 8.0)
_PARTS = 60  # so many stretches at least are searched in a repair
_TRIALS = 1_500_000  # exchanges tried for each unit of work, each step of the plant counted
_SHARE = 0.5  # of the work left that one goal may take from those after it


@dataclass(frozen=True)
class Effort:
    """What a search may still spend: the solver's own count of its steps, and seconds as the emergency stop."""

    work: float
    seconds: float
    seed: int = 0
    workers: int = 1  # more than one finds other schedules on other machines

    def less(self, solver: Any) -> Effort:
        """What is left after a solve."""
        spent = solver.response_proto.deterministic_time
        return replace(self, work=self.work - spent, seconds=self.seconds - solver.wall_time)


@dataclass(frozen=True)
class Found:
    """A schedule, whether nothing better exists, whether the emergency stop cut the search, and what is left."""

    schedule: Schedule
    is_proven: bool
    is_stopped: bool
    left: Effort
    is_dispatch: bool = False  # the search found nothing better than the first rule that was tried


def best_schedule(shop: Shop, effort: Effort) -> Found:
    """The best schedule found for all steps that are not fixed."""
    if not shop.step_count:
        empty = np.zeros(0, dtype=np.int64)
        return Found(Schedule(*[empty] * len(Schedule._fields)), is_proven=True, is_stopped=False, left=effort)
    unit = _unit_of(shop)
    small = _in_units(shop, unit)
    start = best_dispatch(small)
    free = small.fixed_machine < 0
    if not free.any():
        found = Found(start, is_proven=True, is_stopped=False, left=effort)
    elif free.sum() <= WHOLE_STEPS:
        found = _search(small, start, Stretch(free, 0, _latest(small, start)), effort, goal_count=3)
    else:
        found = _repair(small, start, effort)
    return replace(found, schedule=_times(found.schedule, unit), is_dispatch=found.schedule is start)


def best_dispatch(shop: Shop) -> Schedule:
    """The best schedule of all dispatch rules."""
    made = [dispatch(shop, rule) for rule in (SHORTEST, MOST_WORK)]
    made += [dispatch(shop, TARDINESS, look_ahead) for look_ahead in LOOK_AHEADS]
    return min(made, key=lambda schedule: cost_of(shop, schedule))


def cost_of(shop: Shop, schedule: Schedule) -> Cost:
    """Weighted minutes late, minutes of set-up, and the minute all is done."""
    worked = np.diff(shop.job_start) > 0
    ends = schedule.finish[shop.job_start[1:][worked] - 1]
    late = np.maximum(ends - shop.due[worked], 0) @ shop.weight[worked]
    return int(late), int(schedule.setup.sum()), int(schedule.finish.max(initial=0))


def _repair(shop: Shop, start: Schedule, effort: Effort) -> Found:
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
            found = _search(shop, now, stretch, replace(left, work=share), goal_count=2)
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


def _latest(shop: Shop, start: Schedule) -> int:
    """Nothing has to end later than this: a quarter after the dispatch, which keeps the numbers small."""
    end = int(start.finish.max(initial=0))
    return end + (end // 4 if (shop.setup.any() or cost_of(shop, start)[0] > 0) else 0)


def _search(shop: Shop, now: Schedule, stretch: Stretch, effort: Effort, goal_count: int) -> Found:
    """The best schedule of a stretch, goal after goal; the schedule so far where none is better."""
    from ortools.sat.python import cp_model

    cp = cp_model.CpModel()
    model = _built(cp, shop, now, stretch)
    goals = [sum(model.late), sum(model.setups), _makespan(model)][:goal_count]
    best, is_proven, is_stopped, left = now, True, False, effort
    for place, goal in enumerate(goals):
        if isinstance(goal, int):
            continue
        share = left.work * (_SHARE if place + 1 < len(goals) else 1.0)
        solver = _solver(cp_model, replace(left, work=share))
        cp.minimize(goal)
        status = solver.solve(cp)
        left = left.less(solver)
        is_proven &= status == cp_model.OPTIMAL
        is_stopped |= status != cp_model.OPTIMAL and left.seconds <= 0.01
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        best = min(best, _read(model, solver), key=lambda schedule: cost_of(shop, schedule))
        cp.add(goal <= round(solver.objective_value))
        _hint_solution(cp, solver)
    return Found(best, is_proven, is_stopped, left)


def _built(cp: Any, shop: Shop, now: Schedule, stretch: Stretch) -> Model:
    """The model of a stretch, with the schedule so far as its hint."""
    model = Model(cp, shop, now, stretch)
    plain = plain_centres(shop)
    for step in np.flatnonzero(stretch.free).tolist():
        add_step(model, step, plain)
    add_machines(model, plain)
    add_chains(model)
    add_goals(model)
    return model


def _makespan(model: Model) -> Any:
    end = model.cp.new_int_var(0, model.stretch.closes, "")
    for finish in model.last:
        model.cp.add(end >= finish)
    model.cp.add_hint(end, int(model.now.finish.max(initial=0)))
    return end


def _solver(cp_model: Any, effort: Effort) -> Any:
    """A solver that finds the same on every machine."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = effort.workers
    solver.parameters.random_seed = effort.seed
    solver.parameters.linearization_level = 0  # relaxations cost more than they tell here
    if effort.workers > 1:
        solver.parameters.subsolvers.extend(["no_lp", "quick_restart_no_lp"])
    solver.parameters.max_deterministic_time = max(effort.work, 1e-3)
    solver.parameters.max_time_in_seconds = max(effort.seconds, 0.01)
    return solver


def _hint_solution(cp: Any, solver: Any) -> None:
    """The next goal starts from the solution of this one."""
    cp.clear_hints()
    for index, value in enumerate(solver.response_proto.solution):
        cp.add_hint(cp.get_int_var_from_proto_index(index), value)


def _read(model: Model, solver: Any) -> Schedule:
    """The solution as a schedule: its machines and its order, timed as early as they allow."""
    now, shop = model.now, model.shop
    option, machine, start = now.option.copy(), now.machine.copy(), now.start.copy()
    open_arms = []
    for step, arms in model.arms.items():
        arm = next(one for one in arms if one.is_taken is True or solver.boolean_value(one.is_taken))
        option[step], machine[step] = arm.option, arm.machine
        start[step] = solver.value(arm.begin)
        if arm.machine < 0:
            open_arms.append((int(start[step]), solver.value(arm.end), step))
        open_at, wall_at = model.axis_arrays(model.axis(arm.option))
        span = np.searchsorted(open_at, start[step], side="right") - 1
        start[step] += wall_at[span] - open_at[span]
    _share_out(shop, now, model.stretch, option, machine, sorted(open_arms))
    return retime(shop, _in_order(shop, start), option, machine)


def _share_out(
    shop: Shop, now: Schedule, stretch: Stretch, option: Ints, machine: Ints, arms: list[tuple[int, int, int]]
) -> None:
    """Machines for steps that may run on any of their centre: one that is free, the one used last first."""
    stays = [np.flatnonzero((now.machine == m) & ~stretch.free) for m in range(int(shop.machine_start[-1]))]
    busy = np.zeros(len(stays), dtype=np.int64)
    for begin, end, step in arms:
        centre = shop.centre[option[step]]
        own = range(int(shop.machine_start[centre]), int(shop.machine_start[centre + 1]))
        if not own:
            continue
        clear = [m for m in own if not ((now.begin[stays[m]] < end) & (now.end[stays[m]] > begin)).any()]
        machine[step] = min(clear or own, key=lambda m: (busy[m] > begin, -busy[m], m))
        busy[machine[step]] = max(busy[machine[step]], end)


def _in_order(shop: Shop, start: Ints) -> Ints:
    """Steps by their begin, each after those it has to wait for."""
    waits = shop.wait_count.copy()
    firsts = shop.job_start[:-1]
    heap = [(int(start[f]), int(f)) for j, f in enumerate(firsts) if waits[j] == 0 and f < shop.job_start[j + 1]]
    heapify(heap)
    ordered = []
    while heap:
        _, step = heappop(heap)
        ordered.append(step)
        job = shop.step_job[step]
        if step + 1 < shop.job_start[job + 1]:
            heappush(heap, (int(start[step + 1]), step + 1))
            continue
        for later in shop.next_job[shop.next_start[job] : shop.next_start[job + 1]]:
            waits[later] -= 1
            if waits[later] == 0:
                heappush(heap, (int(start[firsts[later]]), int(firsts[later])))
    return np.array(ordered, dtype=np.int64)


_MINUTES = (
    *("release", "due", "queue", "duration", "setup", "change", "open_at", "wall_at"),
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
