"""A schedule step by step: active schedules after Giffler & Thompson (1960), and the timing of a given order.

Of all steps that could come next the one that would be finished first names a machine; among the steps that could
begin there before that, a rule chooses. Rules: shortest processing time, most work remaining, and the index of
apparent tardiness cost (Vepsalainen & Morton 1987, Management Science 33) with set-ups as part of the time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.machine_time import Machines, earliest, idle_machines, take
from replenish.numerics.open_hours import begins_at, ends_at, first_open
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SHORTEST, MOST_WORK, TARDINESS = 0, 1, 2
_NEVER = 1 << 60


class Schedule(NamedTuple):
    """Where and when each step runs; `begin` and `end` on the axis, `start` and `finish` on the clock."""

    option: Ints
    machine: Ints  # -1 where the centre takes any number of steps
    setup: Ints
    begin: Ints
    end: Ints
    start: Ints
    finish: Ints
    order: Ints  # steps in the order in which they were placed


class Progress(NamedTuple):
    """How far each job is."""

    following: Ints  # its next step
    ready: Ints  # minute from which that step may begin
    waits: Ints  # jobs it still waits for


def dispatch(shop: Shop, rule: int, look_ahead: float = 2.0) -> Schedule:
    """An active schedule by one rule. `look_ahead` counts mean times within which a due date begins to press."""
    due, weight = urgency(shop)
    rest = work_left(shop)
    scale = look_ahead * max(float(shop.duration.mean()) if len(shop.duration) else 1.0, 1.0)
    return _dispatch(shop, idle_machines(shop), rest, due, weight, rule, scale)


def retime(shop: Shop, order: Ints, option: Ints, machine: Ints) -> Schedule:
    """The earliest schedule with these machines in which each takes its steps in this order."""
    return _retime(shop, idle_machines(shop), order, option, machine)


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
def _empty(shop: Shop) -> Schedule:
    count = len(shop.step_job)
    made = np.full((8, count), -1, dtype=np.int64)
    return Schedule(made[0], made[1], made[2], made[3], made[4], made[5], made[6], made[7])


@part
def _finish_job(shop: Shop, progress: Progress, job: int, minute: int) -> None:
    """Jobs that waited for this one may begin once it is finished."""
    for n in range(shop.next_start[job], shop.next_start[job + 1]):
        later = shop.next_job[n]
        progress.waits[later] -= 1
        progress.ready[later] = max(progress.ready[later], minute)


@part
def _begin(shop: Shop, done: Schedule) -> tuple[Progress, int]:
    """Fixed steps stand; jobs are at their first free step; the number of steps placed."""
    jobs = len(shop.release)
    progress = Progress(shop.job_start[:-1].copy(), shop.release.copy(), shop.wait_count.copy())
    count = 0
    for step in range(len(shop.step_job)):
        if shop.fixed_machine[step] >= 0:
            option = shop.fixed_option[step]
            axis = shop.centre_axis[shop.centre[option]]
            low, high = shop.axis_start[axis], shop.axis_start[axis + 1]
            done.option[step], done.machine[step] = option, shop.fixed_machine[step]
            done.setup[step] = shop.fixed_setup[step]
            done.begin[step], done.end[step] = shop.fixed_begin[step], shop.fixed_end[step]
            done.start[step] = begins_at(shop.open_at, shop.wall_at, low, high, shop.fixed_begin[step])
            done.finish[step] = shop.fixed_finish[step]
            done.order[count] = step
            count += 1
            job = shop.step_job[step]
            progress.following[job] = step + 1
            progress.ready[job] = max(progress.ready[job], shop.fixed_finish[step])
    for job in range(jobs):
        first, last = shop.job_start[job], shop.job_start[job + 1]
        if progress.following[job] == last and last > first:
            _finish_job(shop, progress, job, done.finish[last - 1])
    return progress, count


@part
def _ready_place(shop: Shop, progress: Progress, step: int, option: int) -> int:
    """First open minute of the option's centre at which the step may begin."""
    axis = shop.centre_axis[shop.centre[option]]
    minute = progress.ready[shop.step_job[step]] + shop.queue[step]
    return first_open(shop.open_at, shop.wall_at, shop.axis_start[axis], shop.axis_start[axis + 1], minute)


