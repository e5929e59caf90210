"""Blocks of nodes as a station reads and writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from replenish import steps
from replenish.stream import Blocks, Stream
from replenish.tables import core
from replenish.tables.table import Table
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse


def stream(house: Warehouse, tonight: Tonight) -> Stream:
    """Blocks of so many nodes of weeks; a node of days has seven times the rows, so there are fewer in a block."""
    return Stream(house, max(1, tonight.settings.compute.block_nodes * tonight.bucket_days // 7))


@dataclass(frozen=True)
class Believed:
    """Blocks that begin with the history, its doubtful buckets taken out; every pass over them reads anew."""

    blocks: Blocks
    doubtful: Any  # core.doubtful_bucket, of all nodes

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for history, *rest in self.blocks:
            yield steps.believed(history, self.doubtful), *rest


def believed(house: Warehouse, tonight: Tonight, *others: type[Table]) -> Believed:
    """What can be believed of the history, with other tables of the same nodes."""
    return Believed(stream(house, tonight).read(core.DemandHistory, *others), house.read(core.DoubtfulBucket))
