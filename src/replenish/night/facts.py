"""What identifies a night: its last closed day, what went in, and the id made of both."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import polars as pl

import replenish
from replenish.pipeline import Tonight
from replenish.settings import Settings
from replenish.tables import core, meta
from replenish.warehouse import Warehouse, quoted

WEEKDAYS = {"monday": 1, "saturday": 6, "sunday": 7}
GRAIN_DAYS = {"day": 1, "week": 7, "month": 30}


class NightError(ValueError):
    """The night cannot be planned as asked; the message says what to do."""


def tell_settings(house: Warehouse, settings: Settings, as_of: date | None) -> None:
    """Hand the settings to SQL as one row, and let it find out the rest: afterwards meta.night is there."""
    calendar = settings.calendar
    row = {
        "as_of": as_of,
        "bucket_days": GRAIN_DAYS.get(calendar.bucket),
        "week_start": WEEKDAYS.get(calendar.week_start),
        "source_grain_days": GRAIN_DAYS.get(calendar.source_grain),
        "horizon_weeks": calendar.horizon_weeks,
        "history_weeks": calendar.history_weeks,
        "method": settings.order.method,
        "currency": settings.company.currency,
        **settings.defaults.model_dump(),
    }
    house.write(meta.Setting, pl.DataFrame([row], schema=house.types(meta.Setting)))
    house.build("meta")
    if house.query("select as_of from meta.night where as_of is not null").is_empty():
        raise NightError("no sales and no stock with a date: nothing to plan from")


def tonight(house: Warehouse, settings: Settings, run_id: str = "") -> Tonight:
    """The facts of the night that meta.night describes."""
    row = house.read(meta.Night).row(0, named=True)
    return Tonight(run_id, row["as_of"], row["bucket_days"], settings)


def settings_hash(settings: Settings) -> str:
    """Hash of every setting that can change a number: not where things lie, nor how many cores there are."""
    told = settings.model_dump(mode="json", exclude={"compute", "paths", "source", "ingest"})
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def input_hash(house: Warehouse) -> str:
    """Hash of the core tables, blind to the order of rows: the same facts give the same hash."""
    parts = [_fingerprint(house, table.full_name()) for table in core.CORE_TABLES]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def name_run(as_of: date, settings: Settings, inputs: str, previous_run_id: str | None) -> str:
    """As-of and 8 hex of everything that went in."""
    parts = [inputs, settings_hash(settings), settings.seed, previous_run_id, replenish.__version__]
    return f"{as_of}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]}"


def _fingerprint(house: Warehouse, full_name: str) -> list[str]:
    select = "select count(*)::varchar, bit_xor(hash(t))::varchar, sum(hash(t)::hugeint)::varchar from"
    return [full_name, *map(str, house.query(f"{select} {quoted(full_name)} as t").row(0))]
