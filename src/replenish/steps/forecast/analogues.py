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
SEEN_AFTER_WEEKS = 4  # of history before a launch was seen: what is met first in the opening weeks may be old
NOISE_UNITS = 50.0  # units in a week since launch at which its index is trusted half


@dataclass(frozen=True)
class Analogues:
    """Kinds of items (distinct attributes), the kind of each node, and what analogues [A] of which kind sold first."""

    kind: Ints  # [N]
    attribute: dict[str, Ints]  # code of each kind; -1 unknown matches nothing
    category: list[str]  # of each kind
    of: Ints  # kind of each analogue
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
        is_launch = launch[rows] >= SEEN_AFTER_WEEKS
        column = launch[rows, None] + np.arange(NEW_WEEKS)[None, :]
        inside = is_launch[:, None] & (column < weekly.shape[1])
        found = weekly[rows[:, None], np.clip(column, 0, max(weekly.shape[1] - 1, 0))] if rows.size else column * np.nan
        attribute = {name: kinds[name].to_numpy() for name in WEIGHTS}
        launched = np.where(inside, found, np.nan)
        return cls(
            kind, attribute, kinds["path"].to_list(), kind[rows], is_launch, launched, _first(weekly[rows], FIRST_WEEKS)
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
        return launch_profile(self.launch_qty[seen], NOISE_UNITS)

    def _prior(self, kind: int, related: Ints, profile: Floats) -> tuple[float, float]:
        """Prior of one kind from its nearest analogues, whole classes of equal nearness at a time."""
        match = sum(
            weight * ((self.attribute[name] == self.attribute[name][kind]) & (self.attribute[name][kind] >= 0))
            for name, weight in WEIGHTS.items()
        )
        score = np.asarray(match, dtype=np.float64)[self.of[related]]
        cut = np.sort(score)[-min(ANALOGUES, score.size)]
        near = related[score >= cut]
        weight = np.maximum(score[score >= cut], 1.0)
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
    """What tells items apart, as codes: category, brand, size, cluster, and price to within a factor of two."""
    is_priced = pl.col("has_money") & (pl.col("unit_price") > 0)
    band = pl.when(is_priced).then(pl.col("unit_price").log(2.0).floor())
    kind, kinds = codes(nodes.select("category", "brand", "size", "cluster", band=band), list(WEIGHTS))
    path = kinds["category"]
    numbered = [_numbers(kinds, name) for name in WEIGHTS]
    return kind, pl.DataFrame([path.alias("path"), *numbered])


def _numbers(kinds: pl.DataFrame, name: str) -> pl.Series:
    """Codes of one attribute, -1 where it is unknown."""
    code = codes(kinds.select(name), [name])[0]
    return pl.Series(name, np.where(kinds[name].is_null().to_numpy(), -1, code))


def _first(weekly: Floats, weeks: int) -> Floats:
    """The first available weeks of each node, closed up [A, weeks]; NaN beyond."""
    there = ~np.isnan(weekly)
    place = np.cumsum(there, axis=1) - 1
    row, column = np.nonzero(there & (place < weeks))
    out = np.full((weekly.shape[0], weeks), np.nan)
    out[row, place[row, column]] = weekly[row, column]
    return out
