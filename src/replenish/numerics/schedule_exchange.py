"""Small changes to a large schedule, each kept where it helps: a late step goes earlier, or to another machine.

A change is timed in full (`retime`), so that what it does to all other jobs counts. The number of trials is the limit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.machine_time import Machines
from replenish.numerics.placing import Schedule, timed
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
_REACH = 6  # a step goes up to so many places earlier on its machine
_MOVES = 4  # of so many changes one is to another machine


@kernel
def exchange(shop: Shop, machines: Machines, start: Schedule, trials: int, seed: int) -> Schedule:
    """The schedule after so many trials: never worse than `start` by tardiness, then set-ups, then end."""
    now, cost = start, _cost(shop, start)
    late = _late_steps(shop, now)
    draw = np.uint64(seed * 2 + 1)
    for _ in range(trials):
        if len(late) == 0:
            break
        draw = _next(draw)
        step, other = late[draw % np.uint64(len(late))], late[(draw >> np.uint64(32)) % np.uint64(len(late))]
        if _gain(shop, now, other) > _gain(shop, now, step):
            step = other
        draw = _next(draw)
        order, option, machine = now.order.copy(), now.option.copy(), now.machine.copy()
        if draw % np.uint64(_MOVES) == 0:
            is_changed = _other_machine(shop, option, machine, step, draw >> np.uint64(8))
        else:
            is_changed = _earlier(shop, now, order, step, np.int64((draw >> np.uint64(8)) % np.uint64(_REACH)) + 1)
        if not is_changed:
            continue
        tried = timed(shop, _fresh(machines), order, option, machine)
        found = _cost(shop, tried)
        if found <= cost:
            if found < cost:
                late = _late_steps(shop, tried)
            now, cost = tried, found
    return now


@part
def _next(draw: np.uint64) -> np.uint64:
    """Marsaglia's xorshift: the same draws on every machine."""
    draw ^= draw << np.uint64(13)
    draw ^= draw >> np.uint64(7)
    draw ^= draw << np.uint64(17)
    return draw


@part
def _fresh(machines: Machines) -> Machines:
    return Machines(
        machines.free.copy(), machines.family.copy(), machines.gap.copy(), machines.fixed_start, machines.fixed_step
    )


@part
def _cost(shop: Shop, made: Schedule) -> tuple[np.int64, np.int64, np.int64]:
    """Weighted minutes late, minutes of set-up, and the minute all is done."""
    late, end = np.int64(0), np.int64(0)
    for job in range(len(shop.release)):
        if shop.job_start[job + 1] > shop.job_start[job]:
            finish = made.finish[shop.job_start[job + 1] - 1]
            late += max(finish - shop.due[job], 0) * shop.weight[job]
            end = max(end, finish)
    return late, made.setup.sum(), end


@part
def _late_steps(shop: Shop, made: Schedule) -> Ints:
    """Free steps of late jobs that wait for a machine; those that are set up for where none is late."""
    kept = np.empty(len(shop.step_job), dtype=np.int64)
    for everyone in (False, True):
        count = 0
        for step in range(len(shop.step_job)):
            job = shop.step_job[step]
            is_late = made.finish[shop.job_start[job + 1] - 1] > shop.due[job]
            is_free = shop.fixed_machine[step] < 0 and made.machine[step] >= 0
            ready = shop.release[job] if step == shop.job_start[job] else made.finish[step - 1]
            if is_free and (
                (is_late and made.start[step] > ready + shop.queue[step]) or (everyone and made.setup[step])
            ):
                kept[count] = step
                count += 1
        if count > 0:
            break
    return kept[:count]


@part
def _gain(shop: Shop, made: Schedule, step: int) -> float:
    """What could be gained with a step: what its job's lateness costs, for each minute that would have to give way."""
    job = shop.step_job[step]
    late = made.finish[shop.job_start[job + 1] - 1] - shop.due[job]
    return late * shop.weight[job] / (1.0 + shop.duration[made.option[step]])


@part
def _earlier(shop: Shop, now: Schedule, order: Ints, step: int, places: np.int64) -> bool:
    """Put a step some places earlier on its machine, as far as its own forerunner lets it."""
    job = shop.step_job[step]
    if step == shop.job_start[job] and shop.wait_count[job] > 0:
        return False
    here = np.int64(0)
    while order[here] != step:
        here += 1
    there, found = here, np.int64(0)
    while there > 0 and found < places:
        there -= 1
        if step > shop.job_start[job] and order[there] == step - 1:
            there += 1
            break
        if now.machine[order[there]] == now.machine[step] and shop.fixed_machine[order[there]] < 0:
            found += 1
    if found == 0:
        return False
    for place in range(here, there, -1):
        order[place] = order[place - 1]
    order[there] = step
    return True


@part
def _other_machine(shop: Shop, option: Ints, machine: Ints, step: int, draw: np.uint64) -> bool:
    """Let a step run on another machine of its centre or of an alternate; the draw says which."""
    count = np.int64(0)
    for way in range(shop.option_start[step], shop.option_start[step + 1]):
        count += shop.machine_start[shop.centre[way] + 1] - shop.machine_start[shop.centre[way]]
    if count < 2:
        return False
    rest = np.int64(draw % np.uint64(count))
    for way in range(shop.option_start[step], shop.option_start[step + 1]):
        first, last = shop.machine_start[shop.centre[way]], shop.machine_start[shop.centre[way] + 1]
        if rest < last - first:
            is_changed = first + rest != machine[step]
            option[step], machine[step] = way, first + rest
            return is_changed
        rest -= last - first
    return False
