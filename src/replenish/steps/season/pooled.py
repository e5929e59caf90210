"""Groups that share a season, from all nodes to category x cluster, and what each of them was found to have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.calendar import GROUP
from replenish.steps.panel import Ints, codes

LEAST_NODES = 30  # a smaller group borrows the season of its parent,
# unless it sells so much that its season cannot be chance: its parent's is a worse guess then.
FEW_NODES, PLENTY_UNITS = 10, 200.0  # units in each position


@dataclass
class Pooled:
    """Indices [groups, positions] of the (category, cluster) groups, their nodes, and where they come from."""

    index: np.ndarray
    size: Ints
    source: list[str]

    @classmethod
    def flat(cls, groups: int, positions: int) -> Pooled:
        """Nothing known yet."""
        return cls(np.ones((groups, positions)), np.zeros(groups, dtype=np.int64), ["flat"] * groups)

    def take(self, source: str, index: np.ndarray, size: Ints, ready: np.ndarray) -> None:
        """Let the groups that are ready follow this pool; all arguments one entry a (category, cluster) group."""
        for g in np.flatnonzero(ready):
            self.index[g], self.size[g], self.source[g] = index[g], int(size[g]), source


@dataclass(frozen=True)
class Pool:
    """One way to group nodes: group of each node, and of each (category, cluster)."""

    source: str
    of_node: Ints
    of_base: Ints
    count: int


def pools(nodes: pl.DataFrame) -> list[Pool]:
    """All nodes; then every depth of the category path; then category x cluster: coarse to fine."""
    own, base = codes(nodes, GROUP)
    depth = int(nodes["category"].str.count_matches("/", literal=True).to_numpy().max(initial=0)) + 1
    paths = [base["category"].str.split("/").list.head(k + 1).list.join("/") for k in range(depth)]
    named = [("all", pl.repeat("", base.height, eager=True)), *(("category", path) for path in paths)]
    found = []
    for source, name in named:
        of_base, names = codes(pl.DataFrame({"name": name}, schema={"name": pl.String}), ["name"])
        found.append(Pool(source, of_base[own], of_base, names.height))
    return [*found, Pool("category_cluster", own, np.arange(base.height), base.height)]
