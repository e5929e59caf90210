"""The generic proposal files, version 1 of the contract."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl

from replenish.publish import schemas
from replenish.publish.files import CSV_FILES, MOMENT, ONLY_IF_ANY, ONLY_WHERE, ORDERED_BY, PROPOSALS
from replenish.publish.tables import write_parquet

FOLDER = "proposals"
_FIGURES = 12  # of a number in a CSV file: without the noise of the last binary digits
_FORMULA = r"^[=+\-@\t\r]"


def write_proposals(folder: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """`proposals/*.csv` with a JSON Schema each, and `proposals.parquet`, from plan tables by full name.

    A table not given makes no file.

    UTF-8, comma, RFC 4180 quotes, `\\n`, ISO dates, moments as 2026-01-31 06:00:00, decimal point, empty where missing.
    A text that begins like a formula gets a single quote before it in CSV; parquet carries the plain text.
    """
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    for name, table in CSV_FILES.items():
        frame = tables.get(table.full_name())
        if frame is None or (frame.is_empty() and name in ONLY_IF_ANY):
            continue
        rows = frame.filter(ONLY_WHERE[name]) if name in ONLY_WHERE else frame
        ordered = rows.sort(ORDERED_BY.get(name, table.primary_key()))
        write_csv(place / f"{name}.csv", ordered)
        schemas.write_schema(place / schemas.FOLDER, name, table)
        if name == PROPOSALS:
            write_parquet(place / f"{name}.parquet", ordered)


def write_csv(file: Path, frame: pl.DataFrame, exact: Collection[str] = ()) -> None:
    """One CSV file, safe to open in a spreadsheet but for texts in columns named `exact`: keys another system reads."""
    guarded = [name for name, kind in frame.schema.items() if kind == pl.String and name not in exact]
    safe = (
        pl.when(pl.col(name).str.contains(_FORMULA)).then(pl.format("'{}", name)).otherwise(name).alias(name)
        for name in guarded
    )
    plain = frame.with_columns(safe)
    number = pl.col(pl.Float64)
    plain = plain.with_columns(pl.when(number == 0).then(0.0).otherwise(number.round_sig_figs(_FIGURES)).name.keep())
    plain.write_csv(
        file,
        line_terminator="\n",
        quote_style="necessary",
        date_format="%Y-%m-%d",
        datetime_format=MOMENT,
        float_scientific=False,
    )
