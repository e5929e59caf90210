"""How a text file is written: its encoding and its delimiter, read from the bytes."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable
from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 1 << 22
_ENOUGH = 1000


def encoding_of(path: Path) -> str:
    """Encoding of a text file: by its mark, else UTF-8, else Windows-1252.

    A file that is mostly good UTF-8 with a few broken bytes stays UTF-8, so that the broken rows are told.
    """
    with path.open("rb") as file:
        head = file.read(4)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name
        if len(head) == 4 and head[0] and head[2] and not head[1] and not head[3]:
            return "utf-16-le"
        file.seek(0)
        good, broken = _multibyte(file)
    return "utf-8" if good >= broken else "cp1252"


def _multibyte(file: io.BufferedReader) -> tuple[int, int]:
    """Good characters beyond ASCII and broken bytes, counted until the answer is clear."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    good = broken = 0
    while chunk := file.read(_CHUNK):
        if chunk.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(chunk)
        bad = max(text.count("\ufffd") - chunk.count(b"\xef\xbf\xbd"), 0)  # the mark itself may be good text
        broken += bad
        good += len(text.encode()) - len(text) - 2 * bad
        if good + broken > _ENOUGH:
            break
    return good, broken


def delimiter_of(head: str, wanted: Iterable[str]) -> str:
    """Delimiter under which the headings are known ones and the rows have as many fields as the headings."""
    folded = {name.strip().casefold() for name in wanted}
    return max(DELIMITERS, key=lambda sign: (*_fitness(head, sign, folded), -DELIMITERS.index(sign)))


def _fitness(head: str, sign: str, wanted: set[str]) -> tuple[int, float, int]:
    rows = [row for row in _split(head, sign) if row]
    if not rows:
        return 0, 0.0, 0
    names = {name.strip().casefold() for name in rows[0]}
    even = sum(len(row) == len(rows[0]) for row in rows) / len(rows) if len(rows[0]) > 1 else 0.0
    return len(names & wanted), even, len(rows[0])


def _split(head: str, sign: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(head, newline=""), delimiter=sign))
    except csv.Error:
        return [line.split(sign) for line in head.splitlines()]
