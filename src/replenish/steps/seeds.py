"""Seeds of nodes: the same chance for a node whatever else is planned beside it."""

from __future__ import annotations

from datetime import date
from zlib import crc32

import numpy as np
import polars as pl

from replenish.steps.panel import KEY, Ints


def node_seeds(nodes: pl.DataFrame, seed: int, day: date) -> Ints:
    """Seed of each node (item_id, location_id): a checksum of its ids, the run's seed and the day."""
    tail = f"\x1f{seed}\x1f{day.isoformat()}"
    ids = nodes.select(pl.concat_str(KEY, separator="\x1f")).to_series()
    return np.array([crc32((one + tail).encode()) for one in ids], dtype=np.int64)
