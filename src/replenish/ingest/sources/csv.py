"""Text files: decoded, cut into rows, and read by the database as text."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import shutil
import zlib
from pathlib import Path

import numpy as np
import polars as pl

from replenish.ingest.claim import Claim
from replenish.ingest.errors import InputError
from replenish.ingest.headings import find_heading, headings
from replenish.ingest.rows import LONGEST_VALUE, REJECT, ROW, FileRows
from replenish.ingest.sources.csv_dialect import delimiter_of, encoding_of
from replenish.ingest.sources.csv_lines import Lines, find_lines, write_lines
from replenish.warehouse import Warehouse, WarehouseError

_HEAD = 1 << 16
_CHUNK = 1 << 22
_RULES = {
    "MISSING COLUMNS": "too_few_fields",
    "TOO MANY COLUMNS": "too_many_fields",
    "UNQUOTED VALUE": "quote",
    "INVALID ENCODING": "encoding",
    "LINE SIZE OVER MAXIMUM": "too_long",
}


def read_csv(warehouse: Warehouse, claim: Claim, wanted: set[str], temp: Path) -> FileRows:
    """Rows of a text file as text, with broken rows apart. Raises `InputError` when it cannot be read at all.

    Only headings in `wanted` (contract columns and those the mapping speaks of) are read, unless whole rows matter.
    """
    path = _plain_utf8(claim, temp)
    content = np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.zeros(0, np.uint8)
    if _has_odd_line_ends(content):
        path = temp / "lines"
        path.write_bytes(content.tobytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        content = np.memmap(path, dtype=np.uint8, mode="r")
    head = _head(content)
    delimiter = claim.source.delimiter if claim.source.delimiter != "auto" else delimiter_of(head, wanted)
    lines = find_lines(content, delimiter) if content.size else None
    if lines is None or lines.numbers.size == 0 or lines.cut[0]:
        raise InputError(f"{claim.file} has no row of headings. Put the column names into its first row.")
    names = _headings(content[lines.starts[0] : lines.ends[0]].tobytes(), delimiter)
    if not lines.is_whole or not path.is_relative_to(temp):
        path = _as_clean_file(content, lines, path, temp)
    places = _places(claim, names, wanted)
    good, bad = _split(warehouse, claim, path, lines, delimiter, len(names), places)
    good.columns = [names[place] for place in places]
    numbers = lines.numbers[~lines.cut][1:]
    is_good = np.ones(numbers.size, dtype=bool)
    is_good[bad["line"].to_numpy() - 2] = False
    frame = good.with_columns(pl.Series(ROW, numbers[is_good], pl.Int32))
    return FileRows(frame, _broken(content, lines, bad, numbers), delimiter=delimiter, headings=tuple(names))


def _split(
    warehouse: Warehouse, claim: Claim, path: Path, lines: Lines, delimiter: str, width: int, places: list[int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows and lines that are no rows, as the database splits them; it must find as many as were counted before."""
    expected = int((~lines.cut).sum()) - 1
    cause = ""
    for is_parallel in (not lines.has_quoted_newlines, False):
        try:
            good, bad = warehouse.read_csv_text(
                path,
                width=width,
                places=places,
                delimiter=delimiter,
                has_quotes=lines.has_quotes,
                is_parallel=is_parallel,
            )
        except WarehouseError as error:
            cause = str(error)
            continue
        if good.height + bad.height == expected:
            return good, bad
        cause = f"{expected:,} rows were counted but {good.height + bad.height:,} read"
    raise InputError(
        f"{claim.file}: its rows cannot be told apart ({cause}). Look for stray quotes, "
        "or save it again as csv with all text in quotes."
    )


