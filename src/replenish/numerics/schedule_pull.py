"""Planned jobs that begin sooner than planned: only those without which something would be late."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.placing import Schedule, in_order, retime
from replenish.numerics.schedule_goals import cost_of
from replenish.numerics.shop import Shop

Ints = NDArray[np.int64]


def held_back(shop: Shop) -> Shop:
    """The plant in which no planned job begins before it is planned."""
    return shop._replace(release=np.maximum(shop.release, shop.planned))


def given_back(shop: Shop, found: Schedule) -> tuple[Shop, Schedule]:
    """As many jobs as can go back to the day they are planned, with nothing later than it is; and that schedule.

    All at once if that can be, else half of them, and so on down to the single job.
    """
    begun = np.zeros(len(shop.release), dtype=np.int64)
    worked = np.flatnonzero(np.diff(shop.job_start) > 0)
    begun[worked] = found.start[shop.job_start[worked]]
    later, late = shop.planned > shop.release, cost_of(shop, found)[0]
    shop = shop._replace(release=np.where(later & (begun >= shop.planned), shop.planned, shop.release))
    rest = [np.flatnonzero(later & (begun < shop.planned))]
    while rest:
        jobs = rest.pop()
        release = shop.release.copy()
        release[jobs] = shop.planned[jobs]
        trial = shop._replace(release=release)
        moved = _moved(trial, found, jobs)
        if cost_of(trial, moved)[0] <= late:
            shop, found = trial, moved
        elif len(jobs) > 1:
            rest += [jobs[: len(jobs) // 2], jobs[len(jobs) // 2 :]]
    return shop, found


def _moved(shop: Shop, found: Schedule, jobs: Ints) -> Schedule:
    """The schedule with these jobs begun when planned, and taken by their machines in that order."""
    start = found.start.copy()
    for job in jobs:
        steps = slice(int(shop.job_start[job]), int(shop.job_start[job + 1]))
        start[steps] += max(int(shop.planned[job]) - int(start[steps][0]), 0)
    return retime(shop, in_order(shop, start), found.option, found.machine)
