"""Groups of categories that share a law: a category, its parents, and all."""

from __future__ import annotations

import numpy as np

from replenish.steps.panel import Bools

ALL = "all"


def pools_of(category: list[str]) -> tuple[list[str], Bools]:
    """Names of all categories, their parents and `all` (first), and which nodes belong to each [pools, nodes]."""
    distinct = sorted(set(category))
    parents = {parent for name in distinct for parent in _with_parents(name)}
    names = [ALL, *sorted(parents - {ALL})]
    inside = np.array([[name == ALL or name in _with_parents(one) for one in distinct] for name in names], dtype=bool)
    place = {name: k for k, name in enumerate(distinct)}
    of_node = np.array([place[name] for name in category], dtype=np.int64)
    return names, inside.reshape(len(names), len(distinct))[:, of_node]


def nearest_pool(category: list[str], known: list[str]) -> list[str]:
    """For each node the nearest pool that is known: its category, else its parents from the nearest on, else `all`."""
    ready = set(known)
    found = {name: next((one for one in _with_parents(name) if one in ready), ALL) for name in set(category)}
    return [found[name] for name in category]


def _with_parents(name: str) -> list[str]:
    """food/dairy/milk, food/dairy, food."""
    parts = name.split("/")
    return ["/".join(parts[:depth]) for depth in range(len(parts), 0, -1)]
