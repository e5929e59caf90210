"""Demand of items without a history of their own: what items like them sold when they were new."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.new_item import gamma_posterior, gamma_prior
from replenish.steps.forecast.gate import NEW_WEEKS
from replenish.steps.panel import Bools, Floats, Ints, codes

FIRST_WEEKS = 8  # of an analogue's life that speak for a new item
LEAST_WEEKS = 4  # of history an analogue needs where hardly any node is older
LEAST_ANALOGUES, ANALOGUES = 5, 30
CATEGORY_WEIGHT, PRICE_WEIGHT, CLUSTER_WEIGHT = 4.0, 2.0, 2.0


@dataclass(frozen=True)
class Posterior:
    """Rate of an ordinary week ~ Gamma(size, mean / size) [N]; NaN where no analogue exists or none is asked for."""

    mean: Floats
    size: Floats


def new_item_posterior(nodes: pl.DataFrame, weekly: Floats) -> Posterior:
    """Prior from the nearest analogues, sharpened by the node's own weeks, for every node of under 13 weeks.

    `nodes`: category, cluster, unit_price in the order of `weekly` [N, W] (ordinary demand, NaN = missing).
    """
    weeks = (~np.isnan(weekly)).sum(axis=1)
    mean, size = np.full(weeks.size, np.nan), np.full(weeks.size, np.nan)
    new = np.flatnonzero(weeks < NEW_WEEKS)
    analogue = weeks >= NEW_WEEKS
    if analogue.sum() < LEAST_ANALOGUES:
        analogue = weeks >= LEAST_WEEKS
    if new.size == 0 or not analogue.any():
        return Posterior(mean, size)
    kind, kinds = _kinds(nodes)
    rate, exposure = _first_rates(weekly)
    chosen = np.unique(kind[new])
    priors = [_prior(kinds, int(k), kind[analogue], rate[analogue], exposure[analogue]) for k in chosen]
    place = np.searchsorted(chosen, kind[new])
    a, b = (np.array([prior[i] for prior in priors])[place] for i in (0, 1))
    a, b = gamma_posterior(a, b, np.nansum(weekly[new], axis=1), weeks[new].astype(np.float64))
    mean[new], size[new] = a / b, a
    return Posterior(mean, size)


def _kinds(nodes: pl.DataFrame) -> tuple[Ints, pl.DataFrame]:
    """What tells items apart: category, cluster, and price to within a factor of two."""
    band = pl.when(pl.col("unit_price") > 0).then(pl.col("unit_price").log(2.0).floor()).otherwise(-99.0)
    return codes(nodes.select("category", "cluster", band=band), ["category", "cluster", "band"])


def _first_rates(weekly: Floats) -> tuple[Floats, Floats]:
    """Mean of each node's first eight available weeks, and how many they are."""
    there = ~np.isnan(weekly)
    early = there & (np.cumsum(there, axis=1) <= FIRST_WEEKS)
    count = early.sum(axis=1).astype(np.float64)
    return np.where(early, weekly, 0.0).sum(axis=1) / np.maximum(count, 1.0), count


def _prior(kinds: pl.DataFrame, kind: int, of: Ints, rate: Floats, exposure: Floats) -> tuple[float, float]:
    """Prior of one kind of item from its nearest analogues, whole classes of equal nearness at a time."""
    category, cluster, band = kinds.row(kind)
    related = _related(kinds["category"].to_list(), category, of)
    score = (
        CATEGORY_WEIGHT * (kinds["category"] == category).to_numpy()
        + PRICE_WEIGHT * (kinds["band"] == band).to_numpy()
        + CLUSTER_WEIGHT * (kinds["cluster"] == cluster).to_numpy()
    )[of]
    classes = np.unique(score[related])[::-1]
    reached = np.array([(related & (score >= one)).sum() for one in classes])
    cut = classes[min(int(np.searchsorted(reached, ANALOGUES)), classes.size - 1)]
    near = related & (score >= cut)
    weight = np.maximum(score[near], 1.0)
    n0 = np.average(exposure[near], weights=weight)
    a, b = gamma_prior(rate[near][None], weight[None], np.array([n0]))
    return float(a[0]), float(b[0])


def _related(categories: list[str], category: str, of: Ints) -> Bools:
    """Analogues of the same category; of its parents, and at last of all, where those are fewer than five."""
    parts = category.split("/")
    for depth in range(len(parts), 0, -1):
        root = "/".join(parts[:depth])
        same = np.array([one == root or one.startswith(root + "/") for one in categories])[of]
        if same.sum() >= LEAST_ANALOGUES:
            return same
    return np.ones(of.size, dtype=bool)
