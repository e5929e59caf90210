"""Small networks for the engine's tests: plain nodes with everything switched off, to be changed field by field."""

from __future__ import annotations

from typing import Any

import numpy as np

from replenish.numerics import node_facts as nf
from replenish.numerics import order_engine, promise

FOREVER = 10**6
_PLAIN: dict[str, Any] = {
    "is_count": True,
    "phi": 1.3,
    "kappa": 0.1,
    "rho": 0.3,
    "lost_share": 1.0,
    "lead": 2,
    "review": 1,
    "windows": 2,
    "end_bucket": FOREVER,
    "shortage_cost": 2.0,
    "holding_cost": 0.05,
    "terminal_cost": 3.0,
    "step": 1.0,
    "pack": 1.0,
    "cover_qty": np.inf,
    "max_stock": np.inf,
    "max_qty": np.inf,
    "given": np.nan,
    "dependant": -1,
    "age_row": -1,
}


def plain_nodes(
    count: int = 1, *, buckets: int = 10, demand: Any = 5.0, window: tuple[int, ...] = (), **facts: Any
) -> nf.Nodes:
    """Nodes with constant demand and a fixed lead time; keywords set fields of FACT, `window` the next windows."""
    fact = np.zeros(count, dtype=nf.FACT)
    forecast = np.broadcast_to(np.asarray(demand, dtype=float), (count, buckets)).copy()
    values = {**_PLAIN, "seed": np.arange(count) + 7, **facts}
    for name, value in values.items():
        fact[name] = value
    if "cover_buckets" not in facts:
        fact["cover_buckets"] = 2 * fact["review"]
    if "sampled" not in facts:
        fact["sampled"] = np.minimum(buckets, fact["lead"] + 3 * fact["review"])
    if "level" not in facts:
        fact["level"] = 1.3 * forecast[:, 0] * fact["review"]
    law = np.arange(fact["lead"].max() + 1) >= fact["lead"][:, None]
    return nf.Nodes(
        fact=fact,
        forecast=forecast,
        window=np.array([window or [fact["review"].max()] * 3] * count, dtype=np.int64),
        firm=np.zeros((count, buckets)),
        lead_law=law.astype(float),
        lots=np.zeros((0, buckets)),
        ages=np.zeros((0, buckets)),
        line_start=np.zeros(count + 1, dtype=np.int64),
        line_qty=np.zeros(0),
        line_law=np.zeros((0, buckets)),
    )


def with_lines(nodes: nf.Nodes, lines: list[tuple[int, int, float]]) -> nf.Nodes:
    """The nodes with open order lines (node, bucket, units) that arrive for certain."""
    lines = sorted(lines)
    count = np.bincount([line[0] for line in lines], minlength=len(nodes.fact))
    law = np.array([np.arange(nodes.forecast.shape[1]) >= bucket for _, bucket, _ in lines], dtype=float)
    qty = np.array([units for _, _, units in lines], dtype=float)
    return nodes._replace(line_start=np.concatenate([[0], np.cumsum(count)]), line_qty=qty, line_law=law)


def some(nodes: nf.Nodes, rows: Any) -> nf.Nodes:
    """Some of the nodes, in the given order (none with open lines)."""
    return nodes._replace(
        fact=nodes.fact[rows],
        forecast=nodes.forecast[rows],
        window=nodes.window[rows],
        firm=nodes.firm[rows],
        lead_law=nodes.lead_law[rows],
        line_start=np.zeros(len(nodes.fact[rows]) + 1, dtype=np.int64),
    )


NOBODY = np.empty((0, 0, 0), dtype=np.float32)


def decided(
    nodes: nf.Nodes, *, paths: int = 400, delta: float = 1.0, first: int = 0, last: int | None = None
) -> nf.Decision:
    """Decide nodes without dependants, keeping no order paths."""
    out = nf.empty_decision(len(nodes.fact), nodes.forecast.shape[1])
    release = np.empty((0, paths, 0), dtype=np.float32)
    last = len(nodes.fact) if last is None else last
    order_engine.decide(nodes, first, last, paths, delta, NOBODY, np.empty((0, 0)), out, release)
    return out


def promised(nodes: nf.Nodes, qty: Any, paths: int = 400) -> np.ndarray:
    """Promises for the quantities."""
    out = promise.empty_promise(len(nodes.fact))
    quantities = np.broadcast_to(np.asarray(qty, dtype=float), len(nodes.fact)).copy()
    step, served = np.ones(len(nodes.fact)), np.zeros((len(nodes.fact), nf.CURVE_STEPS))
    promise.promise(nodes, quantities, step, 0, len(nodes.fact), paths, NOBODY, out, served)
    return out


def projected(nodes: nf.Nodes, qty: Any, cover: Any, paths: int = 400, level: float = 0.95) -> promise.Outlook:
    """Mean projections."""
    count, buckets = nodes.forecast.shape
    out = promise.empty_outlook(count, buckets)
    wide = [np.broadcast_to(np.asarray(each, dtype=float), count).copy() for each in (qty, cover)]
    levels = np.full(count, level)
    promise.project(nodes, wide[0], wide[1], np.zeros((count, buckets)), levels, 0, count, paths, out)
    return out
