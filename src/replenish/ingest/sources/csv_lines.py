"""Where rows of a text file begin and end, found with array arithmetic before any field is read.

A quote that never closes would swallow all rows behind it. A row therefore spans several lines only where its quote
closes within `_FAR` lines; otherwise the line that opens it is cut out as one broken row and reading goes on behind it.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

_CHUNK = 1 << 24
_DECODED = 1 << 16
_FAR = 200
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


@dataclass(frozen=True)
class Lines:
    """Rows of a text file.

    `starts` and `ends` are byte positions, `numbers` row numbers as a spreadsheet counts, `cut` marks rows whose quote
    never closes or whose bytes are no UTF-8 (`undecodable`); `is_whole` tells that nothing is cut or blank, so that the
    file can be read as it is.
    """

    starts: np.ndarray
    ends: np.ndarray
    numbers: np.ndarray
    cut: np.ndarray
    undecodable: np.ndarray
    has_quotes: bool
    has_quoted_newlines: bool
    is_whole: bool


def find_lines(content: np.ndarray, delimiter: str) -> Lines:
    """Rows of the content (uint8, rows ended by newlines), blank ones left out, broken ones marked in `cut`."""
    ends, is_odd, has_quotes = _line_ends(content)
    starts = np.concatenate([[0], ends[:-1] + 1])
    suspects = _suspects(content, ends, is_odd, delimiter.encode()) if has_quotes else np.zeros(0, dtype=np.int64)
    within, cut = _quoted_newlines(content, starts, ends, suspects, delimiter.encode())
    undecodable = _undecodable(content, ends)
    first = np.flatnonzero(~within)
    starts, ends = starts[first], ends[np.append(first[1:] - 1, ends.size - 1)]
    undecodable = np.logical_or.reduceat(undecodable, first)
    cut = cut[first] | undecodable
    filled = ~_blank(content, starts, ends)
    return Lines(
        starts=starts[filled],
        ends=ends[filled],
        numbers=np.flatnonzero(filled) + 1,
        cut=cut[filled],
        undecodable=undecodable[filled],
        has_quotes=has_quotes,
        has_quoted_newlines=bool(within.any()),
        is_whole=bool(filled.all() and not cut.any()),
    )


def write_lines(content: np.ndarray, lines: Lines, keep: np.ndarray, path: Path) -> None:
    """Write the chosen rows to a file, runs of neighbours at once."""
    edges = np.flatnonzero(np.diff(keep.astype(np.int8), prepend=0, append=0))
    with path.open("wb") as file:
        for first, behind in edges.reshape(-1, 2):
            for low in range(first, behind, 1 << 20):
                part = slice(low, min(low + (1 << 20), behind))
                _write_run(content, lines.starts[part], lines.ends[part], file)


def _write_run(content: np.ndarray, starts: np.ndarray, ends: np.ndarray, file: BinaryIO) -> None:
    gaps = np.flatnonzero(starts[1:] != ends[:-1] + 1) + 1
    for run in np.split(np.arange(starts.size), gaps):
        file.write(content[starts[run[0]] : ends[run[-1]]].tobytes())
        file.write(b"\n")


def _line_ends(content: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Positions of newlines (and the end), and whether each line holds an odd number of quotes."""
    ends, parities = [], []
    carry = 0
    for low in range(0, content.size, _CHUNK):
        chunk = content[low : low + _CHUNK]
        place = np.flatnonzero(chunk == _NEWLINE)
        is_quote = chunk == _QUOTE
        count = np.cumsum(is_quote, dtype=np.int32)[place] if is_quote.any() else np.zeros(place.size, dtype=np.int32)
        ends.append(place + low)
        parities.append((count + carry) & 1)
        carry += int(np.count_nonzero(is_quote))
    end = np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64)
    parity = np.concatenate(parities) if parities else np.zeros(0, dtype=np.int64)
    if content.size and (end.size == 0 or end[-1] != content.size - 1):
        end = np.append(end, content.size)
        parity = np.append(parity, carry & 1)
    return end, np.diff(parity, prepend=0) != 0, carry > 0


def _quoted_newlines(
    content: np.ndarray, starts: np.ndarray, ends: np.ndarray, suspects: np.ndarray, delimiter: bytes
) -> tuple[np.ndarray, np.ndarray]:
    """Which lines go on with the row above, and which open a quote that no near line closes. Only suspects can."""
    within = np.zeros(starts.size, dtype=bool)
    cut = np.zeros(starts.size, dtype=bool)
    behind = 0
    for line in suspects.tolist():
        if line < behind or _state_behind(content[starts[line] : ends[line]].tobytes(), delimiter, "plain") != "quoted":
            continue
        last, state = line, "quoted"
        far = min(line + _FAR, starts.size - 1)
        while state == "quoted" and last < far:
            last += 1
            state = _state_behind(content[starts[last] : ends[last]].tobytes(), delimiter, "carried")
        if state == "plain":
            within[line + 1 : last + 1] = True
            behind = last + 1
        else:
            cut[line] = True
    return within, cut


def _state_behind(line: bytes, delimiter: bytes, state: str) -> str:
    """`quoted` where the line's end lies inside a quoted field, else `plain`; a quote opens a field only at its start.

    `carried` is a field from the line above: where it closes before anything but a delimiter or the end, the quote that
    opened it was `stray`.
    """
    place = 0
    while True:
        if state == "plain":
            while line[place : place + 1] == b" ":
                place += 1
            if line[place : place + 1] == b'"':
                state, place = "quoted", place + 1
        if state != "plain":
            place = line.find(b'"', place)
            if place < 0:
                return "quoted"
            if line[place + 1 : place + 2] == b'"':
                place += 2
                continue
            if state == "carried" and line[place + 1 : place + 2] not in (b"", b"\r", delimiter):
                return "stray"
            state = "plain"
        place = line.find(delimiter, place) + 1
        if not place:
            return "plain"


def _suspects(content: np.ndarray, ends: np.ndarray, is_odd: np.ndarray, delimiter: bytes) -> np.ndarray:
    """Lines that may end inside a quote: an odd number of quotes, or a quote amid other characters."""
    opens = np.frombuffer(delimiter + b'"\n', dtype=np.uint8)
    closes = np.frombuffer(delimiter + b'"\r\n', dtype=np.uint8)
    suspect = is_odd.copy()
    for low in range(0, content.size, _CHUNK):
        place = np.flatnonzero(content[low : low + _CHUNK] == _QUOTE) + low
        amid = (place > 0) & (place < content.size - 1)
        place = place[amid]
        stray = ~np.isin(content[place - 1], opens) & ~np.isin(content[place + 1], closes)
        suspect[np.searchsorted(ends, place[stray])] = True
    return np.flatnonzero(suspect)


def _undecodable(content: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Lines whose bytes are no UTF-8."""
    broken = np.zeros(ends.size, dtype=bool)
    low = 0
    while low < content.size:
        line = min(int(np.searchsorted(ends, low + _DECODED)), ends.size - 1)
        high = int(ends[line]) + 1
        try:
            codecs.utf_8_decode(content[low:high].tobytes(), "strict", True)
            low = high
        except UnicodeDecodeError as error:
            line = int(np.searchsorted(ends, low + error.start))
            broken[line] = True
            low = int(ends[line]) + 1
    return broken


def _blank(content: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    length = ends - starts
    only_return = (length == 1) & (content[np.minimum(starts, content.size - 1)] == _RETURN)
    return (length == 0) | only_return
