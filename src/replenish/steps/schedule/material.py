"""When the components of each job are there: by the pegs, oldest supply to the job due first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from replenish.steps.schedule.jobs import LATER, OPEN, TONIGHT

TAKEN = ("requirement", "production_order")  # demands of a component that production has
_CRUMB = 1e-6
Node = tuple[str, str]


@dataclass
class Wait:
    """What a job waits for: components that come by a day, jobs that make others, and some that nobody knows of."""

    day: date | None = None
    item_id: str | None = None
    is_unknown: bool = False  # no supply is pegged for all it takes: it is there when the job is planned
    jobs: dict[int, str] = field(default_factory=dict)  # job that makes it: the component

    def until(self, day: date, item_id: str) -> None:
        """A component comes on this day; the last one is told."""
        if self.day is None or day > self.day:
            self.day, self.item_id = day, item_id


@dataclass
class _Parcel:
    """A supply as far as it serves one parent: units, the day it is there, and the job that makes it."""

    qty: float
    day: date
    job: int | None


def waits_of(jobs: pl.DataFrame, bom_line: pl.DataFrame, peg: pl.DataFrame) -> list[Wait]:
    """What each job waits for, in the order of `jobs` (by due date, so that the oldest supply goes to the first)."""
    waits = [Wait() for _ in range(jobs.height)]
    parcels = _parcels(jobs, peg)
    for job, taker, component, need in _needs(jobs, bom_line, parcels):
        queue, rest = parcels[component, taker], need
        while queue and rest > _CRUMB * max(1.0, need):
            parcel = queue[0]
            if parcel.job is None:
                waits[job].until(parcel.day, component[0])
            elif parcel.job != job:
                waits[job].jobs[parcel.job] = component[0]
            taken = min(rest, parcel.qty)
            parcel.qty -= taken
            rest -= taken
            if parcel.qty <= _CRUMB:
                queue.pop(0)
        waits[job].is_unknown |= rest > _CRUMB * max(1.0, need)
    return waits


Parcels = dict[tuple[Node, str], list[_Parcel]]


def _needs(jobs: pl.DataFrame, bom_line: pl.DataFrame, parcels: Parcels) -> Iterator[tuple[int, str, Node, float]]:
    """Job, who takes it by the pegs, component at its plant, and units of it.

    An open order takes all that is pegged to it; other jobs of a node what the bill of their first day asks for.
    """
    named = {job_id: job for job, job_id in enumerate(jobs["job_id"])}
    pegged = [(named[taker], taker, node) for node, taker in parcels if taker in named]
    for job, taker, node in sorted(pegged):
        yield job, taker, node, sum(parcel.qty for parcel in parcels[node, taker])
    parent = pl.concat_str("item_id", "location_id", separator="@").alias("taker")
    numbered = jobs.with_row_index("job").filter(pl.col("kind") != OPEN).with_columns(parent)
    needs = numbered.join(bom_line, left_on=["item_id", "source_id"], right_on=["parent_item_id", "location_id"])
    day = pl.col("release_date")
    needs = needs.filter(day >= pl.col("first_date"), day <= pl.col("last_date").fill_null(day))
    columns = ("job", "taker", "component_item_id", "source_id", pl.col("qty") * pl.col("qty_per"))
    for job, name, component, plant, need in needs.select(columns).sort("job", "component_item_id").iter_rows():
        yield job, name, (component, plant), need


def _parcels(jobs: pl.DataFrame, peg: pl.DataFrame) -> Parcels:
    """Supplies of each component node for each taker, oldest first."""
    makers = _Makers(jobs)
    parcels: Parcels = defaultdict(list)
    names = ("item_id", "location_id", "supply_kind", "supply_id", "supply_date", "demand_kind", "demand_id", "qty")
    pegs = peg.sort("item_id", "location_id", "peg_index").select(names)
    for item, place, kind, supply, day, wanted, taker, qty in pegs.iter_rows():
        job = makers.of((item, place), kind, supply, qty)
        if wanted in TAKEN:
            parcels[(item, place), taker].append(_Parcel(qty, day, job))
    return parcels


class _Makers:
    """Which job makes a supply. Planned supplies are those of the planned jobs one after the other."""

    def __init__(self, jobs: pl.DataFrame) -> None:
        self._open: dict[str, int] = {}
        self._tonight: dict[Node, int] = {}
        self._later: dict[Node, list[tuple[float, int]]] = defaultdict(list)
        self._gone: dict[Node, float] = defaultdict(float)
        columns = jobs.select("kind", "job_id", "item_id", "location_id", "qty", "release_date")
        ordered = sorted(enumerate(columns.iter_rows()), key=lambda one: (one[1][5], one[1][1]))
        for job, (kind, job_id, item, place, qty, _) in ordered:
            if kind == OPEN:
                self._open[job_id] = job
            elif kind == TONIGHT:
                self._tonight[item, place] = job
            else:
                before = self._later[item, place][-1][0] if self._later[item, place] else 0.0
                self._later[item, place].append((before + qty, job))

    def of(self, node: Node, kind: str, supply: str | None, qty: float) -> int | None:
        """The job behind a peg, told in the order of the pegs; None where the supply is not made by a job."""
        if kind == OPEN:
            return self._open.get(supply or "")
        if kind == TONIGHT:
            return self._tonight.get(node)
        if kind != LATER:
            return None
        self._gone[node] += qty
        reach = self._gone[node] - _CRUMB
        return next((job for upto, job in self._later.get(node, []) if upto >= reach), None)
