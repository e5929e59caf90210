"""Steps put on machines one after the other: how far each job is, and the timing of a given order."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.machine_time import Machines, earliest, idle_machines, take
from replenish.numerics.open_hours import begins_at, ends_at, first_open, fits_from
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]


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


def retime(shop: Shop, order: Ints, option: Ints, machine: Ints) -> Schedule:
    """The earliest schedule with these machines in which each takes its steps in this order."""
    return timed(shop, idle_machines(shop), order, option, machine)


def in_order(shop: Shop, start: Ints) -> Ints:
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


@part
def nothing_placed(shop: Shop) -> Schedule:
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
def fixed_placed(shop: Shop, done: Schedule) -> tuple[Progress, int]:
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
def tried(
    shop: Shop, machines: Machines, progress: Progress, step: int, option: int, machine: int
) -> tuple[int, int, int]:
    """Begin, set-up and gap of a step on one machine; -1 as the gap where its centre takes any number at once."""
    ready = _ready_place(shop, progress, step, option)
    if machine >= 0:
        return earliest(shop, machines, option, machine, ready)
    axis = shop.centre_axis[shop.centre[option]]
    low, high = shop.axis_start[axis], shop.axis_start[axis + 1]
    size = shop.setup[option] + shop.duration[option]
    return fits_from(shop.open_at, low, high, ready, size, shop.splittable[option]), shop.setup[option], -1


@part
def place(
    shop: Shop, machines: Machines, progress: Progress, done: Schedule, step: int, option: int, machine: int
) -> None:
    """Put a step where it is to run, and let what follows it know."""
    begin, setup, gap = tried(shop, machines, progress, step, option, machine)
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


@kernel
def timed(shop: Shop, machines: Machines, order: Ints, option: Ints, machine: Ints) -> Schedule:
    done = nothing_placed(shop)
    progress, count = fixed_placed(shop, done)
    for step in order:
        if shop.fixed_machine[step] < 0:
            place(shop, machines, progress, done, step, option[step], machine[step])
            done.order[count] = step
            count += 1
    return done
