"""Readers: one a file format, each giving the file's rows under the file's own headings."""

from __future__ import annotations

from pathlib import Path

from replenish.ingest.claim import WORKBOOKS, Claim
from replenish.ingest.errors import InputError
from replenish.ingest.rows import FileRows
from replenish.ingest.sources.csv import read_csv
from replenish.ingest.sources.parquet import read_parquet
from replenish.ingest.sources.xlsx import read_xlsx
from replenish.warehouse import Warehouse


def read(warehouse: Warehouse, claim: Claim, wanted: set[str], temp: Path) -> FileRows:
    """Rows of a claimed file; `wanted` are the headings that matter, `temp` a folder for passing files.

    Raises `InputError` when the file cannot be read.
    """
    name = claim.path.name.casefold()
    if name.endswith(".parquet"):
        return read_parquet(claim)
    if name.endswith(WORKBOOKS):
        return read_xlsx(claim, wanted)
    if name.endswith((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")):
        return read_csv(warehouse, claim, wanted, temp)
    raise InputError(f"{claim.file}: this kind of file is not read. Save it as csv, parquet or xlsx.")
