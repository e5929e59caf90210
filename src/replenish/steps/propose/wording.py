"""Numbers, dates and money as people read them, for whole columns at once."""

from __future__ import annotations

import polars as pl

# A number beyond this is told as this: no sentence may stop a night.
_MOST = 10.0**18


def quantity(value: pl.Expr) -> pl.Expr:
    """Units: whole where they are whole or large, else one decimal; `0` for nothing."""
    size = value.fill_nan(0.0).fill_null(0.0)
    whole = ((size - size.round(0)).abs() < 0.05) | (size.abs() >= 100)
    return pl.when(whole).then(_whole(size)).otherwise(size.round(1).cast(pl.String))


def about(value: pl.Expr) -> pl.Expr:
    """An estimate of units: whole from 2 on."""
    size = value.fill_nan(0.0).fill_null(0.0)
    return pl.when(size.abs() >= 1.95).then(_whole(size)).otherwise(quantity(size))


def figure(value: pl.Expr) -> pl.Expr:
    """A rate in three figures: `0.941`, `12.5`, `160`."""
    size = value.fill_nan(0.0).fill_null(0.0)
    large, middle = size.abs() >= 99.95, size.abs() >= 9.995
    few = pl.when(middle).then(size.round(1)).otherwise(size.round_sig_figs(3))
    return pl.when(large).then(_whole(size)).otherwise(few.cast(pl.String))


def money(value: pl.Expr, currency: str) -> pl.Expr:
    """`52 EUR`, with cents below 10."""
    size = value.fill_nan(0.0).fill_null(0.0)
    amount = pl.when(size.abs() >= 9.995).then(_whole(size)).otherwise(_cents(size))
    return pl.format("{} {}", amount, pl.lit(currency))


def percent(share: pl.Expr) -> pl.Expr:
    """`38 %`; `under 1 %` and `over 99 %` where rounding would claim certainty."""
    size = share.fill_nan(0.0).fill_null(0.0)
    text = pl.format("{} %", _whole(size * 100))
    small = pl.when((size > 0) & (size < 0.005)).then(pl.lit("under 1 %"))
    return small.when((size < 1) & (size > 0.995)).then(pl.lit("over 99 %")).otherwise(text)


def day(date: pl.Expr) -> pl.Expr:
    """`Thu 12 Nov`."""
    return date.dt.strftime("%a %-d %b")


def day_count(days: pl.Expr) -> pl.Expr:
    """`1 day` or `5 days`."""
    whole = _whole(days.cast(pl.Float64).fill_nan(0.0).fill_null(0.0))
    return pl.when(whole == "1").then(pl.lit("1 day")).otherwise(pl.format("{} days", whole))


def open_count(buckets: pl.Expr, bucket_days: int) -> pl.Expr:
    """`1 open day`, `45 open days` or `14 open weeks`: buckets of a location that was open in them."""
    word = "open day" if bucket_days == 1 else "open week"
    return pl.format("{} {}{}", buckets.fill_null(0), pl.lit(word), where(buckets.fill_null(0) != 1, "s"))


def where(condition: pl.Expr, text: pl.Expr | str) -> pl.Expr:
    """The text where the condition holds, nothing elsewhere."""
    shown = pl.lit(text) if isinstance(text, str) else text
    return pl.when(condition.fill_null(False)).then(shown).otherwise(pl.lit(""))


def lost(qty: pl.Expr, value: pl.Expr, currency: str) -> pl.Expr:
    """`about 7 units or 52 EUR of margin`; units alone where the item has no money."""
    units = pl.format("about {} units", about(qty))
    return (
        pl.when(pl.col("has_money"))
        .then(pl.format("{} or {} of margin", units, money(value, currency)))
        .otherwise(units)
    )


def _whole(value: pl.Expr) -> pl.Expr:
    return value.round(0).clip(-_MOST, _MOST).cast(pl.Int64).cast(pl.String)


def _cents(value: pl.Expr) -> pl.Expr:
    """Two decimals, always both: 5.2 is `5.20`."""
    cents = (value * 100).round(0).clip(-_MOST, _MOST).cast(pl.Int64)
    sign = pl.when(cents < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    rest = (cents.abs() % 100).cast(pl.String).str.zfill(2)
    return pl.format("{}{}.{}", sign, cents.abs() // 100, rest)
