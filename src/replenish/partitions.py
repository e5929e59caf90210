"""Parquet partitions in a folder or in object storage, and the work on one of them: Parquet in, Parquet out."""

from __future__ import annotations

import pickle
import shutil
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl

Answer = pl.DataFrame | tuple[pl.DataFrame, ...] | Mapping[str, pl.DataFrame]


class BlockError(RuntimeError):
    """A step failed on a block of nodes; the message says on which and with what words."""


@dataclass(frozen=True)
class Partition:
    """A block to be computed: the pickled step, where the block lies, and which tables it and all blocks have."""

    step: bytes
    place: str
    names: tuple[str, ...]
    shared: Mapping[str, str]


@contextmanager
def folder(where: str) -> Iterator[str]:
    """A new place for partitions: below a folder or a URL such as `s3://bucket/prefix`, or in a temporary folder.

    A folder is removed afterwards; what lies in object storage stays for the bucket's own rules to remove.
    """
    if is_remote(where):
        yield f"{where.rstrip('/')}/replenish-{uuid4().hex}"
        return
    home = where.removeprefix("file://") or None
    if home:
        Path(home).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="replenish-", dir=home, ignore_cleanup_errors=True) as name:
        yield name


def is_remote(where: str) -> bool:
    """Whether a place is in object storage; polars finds its credentials in the environment."""
    return "://" in where and not where.startswith("file://")


def write(frame: pl.DataFrame, file: str) -> str:
    """Write a table; it appears whole or not at all."""
    if is_remote(file):
        frame.write_parquet(file)
        return file
    beside = Path(f"{file}.{uuid4().hex}")
    beside.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(beside)
    beside.replace(file)
    return file


def read(file: str) -> pl.DataFrame:
    """The table in a file."""
    return pl.read_parquet(file, glob=False, hive_partitioning=False)


def discard(place: str) -> None:
    """Remove a block that is no longer needed, where that is a matter of a moment."""
    if not is_remote(place):
        shutil.rmtree(place, ignore_errors=True)


def work(partition: Partition) -> None:
    """Take the step on one block and write its answer beside it; an answer that is there already is left alone.

    Raises `BlockError` with the step's words: an error of any other class may not find its way between processes.
    """
    try:
        if _told(partition.place) is None:
            frames = {name: read(f"{partition.place}/in-{name}.parquet") for name in partition.names}
            frames |= {name: read(file) for name, file in partition.shared.items()}
            _tell(taken(pickle.loads(partition.step), frames), partition.place)
    except BlockError:
        raise
    except Exception as error:
        raise _in_words(error) from None


def taken(step: Callable[..., Any], frames: Mapping[str, pl.DataFrame]) -> Any:
    """What a step says of a block's tables. Raises `BlockError` when it fails."""
    try:
        return step(**frames)
    except Exception as error:
        raise _in_words(error) from error


def answer(place: str) -> Any:
    """What was written for a block: a table, a tuple or a dictionary of tables."""
    told = _told(place)
    if told is None:
        raise FileNotFoundError(f"{place} holds no answer")
    tables = {name: read(f"{place}/out-{name}.parquet") for name in told["name"]}
    kind = told["kind"][0]
    return tables if kind == "dict" else tuple(tables.values()) if kind == "tuple" else tables["0"]


def _tell(found: Answer, place: str) -> None:
    kind = "table" if isinstance(found, pl.DataFrame) else "tuple" if isinstance(found, tuple) else "dict"
    tables = found if isinstance(found, Mapping) else dict(enumerate(found if isinstance(found, tuple) else (found,)))
    for name, table in tables.items():
        write(table, f"{place}/out-{name}.parquet")
    # written last: a block is done when this file is there
    write(pl.DataFrame({"kind": kind, "name": [str(name) for name in tables]}), f"{place}/done.parquet")


def _told(place: str) -> pl.DataFrame | None:
    try:
        return read(f"{place}/done.parquet")
    except FileNotFoundError:
        return None


def _in_words(error: Exception) -> BlockError:
    told = BlockError(f"{type(error).__name__}: {error}")
    told.add_note(traceback.format_exc())  # where it happened goes along, as text
    return told
