"""METRIC: what stock at a centre does for its stores, and how much of it to hold.

One-for-one orders at the centre, demand in the order it comes. First answer only: against simulation, fills above 0.8
come out up to two points high, fills below 0.6 up to four points low. Source: Sherbrooke (1968), Oper. Res. 16.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from replenish.numerics import loss as law
from replenish.numerics.stationary_policy import Windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def centre_backorders(stock: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Floats:
    """E[B0]: units that stores wait for, from the mean and variance of demand over the centre's lead time."""
    return law.loss(stock, mean, variance, law.choose_family(mean, variance))


def extra_delay(backorders: ArrayLike, rate: ArrayLike) -> Floats:
    """Mean time W = E[B0] / rate by which a store's lead time grows (Little); 0 where there is no demand."""
    owed, flow = np.asarray(backorders, dtype=np.float64), np.asarray(rate, dtype=np.float64)
    return np.where(flow > 0, owed / np.where(flow > 0, flow, 1.0), 0.0)


def store_fill(stock: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Floats:
    """P(D <= S - 1): share of demand a store serves from the shelf, D its demand over lead time and extra delay."""
    return law.cumulative(np.asarray(stock, dtype=np.float64) - 1.0, mean, variance, law.choose_family(mean, variance))


# Chances of covering its demand that are weighed for a centre; below them METRIC is too far off to be trusted.
_CHANCES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 0.99)
# By how much high fills come out too high where the centre never has enough.
_OVERSTATED, _HIGHEST = 0.02, 0.999


class Split(NamedTuple):
    """Stock of centres and of the stores they supply: one entry a centre, one entry a store."""

    centre_level: Floats  # order-up-to level of each centre, units
    delay: Floats  # mean wait of its stores, buckets
    store_level: Floats  # order-up-to level of each store, units
    store_fill: Floats  # share of its demand that it then serves


def cheapest_split(
    centre: Windows,
    centre_rate: Floats,
    centre_holding: Floats,
    store: Windows,
    store_rate: Floats,
    store_holding: Floats,
    fill: Floats,
    supplier: Ints,
) -> Split:
    """Levels of each centre and its stores that cost least to hold while every store reaches its `fill` (0..1).

    `supplier` is the centre of each store; rates are units a bucket, holding money a unit and bucket. Reviews count as
    half a review of lead time. Sources as above; the search over the centre's stock is Sherbrooke's marginal analysis
    on a grid of chances; stores aim above their fill by what METRIC overstates it.
    """
    best = np.full(len(centre_rate), np.inf)
    mean, variance = _half_way(store)
    counts = ~np.isin(store.family, (law.GAMMA, law.NORMAL))
    found = Split(*(np.zeros(len(each)) for each in (centre_rate, centre_rate, store_rate, store_rate)))
    for chance in _CHANCES:
        level = law.quantile(chance, *_half_way(centre), centre.family)
        owed = waiting(level, centre)
        delay = extra_delay(owed, centre_rate)
        over, spread = waited(mean, variance, store_rate, delay[supplier])
        aim = np.maximum(fill, np.minimum(fill + _OVERSTATED * (1.0 - chance), _HIGHEST))
        stock = np.where(over > 0, law.quantile(aim, over, spread, store.family) + counts, 0.0)
        cost = centre_holding * (level - _half_way(centre)[0] + owed)
        np.add.at(cost, supplier, store_holding * (stock - over + law.loss(stock, over, spread, store.family)))
        better = cost < best - 1e-12 * np.abs(cost)
        best[better] = cost[better]
        served = store_fill(stock, over, spread)
        for place, (now, where) in enumerate(
            ((level, better), (delay, better), (stock, better[supplier]), (served, better[supplier]))
        ):
            found[place][where] = now[where]
    return found


def waiting(level: Floats, centre: Windows) -> Floats:
    """E[B0] of a centre with reviews: the mean of units owed after a lead time and after lead time and review."""
    after_lead = centre_backorders(level, centre.lead_mean, centre.lead_variance)
    return (after_lead + centre_backorders(level, centre.protection_mean, centre.protection_variance)) / 2.0


def waited(mean: Floats, variance: Floats, rate: Floats, delay: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of demand once the time it is taken over has grown by `delay` buckets at `rate` a bucket."""
    more = rate * delay
    return mean + more, variance * (1.0 + np.where(mean > 0, more / np.where(mean > 0, mean, 1.0), 0.0))


def _half_way(window: Windows) -> tuple[Floats, Floats]:
    """Mean and variance of demand over lead time and half a review."""
    mean = (window.lead_mean + window.protection_mean) / 2.0
    return mean, (window.lead_variance + window.protection_variance) / 2.0
