"""Which supply serves which demand: first in, first out by date, for many nodes at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Pegs(NamedTuple):
    """One entry a peg: index of the supply, index of the demand, units."""

    supply: Ints
    demand: Ints
    qty: Floats


@kernel
def peg_first_in_first_out(
    supply_start: Ints, supply_qty: Floats, demand_start: Ints, demand_qty: Floats
) -> tuple[Pegs, Floats, Floats]:
    """Pegs, supply left over, demand left open.

    Supplies and demands are sorted by node, then date (stock first); `*_start` [nodes + 1] slices them into nodes. Two
    pointers a node: the oldest supply serves the oldest demand. Sums of pegs never exceed either side.
    """
    most = supply_qty.shape[0] + demand_qty.shape[0]
    pegs = Pegs(np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64), np.empty(most))
    supply_left, demand_left = supply_qty.copy(), demand_qty.copy()
    count = 0
    for i in range(supply_start.shape[0] - 1):
        s, d = supply_start[i], demand_start[i]
        while s < supply_start[i + 1] and d < demand_start[i + 1]:
            qty = min(supply_left[s], demand_left[d])
            if qty > 0.0:
                pegs.supply[count], pegs.demand[count], pegs.qty[count] = s, d, qty
                count += 1
                supply_left[s] -= qty
                demand_left[d] -= qty
            if supply_left[s] <= 1e-9:
                s += 1
            else:
                d += 1
    return Pegs(pegs.supply[:count], pegs.demand[:count], pegs.qty[:count]), supply_left, demand_left
