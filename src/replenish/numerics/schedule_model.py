"""The constraint model of a stretch of a schedule: its free steps between everything that stays where it is.

Positions lie on the axes of the centres, so that closed time needs no piece of its own; a step reads the clock only
where it meets one of another axis, a queue or a due date. Machines whose set-ups depend on what ran before carry a
circuit through their steps; alike machines without such set-ups are one resource with a capacity.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.machine_time import setup_after
from replenish.numerics.open_hours import position_at
from replenish.numerics.placing import Schedule
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Stretch:
    """Which steps are free, and the minutes of the clock between which they have to lie."""

    free: Bools
    opens: int
    closes: int


@dataclass
class Arm:
    """One way a free step may go: an option, on one machine where that matters."""

    step: int
    option: int
    machine: int  # -1 where any of its centre will do
    is_taken: Any
    begin: Any
    end: Any
    size: Any
    interval: Any


@dataclass
class Model:
    """The model while it is built, and what the search has to know of it."""

    cp: Any
    shop: Shop
    now: Schedule
    stretch: Stretch
    arms: dict[int, list[Arm]] = field(default_factory=lambda: defaultdict(list))
    begins: dict[tuple[int, int], Any] = field(default_factory=dict)  # by step and axis
    ends: dict[tuple[int, int], Any] = field(default_factory=dict)
    clock: dict[tuple[int, bool], Any] = field(default_factory=dict)  # by step and whether its end
    spans: dict[tuple[int, int, bool], dict[int, Any]] = field(default_factory=dict)
    setups: list[Any] = field(default_factory=list)
    late: list[Any] = field(default_factory=list)
    last: list[Any] = field(default_factory=list)

    def axis(self, option: int) -> int:
        """Axis of an option's centre."""
        return int(self.shop.centre_axis[self.shop.centre[option]])

    def axis_arrays(self, axis: int) -> tuple[Ints, Ints]:
        """Open minutes before each span of an axis, and when it opens."""
        low, high = self.shop.axis_start[axis], self.shop.axis_start[axis + 1]
        return self.shop.open_at[low:high], self.shop.wall_at[low:high]

    def limits(self, axis: int) -> tuple[int, int]:
        """First and last place of the stretch on an axis."""
        arrays = self.axis_arrays(axis)
        return position_at(*arrays, self.stretch.opens), position_at(*arrays, self.stretch.closes)

    def options(self, step: int) -> range:
        """Options of a step."""
        return range(int(self.shop.option_start[step]), int(self.shop.option_start[step + 1]))

    def axes(self, step: int) -> list[int]:
        """Axes on which a step may lie."""
        return sorted({self.axis(option) for option in self.options(step)})

    def hint(self, variable: Any, value: int) -> None:
        """Where the schedule so far has it; nothing for what the presolve needs no hint of."""
        if not isinstance(variable, int | bool):
            self.cp.add_hint(variable, value)


def plain_centres(shop: Shop) -> Bools:
    """Centres whose set-ups do not depend on what ran before."""
    plain = np.ones(len(shop.centre_axis), dtype=bool)
    named = shop.family >= 0
    plain[shop.centre[named & (shop.setup > 0)]] = False
    plain[(shop.change > 0).any(axis=(1, 2))] = False
    return plain


def add_step(model: Model, step: int, plain: Bools) -> None:
    """Places of a step on each of its axes, and its arms, one of which is taken."""
    cp, shop = model.cp, model.shop
    for axis in model.axes(step):
        low, high = model.limits(axis)
        model.begins[step, axis] = cp.new_int_var(low, high, "")
        model.ends[step, axis] = cp.new_int_var(low, high, "")
    ways = []
    for option in model.options(step):
        first, last = shop.machine_start[shop.centre[option]], shop.machine_start[shop.centre[option] + 1]
        apart = last > first and not plain[shop.centre[option]]
        ways += [(option, int(machine)) for machine in range(first, last)] if apart else [(option, -1)]
    for option, machine in ways:
        model.arms[step].append(_arm(model, step, option, machine, is_only=len(ways) == 1))
    if len(ways) > 1:
        cp.add_exactly_one(arm.is_taken for arm in model.arms[step])
    _keep_whole(model, step)
    _hint_step(model, step)


