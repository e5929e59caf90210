"""The plant as the scheduler sees it: centres with their open hours, and the steps of each job, in minutes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

import polars as pl

from replenish.numerics.open_hours import Spans
from replenish.numerics.shop import Centre, Option, Step

DAY = 1440
_LONGEST = 366 * DAY  # an operation longer than a year is no plan
_PATTERN, _REPEATS = 28, 26  # after the days that are known their last four weeks come again for two years
Row = dict[str, Any]


@dataclass(frozen=True)
class Plant:
    """Centres by number, and the operations of every routing grouped by the steps they are ways of."""

    number: dict[str, int]
    centres: list[Centre]
    longest: list[int]  # longest span of each centre
    steps: dict[tuple[str, str], list[list[Row]]]

    def steps_of(self, item_id: str, plant: str, qty: float) -> tuple[list[Step], list[list[Row]]]:
        """Steps of a job and the operation behind each option; none where the routing cannot be run."""
        steps, rows = [], []
        for ways in self.steps.get((item_id, plant), []):
            options = [(option, row) for row in ways if (option := self._option(row, qty)) is not None]
            if not options:
                return [], []
            queue = max(_minutes(row["queue_hours"]) for _, row in options)
            steps.append(Step([option for option, _ in options], queue))
            rows.append([row for _, row in options])
        return steps, rows

    def _option(self, row: Row, qty: float) -> Option | None:
        """An operation as an option; None where its centre never opens or it would take for ever."""
        centre = self.number.get(row["work_center_id"], -1)
        hours = row["run_hours_per_unit"] * row["start_qty_per_good"] * qty
        if centre < 0 or not self.longest[centre] or not 0 <= hours * 60 <= _LONGEST:
            return None
        duration, setup = _minutes(hours), _minutes(row["setup_hours"])
        return Option(centre, duration, setup, row["setup_family"], row["is_splittable"] or self.is_too_long(row, qty))

    def is_too_long(self, row: Row, qty: float) -> bool:
        """Whether no shift of its centre is long enough for an operation, so that closed time has to interrupt it."""
        centre = self.number[row["work_center_id"]]
        changes = [m for (_, to), m in self.centres[centre].change.items() if to == row["setup_family"]]
        setup = max(_minutes(row["setup_hours"]), *changes, 0)
        hours = row["run_hours_per_unit"] * row["start_qty_per_good"] * qty
        return _minutes(hours) + setup > self.longest[centre]


def plant_of(
    operation: pl.DataFrame,
    work_center: pl.DataFrame,
    work_day: pl.DataFrame,
    setup_change: pl.DataFrame,
    tonight: date,
    day_start: float,
) -> Plant:
    """Centres and routings from their tables. Minutes count from the first midnight of the schedule."""
    changes: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    stated = setup_change.select("work_center_id", "from_family", "to_family", "hours")
    for name, before, after, hours in stated.iter_rows():
        changes[name][before, after] = _minutes(hours)
    ahead = work_day.filter(pl.col("date") >= tonight).sort("date")
    hours_of = dict(ahead.group_by("work_center_id", maintain_order=True).agg("hours").iter_rows())
    centres, longest, ordered = [], [], work_center.sort("work_center_id")
    for name, machines in ordered.select("work_center_id", "machine_count").iter_rows():
        spans = spans_of(hours_of.get(name, []), day_start)
        centres.append(Centre(max(machines, 1), spans, changes[name]))
        longest.append(_longest_span(spans, hours_of.get(name, [])))
    number = {name: n for n, name in enumerate(ordered["work_center_id"])}
    return Plant(number, centres, longest, _routings(operation))


def spans_of(hours: list[float], day_start: float) -> Spans:
    """Open spans of a centre from its hours day by day; a day's hours lie within the day, around the clock if 24.

    A centre of which nothing is known works around the clock; one that never opens has no span but the far end.
    """
    if not hours:
        return ((0, None),)
    known = [min(int(one * 60 + 1e-6), DAY) for one in hours]
    minutes = known + known[-_PATTERN:] * _REPEATS
    spans: list[tuple[int, int | None]] = []
    for day, length in enumerate(minutes):
        opens = day * DAY + min(int(day_start * 60), DAY - length)
        if length and spans and spans[-1][1] == opens:
            spans[-1] = (spans[-1][0], opens + length)
        elif length:
            spans.append((opens, opens + length))
    end = len(minutes) * DAY
    if spans and spans[-1][1] == end:
        return (*spans[:-1], (spans[-1][0], None))
    return (*spans, (end, None))


def _longest_span(spans: Spans, hours: list[float]) -> int:
    """Longest time for which a centre is open at a stretch; 0 where it never opens."""
    if not hours or spans[-1][0] < (len(hours) + len(hours[-_PATTERN:]) * _REPEATS) * DAY:
        return _LONGEST
    return max((closes - opens for opens, closes in spans[:-1] if closes is not None), default=0)


def _routings(operation: pl.DataFrame) -> dict[tuple[str, str], list[list[Row]]]:
    """Operations of each routing, step by step, the planned one of each step first."""
    found: dict[tuple[str, str], dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in operation.sort("item_id", "location_id", "step_seq", "alternate_rank").iter_rows(named=True):
        found[row["item_id"], row["location_id"]][row["step_seq"]].append(row)
    return {key: list(steps.values()) for key, steps in found.items()}


def _minutes(hours: float) -> int:
    """Whole minutes, begun ones counted."""
    return ceil(hours * 60 - 1e-6)
