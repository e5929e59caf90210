"""Pegs followed through all levels: a chain by hand, and laws on random networks."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.full_pegging import Trails, follow_pegs
from replenish.numerics.pegging import peg_first_in_first_out
from tests.golden_cases import case


class Link(NamedTuple):
    """A peg for the kernel."""

    qty: float
    root: int
    dependant: int = -1
    opens: float = 0.0
    factor: float = 1.0
    lead: float = 0.0


def follow(*streams: list[Link]) -> Trails:
    """The kernel on pegs by stream."""
    flat = [link for stream in streams for link in stream]
    start = np.cumsum([0, *map(len, streams)]).astype(np.int64)
    kinds = (np.float64, np.int64, np.int64, np.float64, np.float64, np.float64)
    columns = [np.array([link[k] for link in flat], dtype=kind) for k, kind in enumerate(kinds)]
    return follow_pegs(start, *columns)


def pieces(trails: Trails) -> list[tuple[float, ...]]:
    """Rows of (peg, root, units, units at the root, lead times on the way)."""
    return [tuple(row) for row in zip(*(np.asarray(part).tolist() for part in trails), strict=True)]


def test_a_purchase_is_followed_to_two_customers() -> None:
    """Two steel plates a frame, one frame a bicycle: a purchase of 30 plates becomes 15 bicycles."""
    in_stock = [Link(4, 0)]
    to_come = [Link(6, 0), Link(10, 1)]
    frames_there, frames = [Link(3, 9, dependant=1, opens=0, lead=2)], [Link(13, 9, dependant=1, opens=3, lead=2)]
    plate = [
        Link(20, 8, dependant=3, opens=0, factor=2, lead=5),
        Link(10, 8, dependant=3, opens=10, factor=2, lead=5),
    ]
    assert pieces(follow(in_stock, to_come, frames_there, frames, plate))[3:] == [
        (3, 0, 3, 3, 2),
        (4, 0, 3, 3, 2),
        (4, 1, 10, 10, 2),
        (5, 0, 6, 3, 7),
        (5, 1, 14, 7, 7),
        (6, 1, 6, 3, 7),
        (6, 8, 4, 2, 5),  # the frames of which nobody knows for whom
    ]


def test_one_level_is_the_pegs_themselves() -> None:
    """The published first-in-first-out case has no level above it: every peg is its own trail."""
    known = case("material_plan", "peg_fifo")["inputs"]
    sides = [np.array([row[2] for row in known[side]], float) for side in ("supply", "demand")]
    pegs, _, _ = peg_first_in_first_out(np.array([0, 3]), sides[0], np.array([0, 4]), sides[1])
    trails = follow([Link(float(qty), int(d)) for d, qty in zip(pegs.demand, pegs.qty, strict=True)])
    assert trails.peg.tolist() == list(range(len(pegs.qty)))
    assert trails.root.tolist() == pegs.demand.tolist()
    assert trails.qty.tolist() == trails.root_qty.tolist() == pegs.qty.tolist()


def test_a_dependant_that_is_not_planned_ends_the_trail() -> None:
    """A stream later in the order, as on a cycle, is not followed."""
    assert pieces(follow([Link(5, 7, dependant=1, factor=2.5)], [Link(2, 0)])) == [
        (0, 7, 5, 2, 0),
        (1, 0, 2, 2, 0),
    ]


amounts = st.floats(0.01, 1e6) | st.integers(1, 50).map(float)
final = st.tuples(amounts, st.integers(0, 3)).map(lambda one: Link(*one))


@st.composite
def networks(draw: st.DrawFn) -> list[list[Link]]:
    """Streams of which each serves final demands and the units of streams before it, one after the other."""
    nodes: list[list[Link]] = []
    for i in range(draw(st.integers(1, 6))):
        links = draw(st.lists(final, max_size=4))
        for d in draw(st.lists(st.integers(0, i - 1), unique=True, max_size=3)) if i else []:
            factor, at = draw(amounts), 0.0
            for qty in draw(st.lists(amounts, max_size=3)):
                links.append(Link(qty, 10 + d, d, at, factor, 1.0))
                at += qty / factor
        nodes.append(links)
    return nodes


@settings(deadline=None)
@given(networks())
def test_nothing_is_pegged_twice_or_lost(nodes: list[list[Link]]) -> None:
    """Trails of a peg sum up to it, and what is used up for a stream serves no more of a root than its own pegs do."""
    trails = follow(*nodes)
    flat = [link for node in nodes for link in node]
    qty = np.array([link.qty for link in flat])
    assert np.bincount(trails.peg, trails.qty, len(flat)) == pytest.approx(qty, rel=1e-6)
    assert (trails.qty > 0).all()
    assert (np.diff(trails.peg) >= 0).all()
    start = np.cumsum([0, *map(len, nodes)])
    for i, (first, last) in enumerate(pairwise(start)):
        inside = (trails.peg >= first) & (trails.peg < last)
        for d in range(i):
            mine = inside & np.array([flat[p].dependant == d for p in trails.peg], dtype=bool)
            theirs = (trails.peg >= start[d]) & (trails.peg < start[d + 1])
            given_away = np.bincount(trails.root[mine], trails.root_qty[mine], 20)
            at_most = np.bincount(trails.root[theirs], trails.root_qty[theirs], 20).astype(float)
            at_most[10 + d] = np.inf  # units beyond what it brings for anyone
            assert (given_away <= at_most * (1 + 1e-6) + 1e-6).all()