def _arm(model: Model, step: int, option: int, machine: int, *, is_only: bool) -> Arm:
    cp, shop, axis = model.cp, model.shop, model.axis(option)
    begin, end = model.begins[step, axis], model.ends[step, axis]
    is_taken = True if is_only else cp.new_bool_var("")
    least = int(shop.duration[option])
    size: Any = least + (0 if shop.family[option] >= 0 else int(shop.setup[option]))
    if machine >= 0 and shop.family[option] >= 0:
        most = max(int(shop.setup[option]), int(shop.change[shop.centre[option]].max(initial=0)))
        size = cp.new_int_var(least, least + most, "")
    if is_only:
        interval = cp.new_interval_var(begin, size, end, "")
    else:
        interval = cp.new_optional_interval_var(begin, size, end, is_taken, "")
    return Arm(step, option, machine, is_taken, begin, end, size, interval)


def _keep_whole(model: Model, step: int) -> None:
    """What closed time must not interrupt ends in the span in which it begins."""
    for arm in model.arms[step]:
        if model.shop.splittable[arm.option]:
            continue
        axis = model.axis(arm.option)
        open_at = model.axis_arrays(axis)[0]
        for k, within in spans_of(model, step, axis, is_end=False).items():
            if k + 1 < len(open_at):
                model.cp.add(arm.end <= int(open_at[k + 1])).only_enforce_if([within, arm.is_taken])


def spans_of(model: Model, step: int, axis: int, *, is_end: bool) -> dict[int, Any]:
    """For each span of the stretch whether the step begins, or ends, in it; a step of another axis may lie anywhere."""
    if (step, axis, is_end) not in model.spans:
        open_at, place = model.axis_arrays(axis)[0], (model.ends if is_end else model.begins)[step, axis]
        low, high = model.limits(axis)
        first, last = (int(np.searchsorted(open_at, bound, side="right")) - 1 for bound in (low, high))
        found: dict[int, Any] = {first: True} if first == last else {}
        for k in range(first, last + 1) if first < last else ():
            found[k] = model.cp.new_bool_var("")
            least = int(open_at[k]) + (1 if is_end and k > first else 0)
            model.cp.add(place >= least).only_enforce_if(found[k])
            if k < last:
                model.cp.add(place <= int(open_at[k + 1]) - (0 if is_end else 1)).only_enforce_if(found[k])
        if first < last:
            model.cp.add_exactly_one(found.values())
        model.spans[step, axis, is_end] = found
    return model.spans[step, axis, is_end]


def _hint_step(model: Model, step: int) -> None:
    """A step begins, ends and runs where the schedule so far has it."""
    now, used = model.now, model.axis(int(model.now.option[step]))
    model.hint(model.begins[step, used], int(now.begin[step]))
    model.hint(model.ends[step, used], int(now.end[step]))
    for arm in model.arms[step]:
        taken = arm.option == now.option[step] and arm.machine in (-1, now.machine[step])
        model.hint(arm.is_taken, int(taken))
        if taken:
            model.hint(arm.size, int(now.end[step] - now.begin[step]))


def clock_of(model: Model, step: int, *, is_end: bool) -> Any:
    """Minute of the clock at which a free step begins or ends."""
    if (step, is_end) not in model.clock:
        axes = model.axes(step)
        parts = {axis: _clock_on(model, step, axis, is_end=is_end) for axis in axes}
        if len(axes) == 1:
            model.clock[step, is_end] = parts[axes[0]]
        else:
            minute = model.cp.new_int_var(0, model.stretch.closes, "")
            for arm in model.arms[step]:
                model.cp.add(minute == parts[model.axis(arm.option)]).only_enforce_if(arm.is_taken)
            model.clock[step, is_end] = minute
    return model.clock[step, is_end]


def _clock_on(model: Model, step: int, axis: int, *, is_end: bool) -> Any:
    open_at, wall_at = model.axis_arrays(axis)
    within = spans_of(model, step, axis, is_end=is_end)
    place = (model.ends if is_end else model.begins)[step, axis]
    return place + sum(int(wall_at[k] - open_at[k]) * one for k, one in within.items())


def setup_between(model: Model, before: int, option: int) -> int:
    """Set-up of an option after another one, or after nothing (-1)."""
    family = -1 if before < 0 else int(model.shop.family[before])
    return int(setup_after(model.shop, int(model.shop.centre[option]), family, option))
