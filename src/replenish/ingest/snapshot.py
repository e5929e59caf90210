"""The day of a stock list: its own column, a setting, or its file's name; never the clock."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

from replenish.ingest.claim import Claim
from replenish.ingest.errors import InputError
from replenish.ingest.headings import find_heading

_IN_NAME = r"(?<![0-9])(20[0-9]{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12][0-9]|3[01])(?![0-9])"


def dated(claim: Claim, columns: list[str]) -> Claim:
    """The claim with a day for every row where the rows of a stock list have none. Raises `InputError` without any."""
    source = claim.source
    is_there = "date" in {*source.columns, *source.constants} or (not source.preset and find_heading(columns, "date"))
    if claim.table != "stock" or is_there:
        return claim
    day = source.snapshot_date or _day_in(PurePosixPath(claim.file).name)
    if day is None:
        raise InputError(
            f"{claim.file}: stock needs date, and this list has no such column. Write the day of its close into the "
            f"file's name (stock_2026-11-30.csv), or set snapshot_date = 2026-11-30 in {claim.where}."
        )
    constants = source.constants | {"date": day.isoformat()}
    return replace(claim, source=source.model_copy(update={"constants": constants}))


def _day_in(name: str) -> date | None:
    found = re.search(_IN_NAME, name)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None
