"""One price for a shared limit: increments of all nodes by value per unit of what they use, taken while they fit.

Increments are given node by node in the order in which they must be taken; `after[k] < k` is the increment that has to
be taken before increment k (-1: none). An increment uses up to S resources: `resource[k, s]` is -1 where it uses none.
Source: Everett (1963), Operations Research 11(3): a price on the resource turns the shared problem into separate ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Room that counts as none: rounding of sums of money, relative to what is available.
_ROUNDING = 1e-9
_BISECTIONS = 40
_SUBGRADIENT_STEPS = 50


def share_out(
    available: Floats, gain: Floats, after: Ints, resource: Ints, use: Floats
) -> tuple[Flags, Floats, Floats]:
    """Which increments are taken, the shadow price of each resource, and the value per unit by which each was ranked.

    Shapes: resources [R]; increments [K] and [K, S]; money, and units of the resource. With one scarce resource an
    increment the order is gain / use, and the price is the ratio of the first one refused (0 if none). Where increments
    use several scarce ones, a price vector is found by subgradient and the order is gain / (price x use); what does not
    fit is left out (greedy repair). An increment whose next step is refused takes no later one; smaller increments of
    others may use the rest. Everything is taken where everything fits, at a price of 0, losses included.
    """
    scarce = _total_use(resource, use, len(available)) > available + _ROUNDING * np.maximum(1.0, np.abs(available))
    touched = np.where((resource >= 0) & scarce[resource], use, 0.0)
    is_shared = (touched > 0).sum(axis=1).max(initial=0) > 1
    price = price_vector(available, gain, resource, use, scarce) if is_shared else np.zeros(len(available))
    weight = (touched * np.where(resource >= 0, price[resource], 0.0)).sum(axis=1) if is_shared else touched.sum(axis=1)
    ratio = capped_ratio(gain, weight, after)
    ranked = np.argsort(-ratio, kind="stable")
    chosen, refused = take_in_order(available.copy(), ranked, ratio, after, resource, use)
    return chosen, np.where(scarce, price if is_shared else refused, 0.0), ratio


def until_enough(
    missing: float, gain: Floats, cost: Floats, serves: Floats, after: Ints, must: Flags
) -> tuple[Flags, float]:
    """Increments by gain for their cost until they serve what is missing, and the price: the gain for cost of the last.

    The other end of `share_out`: Q_i(price) for the price at which the target is met, negative where that takes
    increments that lose. Increments that `must` be taken come first; all are taken where even all serve too little. The
    price is infinite where none but these is needed. Shapes [K]; `serves` in the unit of `missing`.
    """
    ratio = capped_ratio(gain, cost, after)
    ranked = np.lexsort((-ratio, ~must))
    served = np.cumsum(np.maximum(serves[ranked], 0.0))
    least = int(must.sum())
    count = max(least, int(np.searchsorted(served, missing - _ROUNDING * max(1.0, abs(missing)))) + 1)
    chosen = np.zeros(len(gain), dtype=np.bool_)
    chosen[ranked[:count] if missing > 0 else ranked[:least]] = True
    free = chosen & ~must
    return chosen, float(ratio[free].min(initial=np.inf))


def _total_use(resource: Ints, use: Floats, count: int) -> Floats:
    """Units of each resource that all increments together would use."""
    held = resource >= 0
    return np.bincount(resource[held], weights=use[held], minlength=count).astype(np.float64)


@kernel
def capped_ratio(gain: Floats, weight: Floats, after: Ints) -> Floats:
    """Value per unit of use, never above that of the increment before it; what uses nothing comes first or last."""
    ratio = np.empty(len(gain))
    for k in range(len(gain)):
        if weight[k] > 0.0:
            ratio[k] = gain[k] / weight[k]
        else:
            ratio[k] = np.inf if gain[k] >= 0.0 else -np.inf
        if after[k] >= 0:
            ratio[k] = min(ratio[k], ratio[after[k]])
    return ratio


@kernel
def take_in_order(
    room: Floats, ranked: Ints, ratio: Floats, after: Ints, resource: Ints, use: Floats
) -> tuple[Flags, Floats]:
    """Increments taken in the order of `ranked` while they fit, and the ratio of the first refused by each resource."""
    chosen, price = np.zeros(len(ranked), dtype=np.bool_), np.zeros(len(room))
    slack = _ROUNDING * np.maximum(1.0, np.abs(room))
    for k in ranked:
        if after[k] >= 0 and not chosen[after[k]]:
            continue
        fits = True
        for s in range(resource.shape[1]):
            r = resource[k, s]
            if r >= 0 and use[k, s] > 0.0 and use[k, s] > room[r] + slack[r]:
                fits = False
                price[r] = max(price[r], ratio[k])
        if fits:
            chosen[k] = True
            for s in range(resource.shape[1]):
                if resource[k, s] >= 0:
                    room[resource[k, s]] -= use[k, s]
    return chosen, price


def bisected_price(available: float, gain: Floats, use: Floats) -> float:
    """Lowest price (40 halvings, from above) at which increments worth more than price x use fit: Q_i(price).

    The check of the greedy answer, and the first guess of `price_vector`: at most the greedy price's own spend.
    """
    held = use > 0
    if use[held & (gain > 0)].sum() <= available:
        return 0.0
    low, high = 0.0, float((gain[held] / use[held]).max(initial=0.0))
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if use[held & (gain > middle * use)].sum() <= available:
            high = middle
        else:
            low = middle
    return high


def price_vector(available: Floats, gain: Floats, resource: Ints, use: Floats, scarce: Flags) -> Floats:
    """Prices of several resources: subgradient of the dual, 50 steps, the prices of the lowest dual value kept.

    D(price) = sum of max(0, gain - price x use) + price x available bounds the best possible value from above.
    """
    count = len(available)
    room, wanted = np.maximum(available, 0.0), np.maximum(_total_use(resource, use, count), 1e-300)
    price = np.array([_alone(r, room, gain, resource, use) if scarce[r] else 0.0 for r in range(count)])
    scale, best, least = price.copy(), price, np.inf
    for step in range(_SUBGRADIENT_STEPS):
        paid = np.where(resource >= 0, use * price[resource], 0.0).sum(axis=1)
        net = gain - paid
        dual = np.maximum(net, 0.0).sum() + float(price @ room)
        if dual < least:
            best, least = price, dual
        taken = net > 0
        excess = (_total_use(resource[taken], use[taken], count) - room) / wanted
        price = np.maximum(0.0, price + np.where(scarce, scale * excess * 2.0 / (1.0 + 0.25 * step), 0.0))
    return best


def _alone(r: int, room: Floats, gain: Floats, resource: Ints, use: Floats) -> float:
    """Price of one resource if it were the only one."""
    mine = np.where(resource == r, use, 0.0).sum(axis=1)
    return bisected_price(float(room[r]), gain, mine)
