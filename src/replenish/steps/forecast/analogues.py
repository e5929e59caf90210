"""Items like a new one: the nearest by matching attributes, their rates when they were new, and their launch curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.new_item import gamma_prior, launch_profile
from replenish.steps.forecast.gate import NEW_WEEKS
from replenish.steps.panel import Bools, Floats, Ints, codes

FIRST_WEEKS = 8  # of an analogue's life that speak for a new item
LEAST_WEEKS = 4  # of history an analogue needs where hardly any node is older
LEAST_ANALOGUES, ANALOGUES = 5, 30
WEIGHTS = {"category": 4.0, "brand": 2.0, "band": 2.0, "size": 1.0, "cluster": 2.0}
ITSELF = 9 * sum(WEIGHTS.values())  # the item elsewhere counts as ten analogues that match in all
SEEN_AFTER_WEEKS = 4  # of history before a launch was seen: what is met first in the opening weeks may be old


@dataclass(frozen=True)
class Analogues:
    """Kinds of items (distinct attributes), the kind of each node, and what analogues [A] of which kind sold first."""

    kind: Ints  # [N]
    attribute: dict[str, Ints]  # code of each kind; -1 unknown matches nothing
    category: list[str]  # of each kind
    of: Ints  # kind of each analogue
    item: Ints  # number of its item
    is_launch: Bools  # its first weeks lie inside the history
    launch_qty: Floats  # [A, 13] ordinary demand of the weeks since launch, NaN = missing; all NaN where not seen
    first_qty: Floats  # [A, 8] the first available weeks, NaN beyond

    @classmethod
    def learn(cls, nodes: pl.DataFrame, weekly: Floats, launch: Ints) -> Analogues:
        """Nodes of at least 13 weeks; of four where fewer than five are as old. `launch` [N] in columns of `weekly`."""
        weeks = (~np.isnan(weekly)).sum(axis=1)
        old = weeks >= NEW_WEEKS
        if old.sum() < LEAST_ANALOGUES:
            old = weeks >= LEAST_WEEKS
        rows = np.flatnonzero(old)
        kind, kinds = _kinds(nodes)
        item = codes(nodes, ["item_id"])[0]
        is_launch = launch[rows] >= SEEN_AFTER_WEEKS
        column = launch[rows, None] + np.arange(NEW_WEEKS)[None, :]
        inside = is_launch[:, None] & (column < weekly.shape[1])
        found = weekly[rows[:, None], np.clip(column, 0, max(weekly.shape[1] - 1, 0))] if rows.size else column * np.nan
        attribute = {name: kinds[name].to_numpy() for name in (*WEIGHTS, "item_id")}
        launched = np.where(inside, found, np.nan)
        return cls(
            kind,
            attribute,
            kinds["path"].to_list(),
            kind[rows],
            item[rows],
            is_launch,
            launched,
            _first(weekly[rows], FIRST_WEEKS),
        )

    def priors(self, rows: Ints) -> tuple[Floats, Floats, Floats]:
        """Gamma(a, b) of the ordinary weekly rate and launch index [rows, 13] of some nodes; NaN without analogues."""
        chosen, place = np.unique(self.kind[rows], return_inverse=True)
        a, b = np.full(chosen.size, np.nan), np.full(chosen.size, np.nan)
        profile = np.ones((chosen.size, NEW_WEEKS))
        paths = [self.category[kind] for kind in chosen]
        related = {path: self._related(path) for path in sorted(set(paths))} if self.of.size else {}
        curves = {path: self._profile(rows) for path, rows in related.items()}
        for i, (kind, path) in enumerate(zip(chosen, paths, strict=True)):
            if related:
                a[i], b[i] = self._prior(int(kind), related[path], curves[path])
                profile[i] = curves[path]
        return a[place], b[place], profile[place]

    def _related(self, category: str) -> Ints:
        """Analogues of the same category; of its parents, and at last all, where those are fewer than five.

        Where five of them were launched inside the history, only those: their first weeks were first weeks.
        """
        parts = category.split("/")
        for depth in range(len(parts), -1, -1):
            root = "/".join(parts[:depth])
            kinds = np.array([depth == 0 or one == root or one.startswith(root + "/") for one in self.category])
            same = kinds[self.of]
            if same.sum() >= LEAST_ANALOGUES or depth == 0:
                break
        launched = same & self.is_launch
        return np.flatnonzero(launched if launched.sum() >= LEAST_ANALOGUES else same)

    def _profile(self, related: Ints) -> Floats:
        """Launch curve of the analogues whose launch was seen; flat where fewer than five were."""
        seen = related[self.is_launch[related]]
        if seen.size < LEAST_ANALOGUES:
            return np.ones(NEW_WEEKS)
        return launch_profile(self.launch_qty[seen], np.unique(self.item[seen], return_inverse=True)[1])

    def _prior(self, kind: int, related: Ints, profile: Floats) -> tuple[float, float]:
        """Prior of one kind from its thirty nearest analogues; equally near ones share the last places.

        The same item at five other places or more is asked alone, at fewer it counts as ten analogues each.
        """
        itself = np.flatnonzero((self.attribute["item_id"] == self.attribute["item_id"][kind])[self.of])
        near = itself if itself.size >= LEAST_ANALOGUES else np.union1d(related, itself)
        score = np.full(near.size, 0.0)
        for name, worth in (*WEIGHTS.items(), ("item_id", ITSELF)):
            wanted = self.attribute[name][kind]
            score += worth * ((self.attribute[name] == wanted) & (wanted >= 0))[self.of[near]]
        weight = np.maximum(score, 1.0) * _places(score)
        rate, exposure = self._rates(near, profile)
        a, b = gamma_prior(rate[None], weight[None], np.array([np.average(exposure, weights=weight)]))
        return float(a[0]), float(b[0])

    def _rates(self, rows: Ints, profile: Floats) -> tuple[Floats, Floats]:
        """Rate of analogues in a week of launch index 1, and the exposure behind it: demand over the index met."""
        launched = self.launch_qty[rows, :FIRST_WEEKS]
        is_seen = self.is_launch[rows, None] & (~np.isnan(launched)).any(axis=1, keepdims=True)
        qty = np.where(is_seen, launched, self.first_qty[rows])
        index = np.where(is_seen, profile[None, :FIRST_WEEKS], 1.0)
        exposure = np.where(np.isnan(qty), 0.0, index).sum(axis=1)
        return np.nansum(qty, axis=1) / np.maximum(exposure, 1e-9), exposure


def _kinds(nodes: pl.DataFrame) -> tuple[Ints, pl.DataFrame]:
    """What tells nodes apart, as codes: category, brand, size, cluster, price to within a factor of two, and item."""
    is_priced = pl.col("has_money") & (pl.col("unit_price") > 0)
    band = pl.when(is_priced).then(pl.col("unit_price").log(2.0).floor())
    names = [*WEIGHTS, "item_id"]
    kind, kinds = codes(nodes.select("item_id", "category", "brand", "size", "cluster", band=band), names)
    path = kinds["category"]
    numbered = [_numbers(kinds, name) for name in names]
    return kind, pl.DataFrame([path.alias("path"), *numbered])


def _numbers(kinds: pl.DataFrame, name: str) -> pl.Series:
    """Codes of one attribute, -1 where it is unknown."""
    code = codes(kinds.select(name), [name])[0]
    return pl.Series(name, np.where(kinds[name].is_null().to_numpy(), -1, code))


def _places(score: Floats) -> Floats:
    """Part of a place among the thirty nearest that each analogue has: 1 above the last class, shared within it."""
    if score.size <= ANALOGUES:
        return np.ones(score.size)
    cut = np.sort(score)[-ANALOGUES]
    above, level = score > cut, score == cut
    out: Floats = above + level * ((ANALOGUES - above.sum()) / level.sum())
    return out


def _first(weekly: Floats, weeks: int) -> Floats:
    """The first available weeks of each node, closed up [A, weeks]; NaN beyond."""
    there = ~np.isnan(weekly)
    place = np.cumsum(there, axis=1) - 1
    row, column = np.nonzero(there & (place < weeks))
    out = np.full((weekly.shape[0], weeks), np.nan)
    out[row, place[row, column]] = weekly[row, column]
    return out
