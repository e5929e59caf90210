"""Workbooks: one sheet; the row with the most known headings, or else the first with values, is the headings."""

from __future__ import annotations

from pathlib import Path

import fastexcel
import polars as pl

from replenish.ingest.claim import Claim
from replenish.ingest.errors import InputError
from replenish.ingest.headings import headings
from replenish.ingest.rows import ROW, FileRows

_TITLE_ROWS = 20


def read_xlsx(claim: Claim, wanted: set[str]) -> FileRows:
    """Rows of a sheet; rows without any value are no rows, formulas are their last values, their errors are empty.

    Where cells are merged the first of them holds the value. Raises `InputError` when the workbook cannot be read.
    """
    try:
        book = fastexcel.read_excel(claim.path)
        return _rows(claim, book, _sheet(claim, book), wanted)
    except (fastexcel.FastExcelError, OSError, pl.exceptions.PolarsError) as error:
        cause = str(error).splitlines()[0]
        raise InputError(
            f"{claim.file} is not a readable workbook ({cause}). Save it again as .xlsx or csv."
        ) from error


def sheets_of(path: Path) -> list[str]:
    """Names of a workbook's sheets; none where it is no workbook."""
    try:
        return list(fastexcel.read_excel(path).sheet_names)
    except (fastexcel.FastExcelError, OSError):
        return []


def _sheet(claim: Claim, book: fastexcel.ExcelReader) -> str:
    names, wanted = book.sheet_names, claim.source.sheet
    if not names or (wanted and wanted not in names):
        known = ", ".join(names) or "none"
        raise InputError(f"{claim.file} has no sheet {wanted!r}; it has: {known}. Correct sheet in {claim.where}.")
    named = [name for name in names if name.strip().casefold() == claim.table]
    shown = [name for name in names if len(names) > 1 and book.load_sheet(name, n_rows=0).visible == "visible"]
    return wanted or next(iter([*named, *shown]), names[0])


def _rows(claim: Claim, book: fastexcel.ExcelReader, sheet: str, wanted: set[str]) -> FileRows:
    cells = pl.DataFrame(book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string"))
    filled = pl.any_horizontal(pl.all().str.strip_chars().str.len_chars() > 0)
    places = (
        cells.select(filled.fill_null(False).arg_true()).to_series() if cells.width else pl.Series([], dtype=pl.UInt32)
    )
    if places.is_empty():
        raise InputError(f"{claim.file}: sheet {sheet!r} is empty. Put a row of headings and rows below it.")
    place = _heading(cells, places, wanted)
    heading, places = int(places[place]), places[place:]
    names = headings(cells.row(heading))
    below = cells.slice(heading + 1)
    # columns that are wholly numbers or dates come typed, so that no decimal sign has to be guessed
    typed = pl.DataFrame(book.load_sheet(sheet, header_row=heading, schema_sample_rows=None))
    frame = typed if typed.shape == below.shape else below
    frame.columns = names
    numbers = pl.int_range(heading + 2, pl.len() + heading + 2, dtype=pl.Int32).alias(ROW)
    kept = frame.with_columns(numbers)[(places[1:].cast(pl.Int64) - heading - 1).to_list()]
    return FileRows(kept, has_serial_dates=True)


def _heading(cells: pl.DataFrame, places: pl.Series, wanted: set[str]) -> int:
    """Which of the rows with values is the headings: titles and notes may stand above them."""
    known = {" ".join(name.split()).casefold() for name in wanted}
    rows = [cells.row(int(place)) for place in places[:_TITLE_ROWS]]
    fitting = [len({" ".join((cell or "").split()).casefold() for cell in row} & known) for row in rows]
    return fitting.index(max(fitting))
