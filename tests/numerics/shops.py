"""Shops for tests, and an independent check of schedules: plain Python, minute by minute, from the objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from replenish.numerics.placing import Schedule
from replenish.numerics.shop import Centre, Job, Option, Shop, Step, lay_out

DAY = 1440


def job_shop(jobs: Sequence[Sequence[Sequence[int]]]) -> Shop:
    """The textbook's job shop: each job a list of (machine, duration) in order, everything there at time 0."""
    machines = 1 + max(machine for job in jobs for machine, _ in job)
    made = [Job([Step([Option(machine, duration)]) for machine, duration in job]) for job in jobs]
    return lay_out(made, [Centre() for _ in range(machines)])


def shifts(days: int, opens: int, hours: int, closed: Sequence[int] = ()) -> tuple[tuple[int, int | None], ...]:
    """Day shifts of so many hours, closed on some days; afterwards open for ever."""
    spans = [(d * DAY + opens * 60, d * DAY + (opens + hours) * 60) for d in range(days) if d not in closed]
    return (*spans, (days * DAY, None))


class Checker:
    """Laws a schedule must keep, told by the objects it was made of."""

    def __init__(self, jobs: Sequence[Job], centres: Sequence[Centre], links: Sequence[tuple[int, int]] = ()) -> None:
        self.jobs, self.centres, self.links = jobs, centres, links
        self.steps = [(j, k, step) for j, job in enumerate(jobs) for k, step in enumerate(job.steps)]
        self.options = [option for _, _, step in self.steps for option in step.options]

    def wrong(self, found: Schedule) -> list[str]:
        """What is wrong with it; empty when all laws hold."""
        return [*self._time(found), *self._machines(found), *self._chains(found)]

    def _time(self, found: Schedule) -> list[str]:
        """Work lasts as long as it should, in open hours alone, in one piece where it must."""
        said = []
        for n, (j, k, step) in enumerate(self.steps):
            option = self.options[found.option[n]]
            if option not in step.options:
                said.append(f"job {j} step {k}: a stranger's option")
            open_minutes = self._open_between(option.centre, found.start[n], found.finish[n])
            if open_minutes != found.setup[n] + option.duration and step.place is None:
                said.append(f"job {j} step {k}: {open_minutes} open minutes for {found.setup[n]} + {option.duration}")
            whole = found.finish[n] - found.start[n] == found.setup[n] + option.duration
            if not option.is_splittable and not whole:
                said.append(f"job {j} step {k}: interrupted")
            if step.place is not None and (found.start[n], found.finish[n]) != (step.place.begin, step.place.end):
                said.append(f"job {j} step {k}: moved")
        return said

    def _open_between(self, centre: int, start: int, finish: int) -> int:
        spans = self.centres[centre].spans
        return sum(max(0, min(finish, finish if b is None else b) - max(start, a)) for a, b in spans)

    def _machines(self, found: Schedule) -> list[str]:
        """One step at a time on a machine, each set up for after what ran before it."""
        said = []
        ran: dict[tuple[int, int], list[int]] = defaultdict(list)
        first = np.concatenate([[0], np.cumsum([one.machine_count for one in self.centres])])
        for n in range(len(self.steps)):
            centre = self.options[found.option[n]].centre
            if found.machine[n] >= 0:
                if not first[centre] <= found.machine[n] < first[centre + 1]:
                    said.append(f"step {n}: machine of another centre")
                ran[centre, int(found.machine[n])].append(n)
        for (centre, _), steps in ran.items():
            steps.sort(key=lambda n: (found.start[n], found.finish[n]))
            needed = [self._setup(centre, None, steps[0], found)]
            needed += [self._setup(centre, a, b, found) for a, b in pairwise(steps)]
            for n, least in zip(steps, needed, strict=True):
                is_fixed = self.steps[n][2].place is not None
                if found.setup[n] < least or (found.setup[n] > least and not is_fixed):
                    said.append(f"step {n}: set-up {found.setup[n]} where {least} is needed")
            said += [f"steps {a} and {b} overlap" for a, b in pairwise(steps) if found.finish[a] > found.start[b]]
        return said

    def _setup(self, centre: int, before: int | None, step: int, found: Schedule) -> int:
        option = self.options[found.option[step]]
        old = None if before is None else self.options[found.option[before]].family
        if old is None or option.family is None:
            return option.setup
        if old == option.family:
            return 0
        return self.centres[centre].change.get((old, option.family), option.setup)

    def _chains(self, found: Schedule) -> list[str]:
        """Steps follow each other after their queue, jobs begin after release and after those they wait for."""
        said, starts, ends = [], {}, {}
        for n, (j, k, step) in enumerate(self.steps):
            if step.place is None:
                ready = self.jobs[j].release if k == 0 else ends[j]
                if found.start[n] < ready + step.queue:
                    said.append(f"job {j} step {k}: begins at {found.start[n]}, ready at {ready} + {step.queue}")
            starts.setdefault(j, found.start[n])
            ends[j] = found.finish[n]
        for a, b in self.links:
            if self.jobs[b].steps[0].place is None and starts[b] < ends[a]:
                said.append(f"job {b} begins at {starts[b]}, before {a} is finished at {ends[a]}")
        return said


def tardiness(jobs: Sequence[Job], found: Schedule) -> int:
    """Weighted minutes late, counted job by job."""
    ends = np.cumsum([len(job.steps) for job in jobs]) - 1
    return int(sum(job.weight * max(0, found.finish[n] - job.due) for job, n in zip(jobs, ends, strict=True)))
