"""Pegs followed through all levels: which final demand every supply serves, by cumulative units."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NOTHING = 1e-9  # share of a peg below which a piece is rounding


class Trails(NamedTuple):
    """One entry a piece of a peg, in the order of pegs: where it ends, and what it becomes there."""

    peg: Ints
    root: Ints
    qty: Floats  # units of the supply
    root_qty: Floats  # units of the item at the root
    lead: Floats  # lead times on the way, the longest where pieces were put together


@kernel
def follow_pegs(
    start: Ints,
    qty: Floats,
    root: Ints,
    dependant: Ints,
    opens: Floats,
    factor: Floats,
    lead: Floats,
) -> Trails:
    """The pegs of each stream of supply split by the final demands that they serve.

    A stream is what one order, or the orders to come of a node, bring one after the other; streams of dependants come
    first, and `start` [streams + 1] slices the pegs into them. A peg with `dependant` -1 serves the final demand `root`
    (`factor` 1). Any other is used up for the units of the stream `dependant`, from its unit `opens` on, `factor` units
    of the peg for one of them, `lead` before they are there: it shares the roots of the stream's pegs. Units that the
    stream has no peg for end at `root`. The pieces of a peg sum up to its `qty`.
    """
    out = _room(2 * qty.shape[0] + 16)
    ends = np.empty(out.peg.shape[0])  # units of the stream up to and with each piece
    first = np.zeros(start.shape[0], dtype=np.int64)  # pieces of each stream
    count = 0
    for i in range(start.shape[0] - 1):
        first[i] = count
        for p in range(start[i], start[i + 1]):
            d = dependant[p]
            lo, hi = (first[d], first[d + 1]) if 0 <= d < i else (0, 0)
            while count + hi - lo + 2 > out.peg.shape[0]:
                out, ends = _doubled(out), np.concatenate((ends, np.empty_like(ends)))
            count = _split(p, qty[p], root[p], opens[p], factor[p], lead[p], out, ends, lo, hi, count)
        total = 0.0
        for k in range(first[i], count):
            total += out.qty[k]
            ends[k] = total
        first[i + 1] = count
    return Trails(
        out.peg[:count],
        out.root[:count],
        out.qty[:count],
        out.root_qty[:count],
        out.lead[:count],
    )


@part
def _split(
    p: int,
    qty: float,
    root: int,
    opens: float,
    factor: float,
    lead: float,
    out: Trails,
    ends: Floats,
    lo: int,
    hi: int,
    count: int,
) -> int:
    """Add the pieces of peg p over the stream's pieces lo..hi-1; the new number of pieces."""
    first, left, at = count, qty, opens
    k = lo + np.searchsorted(ends[lo:hi], at, side="right")
    while k < hi and left > _NOTHING * qty:
        piece = min(left, (ends[k] - at) * factor)
        if piece > _NOTHING * qty:
            ratio = out.root_qty[k] / out.qty[k] / factor
            count = _added(p, out.root[k], piece, piece * ratio, lead + out.lead[k], out, first, count)
            left -= piece
        at = max(at, ends[k])
        k += 1
    if left > _NOTHING * qty:
        return _added(p, root, left, left / factor, lead, out, first, count)
    if count > first:  # what rounding left belongs to the last piece
        last = count - 1
        whole = out.qty[last] + left
        out.root_qty[last] *= whole / out.qty[last]
        out.qty[last] = whole
    return count


@part
def _added(p: int, root: int, qty: float, root_qty: float, lead: float, out: Trails, first: int, count: int) -> int:
    """Add a piece, to the one before where both end at the same root; the new number of pieces."""
    last = count - 1
    if count > first and out.root[last] == root:
        out.qty[last] += qty
        out.root_qty[last] += root_qty
        out.lead[last] = max(out.lead[last], lead)
        return count
    out.peg[count], out.root[count] = p, root
    out.qty[count], out.root_qty[count], out.lead[count] = qty, root_qty, lead
    return count + 1


@part
def _room(size: int) -> Trails:
    return Trails(
        np.empty(size, dtype=np.int64),
        np.empty(size, dtype=np.int64),
        np.empty(size),
        np.empty(size),
        np.empty(size),
    )


@part
def _doubled(out: Trails) -> Trails:
    more = _room(out.peg.shape[0])
    return Trails(
        np.concatenate((out.peg, more.peg)),
        np.concatenate((out.root, more.root)),
        np.concatenate((out.qty, more.qty)),
        np.concatenate((out.root_qty, more.root_qty)),
        np.concatenate((out.lead, more.lead)),
    )
