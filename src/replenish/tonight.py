"""The plain facts of a night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from replenish.settings import Settings


@dataclass(frozen=True)
class Tonight:
    """The plain facts of a night: everything a station is told beside its tables."""

    run_id: str
    as_of: date
    bucket_days: int
    settings: Settings
    previous_run_id: str | None = None
    input_hash: str = ""
    last_known_date: date | None = None
