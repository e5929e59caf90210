"""A schedule step by step: active schedules after Giffler & Thompson (1960).

Of all steps that could come next the one that would be finished first names a machine; among the steps that could
begin there before that, a rule chooses. Rules: shortest processing time, most work remaining, and the index of
apparent tardiness cost (Vepsalainen & Morton 1987, Management Science 33) with set-ups as part of the time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.machine_time import Machines, idle_machines
from replenish.numerics.open_hours import begins_at, ends_at
from replenish.numerics.placing import Progress, Schedule, fixed_placed, nothing_placed, place, tried
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SHORTEST, MOST_WORK, TARDINESS = 0, 1, 2
_NEVER = 1 << 60


class Soonest(NamedTuple):
    """Earliest finish of each job's next step, on which way and machine, as long as nothing has changed there."""

    minute: Ints
    option: Ints
    machine: Ints
    is_known: Ints


class Rule(NamedTuple):
    """How a step is chosen. `look_ahead` counts mean times within which a due date begins to press, and `setup_share`
    mean set-ups by which a set-up takes a step to a third of its index (Lee, Bhaskaran & Pinedo 1997)."""

    kind: int
    look_ahead: float = 2.0
    setup_share: float = np.inf


def dispatch(shop: Shop, rule: Rule, priority: Floats | None = None) -> Schedule:
    """An active schedule by one rule; `priority` are factors of what jobs count for it."""
    due, weight = urgency(shop)
    rest = work_left(shop)
    scale = rule.look_ahead * _mean(shop.duration), rule.setup_share * _mean(shop.setup[shop.setup > 0])
    counts = weight if priority is None else weight * priority
    return _dispatch(shop, idle_machines(shop), rest, due, counts, rule.kind, scale)


def _mean(minutes: Ints) -> float:
    return max(float(minutes.mean()), 1.0) if len(minutes) else 1.0


def work_left(shop: Shop) -> Ints:
    """Minutes of work from each step to the end of its job, each on its quickest option."""
    quickest = np.minimum.reduceat(shop.duration, shop.option_start[:-1]) if shop.step_count else shop.duration
    total = np.concatenate([[0], np.cumsum(quickest)])
    return total[shop.job_start[shop.step_job + 1]] - total[:-1]


def urgency(shop: Shop) -> tuple[Ints, Floats]:
    """Due minute and weight of each job, or those of a job that waits for it where they press more."""
    due, weight = shop.due.copy(), shop.weight.astype(np.float64)
    rest = work_left(shop)
    first = np.minimum(shop.job_start[:-1], max(shop.step_count - 1, 0))
    work = np.where(np.diff(shop.job_start) > 0, rest[first] if shop.step_count else 0, 0)
    for job in reversed(_in_order(shop)):
        for later in shop.next_job[shop.next_start[job] : shop.next_start[job + 1]]:
            due[job] = min(due[job], due[later] - work[later])
            weight[job] = max(weight[job], weight[later])
    return due, weight


def _in_order(shop: Shop) -> list[int]:
    """Jobs so that each comes after those it waits for."""
    waits = shop.wait_count.copy()
    ordered = [int(job) for job in np.flatnonzero(waits == 0)]
    for job in ordered:
        for later in shop.next_job[shop.next_start[job] : shop.next_start[job + 1]]:
            waits[later] -= 1
            if waits[later] == 0:
                ordered.append(int(later))
    return ordered


@kernel
def log_index(weight: float, duration: float, slack: float, scale: float) -> float:
    """Logarithm of the apparent tardiness cost `(w / p) exp(-max(d - p - t, 0) / (k mean p))`: no underflow."""
    return np.log(max(weight, 1e-12) / max(duration, 1e-12)) - max(slack, 0.0) / scale


@part
def _waiting(shop: Shop, progress: Progress, job: int) -> bool:
    """Whether the job's next step could be placed now."""
    return progress.following[job] < shop.job_start[job + 1] and progress.waits[job] == 0


@part
def _machine_range(shop: Shop, option: int) -> tuple[int, int]:
    """Machines of an option's centre; one called -1 where it takes any number of steps at once."""
    first, last = shop.machine_start[shop.centre[option]], shop.machine_start[shop.centre[option] + 1]
    if first == last:
        return -1, 0
    return first, last


