"""Cron lines: the same times as another reader of them, and refusals that say what to write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prefect._vendor.croniter import croniter

from replenish.cron import FIELDS, Cron

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 8 * 366 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


def parts(least: int, most: int) -> st.SearchStrategy[str]:
    """One field: a star, a step, a value, a span or two of them. The other reader differs at `0-0` and `*/1`."""
    number = st.integers(least, most)
    spans = st.sets(number, min_size=2, max_size=2).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.integers(2, most // 2).map(lambda step: f"*/{step}")
    some = st.lists(st.one_of(number.map(str), spans), min_size=1, max_size=2).map(",".join)
    return st.one_of(st.just("*"), steps, some)


LINES = st.tuples(parts(0, 59), parts(0, 23), parts(1, 28), parts(1, 12), parts(0, 6)).map(" ".join)


@given(line=LINES, moment=MOMENTS)
@settings(max_examples=60, deadline=None)
def test_times_are_those_of_another_reader(line: str, moment: datetime) -> None:
    """In a zone whose clocks never jump, the next and the last time are those that Prefect's own reader finds."""
    cron = Cron.of(line)
    assert cron.after(moment, UTC) == croniter(line, moment).get_next(datetime)
    due = cron.after(moment, UTC)
    assert cron.before(due, UTC) == due
    assert cron.before(moment, UTC) <= moment < due


@given(moment=MOMENTS)
@settings(max_examples=60, deadline=None)
def test_every_day_has_its_night_where_clocks_jump(moment: datetime) -> None:
    """An hour that the clocks skip or repeat gives one night, not none and not two."""
    cron = Cron.of("30 2 * * *")
    days = [moment]
    for _ in range(5):
        days.append(cron.after(days[-1], BERLIN))
    local = [day.astimezone(BERLIN).date() for day in days[1:]]
    assert all((later - earlier).days == 1 for earlier, later in pairwise(local))


def test_clocks_of_the_zone_count() -> None:
    """Four in Berlin is three in winter and two in summer."""
    cron = Cron.of("0 4 * * *")
    assert cron.after(datetime(2026, 1, 10, tzinfo=UTC), BERLIN).astimezone(UTC).hour == 3
    assert cron.after(datetime(2026, 7, 10, tzinfo=UTC), BERLIN).astimezone(UTC).hour == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 4 * *", "five fields"),
        ("@daily", "five fields"),
        ("60 4 * * *", "minute '60' is none of 0 to 59"),
        ("0 4 * * funday", "weekday 'funday' is none of 0 to 7 or sun, mon"),
        ("0 22-4 * * *", "runs backwards"),
        ("*/0 4 * * *", "minute '0' is none of 1 to 59"),
        ("0 4 31 2 *", "never comes"),
        ("0 4 1,, * *", "day of the month ''"),
        ("\u0663 4 * * *", "minute"),
    ],
)
def test_a_line_nobody_can_follow_is_refused(line: str, said: str) -> None:
    """The message says which part is wrong and shows a right one."""
    with pytest.raises(ValueError, match=said):
        Cron.of(line)


def test_names_and_steps_from_a_value() -> None:
    """Names count as their numbers, 7 is Sunday, and a step after one value runs to the end."""
    assert Cron.of("0 4 * jan-mar mon-fri") == Cron.of("0 4 * 1-3 1-5")
    assert Cron.of("0 4 * * 7") == Cron.of("0 4 * * 0")
    assert sorted(Cron.of("50/5 4 * * *").minutes) == [50, 55]
    assert len(FIELDS) == 5
