"""Ways in which files arrive broken, each a function of the rows and of chance."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import polars as pl

Rows = list[list[str]]
HOSTILE = (
    "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "'; drop table raw.sales; --", "../../etc/passwd", "null", "NaN",
    "\u202egnp.exe", "%s%n", "{{7*7}}", "${jndi:ldap://x}", "\x00", "\ufeff", "\ud7ff\ue000", "a\tb", "' or 1=1", "\\",
    '"',
)  # fmt: skip
NUMBERS = (
    "NaN",
    "inf",
    "-inf",
    "1e400",
    "-1e308",
    "1e-320",
    "9" * 400,
    "0x10",
    "1_000",
    "1,5,5",
    "--3",
    "+-1",
    "١٢",
    "½",
    "1e",
    "",
)
DAYS = (
    "",
    "0000-00-00",
    "2026-02-30",
    "99999-01-01",
    "1970-01-01T25:61:00Z",
    "31/31/2026",
    "1e9",
    "tomorrow",
    "20260101999",
)
ENCODINGS = ("utf-16", "utf-16-be", "utf-8-sig", "cp1252", "cp037", "utf-32", "shift_jis", "latin-1", "koi8-r")


@dataclass(frozen=True)
class Broken:
    """A file as it arrives: its name's ending, its bytes, and its rows where they can still be counted."""

    ending: str
    content: bytes
    row_count: int | None


def text_of(rows: Rows, delimiter: str = ",", end: str = "\n") -> bytes:
    """Rows as a plain text file."""
    return (end.join(delimiter.join(row) for row in rows) + end).encode("utf-8", "surrogatepass")


def values(rows: Rows, chance: random.Random, choices: tuple[str, ...]) -> Broken:
    """Some cells say something else."""
    rows = [list(row) for row in rows]
    for _ in range(chance.randint(1, 5)):
        row = rows[chance.randrange(1, len(rows))]
        word = chance.choice(choices).replace('"', '""')
        row[chance.randrange(len(row))] = f'"{word}"'
    return Broken(".csv", text_of(rows), len(rows) - 1)


def truncated(rows: Rows, chance: random.Random) -> Broken:
    """The end is missing."""
    whole = text_of(rows)
    return Broken(".csv", whole[: chance.randrange(len(whole))], None)


def encoded(rows: Rows, chance: random.Random) -> Broken:
    """Another program's letters."""
    rows = [list(row) for row in rows]
    rows[chance.randrange(1, len(rows))][1] = chance.choice(["käse", "naïve", "tea"])
    text = text_of(rows).decode()
    return Broken(".csv", text.encode(chance.choice(ENCODINGS), "replace"), None)


def shuffled(rows: Rows, chance: random.Random) -> Broken:
    """Columns in another order, perhaps one of them gone, twice or without a name."""
    order = list(range(len(rows[0])))
    chance.shuffle(order)
    how = chance.randrange(4)
    order = {0: order, 1: order[1:], 2: [*order, order[0]], 3: order}[how]
    mixed = [[row[place] for place in order] for row in rows]
    if how == 3:
        mixed[0][0] = chance.choice(["", " ", "\u00a0", "QTY ", "Item-ID", "date;date"])
    return Broken(".csv", text_of(mixed), len(rows) - 1)


def ragged(rows: Rows, chance: random.Random) -> Broken:
    """Rows with too many or too few fields, empty rows, headings again in the middle."""
    rows = [list(row) for row in rows]
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(1, len(rows))
        how = chance.randrange(4)
        if how == 0:
            rows[place].append("more")
        elif how == 1:
            rows[place] = rows[place][:-1] or ["x"]
        elif how == 2:
            rows.insert(place, list(rows[0]))
        else:
            rows.insert(place, ["x"])
    return Broken(".csv", text_of(rows), len(rows) - 1)


def delimited(rows: Rows, chance: random.Random) -> Broken:
    """Other delimiters and line ends."""
    delimiter, end = chance.choice([";", "\t", "|", ",", ":", " "]), chance.choice(["\r\n", "\r", "\n", "\n\n"])
    return Broken(".csv", text_of(rows, delimiter, end), None)


def huge(rows: Rows, chance: random.Random) -> Broken:
    """A cell of half a million letters, or a row of thousands of fields."""
    rows = [list(row) for row in rows]
    row = rows[chance.randrange(1, len(rows))]
    if chance.random() < 0.5:
        row[chance.randrange(len(row))] = "x" * chance.choice([70_000, 500_000])
    else:
        row.extend(["y"] * 5000)
    return Broken(".csv", text_of(rows), len(rows) - 1)


def flipped(rows: Rows, chance: random.Random) -> Broken:
    """Bytes overwritten, in a text, packed or binary file."""
    made = chance.choice([_plain, _packed, _parquet, _workbook])(rows)
    content = bytearray(made.content)
    for _ in range(chance.randint(1, 12)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return Broken(made.ending, bytes(content), None)


def misnamed(rows: Rows, chance: random.Random) -> Broken:
    """A file whose name promises another form, or that holds nothing."""
    content = chance.choice([b"", b"\n", b"PK\x03\x04", b"PAR1", gzip.compress(b""), text_of(rows), b"\xff\xfe", b"{}"])
    return Broken(chance.choice([".csv", ".csv.gz", ".parquet", ".xlsx", ".tsv"]), content, None)


def cut_binary(rows: Rows, chance: random.Random) -> Broken:
    """Parquet, workbook or packed text whose end is missing."""
    made = chance.choice([_packed, _parquet, _workbook])(rows)
    return Broken(made.ending, made.content[: chance.randrange(len(made.content))], None)


def _plain(rows: Rows) -> Broken:
    return Broken(".csv", text_of(rows), len(rows) - 1)


def _packed(rows: Rows) -> Broken:
    return Broken(".csv.gz", gzip.compress(text_of(rows), mtime=0), len(rows) - 1)


def _frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows[1:], schema=rows[0], orient="row")


def _parquet(rows: Rows) -> Broken:
    file = BytesIO()
    _frame(rows).write_parquet(file)
    return Broken(".parquet", file.getvalue(), len(rows) - 1)


def _workbook(rows: Rows) -> Broken:
    file = BytesIO()
    _frame(rows).write_excel(file)
    return Broken(".xlsx", file.getvalue(), len(rows) - 1)


_BY_NAME = (truncated, encoded, shuffled, ragged, delimited, huge, flipped, misnamed, cut_binary)
MUTATIONS: dict[str, Callable[[Rows, random.Random], Broken]] = {
    "hostile": lambda rows, chance: values(rows, chance, HOSTILE),
    "numbers": lambda rows, chance: values(rows, chance, NUMBERS),
    "days": lambda rows, chance: values(rows, chance, DAYS),
    **{mutation.__name__: mutation for mutation in _BY_NAME},
}