def _broken(content: np.ndarray, lines: Lines, bad: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """Reject lines of rows whose quote never closes, and of rows the reader could not split."""
    cut = np.flatnonzero(lines.cut)
    texts = [
        content[lines.starts[one] : lines.ends[one]][:LONGEST_VALUE].tobytes().decode(errors="replace") for one in cut
    ]
    row = np.concatenate([lines.numbers[cut], numbers[bad["line"].to_numpy() - 2]])
    rule = pl.concat(
        [
            pl.Series(["encoding" if one else "quote" for one in lines.undecodable[cut]], dtype=pl.String),
            bad["kind"].replace_strict(_RULES, default="csv"),
        ]
    )
    value = pl.concat([pl.Series(texts, dtype=pl.String), bad["text"].str.slice(0, LONGEST_VALUE)])
    found = pl.DataFrame({"row": row, "rule": rule, "value": value})
    return found.with_columns(column=pl.lit(None), is_set_aside=False).select(list(REJECT)).cast(REJECT).sort("row")


def _places(claim: Claim, names: list[str], wanted: set[str]) -> list[int]:
    if claim.source.duplicates == "reject" or claim.source.preset:
        return list(range(len(names)))
    found = {find_heading(names, name) for name in wanted}
    return [place for place, name in enumerate(names) if name in found] or [0]


def _headings(line: bytes, delimiter: str) -> list[str]:
    text = line.decode("utf-8-sig", errors="replace").strip("\r\n")
    return headings(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))


def _plain_utf8(claim: Claim, temp: Path) -> Path:
    """The file as it is where it is plain UTF-8; otherwise a copy that is."""
    path = claim.path
    try:
        if path.name.casefold().endswith(".gz"):
            with gzip.open(path) as packed, (temp / "unpacked").open("wb") as copy:
                shutil.copyfileobj(packed, copy, _CHUNK)
            path = temp / "unpacked"
        encoding = encoding_of(path) if claim.source.encoding == "auto" else claim.source.encoding
        return path if _is_utf8(encoding) else _recoded(path, encoding, temp / "recoded")
    except LookupError as error:
        raise InputError(
            f"{claim.file}: unknown encoding {claim.source.encoding!r} in {claim.where}. Use utf-8 or cp1252."
        ) from error
    except (OSError, EOFError, UnicodeError, zlib.error) as error:
        raise InputError(f"{claim.file} cannot be read: {error}. Check the file, or export it again.") from error


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name in {"utf-8", "utf-8-sig", "ascii"}


def _recoded(path: Path, encoding: str, copy: Path) -> Path:
    with (
        path.open(encoding=encoding, errors="replace", newline="") as text,
        copy.open("w", encoding="utf-8", newline="") as out,
    ):
        shutil.copyfileobj(text, out, _CHUNK)
    return copy


def _has_odd_line_ends(content: np.ndarray) -> bool:
    """Whether rows end in more than one way, or in the old way of a single carriage return."""
    returns = newlines = pairs = 0
    for low in range(0, content.size, _CHUNK):
        chunk = content[low : low + _CHUNK + 1]
        is_return = chunk[:_CHUNK] == ord("\r")
        newlines += int(np.count_nonzero(chunk[:_CHUNK] == ord("\n")))
        if is_return.any():
            returns += int(np.count_nonzero(is_return))
            pairs += int(np.count_nonzero(is_return[: chunk.size - 1] & (chunk[1:] == ord("\n"))))
    return returns > 0 and not returns == newlines == pairs


def _head(content: np.ndarray) -> str:
    """The first lines, for a look at the delimiter."""
    text = content[:_HEAD].tobytes().decode("utf-8-sig", errors="replace").lstrip("\r\n")
    return text if content.size <= _HEAD else text.rpartition("\n")[0]


def _as_clean_file(content: np.ndarray, lines: Lines, path: Path, temp: Path) -> Path:
    """A file of whole rows under a name that the database cannot take for a pattern."""
    clean = temp / "clean"
    clean.unlink(missing_ok=True)
    if lines.is_whole:
        clean.symlink_to(path.resolve())
    else:
        write_lines(content, lines, ~lines.cut, clean)
    return clean
