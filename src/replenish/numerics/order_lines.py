"""Orders as lines: a quantity above the largest line of a source is several lines of the same date."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from replenish.numerics.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Lines that one order is split into at most: a largest line of next to nothing is an error of the master data.
MOST_LINES = 99


def lots_in_lines(qty: ArrayLike, least: ArrayLike, most: ArrayLike, pack: ArrayLike) -> Floats:
    """Whole packs for wanted quantities that lines between `least` and `most` add up to; nothing stays nothing.

    All in base units, shapes broadcast; `most` is infinite where there is none. Packs that no number of lines adds up
    to are cut to full largest lines. A largest line below the smallest or a pack gives 0: nothing can be ordered.
    """
    qty, least, most, pack = (np.asarray(each, dtype=np.float64) for each in (qty, least, most, pack))
    smallest, largest = np.ceil(least / pack - 1e-9) * pack, np.floor(most / pack + 1e-9) * pack
    lots = np.maximum(np.ceil(qty / pack - 1e-9) * pack, smallest)
    possible = largest >= np.maximum(smallest, pack)
    line = np.where(possible, largest, np.inf)
    lines = np.ceil(lots / line - 1e-9)
    full = (lines - 1.0) * np.where(np.isfinite(line), line, 0.0)
    lots = np.where(lines * smallest > lots + 1e-9, full, lots)
    lots = np.where(lines > MOST_LINES, MOST_LINES * line, lots)
    out: Floats = np.where((qty > 1e-9) & possible, lots, 0.0)
    return out


@kernel
def whole_lots(qty: float, least: float, most: float, pack: float) -> float:
    """`lots_in_lines` of one quantity; a pack of 0 divides at will."""
    if qty <= 1e-9:
        return 0.0
    lots = max(qty, least)
    if pack > 0.0:
        least, most = np.ceil(least / pack - 1e-9) * pack, np.floor(most / pack + 1e-9) * pack
        lots = max(np.ceil(qty / pack - 1e-9) * pack, least)
    # A largest line below the smallest is an error of the master data: nothing can be ordered.
    if most < max(least, pack) or most <= 0.0:
        return 0.0
    lines = np.ceil(lots / most - 1e-9)
    if lines > MOST_LINES:
        return MOST_LINES * most
    return (lines - 1.0) * most if lines * least > lots + 1e-9 else lots


def split_lines(qty: ArrayLike, most: ArrayLike, pack: ArrayLike) -> tuple[Ints, Floats]:
    """Each order (one entry) as lines of at most `most`: the order of each, and quantities as equal as packs allow.

    A pack of 0 is a weight, which divides at will. Where the largest line holds nothing, an order stays whole.
    """
    qty, most, pack = (np.asarray(each, dtype=np.float64) for each in (qty, most, pack))
    count: Ints = np.maximum(1, np.ceil(qty / np.where(most > 0, most, np.inf) - 1e-9)).astype(np.int64)
    order: Ints = np.repeat(np.arange(len(qty), dtype=np.int64), count)
    place = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    lot = np.where(pack > 0, pack, qty / count)
    packs = np.floor(qty / np.where(lot > 0, lot, 1.0) + 1e-9)
    each, more = packs // count, packs % count
    parts: Floats = np.asarray((each[order] + (place < more[order])) * lot[order], dtype=np.float64)
    # What is not whole packs stays with the first line.
    parts += np.where(place == 0, qty[order] - (packs * lot)[order], 0.0)
    return order, parts
