"""Dates in the usual forms: ISO, 31.12.2026, 31/12/2026, 12/31/2026, 20261231, 31-Dec-2026, Excel's serials."""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl

from replenish.ingest.errors import InputError
from replenish.ingest.parse.unique import by_distinct

FIRST, LAST = date(1970, 1, 1), date(2100, 12, 31)
_PROBE = date(2026, 12, 31)
Order = Literal["day_first", "month_first"]

_CLOCK = r"[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AaPp]\.?[Mm]\.?)?"
_TIME = _CLOCK + r"(?: ?(?:Z|UTC|[+-][0-9]{2}:?(?:[0-9]{2})?))?$"
_ZONED = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]+([0-9]{1,2}:[0-9]{2})(:[0-9]{2})?(?:[.,][0-9]+)? ?"
    r"(Z|UTC|[+-][0-9]{2}):?([0-9]{2})?$"
)
_PARTS = r"^([0-9]{1,2})([/\-.])([0-9]{1,2})[/\-.]([0-9]{4})$"


def days_of(column: pl.Series, order: Order, *, has_serials: bool, time_zone: str = "") -> pl.Series:
    """Dates of a text column; null where there is no date between 1970 and 2100.

    A time with an offset is a day of the time zone, where there is one, else the day as it is written.
    """

    def parse(distinct: pl.Series) -> pl.Series:
        days = _days(distinct, order, has_serials=has_serials)
        return _within(_first_known(_local_days(distinct, time_zone), days) if time_zone else days)

    return by_distinct(column, parse)


def days_by_format(column: pl.Series, form: str, where: str) -> pl.Series:
    """Dates of a text column under an explicit pattern. Raises `InputError` when the pattern is none."""
    kind = pl.Datetime if any(part in form for part in ("%H", "%I", "%T", "%M", "%R")) else pl.Date

    def parse(distinct: pl.Series) -> pl.Series:
        return _within(distinct.str.strip_chars().str.strptime(kind, form, strict=False).cast(pl.Date))

    try:
        is_pattern = parse(pl.Series([_PROBE]).cast(pl.Datetime).dt.to_string(form)).item() == _PROBE
    except pl.exceptions.PolarsError:
        is_pattern = False
    if not is_pattern:
        raise InputError(f"{where}: date_format = {form!r} is no pattern of a whole date. Write it like %d.%m.%Y.")
    return by_distinct(column, parse)


def days_of_native(column: pl.Series, *, has_serials: bool, time_zone: str = "") -> pl.Series:
    """Dates of a column that the file has typed: dates, times, or whole numbers such as 20261231 or Excel's serials."""
    if time_zone and isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone:
        column = column.dt.convert_time_zone(time_zone)
    if column.dtype.is_temporal() and column.dtype not in (pl.Time, pl.Duration):
        return _within(column.dt.date())
    if not column.dtype.is_numeric():
        return pl.Series(column.name, [None], pl.Date).new_from_index(0, column.len())
    return by_distinct(
        column.cast(pl.Float64), lambda distinct: _within(_from_numbers(distinct, has_serials=has_serials))
    )


def date_order(column: pl.Series) -> tuple[Order, bool]:
    """Whether the day or the month comes first in dates such as 03/04/2026, and whether that was a guess."""
    parts = _without_time(column.unique().drop_nulls()).str.extract_groups(_PARTS).struct.unnest()
    parts.columns = ["first", "sign", "second", "year"]
    slashed = parts.filter(pl.col("sign") != ".").select(pl.col("first", "second").cast(pl.Int32))
    day_first = slashed.filter(pl.col("first").is_between(13, 31)).height
    month_first = slashed.filter(pl.col("second").is_between(13, 31)).height
    is_guess = not day_first and not month_first and slashed.filter(pl.col("first") != pl.col("second")).height > 0
    return ("month_first" if month_first > day_first else "day_first"), is_guess


def _days(text: pl.Series, order: Order, *, has_serials: bool) -> pl.Series:
    bare = _without_time(text)
    forms = [("%Y-%m-%d", bare), ("%Y%m%d", _like(bare, r"^[0-9]{8}$")), ("%Y/%m/%d", bare), ("%Y.%m.%d", bare)]
    parts = bare.str.replace_all(r"[/ ,]+", "-")
    forms += [("%d.%m.%Y", bare), ("%d-%m-%Y" if order == "day_first" else "%m-%d-%Y", _like(parts, _PARTS))]
    forms += [(form, _like(parts, r"[A-Za-z]{3}")) for form in ("%d-%b-%Y", "%b-%d-%Y")]
    frame = pl.DataFrame(
        [values.str.to_date(form, strict=False).alias(str(k)) for k, (form, values) in enumerate(forms)]
    )
    if has_serials:
        serial = _like(bare, r"^[0-9]{5}(\.[0-9]+)?$").cast(pl.Float64, strict=False)
        frame = frame.with_columns(serial=_from_numbers(serial, has_serials=True))
    return frame.select(pl.coalesce(pl.all())).to_series().alias(text.name)


def _local_days(text: pl.Series, time_zone: str) -> pl.Series:
    """Days in the time zone of times such as 2026-03-01 23:30:00 -0500; null for anything else."""
    parts = text.str.strip_chars().str.extract_groups(_ZONED).struct.unnest()
    parts.columns = ["day", "clock", "second", "hours", "minutes"]
    hours = pl.col("hours").replace({"Z": "+00", "UTC": "+00"})
    moment = pl.format("{} {}{}{}{}", "day", "clock", pl.col("second").fill_null(":00"), hours,
                       pl.col("minutes").fill_null("00"))  # fmt: skip
    local = moment.str.to_datetime("%Y-%m-%d %H:%M:%S%z", strict=False, time_zone="UTC")
    return parts.select(local.dt.convert_time_zone(time_zone).dt.date()).to_series().alias(text.name)


def _without_time(text: pl.Series) -> pl.Series:
    return text.str.strip_chars().str.replace(_TIME, "")


def _like(text: pl.Series, form: str) -> pl.Series:
    """Values of this form; null otherwise."""
    return pl.DataFrame({"text": text}).select(pl.when(pl.col("text").str.contains(form)).then("text")).to_series()


def _from_numbers(number: pl.Series, *, has_serials: bool) -> pl.Series:
    frame = pl.DataFrame({"number": number})
    whole = pl.col("number").is_finite() & (pl.col("number") == pl.col("number").floor())
    digits = pl.when(whole & pl.col("number").is_between(19_000_101, 21_001_231)).then(pl.col("number"))
    packed = digits.cast(pl.Int64).cast(pl.String).str.to_date("%Y%m%d", strict=False)
    # Excel counts days since 1899-12-30
    serial = pl.when(pl.col("number").is_between(20_000, 80_000)).then(pl.col("number")).cast(pl.Int32)
    since = pl.lit(date(1899, 12, 30)) + pl.duration(days=serial)
    return (
        frame.select(pl.coalesce(packed, since.cast(pl.Date)) if has_serials else packed).to_series().alias(number.name)
    )


def _first_known(first: pl.Series, second: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"first": first, "second": second})
    return frame.select(pl.coalesce("first", "second")).to_series()


def _within(days: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"day": days})
    return frame.select(pl.when(pl.col("day").is_between(FIRST, LAST)).then("day")).to_series().alias(days.name)
