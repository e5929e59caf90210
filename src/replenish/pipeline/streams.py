"""Blocks of nodes as a station reads and writes them."""

from __future__ import annotations

from replenish.stream import Stream
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse


def stream(house: Warehouse, tonight: Tonight) -> Stream:
    """Blocks of so many nodes of weeks; a node of days has seven times the rows, so there are fewer in a block."""
    return Stream(house, max(1, tonight.settings.compute.block_nodes * tonight.bucket_days // 7))
