"""Which nodes are run again, and which others their orders rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from replenish.steps.order.decided import Business
from replenish.steps.panel import KEY

Place = tuple[str, str]


@dataclass(frozen=True)
class Group:
    """Nodes of one level run again together, and those above and below them that their orders rest on.

    How far ahead a node is sampled depends on those above it: they stand as tonight throughout.
    """

    targets: pl.DataFrame
    nodes: pl.DataFrame  # all of them
    lower: pl.DataFrame  # those below, which change all at once: dependent demand
    level: int


class Reach:
    """Who takes from whom, in either night."""

    def __init__(self, *nights: Business) -> None:
        self._below: dict[Place, list[Place]] = {}
        self._above: dict[Place, list[Place]] = {}
        pairs = pl.concat([_pairs(night) for night in nights]).unique().sort("item_id", "location_id", "of", "at")
        for item, place, of, at in pairs.iter_rows():
            self._above.setdefault((item, place), []).append((of, at))
            self._below.setdefault((of, at), []).append((item, place))

    def chosen(self, ranked: Iterable[Place], most: int) -> list[Place]:
        """As many of these, the first ones first, as fit with all below them into so many nodes."""
        taken, run = [], set[Place]()
        for node in ranked:
            more = _all_of([node], self._below) - run
            if len(run) + len(more) <= most:
                run |= more
                taken.append(node)
        return taken

    def groups(self, targets: Sequence[Place], level: Mapping[Place, int]) -> list[Group]:
        """The targets level by level, customer-facing ones first, each with all below and above them."""
        found = []
        for rung in sorted({level.get(node, 0) for node in targets}):
            mine = [node for node in targets if level.get(node, 0) == rung]
            below = _all_of(mine, self._below) - set(mine)
            nodes = _all_of([*mine, *below], self._above)
            found.append(Group(_frame(mine), _frame(nodes), _frame(below), rung))
        return found


def _all_of(start: Iterable[Place], step: Mapping[Place, list[Place]]) -> set[Place]:
    """The places and all that are reached from them."""
    found = set(start)
    waiting = list(found)
    while waiting:
        for other in step.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _frame(nodes: Iterable[Place]) -> pl.DataFrame:
    return pl.DataFrame(sorted(nodes), schema=dict.fromkeys(KEY, pl.String), orient="row")


def _pairs(about: Business) -> pl.DataFrame:
    """A node and what it takes: the same item at its origin, or a component at its plant (of, at)."""
    used = about.arc.filter(pl.col("arc_rank") == 1)
    moves = used.filter(kind="move").select(*KEY, of="item_id", at="source_id")
    lines = about.bom_line.select(item_id="parent_item_id", source_id="location_id", of="component_item_id").unique()
    makes = used.filter(pl.col("kind").is_in(["make", "pass"])).join(lines, on=["item_id", "source_id"])
    return pl.concat([moves, makes.select(*KEY, "of", at="source_id")])
