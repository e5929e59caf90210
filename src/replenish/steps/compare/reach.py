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
    """Nodes run again together: those in question, and those above and below them that their orders rest on."""

    targets: pl.DataFrame
    nodes: pl.DataFrame  # all of them
    upper: pl.DataFrame  # those that change with the targets
    lower: pl.DataFrame  # customer-facing ones below, which change at once: dependent demand
    last_level: int


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
        """The customer-facing targets, and the others with all that depends on them."""
        facing = [node for node in targets if not level.get(node, 0)]
        others = [node for node in targets if level.get(node, 0)]
        found = []
        if facing:
            nodes = _frame(_all_of(facing, self._above))
            found.append(Group(_frame(facing), nodes, nodes, nodes.clear(), 0))
        if others:
            nodes_below = _all_of(others, self._below)
            lower = {node for node in nodes_below if not level.get(node, 0)}
            nodes_all = _all_of(nodes_below, self._above)
            upper = _frame(nodes_all - lower)
            top = max(level[node] for node in others)
            found.append(Group(_frame(others), _frame(nodes_all), upper, _frame(lower), top))
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
