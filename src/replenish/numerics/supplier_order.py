"""Which further packs bring an order to its supplier's minimum, and is the order worth placing tonight?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_MOST_LINES = 500
_GAP, _NODES = 1e-3, 2000
_NOTHING = 1e-9


def worth_placing(gain: float, order_cost: float, value_if_waiting: float) -> bool:
    """Is an order better placed tonight than one review later, or never? Money; the fixed cost is paid once."""
    return gain - order_cost > max(0.0, value_if_waiting)


def top_up(gain: Floats, money: Floats, units: Floats, after: Ints, least_money: float, least_units: float) -> Flags:
    """Candidates that lift an order by `least_money` and `least_units` at the best gain, losses included.

    One entry a candidate [K]; `after[k] < k` is the candidate before it, or -1. Nothing missing: none. All where
    even all are too little: the caller sees the order stay short. The best set by 0/1 programming (HiGHS, at most 500
    candidates, gap 1e-3, a limit on nodes and not on time), or the next best by gain per money where that is better.
    """
    if least_money <= _NOTHING and least_units <= _NOTHING:
        return np.zeros(len(gain), dtype=bool)
    greedy = _by_ratio(gain, money, units, after, least_money, least_units)
    if len(gain) > _MOST_LINES or greedy.all():
        return greedy
    exact = _by_program(gain, money, units, after, least_money, least_units)
    return exact if exact is not None and gain[exact].sum() > gain[greedy].sum() + _NOTHING else greedy


def _by_ratio(gain: Floats, money: Floats, units: Floats, after: Ints, least_money: float, least_units: float) -> Flags:
    """Next best candidates by gain per money (per unit where only units are missing) until nothing is missing."""
    weight = money if least_money > _NOTHING else units
    ratio = gain / np.maximum(weight, 1e-12)
    for k in np.flatnonzero(after >= 0):
        ratio[k] = min(ratio[k], ratio[after[k]])
    chosen = np.zeros(len(gain), dtype=bool)
    for k in np.argsort(-ratio, kind="stable"):
        if least_money <= _NOTHING and least_units <= _NOTHING:
            break
        chosen[k] = True
        least_money, least_units = least_money - money[k], least_units - units[k]
    return chosen


def _by_program(
    gain: Floats, money: Floats, units: Floats, after: Ints, least_money: float, least_units: float
) -> Flags | None:
    """The same as a 0/1 program; None where the solver found nothing within its limits."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    limits: list[Any] = [
        LinearConstraint(money[None, :], lb=least_money),
        LinearConstraint(units[None, :], lb=least_units),
    ]
    later = np.flatnonzero(after >= 0)
    if len(later):
        row = np.arange(len(later))
        place = (np.concatenate([row, row]), np.concatenate([later, after[later]]))
        sign = np.concatenate([np.ones(len(later)), -np.ones(len(later))])
        limits.append(LinearConstraint(coo_array((sign, place), shape=(len(later), len(gain))).tocsr(), ub=0.0))
    options = {"mip_rel_gap": _GAP, "node_limit": _NODES}
    found = milp(-gain, constraints=limits, integrality=np.ones(len(gain)), bounds=Bounds(0, 1), options=options)
    return None if found.x is None else np.asarray(found.x) > 0.5
