"""What a schedule costs, and the least it could cost: goals in their order, each held before the next is sought.

Least weighted minutes late, least set-up minutes, earliest end.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.dispatch import SHORTEST, Rule, dispatch
from replenish.numerics.placing import Schedule
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]
Cost = tuple[int, int, int]


class Least(NamedTuple):
    """Bounds that no schedule beats."""

    finish: Ints  # of jobs: minute at which each would be done if no other job stood in its way
    setup: int  # minutes to set up for the steps that are free


def cost_of(shop: Shop, schedule: Schedule) -> Cost:
    """Weighted minutes late, minutes of set-up, and the minute all is done."""
    worked = np.diff(shop.job_start) > 0
    ends = schedule.finish[shop.job_start[1:][worked] - 1]
    late = np.maximum(ends - shop.due[worked], 0) @ shop.weight[worked]
    return int(late), int(schedule.setup.sum()), int(schedule.finish.max(initial=0))


def late_of(shop: Shop, finish: Ints) -> Ints:
    """What each job's lateness costs, with these ends of jobs."""
    return np.maximum(finish - shop.due, 0) * shop.weight


def least_of(shop: Shop) -> Least:
    """Each job alone in the plant: its materials, its work, its queues and its hours, as if machines had no end.

    With room for everyone a step is best done as soon as it can be, on the way that is done first. Of set-ups each
    family needs one at least in a centre, the shortest that leads to it.
    """
    alone = shop._replace(
        machine_start=np.zeros_like(shop.machine_start), setup=np.where(shop.family >= 0, 0, shop.setup)
    )
    made = dispatch(alone, Rule(SHORTEST))
    finish = np.zeros(len(shop.release), dtype=np.int64)
    worked = np.diff(shop.job_start) > 0
    finish[worked] = made.finish[shop.job_start[1:][worked] - 1]
    return Least(finish, _least_setup(shop))


def least_cost(shop: Shop, least: Least) -> Cost:
    """The bounds in the words of `cost_of`."""
    fixed = int(shop.fixed_setup[shop.fixed_machine >= 0].sum())
    return int(late_of(shop, least.finish).sum()), least.setup + fixed, int(least.finish.max(initial=0))


def free_part(shop: Shop, least: Least, cost: Cost) -> Cost:
    """A bound less what jobs and set-ups that stay where they are have of it."""
    free = np.zeros(len(shop.release), dtype=bool)
    free[shop.step_job[shop.fixed_machine < 0]] = True
    settled = int(late_of(shop, least.finish)[~free].sum())
    return cost[0] - settled, least.setup, int(least.finish[free].max(initial=0))


def _least_setup(shop: Shop) -> int:
    """Steps without a family by themselves, the others by their families."""
    alone, own = 0, defaultdict[int, dict[int, int]](dict)  # by centre and family the least set-up from nothing
    stays = shop.fixed_option[shop.fixed_machine >= 0]
    there = set(zip(shop.centre[stays].tolist(), shop.family[stays].tolist(), strict=True))
    has_machine = np.diff(shop.machine_start) > 0
    for step in np.flatnonzero(shop.fixed_machine < 0):
        ways = range(int(shop.option_start[step]), int(shop.option_start[step + 1]))
        places = {(int(shop.centre[way]), int(shop.family[way])) for way in ways}
        least = min(int(shop.setup[way]) for way in ways)
        if all(family < 0 or not has_machine[centre] for centre, family in places):
            alone += least
        elif len(places) == 1:
            centre, family = places.pop()
            own[centre][family] = min(own[centre].get(family, least), least)
        else:
            there |= places
    return alone + sum(_least_changes(shop, centre, families, there) for centre, families in own.items())


def _least_changes(shop: Shop, centre: int, own: dict[int, int], there: set[tuple[int, int]]) -> int:
    """Each family is led to once, one of them from nothing, unless a step that need not be counted sets it up."""
    led = {family: min(minutes, _way_in(shop, centre, family)) for family, minutes in own.items()}
    is_alone = all(place != centre or family < 0 for place, family in there)
    first = min(own[family] - led[family] for family in own) if is_alone else 0
    return first + sum(minutes for family, minutes in led.items() if (centre, family) not in there)


def _way_in(shop: Shop, centre: int, family: int) -> int:
    """The shortest stated change to a family."""
    stated = np.delete(shop.change[centre, :, family], family)
    return int(stated[stated >= 0].min(initial=1 << 40))
