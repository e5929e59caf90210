"""Claims on what lies elsewhere become claims on files in a passing folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

import polars as pl

from replenish.ingest.claim import Claim, fits, stem_of
from replenish.ingest.errors import InputError
from replenish.ingest.remote import sql
from replenish.ingest.remote.address import address_of
from replenish.ingest.remote.storage import copied, listed
from replenish.ingest.rows import numbered
from replenish.ingest.sources.frame import content_of
from replenish.settings import Settings


def fetched(claims: tuple[Claim, ...], settings: Settings, folder: Path, passing: Path) -> tuple[Claim, ...]:
    """The same claims, with what is elsewhere copied into `passing`. Raises `InputError` before anything is loaded."""
    found = [each for claim in claims for each in _fetched(claim, settings, folder, passing)]
    return tuple(sorted(found, key=lambda one: (one.file, one.table, one.name)))


def _fetched(claim: Claim, settings: Settings, folder: Path, passing: Path) -> Iterator[Claim]:
    if claim.source.connection:
        yield _asked(claim, settings, folder, passing)
    elif claim.source.is_remote:
        urls = listed(claim.source.files, claim.where, fits)
        if not urls:
            raise InputError(f"{claim.where}: no file at {claim.source.files}. Correct files, or remove the mapping.")
        for url in urls:
            name = PurePosixPath(url).name
            target = passing / f"{claim.name}-{len(list(passing.iterdir()))}-{name[len(stem_of(name)) - len(name) :]}"
            yield replace(claim, file=url, path=copied(url, claim.where, target))
    else:
        yield claim


def _asked(claim: Claim, settings: Settings, folder: Path, passing: Path) -> Claim:
    """Rows of a database in one Parquet file, in an order of their own: databases promise none."""
    source = claim.source
    address = address_of(source.connection, settings.connection, claim.where, settings.calendar.time_zone)
    stem = re.sub(r"[^\w-]", "_", claim.name)
    pieces = []
    for number, piece in enumerate(sql.rows(address, source.query, folder, claim.where)):
        pieces.append(passing / f"{stem}-{number}.piece")
        piece.write_parquet(pieces[-1])
    frame = pl.read_parquet(pieces, glob=False, hive_partitioning=False)
    frame = frame.sort(frame.columns, nulls_last=True)
    for piece_file in pieces:
        piece_file.unlink()
    path = passing / f"{stem}.parquet"
    frame.write_parquet(path)
    # the server wrote the numbers, and it writes a decimal point
    plain = source if source.decimal != "auto" else source.model_copy(update={"decimal": "."})
    return replace(claim, path=path, content=content_of(numbered(frame)), source=plain)
