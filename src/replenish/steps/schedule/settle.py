"""Places that stay, one after the other: what runs late pushes what follows it on its machine and in its job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import replace

from replenish.numerics.open_hours import axis_of, begin_minute, end_minute, position_at
from replenish.numerics.shop import Centre, Job, Place

Spot = tuple[int, int]  # job and step


def settled(jobs: list[Job], centres: list[Centre], late: Set[Spot]) -> tuple[list[Job], set[Spot]]:
    """The jobs with places that do not overlap, and which of their steps do not stay where they were.

    A late step is told in open minutes from tonight on. The order on machines and within jobs is that of the places.
    """
    axes = [axis_of(centre.spans) for centre in centres]
    free, ready = defaultdict[Spot, int](int), defaultdict[int, int](int)
    found, moved = dict[Spot, Place](), set[Spot]()
    for job, k, old in _in_order(jobs, late):
        step, place = jobs[job].steps[k], old
        centre = step.options[old.option].centre
        axis = axes[centre]
        begin = position_at(*axis, old.begin)
        size = old.end if (job, k) in late else position_at(*axis, old.end) - begin
        soonest = max(free[centre, old.machine], position_at(*axis, ready[job] + step.queue) if k else 0)
        if (job, k) in late or (soonest > begin and size > 0):
            moved.add((job, k))
            begin = max(begin, soonest)
            place = replace(old, begin=begin_minute(*axis, begin), end=end_minute(*axis, begin + size))
        free[centre, old.machine], ready[job] = begin + size, max(place.end, 0)
        found[job, k] = place
    return [_with_places(job, n, found) for n, job in enumerate(jobs)], moved


def _in_order(jobs: list[Job], late: Set[Spot]) -> list[tuple[int, int, Place]]:
    """Steps that stay, by their begin."""
    placed = [(n, k, step.place) for n, job in enumerate(jobs) for k, step in enumerate(job.steps) if step.place]
    return sorted(placed, key=lambda one: (one[2].begin, (one[0], one[1]) in late, one[0], one[1]))


def _with_places(job: Job, n: int, found: dict[Spot, Place]) -> Job:
    if not any((n, k) in found for k in range(len(job.steps))):
        return job
    steps = [replace(step, place=found.get((n, k))) for k, step in enumerate(job.steps)]
    return replace(job, steps=steps)
