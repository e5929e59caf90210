"""When a step could run on a machine: after what ran there before, in its open hours, around what must stay."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.open_hours import fits_from
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]


class Machines(NamedTuple):
    """How far each machine is planned, and which of its fixed steps come next."""

    free: Ints  # place on the axis from which it is free
    family: Ints  # what it is set up for; -1 for nothing known
    gap: Ints  # its next fixed step, as an entry of fixed_step
    fixed_start: Ints  # of machines, into fixed_step
    fixed_step: Ints  # in the order of their begin


def idle_machines(shop: Shop) -> Machines:
    """All machines as they are tonight, with their fixed steps ahead of them."""
    count = int(shop.machine_start[-1])
    fixed = np.flatnonzero(shop.fixed_machine >= 0)
    # By the clock: on the axis all that was over before tonight is at 0.
    fixed = fixed[np.lexsort((fixed, shop.fixed_finish[fixed], shop.fixed_machine[fixed]))]
    start = np.searchsorted(shop.fixed_machine[fixed], np.arange(count + 1)).astype(np.int64)
    free, family = np.zeros(count, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    return Machines(free, family, start[:-1].copy(), start, fixed.astype(np.int64))


@kernel
def setup_after(shop: Shop, centre: int, family: int, option: int) -> int:
    """Minutes to set a machine up for an option after this family; a change not stated takes the option's own."""
    own = shop.family[option]
    if own < 0 or family < 0:
        return shop.setup[option]
    if own == family:
        return 0
    stated = shop.change[centre, family, own]
    return stated if stated >= 0 else shop.setup[option]


@part
def earliest(shop: Shop, machines: Machines, option: int, machine: int, ready: int) -> tuple[int, int, int]:
    """First place on the axis at which an option could begin on a machine, its set-up, and the gap it lies in.

    A fixed step is passed where the option would run into it, or would leave it a longer set-up than it has.
    """
    centre = shop.centre[option]
    axis = shop.centre_axis[centre]
    low, high = shop.axis_start[axis], shop.axis_start[axis + 1]
    free, family, gap = machines.free[machine], machines.family[machine], machines.gap[machine]
    own = shop.family[option]
    while True:
        setup = setup_after(shop, centre, family, option)
        size = setup + shop.duration[option]
        begin = fits_from(shop.open_at, low, high, max(ready, free), size, shop.splittable[option])
        if gap >= machines.fixed_start[machine + 1]:
            return begin, setup, gap
        step = machines.fixed_step[gap]
        then = setup_after(shop, centre, own, shop.fixed_option[step])
        if begin + size <= shop.fixed_begin[step] and then <= shop.fixed_setup[step]:
            return begin, setup, gap
        free, family, gap = max(free, shop.fixed_end[step]), shop.family[shop.fixed_option[step]], gap + 1


@part
def take(shop: Shop, machines: Machines, option: int, machine: int, end: int, gap: int) -> None:
    """The machine is busy up to this place, and set up for the option."""
    machines.free[machine] = end
    machines.family[machine] = shop.family[option]
    machines.gap[machine] = gap
