"""What ties the steps of the constraint model together: routings, waits between jobs, due dates, the end of it all."""

from __future__ import annotations

from typing import Any

from replenish.numerics.open_hours import position_at
from replenish.numerics.schedule_model import Model, clock_of


def add_chains(model: Model) -> None:
    """Each step after the one before it and its queue, each job after its release and the jobs it waits for."""
    shop, free = model.shop, model.stretch.free
    for job in range(len(shop.release)):
        first, last = int(shop.job_start[job]), int(shop.job_start[job + 1])
        for step in range(first, last):
            if step > first:
                _after(model, step - 1, step, int(shop.queue[step]))
            elif free[step]:
                _not_before(model, step, int(shop.release[job] + shop.queue[step]))
        for n in range(int(shop.next_start[job]), int(shop.next_start[job + 1])):
            begin = int(shop.job_start[shop.next_job[n]])
            if last > first and begin < shop.job_start[shop.next_job[n] + 1]:
                _after(model, last - 1, begin, int(shop.queue[begin]))


def _after(model: Model, before: int, step: int, queue: int) -> None:
    """A free step after another one. What stays does not hold up what is free: it moves along when all is timed."""
    free, now = model.stretch.free, model.now
    if free[step] and not free[before]:
        _not_before(model, step, int(now.finish[before]) + queue)
    elif free[before] and free[step]:
        axes = model.axes(before)
        if axes == model.axes(step) and len(axes) == 1 and queue == 0:
            model.cp.add(model.begins[step, axes[0]] >= model.ends[before, axes[0]])
        else:
            ended = clock_of(model, before, is_end=True)
            model.cp.add(clock_of(model, step, is_end=False) >= ended + queue)


def _not_before(model: Model, step: int, minute: int) -> None:
    """A free step begins at or after a minute of the clock, on whichever axis."""
    for axis in model.axes(step):
        position = position_at(*model.axis_arrays(axis), minute)
        low, high = model.limits(axis)
        if position > high:
            model.cp.add_bool_or(arm.is_taken for arm in model.arms[step] if model.axis(arm.option) != axis)
        elif position > low:
            arms = [arm.is_taken for arm in model.arms[step] if model.axis(arm.option) == axis]
            bound = model.cp.add(model.begins[step, axis] >= position)
            if len(arms) == 1:
                bound.only_enforce_if(arms[0])


def add_goals(model: Model) -> None:
    """How late each job would be, and when all is done; a job that goes on later is as far from its end as now."""
    shop, now, free = model.shop, model.now, model.stretch.free
    for job in range(len(shop.release)):
        steps = [step for step in range(int(shop.job_start[job]), int(shop.job_start[job + 1])) if free[step]]
        if not steps:
            continue
        last, end = steps[-1], int(shop.job_start[job + 1]) - 1
        tail = int(now.finish[end] - now.finish[last])
        finish: Any = clock_of(model, last, is_end=True) + tail
        model.last.append(finish)
        latest = model.stretch.closes + tail - int(shop.due[job])
        if latest > 0 and shop.weight[job] > 0:
            late = model.cp.new_int_var(0, latest, "")
            model.cp.add(late >= finish - int(shop.due[job]))
            model.hint(late, max(int(now.finish[end] - shop.due[job]), 0))
            model.late.append(int(shop.weight[job]) * late)
