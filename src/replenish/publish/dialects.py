"""Files in the words of each ERP that is written for, beside the generic ones: projections of the same plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import polars as pl

from replenish.publish import erpnext, frepple, odoo
from replenish.publish.erp_file import Column, Columns, write_file
from replenish.publish.erp_lines import (
    LINES,
    MESSAGES,
    NOT_EXPORTED,
    Asked,
    Read,
    asked,
    index,
    messages,
    not_exported,
    withdrawn,
)
from replenish.publish.generic import FOLDER
from replenish.publish_settings import PublishSettings

Files = Callable[[Read, Asked, PublishSettings], tuple[dict[str, pl.DataFrame], pl.DataFrame]]

DIALECTS: dict[str, Files] = {"odoo": odoo.files, "erpnext": erpnext.files, "frepple": frepple.files}
COLUMNS: dict[str, dict[str, Columns]] = {"odoo": odoo.FILES, "erpnext": erpnext.FILES, "frepple": frepple.FILES}
ABOUT: dict[str, Columns] = {"messages": MESSAGES, "not_exported": NOT_EXPORTED, "lines": LINES}
_TAKE_BACK = {
    "odoo": "if it was imported and is a draft still: cancel the draft, or delete the line, with the External ID "
    "replenish.{}",
    "erpnext": "if it was imported and is a draft still: delete the draft titled {}, or the line that names it; what "
    "else was in that draft comes again tonight",
    "frepple": "if it was imported and is proposed still: delete the order with the reference {}",
}


def write_dialects(folder: Path, read: Read, settings: PublishSettings) -> None:
    """`proposals/<system>/*.csv` for every system the settings name; `read` gives a table of the night by its class.

    Every line that asks for something is in one file of the system or, with its reason, in not_exported.csv; held lines
    are in no file that a system imports. Files without rows are not written, but for messages.csv, lines.csv and
    not_exported.csv, which tell of every night. Texts for people are kept from running as a formula, keys are written
    as they are.
    """
    for system in settings.dialects:
        place = folder / FOLDER / system
        lines = asked(read, system)
        frames, went = DIALECTS[system](read, lines, settings)
        known = erpnext.columns_of(settings) if system == "erpnext" else COLUMNS[system]
        for name, frame in frames.items():
            write_file(place, name, frame, known[name])
        told = lines.changes.join(went, on="proposal_id", how="anti", maintain_order="left")
        gone = withdrawn(read, pl.format(_TAKE_BACK[system], "proposal_id"))
        all_went = pl.concat([went, index("messages.csv", told, pl.lit(None, pl.String))]).sort("proposal_id")
        about = {"messages": messages(told, gone), "not_exported": not_exported(lines.held), "lines": all_went}
        for name, frame in about.items():
            write_file(place, name, frame, ABOUT[name], if_empty=True)


def columns_of(path: str) -> Columns | None:
    """Columns of a dialect's file by its path inside the run's folder; nothing where it is none."""
    place = PurePosixPath(path)
    if place.suffix != ".csv" or place.parent.parent.name != FOLDER or place.parent.name not in COLUMNS:
        return None
    return ABOUT.get(place.stem) or COLUMNS[place.parent.name].get(place.stem)


def column_of(columns: Columns, name: str) -> Column:
    """A column of a file; a field of the company's own that takes the ids is a text."""
    return columns.get(name, Column("string", "proposal ids, in a field of your own"))
