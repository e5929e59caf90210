"""Where rows of a text file begin and end, found with array arithmetic before any field is read.

A quote that never closes would swallow all rows behind it. A row therefore spans several lines only where its quote
closes within `_FAR` lines; otherwise the line that opens it is cut out as one broken row and reading goes on behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

_CHUNK = 1 << 24
_FAR = 200
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34


@dataclass(frozen=True)
class Lines:
    """Rows of a text file.

    `starts` and `ends` are byte positions, `numbers` row numbers as a spreadsheet counts, `cut` marks rows whose quote
    never closes; `is_whole` tells that nothing is cut or blank, so that the file can be read as it is.
    """

    starts: np.ndarray
    ends: np.ndarray
    numbers: np.ndarray
    cut: np.ndarray
    has_quotes: bool
    has_quoted_newlines: bool
    is_whole: bool


def find_lines(content: np.ndarray, delimiter: str) -> Lines:
    """Rows of the content (uint8, rows ended by newlines), blank ones left out and unclosed quotes marked in `cut`."""
    ends, is_odd, has_quotes = _line_ends(content)
    starts = np.concatenate([[0], ends[:-1] + 1])
    within, cut = _quoted_newlines(content, starts, ends, np.flatnonzero(is_odd), delimiter.encode())
    starts, ends, cut = starts[~within], ends[np.append(~within[1:], True)], cut[~within]
    filled = ~_blank(content, starts, ends)
    return Lines(
        starts=starts[filled],
        ends=ends[filled],
        numbers=np.flatnonzero(filled) + 1,
        cut=cut[filled],
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


def _write_run(content: np.ndarray, starts: np.ndarray, ends: np.ndarray, file: object) -> None:
    gaps = np.flatnonzero(starts[1:] != ends[:-1] + 1) + 1
    for run in np.split(np.arange(starts.size), gaps):
        file.write(content[starts[run[0]] : ends[run[-1]]].tobytes())  # type: ignore[attr-defined]
        file.write(b"\n")  # type: ignore[attr-defined]


def _line_ends(content: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Positions of newlines (and the end), and whether each line holds an odd number of quotes."""
    ends, parities = [], []
    carry = 0
    for low in range(0, content.size, _CHUNK):
        chunk = content[low : low + _CHUNK]
        place = np.flatnonzero(chunk == _NEWLINE)
        is_quote = chunk == _QUOTE
        count = np.cumsum(is_quote, dtype=np.int32)
        ends.append(place + low)
        parities.append((count[place] + carry) & 1)
        carry += int(count[-1])
    end = np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64)
    parity = np.concatenate(parities) if parities else np.zeros(0, dtype=np.int64)
    if content.size and (end.size == 0 or end[-1] != content.size - 1):
        end = np.append(end, content.size)
        parity = np.append(parity, carry & 1)
    return end, np.diff(parity, prepend=0) != 0, carry > 0


def _quoted_newlines(
    content: np.ndarray, starts: np.ndarray, ends: np.ndarray, odd: np.ndarray, delimiter: bytes
) -> tuple[np.ndarray, np.ndarray]:
    """Which lines go on with the row above, and which open a quote that no near line closes. Only odd lines can."""
    within = np.zeros(starts.size, dtype=bool)
    cut = np.zeros(starts.size, dtype=bool)
    behind = 0
    for line in odd.tolist():
        if line < behind or not _ends_quoted(content[starts[line] : ends[line]].tobytes(), delimiter, quoted=False):
            continue
        last = line + 1
        far = min(line + _FAR, starts.size)
        while last < far and _ends_quoted(content[starts[last] : ends[last]].tobytes(), delimiter, quoted=True):
            last += 1
        if last < far:
            within[line + 1 : last + 1] = True
            behind = last + 1
        else:
            cut[line] = True
    return within, cut


def _ends_quoted(line: bytes, delimiter: bytes, *, quoted: bool) -> bool:
    """Whether the line's end lies inside a quoted field; a quote opens a field only at its start.

    A field from the line above must close before a delimiter or the end, else the quote it came from was stray.
    """
    place, is_carried = 0, quoted
    closers = (b"", b"\r", b" ", delimiter)
    while True:
        if quoted:
            place = line.find(b'"', place)
            if place < 0:
                return True
            if line[place + 1 : place + 2] == b'"':
                place += 2
                continue
            if is_carried and line[place + 1 : place + 2] not in closers:
                return True
            quoted = is_carried = False
        else:
            while line[place : place + 1] == b" ":
                place += 1
            if line[place : place + 1] == b'"':
                quoted, place = True, place + 1
                continue
        place = line.find(delimiter, place) + 1
        if not place:
            return False


def _blank(content: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    length = ends - starts
    only_return = (length == 1) & (content[np.minimum(starts, content.size - 1)] == _RETURN)
    return (length == 0) | only_return
