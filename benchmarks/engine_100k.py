"""The order engine, 100,000 nodes x 400 paths on 2 cores: 21 daily buckets within 60 s, 4 weekly ones in 15 s."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
from measure import row

from replenish.numerics.node_facts import FACT, Nodes, empty_decision
from replenish.numerics.order_engine import decide

NODES, PATHS, THREADS, BLOCK = 100_000, 400, 2, 256
DELTA = 0.7


def company(count: int, buckets: int, lead: int, review: int, days: int) -> Nodes:
    """Nodes of a retailer: skewed means, packs, open orders on a third of them, random lead times on a fifth."""
    rng = np.random.default_rng(20)
    fact = np.zeros(count, dtype=FACT)
    mean = rng.lognormal(0.0, 1.2, count) * days
    forecast = mean[:, None] * rng.uniform(0.7, 1.3, (count, buckets))
    margin = rng.uniform(0.5, 5.0, count)
    settled = {
        "is_count": rng.random(count) < 0.97,
        "phi": rng.uniform(1.1, 2.5, count),
        "kappa": rng.uniform(0.05, 0.4, count),
        "rho": rng.uniform(0.2, 0.7, count),
        "on_hand": np.floor(mean * lead * rng.uniform(0.0, 2.0, count)),
        "lost_share": 1.0,
        "lead": lead,
        "review": review,
        "cover_buckets": 2 * review,
        "windows": 2,
        "end_bucket": 10**6,
        "sampled": buckets,
        "shortage_cost": margin,
        "holding_cost": margin * days / 365,
        "terminal_cost": margin,
        "step": 1.0,
        "pack": rng.choice([1.0, 6.0, 12.0], count),
        "max_qty": np.inf,
        "cover_qty": mean * 60 / days,
        "max_stock": np.inf,
        "level": mean * review * 1.3,
        "given": np.nan,
        "dependant": -1,
        "seed": np.arange(count),
    }
    for name, value in settled.items():
        fact[name] = value
    return with_supply(fact, forecast, lead, rng)


def with_supply(fact: np.ndarray, forecast: np.ndarray, lead: int, rng: np.random.Generator) -> Nodes:
    """Lead time laws and open order lines."""
    count, buckets = forecast.shape
    law = (np.arange(lead + 2) >= lead).astype(float) * np.ones((count, 1))
    law[rng.random(count) < 0.2, lead - 1 : lead + 1] = 0.3, 0.8
    open_lines = rng.random(count) < 0.33
    lines = int(open_lines.sum())
    return Nodes(
        fact=fact,
        forecast=forecast,
        window=np.full((count, 2), fact["review"][0]),
        firm=np.zeros((count, buckets)),
        lead_law=law,
        lots=np.zeros((0, buckets)),
        ages=np.zeros((0, buckets)),
        line_start=np.concatenate([[0], np.cumsum(open_lines)]),
        line_qty=np.ceil(forecast[open_lines, 0] * lead / 2),
        line_law=(np.arange(buckets) >= rng.integers(0, lead, lines)[:, None]).astype(float),
    )


def run(nodes: Nodes) -> tuple[float, float]:
    """Seconds and CPU seconds for all nodes, compiled code warm."""
    count, buckets = nodes.forecast.shape
    out, nobody = empty_decision(count, buckets), np.empty((0, 0, 0), dtype=np.float32)
    release = np.empty((0, PATHS, 0), dtype=np.float32)

    def block(first: int) -> None:
        last = min(first + BLOCK, count)
        decide(nodes, first, last, PATHS, DELTA, nobody, np.empty((0, 0)), out, release)

    block(0)
    start, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(block, range(0, count, BLOCK)):
            pass
    return time.perf_counter() - start, time.process_time() - cpu


if __name__ == "__main__":
    for name, shape in (("21 daily", (21, 7, 7, 1)), ("4 weekly", (4, 2, 1, 7))):
        seconds, cpu_seconds = run(company(NODES, *shape))
        claim = f"order engine, {NODES:,} nodes x {PATHS} paths, {name} buckets"
        row(claim, f"{seconds:.1f} s", f"{psutil.Process().memory_info().rss / 2**20:,.0f} MB")
        row("- CPU", f"{cpu_seconds:.1f} s")
