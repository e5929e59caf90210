"""Cron lines: what they ask for, when they come next and when they came last. Five fields, as in crontab(5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

FIELDS: tuple[tuple[str, int, int], ...] = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("weekday", 0, 7),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(_MONTHS, start=1)}
WEEKDAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
NAMES = {"month": MONTHS, "weekday": WEEKDAYS}
FAR_DAYS = 9 * 366  # a leap day may be eight years away
EXAMPLE = '"0 4 * * *" is every day at four, "30 5 * * mon-fri" half past five on working days'


@dataclass(frozen=True)
class Cron:
    """A cron line, understood: the values each field allows."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool  # both kinds of days are restricted: one of them is enough

    @classmethod
    def of(cls, line: str) -> Cron:
        """The line understood. Raises ValueError with what is wrong and an example."""
        fields = line.lower().split()
        if len(fields) != len(FIELDS):
            told = "minute, hour, day of the month, month and weekday"
            raise ValueError(f"a cron line has five fields ({told}), this one has {len(fields)}: {EXAMPLE}")
        allowed = [_values(text, *field) for text, field in zip(fields, FIELDS, strict=True)]
        weekdays = frozenset(day % 7 for day in allowed[4])  # 7 is Sunday, too
        either_day = len(allowed[2]) < 31 and len(weekdays) < 7  # as Prefect reads it
        cron = cls(allowed[0], allowed[1], allowed[2], allowed[3], weekdays, either_day)
        if not any(cron._is_day(date(2024, 1, 1) + timedelta(days=number)) for number in range(FAR_DAYS)):
            raise ValueError(f"this day never comes: {EXAMPLE}")
        return cron

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The first time after `moment`, by the clocks of `zone`."""
        first = moment.astimezone(zone).date() - timedelta(days=1)
        days = (first + timedelta(days=number) for number in range(FAR_DAYS))
        return next(at for day in days for at in sorted(self._times(day, zone)) if at > moment)

    def before(self, moment: datetime, zone: tzinfo) -> datetime:
        """The last time up to `moment`, by the clocks of `zone`."""
        last = moment.astimezone(zone).date() + timedelta(days=1)
        days = (last - timedelta(days=number) for number in range(FAR_DAYS))
        return next(at for day in days for at in sorted(self._times(day, zone), reverse=True) if at <= moment)

    def _times(self, day: date, zone: tzinfo) -> Iterator[datetime]:
        """Its times on that day; an hour the clocks skip is the one after, one they repeat is the first."""
        if self._is_day(day):
            for hour in self.hours:
                for minute in self.minutes:
                    at = datetime.combine(day, time(hour, minute), zone)
                    yield datetime.fromtimestamp(at.timestamp(), zone)

    def _is_day(self, day: date) -> bool:
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (in_month or in_week if self.either_day else in_month and in_week)


def _values(text: str, field: str, least: int, most: int) -> frozenset[int]:
    """Values of a field such as `*`, `*/15`, `1-5`, `mon-fri` or `1,15`."""
    found: set[int] = set()
    for part in text.split(","):
        span, stepped, step = part.partition("/")
        low, ranged, high = span.partition("-")
        first = least if span == "*" else _number(low, field, least, most)
        last = most if span == "*" or (stepped and not ranged) else first
        last = _number(high, field, least, most) if ranged else last
        width = _number(step, field, 1, most) if stepped else 1
        if last < first:
            raise ValueError(f"{field} {part!r} runs backwards: write it as two parts, joined by a comma")
        found |= set(range(first, last + 1, width))
    return frozenset(found)


def _number(text: str, field: str, least: int, most: int) -> int:
    names = NAMES.get(field, {})
    number = names.get(text, int(text) if text.isascii() and text.isdigit() else -1)
    if not least <= number <= most:
        named = f" or {', '.join(names)}" if names else ""
        raise ValueError(f"{field} {text!r} is none of {least} to {most}{named}: {EXAMPLE}")
    return number