@part
def _look_up(shop: Shop, machines: Machines, progress: Progress, job: int, soonest: Soonest) -> None:
    """When the job's next step would be finished at the earliest, and where."""
    step = progress.following[job]
    soonest.minute[job], soonest.is_known[job] = _NEVER, True
    for option in range(shop.option_start[step], shop.option_start[step + 1]):
        axis = shop.centre_axis[shop.centre[option]]
        low, high = shop.axis_start[axis], shop.axis_start[axis + 1]
        first, last = _machine_range(shop, option)
        for machine in range(first, last):
            begin, setup, _ = tried(shop, machines, progress, step, option, machine)
            end = begin + setup + shop.duration[option]
            minute = ends_at(shop.open_at, shop.wall_at, low, high, begin, end)
            if minute < soonest.minute[job]:
                soonest.minute[job], soonest.option[job], soonest.machine[job] = minute, option, machine


@part
def _first_done(shop: Shop, machines: Machines, progress: Progress, soonest: Soonest) -> int:
    """Job of the earliest possible finish; ties go to the lower job."""
    best = -1
    for job in range(len(shop.release)):
        if not _waiting(shop, progress, job):
            continue
        if not soonest.is_known[job]:
            _look_up(shop, machines, progress, job, soonest)
        if best < 0 or soonest.minute[job] < soonest.minute[best]:
            best = job
    return best


@part
def _forget(shop: Shop, progress: Progress, job: int, option: int, soonest: Soonest) -> None:
    """After a job was placed, its next step and those that could run in the same centre are looked up again."""
    soonest.is_known[job] = False
    for other in range(len(shop.release)):
        step = progress.following[other]
        if step < shop.job_start[other + 1]:
            for way in range(shop.option_start[step], shop.option_start[step + 1]):
                if shop.centre[way] == shop.centre[option]:
                    soonest.is_known[other] = False


@part
def _chosen(
    shop: Shop,
    machines: Machines,
    progress: Progress,
    machine: int,
    before: int,
    rest: Ints,
    due: Ints,
    weight: Floats,
    rule: int,
    scale: tuple[float, float],
) -> tuple[int, int]:
    """Job and option the rule takes among those that could begin on a machine before a minute."""
    best, best_job, best_option = -np.inf, -1, -1
    for job in range(len(shop.release)):
        if not _waiting(shop, progress, job):
            continue
        step = progress.following[job]
        for option in range(shop.option_start[step], shop.option_start[step + 1]):
            first, last = shop.machine_start[shop.centre[option]], shop.machine_start[shop.centre[option] + 1]
            if not first <= machine < last:
                continue
            begin, setup, _ = tried(shop, machines, progress, step, option, machine)
            axis = shop.centre_axis[shop.centre[option]]
            low, high = shop.axis_start[axis], shop.axis_start[axis + 1]
            minute = begins_at(shop.open_at, shop.wall_at, low, high, begin)
            if minute >= before:
                continue
            size = float(setup + shop.duration[option])
            if rule == SHORTEST:
                score = -size
            elif rule == MOST_WORK:
                score = float(rest[step])
            else:
                score = log_index(weight[job], size, float(due[job] - rest[step] - setup - minute), scale[0])
                score -= setup / scale[1]
            if score > best:
                best, best_job, best_option = score, job, option
    return best_job, best_option


@kernel
def _dispatch(
    shop: Shop, machines: Machines, rest: Ints, due: Ints, weight: Floats, rule: int, scale: tuple[float, float]
) -> Schedule:
    done = nothing_placed(shop)
    progress, count = fixed_placed(shop, done)
    jobs = len(shop.release)
    none = np.zeros((4, jobs), np.int64)
    soonest = Soonest(none[0], none[1], none[2], none[3])
    while count < len(shop.step_job):
        job = _first_done(shop, machines, progress, soonest)
        before, option, machine = soonest.minute[job], soonest.option[job], soonest.machine[job]
        if machine >= 0:
            chosen, taken = _chosen(shop, machines, progress, machine, before, rest, due, weight, rule, scale)
            if chosen >= 0:  # none where work takes no time
                job, option = chosen, taken
        step = progress.following[job]
        place(shop, machines, progress, done, step, option, machine)
        _forget(shop, progress, job, option, soonest)
        done.order[count] = step
        count += 1
    return done
