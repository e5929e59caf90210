"""How much of the stock of a centre and its stores should lie at the centre: start values by METRIC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.metric import cheapest_split, extra_delay, store_fill, waited, waiting
from replenish.numerics.stationary_policy import Windows
from replenish.steps.network import Network, supplies
from replenish.steps.panel import Bools, Floats, Ints


@dataclass(frozen=True)
class Echelons:
    """Moves between planned nodes: who is supplied (`store`) by whom (`centre`), rows of the network."""

    store: Ints
    centre: Ints


def echelons(network: Network) -> Echelons:
    """Pairs of a location and the one it is supplied from."""
    is_move = (network.nodes["kind"] == "move").fill_null(value=False).to_numpy()[network.edges.dependant]
    return Echelons(network.edges.dependant[is_move], network.edges.source[is_move])


def echelon_levels(network: Network, window: Windows, fill: Floats, level: Floats, protection: Floats) -> Floats:
    """Order-up-to levels with centres as METRIC splits stock, and with the wait there in those of their stores.

    `level` covers each node's own target over `protection` (mean demand). A centre that sells to customers keeps at
    least that. A store's mean grows with the wait and its safety stock with the root of the time.
    """
    pairs = echelons(network)
    if not len(pairs.store):
        return level
    place, centre = np.unique(pairs.centre, return_inverse=True)
    rate, holding = _rate(network, window), np.nan_to_num(network.column("holding_cost_per_day"))
    holding = np.where(holding > 0, holding, 1.0)
    store = pairs.store
    of_store = (window.at(store), rate[store], holding[store], fill[store])
    split = cheapest_split(window.at(place), rate[place], holding[place], *of_store, centre)
    found = level.copy()
    sells = network.nodes["has_demand"].to_numpy()[place]
    found[place] = np.where(sells, np.maximum(split.centre_level, level[place]), split.centre_level)
    delay = extra_delay(waiting(found[place], window.at(place)), rate[place])[centre]
    mean, stretch = waited(protection[store], np.ones(len(store)), rate[store], delay)
    more = mean - protection[store] + np.maximum(found[store] - protection[store], 0.0) * (np.sqrt(stretch) - 1.0)
    whole = np.where(network.nodes["is_continuous"].to_numpy()[store], more, np.ceil(more - 1e-9))
    found[store] += np.where(protection[store] > 0, whole, 0.0)
    return found


def echelon_columns(network: Network, window: Windows, order_up_to: Floats, protection: Floats) -> dict[str, pl.Series]:
    """What stock at a centre does: the wait and fill of its stores, and how many times mean demand each level covers.

    Empty where a node supplies no location.
    """
    pairs, supplying = echelons(network), supplies(network)
    rate = _rate(network, window)
    delay = extra_delay(waiting(order_up_to, window), rate)
    store, centre = pairs.store, pairs.centre
    served = np.mean(
        [
            store_fill(order_up_to[store], *waited(mean[store], spread[store], rate[store], delay[centre]))
            for mean, spread in (
                (window.lead_mean, window.lead_variance),
                (window.protection_mean, window.protection_variance),
            )
        ],
        axis=0,
    )
    level, need, filled, flow = (
        np.bincount(centre, each, network.count).astype(np.float64)
        for each in (order_up_to[store], protection[store], served * rate[store], rate[store])
    )
    return {
        "upstream_delay_days": _told(delay * network.calendar.bucket_days, supplying),
        "cover_rate": _told(_ratio(order_up_to, protection), supplying),
        "supplied_cover_rate": _told(_ratio(level, need), supplying),
        "supplied_fill_rate": _told(_ratio(filled, flow), supplying),
    }


def _rate(network: Network, window: Windows) -> Floats:
    """Units a bucket."""
    found: Floats = window.protection_mean / np.maximum(network.lead + network.review, 1)
    return found


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


def _told(values: Floats, where: Bools) -> pl.Series:
    return pl.Series(np.where(where, values, np.nan)).fill_nan(None)
