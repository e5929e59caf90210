"""How many trucks, and what goes into them: packs by value for the room they take, against what a truck costs.

max sum of gain - n x truck cost over whole n and packs that fit n trucks. Packs come node by node in the order in which
they must be taken; `after[k] < k` is the pack before pack k of its node, -1 for the first. Room is pooled over the
trucks: which pack rides in which truck is the loader's. Source: the fixed-charge knapsack; marginal value per unit of
room as in Everett (1963), Operations Research 11(3).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel
from replenish.numerics.shared_limit import capped_ratio

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FULL_SHARE = 0.95  # of volume or of weight: from here on a truck counts as full
_MOST_TRUCKS = 99  # numbers of trucks that are looked at one by one
_MOST_PACKS = 500  # beyond, the exact program takes too long
_GAP, _NODES = 1e-6, 2000
_ROUNDING = 1e-9
_CLOSE = 1e-6  # a pack that misses its room by less would have been taken


class Fleet(NamedTuple):
    """The trucks of one order; capacities are positive, infinite where a truck states none."""

    capacity: Floats  # [2]: volume and weight of one truck
    cost: float  # of one truck
    full_only: bool  # only full trucks drive


class Packs(NamedTuple):
    """What may ride: one entry a pack [K]."""

    gain: Floats  # money; may be a loss
    use: Floats  # [K, 2]: volume and weight
    after: Ints
    must: Flags  # rides whatever it gains, unless only full trucks drive and none can be filled
    extra: Floats  # [K, E]: what it uses of other limits, such as money, beyond what is decided already
    aboard: Floats  # [2]: volume and weight that ride in any case


def load_trucks(fleet: Fleet, packs: Packs, left: Floats) -> tuple[int, Flags]:
    """Number of trucks and the packs they carry at the greatest value less the cost of the trucks.

    `left` [E] is what remains of the other limits, infinite where there is none.
    Greedy by gain over the larger share of a truck for every number of trucks; exact by 0/1 programming (HiGHS, at most
    500 packs, a limit on nodes and not on time) where that is better. With equal value fewer trucks. No trucks and
    nothing aboard where nothing pays, or where only full ones drive and none can be filled to 95 % of volume or weight
    (or until the smallest pack no longer fits).
    """
    best_count, best = 0, np.zeros(len(packs.gain), dtype=np.bool_)
    net = -np.inf if packs.must.any() or packs.aboard.any() else 0.0
    ranked = _ranked(fleet, packs)
    loads = [_filled(fleet, packs, ranked, count, left) for count in _counts(fleet, packs)]
    for chosen in (*loads, *_by_program(fleet, packs, left)):
        count = trucks_of(fleet, packs, chosen)
        found = float(packs.gain[chosen].sum()) - count * fleet.cost
        if _may_drive(fleet, packs, chosen, count) and found > net + _ROUNDING:
            best_count, best, net = count, chosen, found
    return best_count, best


def trucks_of(fleet: Fleet, packs: Packs, chosen: Flags) -> int:
    """Trucks that a load takes: one where anything rides at all."""
    load = _load(packs, chosen)
    if not (chosen.any() or packs.aboard.any()):
        return 0
    return max(1, int(np.ceil((load / fleet.capacity).max() - _ROUNDING)))


def room_price(fleet: Fleet, packs: Packs, chosen: Flags, count: int) -> Floats:
    """Money that one more unit of volume and of weight would earn at this number of trucks: of the best pack refused.

    [2]; 0 where nothing that earns is refused for lack of it.
    """
    spare = _room(fleet, count) - _load(packs, chosen)
    before = np.where(packs.after >= 0, chosen[packs.after], True)
    refused = ~chosen & before & (packs.gain > 0)
    price = np.zeros(2)
    for s in np.flatnonzero(np.isfinite(fleet.capacity)):
        held = refused & (packs.use[:, s] > spare[s] + _ROUNDING * count * fleet.capacity[s])
        price[s] = (packs.gain[held] / packs.use[held, s]).max(initial=0.0)
    return price


def _load(packs: Packs, chosen: Flags) -> Floats:
    load: Floats = packs.aboard + packs.use[chosen].sum(axis=0)
    return load


def _room(fleet: Fleet, count: int) -> Floats:
    """Volume and weight of so many trucks; infinite where a truck states none."""
    known = np.isfinite(fleet.capacity)
    room: Floats = np.where(known, count * np.where(known, fleet.capacity, 0.0), np.inf)
    return room


def _counts(fleet: Fleet, packs: Packs) -> list[int]:
    """Numbers of trucks to look at: from what must ride to what earns, or to all where trucks must be filled."""
    least = trucks_of(fleet, packs, packs.must)
    wanted = packs.must | (packs.gain > 0)
    most = trucks_of(fleet, packs, wanted if not fleet.full_only else np.ones_like(wanted))
    near = range(least, min(most, least + _MOST_TRUCKS) + 1)
    return sorted({*near, most, trucks_of(fleet, packs, wanted)})


def _ranked(fleet: Fleet, packs: Packs) -> Ints:
    """Packs that must ride, then by gain for the larger share of a truck they take."""
    share = (packs.use / fleet.capacity).max(axis=1, initial=0.0)
    ratio = capped_ratio(packs.gain, share, packs.after)
    return np.lexsort((-ratio, ~packs.must))


def _filled(fleet: Fleet, packs: Packs, ranked: Ints, count: int, left: Floats) -> Flags:
    trucks = _room(fleet, count)
    room = np.concatenate([trucks - packs.aboard, left])
    enough = np.where(np.isfinite(trucks), (1.0 - FULL_SHARE) * trucks, -1.0)
    level = enough if fleet.full_only else np.full(2, np.inf)
    use = np.column_stack([packs.use, packs.extra])
    return fill(room, level, ranked, packs.gain, packs.after, packs.must, use)


@kernel
def fill(room: Floats, level: Floats, ranked: Ints, gain: Floats, after: Ints, must: Flags, use: Floats) -> Flags:
    """Packs taken in the order of `ranked` while they fit `room`; losses only until the room left is below `level`."""
    chosen = np.zeros(len(ranked), dtype=np.bool_)
    slack = np.where(np.isfinite(room), 1e-9 * np.abs(room), 0.0)
    for k in ranked:
        if after[k] >= 0 and not chosen[after[k]]:
            continue
        if gain[k] <= 0.0 and not must[k] and (room[0] <= level[0] or room[1] <= level[1]):
            continue
        fits = True
        for s in range(use.shape[1]):
            fits = fits and use[k, s] <= room[s] + slack[s]
        if fits:
            chosen[k] = True
            for s in range(use.shape[1]):
                room[s] -= use[k, s]
    return chosen


def _may_drive(fleet: Fleet, packs: Packs, chosen: Flags, count: int) -> bool:
    """Everything that must is aboard, and trucks are full where only full ones drive."""
    if (packs.must & ~chosen).any():
        return False
    if not fleet.full_only or count == 0:
        return True
    known = np.isfinite(fleet.capacity)
    spare, room = (_room(fleet, count) - _load(packs, chosen))[known], _room(fleet, count)[known]
    use = packs.use[:, known]
    smallest = np.where(use > 0, use, np.inf).min(axis=0, initial=np.inf)
    full = (spare <= (1.0 - FULL_SHARE + _ROUNDING) * room) | (
        (spare < (1.0 - _CLOSE) * smallest) & np.isfinite(smallest)
    )
    return bool(full.any())


def _by_program(fleet: Fleet, packs: Packs, left: Floats) -> list[Flags]:
    """The same as a 0/1 program; empty where it is too large or the solver found nothing within its limits."""
    from scipy.optimize import Bounds, milp

    if not 0 < len(packs.gain) <= _MOST_PACKS:
        return []
    known = np.flatnonzero(np.isfinite(fleet.capacity))
    most = max(_counts(fleet, packs))
    load = np.append(packs.use.ravel(), packs.aboard).max(initial=0.0)
    if load > 1e6 * fleet.capacity[known].min(initial=np.inf) or most > 1e6:
        return []  # nothing a solver could count with
    size = len(packs.gain)
    variables = size + 1 + 2  # packs, number of trucks, and by which of the two they are full
    least, top = np.zeros(variables), np.ones(variables)
    least[:size], least[size], top[size] = packs.must, 0.0, most
    top[size + 1 :] = np.isfinite(fleet.capacity)
    cost = np.concatenate([-packs.gain, [fleet.cost], np.zeros(2)])
    found = milp(
        cost,
        constraints=_rows(fleet, packs, known, most, left),
        integrality=np.ones(variables),
        bounds=Bounds(least, top),
        options={"mip_rel_gap": _GAP, "node_limit": _NODES},
    )
    return [] if found.x is None else [np.asarray(found.x[:size]) > 0.5]


def _rows(fleet: Fleet, packs: Packs, known: Ints, most: int, left: Floats) -> list[Any]:
    """Room of the trucks, packs after each other, money, and fullness."""
    from scipy.optimize import LinearConstraint
    from scipy.sparse import coo_array

    size = len(packs.gain)
    blank = np.zeros(size + 3)
    rows = []
    for s in known:
        room, full = blank.copy(), blank.copy()
        unit = fleet.capacity[s]
        room[:size], room[size] = packs.use[:, s] / unit, -1.0
        rows.append(LinearConstraint(room[None, :], ub=-packs.aboard[s] / unit))
        if fleet.full_only:
            full[:size], full[size], full[size + 1 + s] = packs.use[:, s] / unit, -FULL_SHARE, -FULL_SHARE * most
            rows.append(LinearConstraint(full[None, :], lb=-packs.aboard[s] / unit - FULL_SHARE * most))
    if fleet.full_only:
        either = blank.copy()
        either[size + 1 :] = 1.0
        rows.append(LinearConstraint(either[None, :], lb=1.0))
    for e in np.flatnonzero(np.isfinite(left)):
        spent = blank.copy()
        spent[:size] = packs.extra[:, e]
        rows.append(LinearConstraint(spent[None, :], ub=left[e]))
    # A pack rides after the one before it, the first of a node only where there is a truck.
    line = np.arange(size)
    before = np.where(packs.after >= 0, packs.after, size)
    sign = np.concatenate([np.ones(size), -np.ones(size)])
    place = (np.concatenate([line, line]), np.concatenate([line, before]))
    rows.append(LinearConstraint(coo_array((sign, place), shape=(size, size + 3)).tocsr(), ub=0.0))
    return rows
