"""What a preset says of one export of one system: a table of headings and of rows that do not belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Headings = tuple[str, ...]


@dataclass(frozen=True)
class Preset:
    """One export. Of several headings for a column the first that the file has counts, whatever its case.

    `columns` are the contract's; `extra` are further names that conditions in `set_aside` and `less` may use, each in
    braces; a condition whose heading a file does not have is left out. `fill` are names that stand only on the first
    row of an order, `packed` is a pattern of headings under which whole order lines stand in one cell, `wide` are all
    headings of a file that are no location where each location has a column, `coded` are names written `[code] text`,
    `utc` are times without an offset in UTC, `less` gives a column as one name less another, `joins` makes one row of
    those of the same key, and `counts` numbers the lines of an order where the file does not.
    """

    table: str
    about: str
    columns: Mapping[str, Headings]
    extra: Mapping[str, Headings] = field(default_factory=dict)
    set_aside: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fill: Headings = ()
    packed: str = ""
    wide: Headings = ()
    coded: Headings = ()
    utc: Headings = ()
    less: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    joins: Literal["", "sum", "last"] = ""
    counts: bool = False

    @property
    def headings(self) -> set[str]:
        """Every heading it knows."""
        return {one for known in (*self.columns.values(), *self.extra.values()) for one in known} | set(self.wide)
