"""What a night does about a warehouse that a power cut or a failing disk has damaged: set it aside and make it anew.

Everything in the warehouse comes from the input files and the published runs, so nothing is lost by it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from replenish.publish.atomic import PublishError
from replenish.warehouse import WarehouseError

Answer = TypeVar("Answer")

NAME = "warehouse.duckdb"
ASIDE = "damaged-"
DAMAGED = (
    "Corrupt database file",
    "Could not read enough bytes",
    "not a valid DuckDB database file",
    "Failure while replaying WAL",
)
FULL = "No space left on device"
SHORT_OF_MEMORY = "Out of Memory Error"
UNTOUCHED = "Earlier runs are as they were"


class DamagedError(WarehouseError):
    """The warehouse cannot be read any more; a night makes it anew."""


def told(error: Exception, state: Path) -> WarehouseError | None:
    """The trouble of a disk, a damaged file or too little memory in plain words; None for any other error."""
    text = str(error)
    if isinstance(error, PublishError | DamagedError):
        return None
    if FULL in text:
        return WarehouseError(f"the disk of {state} is full: free some space and run again. {UNTOUCHED}.")
    if any(mark in text for mark in DAMAGED):
        return DamagedError(f"the warehouse in {state} is damaged: `replenish run` makes it anew from the input files")
    if SHORT_OF_MEMORY in text:
        return WarehouseError(
            "the database needs more memory than it may use: raise [compute] memory_limit_gb. "
            f"{UNTOUCHED} ({text.splitlines()[0]})"
        )
    return None


def repaired(state: Path, work: Callable[[], Answer], progress: Callable[[str], None]) -> Answer:
    """What `work` gives; where it meets a damaged warehouse, that is set aside, and the work is done once more.

    Call it with the folder's lock held. Raises what `work` raises; `DamagedError` where a new warehouse is damaged too.
    """
    try:
        return work()
    except DamagedError:
        aside = set_aside(state)
        progress(f"the warehouse was damaged; it is kept as {aside.name}, and everything is loaded again")
        return work()


def set_aside(state: Path) -> Path:
    """Move the warehouse and its log out of the way; one set aside before is replaced."""
    aside = state / f"{ASIDE}{NAME}"
    for end in ("", ".wal"):
        file = state / f"{NAME}{end}"
        if file.exists():
            file.replace(f"{aside}{end}")
    return aside
