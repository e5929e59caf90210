"""What fitted members said is carried from night to night: one origin a week, for four hundred days."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from replenish.night import previous
from replenish.tables import core, plan
from replenish.warehouse import Warehouse

LAST_NIGHT = date(2026, 3, 1)


def night_before(stored: list[date]) -> dict[str, pl.DataFrame]:
    """Tables of a previous run as of LAST_NIGHT whose ETS says 2, 4, 6, 8 and then 100 a week."""
    told = [("a", "l", "ets", week, qty) for week, qty in enumerate((2.0, 4.0, 6.0, 8.0, 100.0))]
    start = LAST_NIGHT + timedelta(days=1)
    rows = [("a", "l", "ets", day, 3.0) for day in stored]
    return {
        "plan.past_member": plan.PastMember.cast(
            pl.DataFrame(rows, schema=plan.PastMember.column_names(), orient="row", infer_schema_length=None)
        ),
        "plan.member": plan.Member.cast(pl.DataFrame(told, schema=plan.Member.column_names(), orient="row")),
        "core.bucket": core.Bucket.cast(
            pl.DataFrame([(0, start, start, 1, 10, 0, 1 / 7)], schema=core.Bucket.column_names(), orient="row")
        ),
    }


def brought(tables: dict[str, pl.DataFrame]) -> list[tuple[date, float]]:
    """Origins and levels that tonight's score may read."""

    def table_of(full_name: str) -> pl.DataFrame:
        if full_name in tables:
            return tables[full_name]
        raise previous.MissingTableError(full_name)

    with Warehouse() as house:
        house.create((core.PreviousPastMember,), {})
        house.write(core.PreviousPastMember, previous.past_members(table_of))
        return house.read(core.PreviousPastMember).select("origin_date", "level_qty").rows()


def test_last_night_is_added_with_the_mean_of_its_next_four_weeks() -> None:
    week_before = LAST_NIGHT - timedelta(days=7)
    assert brought(night_before([week_before])) == [(week_before, 3.0), (LAST_NIGHT, 5.0)]


@pytest.mark.parametrize("days", [1, 6])
def test_nights_between_two_weeks_are_not_stored(days: int) -> None:
    newest = LAST_NIGHT - timedelta(days=days)
    assert brought(night_before([newest])) == [(newest, 3.0)]


def test_what_was_said_long_ago_is_forgotten() -> None:
    old, kept = LAST_NIGHT - timedelta(days=400), LAST_NIGHT - timedelta(days=399)
    assert brought(night_before([old, kept])) == [(kept, 3.0), (LAST_NIGHT, 5.0)]


def test_a_previous_run_of_an_older_version_has_stored_nothing() -> None:
    tables = night_before([])
    del tables["plan.past_member"]
    assert brought(tables) == [(LAST_NIGHT, 5.0)]
