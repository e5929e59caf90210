"""The best schedule of a stretch by constraint search (CP-SAT), goal after goal, each with those before it held.

The limit counts the solver's own steps, so that every machine finds the same schedule.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.placing import Schedule, in_order, retime
from replenish.numerics.schedule_goals import Cost, cost_of
from replenish.numerics.schedule_machines import add_machines
from replenish.numerics.schedule_model import Model, Stretch, add_step, plain_centres
from replenish.numerics.schedule_ties import add_chains, add_goals
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
_SHARES = (0.6, 0.2, 0.05)  # of the work that each goal may take: what is late matters, the end of it all hardly


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
    method: str = "cp_sat"  # or "dispatch", or "repair"


def solve(
    shop: Shop,
    now: Schedule,
    stretch: Stretch,
    effort: Effort,
    floor: Cost = (0, 0, 0),
    goal_count: int = 3,
    *,
    is_last: bool = False,
) -> Found:
    """The best schedule of a stretch; the schedule so far where none is better. No goal can fall below its `floor`.

    `is_last`: only the last goal is left to seek, and may take all of the work.
    """
    from ortools.sat.python import cp_model

    cp = cp_model.CpModel()
    model = _built(cp, shop, now, stretch)
    goals = [sum(model.late), sum(model.setups), _makespan(model)][:goal_count]
    best, is_proven, is_stopped, left = now, True, False, effort
    shares = (1.0,) * goal_count if is_last or goal_count < len(_SHARES) else _SHARES
    for n, goal in enumerate(goals):
        if isinstance(goal, int):
            continue
        cp.add(goal >= floor[n])
        # Where the goals before are at their best, the last may take what is left.
        share = 1.0 if is_proven and n == len(goals) - 1 else shares[n]
        solver = _solver(cp_model, replace(left, work=min(left.work, effort.work * share)))
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
    return retime(shop, in_order(shop, start), option, machine)


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