@part
def _try(
    shop: Shop, machines: Machines, progress: Progress, step: int, option: int, machine: int
) -> tuple[int, int, int]:
    """Begin, set-up and gap of a step on one machine; -1 as the gap where its centre takes any number at once."""
    ready = _ready_place(shop, progress, step, option)
    if machine >= 0:
        return earliest(shop, machines, option, machine, ready)
    return ready, shop.setup[option], -1


@part
def _place(
    shop: Shop, machines: Machines, progress: Progress, done: Schedule, step: int, option: int, machine: int
) -> None:
    """Put a step where it is to run, and let what follows it know."""
    begin, setup, gap = _try(shop, machines, progress, step, option, machine)
    end = begin + setup + shop.duration[option]
    if machine >= 0:
        take(shop, machines, option, machine, end, gap)
    axis = shop.centre_axis[shop.centre[option]]
    low, high = shop.axis_start[axis], shop.axis_start[axis + 1]
    done.option[step], done.machine[step], done.setup[step] = option, machine, setup
    done.begin[step], done.end[step] = begin, end
    done.start[step] = begins_at(shop.open_at, shop.wall_at, low, high, begin)
    done.finish[step] = ends_at(shop.open_at, shop.wall_at, low, high, begin, end)
    job = shop.step_job[step]
    progress.following[job] = step + 1
    progress.ready[job] = done.finish[step]
    if step + 1 == shop.job_start[job + 1]:
        _finish_job(shop, progress, job, done.finish[step])


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
def _first_done(shop: Shop, machines: Machines, progress: Progress) -> tuple[int, int, int]:
    """Minute, job and machine of the earliest possible finish; ties go to the lower job."""
    best, best_job, best_machine = _NEVER, -1, -1
    for job in range(len(shop.release)):
        if not _waiting(shop, progress, job):
            continue
        step = progress.following[job]
        for option in range(shop.option_start[step], shop.option_start[step + 1]):
            axis = shop.centre_axis[shop.centre[option]]
            low, high = shop.axis_start[axis], shop.axis_start[axis + 1]
            first, last = _machine_range(shop, option)
            for machine in range(first, last):
                begin, setup, _ = _try(shop, machines, progress, step, option, machine)
                end = begin + setup + shop.duration[option]
                minute = ends_at(shop.open_at, shop.wall_at, low, high, begin, end)
                if minute < best:
                    best, best_job, best_machine = minute, job, machine
    return best, best_job, best_machine


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
    scale: float,
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
            begin, setup, _ = _try(shop, machines, progress, step, option, machine)
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
                score = log_index(weight[job], size, float(due[job] - rest[step] - setup - minute), scale)
            if score > best:
                best, best_job, best_option = score, job, option
    return best_job, best_option


@kernel
def _dispatch(
    shop: Shop, machines: Machines, rest: Ints, due: Ints, weight: Floats, rule: int, scale: float
) -> Schedule:
    done = _empty(shop)
    progress, count = _begin(shop, done)
    while count < len(shop.step_job):
        before, job, machine = _first_done(shop, machines, progress)
        option = shop.option_start[progress.following[job]]
        if machine >= 0:
            chosen, taken = _chosen(shop, machines, progress, machine, before, rest, due, weight, rule, scale)
            if chosen >= 0:
                job, option = chosen, taken
            else:  # work that takes no time
                for one in range(option, shop.option_start[progress.following[job] + 1]):
                    first, last = _machine_range(shop, one)
                    if first <= machine < last:
                        option = one
        step = progress.following[job]
        _place(shop, machines, progress, done, step, option, machine)
        done.order[count] = step
        count += 1
    return done


@kernel
def _retime(shop: Shop, machines: Machines, order: Ints, option: Ints, machine: Ints) -> Schedule:
    done = _empty(shop)
    progress, count = _begin(shop, done)
    for step in order:
        if shop.fixed_machine[step] < 0:
            _place(shop, machines, progress, done, step, option[step], machine[step])
            done.order[count] = step
            count += 1
    return done
