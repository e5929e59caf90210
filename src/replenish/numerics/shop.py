"""What a plant has to do and what it has to do it with, as flat arrays in minutes.

A job is a chain of steps; a step is done on one of its options; an option is a work centre with a run time. A job may
have to wait for others to finish. Machines of a centre are alike and share its open hours. All hours of a centre, put
one after the other, are its axis: a step that closed time may interrupt is one piece on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.open_hours import Spans, axis_of, position_at

Ints = NDArray[np.int64]
NO_FAMILY = -1


@dataclass(frozen=True)
class Option:
    """One way to do a step, in minutes; `family` None needs its own set-up whatever ran before."""

    centre: int
    duration: int
    setup: int = 0
    family: str | None = None
    is_splittable: bool = True


@dataclass(frozen=True)
class Place:
    """Where a step has to stay: option, machine of its centre (from 0), set-up, and first and last minute."""

    option: int
    machine: int
    setup: int
    begin: int
    end: int


@dataclass(frozen=True)
class Step:
    """One operation; `queue` minutes pass between the end of the step before and its begin."""

    options: Sequence[Option]
    queue: int = 0
    place: Place | None = None


@dataclass(frozen=True)
class Job:
    """Steps in order, not begun before `release` and wanted by `due`; `weight` is what a minute late costs.

    It begins before it is `planned` only where something would be late otherwise.
    """

    steps: Sequence[Step]
    release: int = 0
    due: int = 0
    weight: int = 1
    planned: int = 0


@dataclass(frozen=True)
class Centre:
    """Machines side by side and their open hours; without machines it does any number of steps at once."""

    machine_count: int = 1
    spans: Spans = ((0, None),)
    change: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Shop(NamedTuple):
    """All of it as int64 arrays; `*_start` hold where the entries of each one begin, and the end of the last."""

    job_start: Ints
    release: Ints
    planned: Ints
    due: Ints
    weight: Ints
    step_job: Ints
    queue: Ints
    option_start: Ints
    centre: Ints  # of options
    duration: Ints
    setup: Ints
    family: Ints
    splittable: Ints
    machine_start: Ints  # of centres
    centre_axis: Ints
    change: Ints  # centres x families x families; -1 where none is stated
    axis_start: Ints
    open_at: Ints  # open minutes before each span of an axis; its last span has no end
    wall_at: Ints  # minute on the clock at which the span opens
    next_start: Ints  # of jobs
    next_job: Ints  # jobs that wait for the job
    wait_count: Ints  # jobs that the job waits for
    fixed_option: Ints  # of steps; -1 where the step is free
    fixed_machine: Ints
    fixed_setup: Ints
    fixed_begin: Ints  # on the axis
    fixed_end: Ints
    fixed_finish: Ints  # minute on the clock

    @property
    def step_count(self) -> int:
        """Steps of all jobs."""
        return len(self.step_job)


def lay_out(jobs: Sequence[Job], centres: Sequence[Centre], links: Sequence[tuple[int, int]] = ()) -> Shop:
    """The arrays of these jobs and centres; a link (a, b) lets job b begin once job a is finished.

    Links that would close a circle are left out, the later ones first: nothing may wait for itself.
    """
    steps = [step for job in jobs for step in job.steps]
    options = [option for step in steps for option in step.options]
    families = {name: n for n, name in enumerate(sorted(_family_names(options, centres)))}
    axes = {spans: n for n, spans in enumerate(dict.fromkeys(centre.spans for centre in centres))}
    laid = [axis_of(spans) for spans in axes]
    kept = without_circles(len(jobs), links)
    next_start, next_job = _grouped(len(jobs), kept)
    return Shop(
        job_start=_starts(len(job.steps) for job in jobs),
        release=_ints(job.release for job in jobs),
        planned=_ints(max(job.planned, job.release) for job in jobs),
        due=_ints(job.due for job in jobs),
        weight=_ints(job.weight for job in jobs),
        step_job=_ints(n for n, job in enumerate(jobs) for _ in job.steps),
        queue=_ints(step.queue for step in steps),
        option_start=_starts(len(step.options) for step in steps),
        centre=_ints(option.centre for option in options),
        duration=_ints(option.duration for option in options),
        setup=_ints(option.setup for option in options),
        family=_ints(NO_FAMILY if option.family is None else families[option.family] for option in options),
        splittable=_ints(option.is_splittable for option in options),
        machine_start=_starts(centre.machine_count for centre in centres),
        centre_axis=_ints(axes[centre.spans] for centre in centres),
        change=_changes(centres, families),
        axis_start=_starts(len(one[0]) for one in laid),
        open_at=np.concatenate([one[0] for one in laid]) if laid else _ints(()),
        wall_at=np.concatenate([one[1] for one in laid]) if laid else _ints(()),
        next_start=next_start,
        next_job=next_job,
        wait_count=np.bincount(next_job, minlength=len(jobs)).astype(np.int64),
        **_places(steps, centres, [laid[axes[centre.spans]] for centre in centres]),
    )


def without_circles(count: int, links: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The links in order, less those after which a job would wait for itself."""
    after: list[set[int]] = [set() for _ in range(count)]
    kept = []
    for before, later in dict.fromkeys(links):
        if before != later and not _reaches(after, later, before):
            after[before].add(later)
            kept.append((before, later))
    return kept


def _reaches(after: list[set[int]], start: int, goal: int) -> bool:
    seen, rest = {start}, [start]
    while rest:
        one = rest.pop()
        if one == goal:
            return True
        rest += (fresh := after[one] - seen)
        seen |= fresh
    return False


def _places(steps: Sequence[Step], centres: Sequence[Centre], axes: list[tuple[Ints, Ints]]) -> dict[str, Ints]:
    """Steps that stay where they are; -1 for the others."""
    names = ("option", "machine", "setup", "begin", "end", "finish")
    found = {name: np.full(len(steps), -1, dtype=np.int64) for name in names}
    first = _starts(len(step.options) for step in steps)
    machines = _starts(centre.machine_count for centre in centres)
    for n, step in enumerate(steps):
        if step.place is None:
            continue
        place, centre = step.place, step.options[step.place.option].centre
        begin, end = (position_at(*axes[centre], minute) for minute in (place.begin, place.end))
        told = (first[n] + place.option, machines[centre] + place.machine, place.setup, begin, end, place.end)
        for name, value in zip(names, told, strict=True):
            found[name][n] = value
    return {f"fixed_{name}": values for name, values in found.items()}


def _family_names(options: Sequence[Option], centres: Sequence[Centre]) -> set[str]:
    named = {option.family for option in options if option.family is not None}
    return named | {name for centre in centres for pair in centre.change for name in pair}


def _changes(centres: Sequence[Centre], families: Mapping[str, int]) -> Ints:
    change = np.full((len(centres), len(families), len(families)), -1, dtype=np.int64)
    for n, centre in enumerate(centres):
        for (before, after), minutes in centre.change.items():
            change[n, families[before], families[after]] = minutes
    return change


def _grouped(count: int, links: Sequence[tuple[int, int]]) -> tuple[Ints, Ints]:
    """Jobs that wait for each job: where they start, and which."""
    ordered = sorted(links)
    return _starts(np.bincount([a for a, _ in ordered], minlength=count)), _ints(b for _, b in ordered)


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _starts(counts: Iterable[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(_ints(counts))]).astype(np.int64)
