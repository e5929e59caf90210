"""Workbooks: one sheet, its first row with values the headings."""

from __future__ import annotations

import fastexcel
import polars as pl

from replenish.ingest.claim import Claim
from replenish.ingest.errors import InputError
from replenish.ingest.headings import headings
from replenish.ingest.rows import ROW, FileRows


def read_xlsx(claim: Claim) -> FileRows:
    """Rows of a sheet; rows without any value are no rows. Raises `InputError` when the workbook cannot be read."""
    try:
        book = fastexcel.read_excel(claim.path)
        sheet = _sheet(claim, book.sheet_names)
        return _rows(claim, book, sheet)
    except (fastexcel.FastExcelError, OSError, pl.exceptions.PolarsError) as error:
        cause = str(error).splitlines()[0]
        raise InputError(
            f"{claim.file} is not a readable workbook ({cause}). Save it again as .xlsx or csv."
        ) from error


def _sheet(claim: Claim, names: list[str]) -> str:
    wanted = claim.source.sheet
    if not names or (wanted and wanted not in names):
        known = ", ".join(names) or "none"
        raise InputError(f"{claim.file} has no sheet {wanted!r}; it has: {known}. Correct sheet in {claim.where}.")
    return wanted or names[0]


def _rows(claim: Claim, book: fastexcel.ExcelReader, sheet: str) -> FileRows:
    cells = pl.DataFrame(book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string"))
    filled = pl.any_horizontal(pl.all().str.strip_chars().str.len_chars() > 0)
    places = (
        cells.select(filled.fill_null(False).arg_true()).to_series() if cells.width else pl.Series([], dtype=pl.UInt32)
    )
    if places.is_empty():
        raise InputError(f"{claim.file}: sheet {sheet!r} is empty. Put a row of headings and rows below it.")
    heading = int(places[0])
    names = headings(cells.row(heading))
    below = cells.slice(heading + 1)
    # columns that are wholly numbers or dates come typed, so that no decimal sign has to be guessed
    typed = pl.DataFrame(book.load_sheet(sheet, header_row=heading, schema_sample_rows=None))
    frame = typed if typed.shape == below.shape else below
    frame.columns = names
    numbers = pl.int_range(heading + 2, pl.len() + heading + 2, dtype=pl.Int32).alias(ROW)
    kept = frame.with_columns(numbers)[(places[1:].cast(pl.Int64) - heading - 1).to_list()]
    return FileRows(kept, has_serial_dates=True)
