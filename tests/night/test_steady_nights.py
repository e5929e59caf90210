"""What nights carry to the next: announced stock-outs and what was proposed, through real nights."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

import replenish as rp
from replenish.night import previous
from tests.night.small import LAST_DAY, frames

SETTINGS = {"forecast": {"members": "light"}}
AS_OF = date(2026, 3, 10)


def _brought(tables: dict[str, pl.DataFrame]) -> list[tuple[str, date, date]]:
    def table_of(full_name: str) -> pl.DataFrame:
        if full_name in tables:
            return tables[full_name]
        raise previous.MissingTableError(full_name)

    found = previous.announcements(table_of, AS_OF)
    return found.select("exception_id", "seen_date", "last_seen_date").rows()


def _exceptions(*rows: tuple[str, str, str]) -> pl.DataFrame:
    told = pl.DataFrame(rows, schema=["exception_id", "code", "first_seen_run"], orient="row")
    return told.with_columns(item_id=pl.lit("a"), location_id=pl.lit("l"), date=pl.lit(AS_OF))


def test_announcements_are_carried_with_the_night_that_first_said_them() -> None:
    night = AS_OF - timedelta(1)
    said = _exceptions(
        ("E-old", "SHORTAGE", "2026-02-01-abcd1234"),
        ("E-odd", "POTENTIAL_STOCKOUT", "a run without a date"),
        ("E-other", "EXCESS", "2026-02-01-abcd1234"),
    )
    bucket = pl.DataFrame({"bucket_index": [0, 1], "bucket_start": [AS_OF, AS_OF + timedelta(1)]})
    stored = pl.DataFrame(
        [
            ("E-old", date(2026, 2, 1), date(2026, 3, 1), "SHORTAGE", "a", "l", AS_OF),
            ("E-gone", date(2026, 1, 1), date(2026, 1, 5), "SHORTAGE", "a", "l", AS_OF),
            ("E-dusty", date(2025, 1, 1), date(2025, 1, 5), "SHORTAGE", "a", "l", AS_OF),
        ],
        schema=list(previous.core.PreviousAnnouncement.column_names()),
        orient="row",
    )
    tables = {"plan.exception": said, "core.bucket": bucket, "core.previous_announcement": stored}
    assert _brought(tables) == [
        ("E-gone", date(2026, 1, 1), date(2026, 1, 5)),
        ("E-odd", night, night),
        ("E-old", date(2026, 2, 1), night),
    ]
    del tables["core.previous_announcement"]
    assert len(_brought(tables)) == 2, "a run of an older version had brought none"


@pytest.mark.slow
def test_nights_tell_the_next_what_is_usual() -> None:
    tables, last = frames(), None
    nights = [LAST_DAY - timedelta(days=back) for back in (2, 1, 0)]
    shelf = pl.concat([tables["stock"].with_columns(date=pl.lit(night)) for night in nights])
    tables["stock"] = shelf.with_columns(pl.col("date").cast(pl.Date))
    for night in nights:
        last = rp.run(tables, rp.Settings(**SETTINGS), as_of=night, earlier=last)
    assert last is not None
    told = last.table("plan.steadiness")
    assert told.sort("as_of")["as_of"].to_list() == nights
    assert not told["is_stopped"].any()
    assert last.table("core.previous_steadiness").height == 2
    assert last.table("mart.nervousness").height in (0, 3)
    assert last.table("plan.promise_law").is_empty()
