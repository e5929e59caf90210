"""What identifies a night: its last closed day, what went in, and the id made of both."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import polars as pl

import replenish
from replenish.settings import Settings
from replenish.tables import core, meta
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse, quoted

WEEKDAYS = {"monday": 1, "saturday": 6, "sunday": 7}
QUIET_DAYS, SILENT_DAYS = 7, 45  # a hole after which one asks, and one after which sql/meta/night.sql sees other data
GRAIN_DAYS = {"day": 1, "week": 7, "month": 30}
# settings that change no number of a plan
APART = {"compute", "paths", "source", "connection", "ingest", "schedule", "notify"}


class NightError(ValueError):
    """The night cannot be planned as asked; the message says what to do."""


def tell_settings(house: Warehouse, settings: Settings, as_of: date | None) -> None:
    """Hand the settings to SQL as one row, and let it find out the rest: afterwards meta.night is there."""
    if as_of is not None and type(as_of) is not date:
        raise NightError(f"as-of {as_of!r} is no day: give a datetime.date")
    calendar = settings.calendar
    row = {
        "as_of": as_of,
        "bucket_days": GRAIN_DAYS.get(calendar.bucket),
        "week_start": WEEKDAYS.get(calendar.week_start),
        "source_grain_days": GRAIN_DAYS.get(calendar.source_grain),
        "horizon_weeks": calendar.horizon_weeks,
        "history_weeks": calendar.history_weeks,
        "method": settings.order.method,
        "lot_rule": settings.production.lot_rule,
        "currency": settings.company.currency,
        "planning_fence_days": settings.production.planning_fence_days,
        "day_start": settings.production.day_start,
        **settings.exceptions.model_dump(include={"doubt_days", "chance_share"}),
        **settings.defaults.model_dump(),
    }
    house.write(meta.Setting, pl.DataFrame([row], schema=house.types(meta.Setting)))
    house.build("meta")
    if house.query("select as_of from meta.night where as_of is not null").is_empty():
        raise NightError("no sales and no stock with a date: nothing to plan from")
    _check_as_of(house)


def tonight(house: Warehouse, settings: Settings, run_id: str = "") -> Tonight:
    """The facts of the night that meta.night describes."""
    row = house.read(meta.Night).row(0, named=True)
    return Tonight(run_id, row["as_of"], row["bucket_days"], settings)


def warnings(tonight: Tonight) -> tuple[str, ...]:
    """What to say of a night whose data end well before its as-of."""
    last = tonight.last_known_date
    if last is None or (tonight.as_of - last).days <= QUIET_DAYS:
        return ()
    return (
        f"the data end on {last}, {(tonight.as_of - last).days} days before as-of {tonight.as_of}: "
        "days without sales count as days on which nothing was sold",
    )


def known_days(house: Warehouse) -> dict[str, date | None]:
    """First day of all sales and stock, and the last one that tonight may see; a sale counts to its bucket's end."""
    days = """
        with known as (
            select date, least(date + night.source_grain_days - 1, night.as_of) as last_date, night.as_of
            from raw.sales cross join meta.night as night
            union all
            select date, date, night.as_of from raw.stock cross join meta.night as night
        )
        select min(date) as first, max(last_date) filter (where date <= as_of) as last from known
    """
    return house.query(days).row(0, named=True)


def settings_hash(settings: Settings) -> str:
    """Hash of every setting that can change a number."""
    told = settings.model_dump(mode="json", exclude=APART)
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def input_hash(house: Warehouse) -> str:
    """Hash of the core tables, blind to the order of rows: the same facts give the same hash."""
    parts = [_fingerprint(house, table.full_name()) for table in core.CORE_TABLES]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def name_run(as_of: date, settings: Settings, inputs: str, previous_run_id: str | None) -> str:
    """As-of and 8 hex of everything that went in."""
    parts = [inputs, settings_hash(settings), settings.seed, previous_run_id, replenish.__version__]
    return f"{as_of}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]}"


def _check_as_of(house: Warehouse) -> None:
    known, as_of = known_days(house), house.read(meta.Night)["as_of"][0]
    if known["last"] is None:
        raise NightError(f"the data begin on {known['first']}, after as-of {as_of}: name a later day with --as-of")
    if (as_of - known["last"]).days > SILENT_DAYS:
        raise NightError(
            f"the data end on {known['last']}, {(as_of - known['last']).days} days before as-of {as_of}: "
            "hand in newer files, or name an earlier day with --as-of"
        )


def _fingerprint(house: Warehouse, full_name: str) -> list[str]:
    select = "select count(*)::varchar, bit_xor(hash(t))::varchar, sum(hash(t)::hugeint)::varchar from"
    return [full_name, *map(str, house.query(f"{select} {quoted(full_name)} as t").row(0))]
