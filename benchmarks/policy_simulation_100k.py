"""One pass of the policy simulator: 100,000 nodes x 365 days with given demand, weekly orders up to a level."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from measure import row

from replenish.numerics.policy_simulator import COUNTED, NOBODY, Policy, Shelf, families, play

NODES, DAYS, LEAD = 100_000, 365, 7


def seconds() -> float:
    """Seconds of a pass on all cores, compiled code warm."""
    demand = np.random.default_rng(1).poisson(1.0, (NODES, DAYS)).astype(np.float32)
    slot = np.where(np.arange(DAYS) % 7 == 0, np.arange(DAYS) // 7, -1)
    window = np.zeros(DAYS, dtype=np.int64)
    parts = np.array_split(np.arange(NODES), os.cpu_count() or 1)

    def one(part: np.ndarray) -> None:
        n, slots = len(part), int(slot.max()) + 1
        nothing = np.full((n, slots), np.nan)
        alone = np.full(n, NOBODY)
        rule = Policy(
            np.full((n, slots), np.inf),
            np.full((n, slots), 18.0),
            nothing,
            np.full((n, slots), LEAD),
            np.ones(n),
            np.zeros(n),
            np.ones(n),
            alone,
            families(alone)[1],
        )
        start = Shelf(np.full(n, 18.0), np.zeros((n, LEAD + 1)))
        ready.append((start, rule, demand[part[0] : part[-1] + 1], np.zeros((1, n, len(COUNTED)))))

    ready: list[tuple[Shelf, Policy, np.ndarray, np.ndarray]] = []
    for part in parts:
        one(part)

    def go(each: tuple[Shelf, Policy, np.ndarray, np.ndarray]) -> None:
        play(each[0], each[1], each[2], slot, window, 0, DAYS, each[3])

    go(ready[0])
    with ThreadPoolExecutor(len(parts)) as pool:
        begun = time.perf_counter()
        list(pool.map(go, ready))
        return time.perf_counter() - begun


if __name__ == "__main__":
    row(f"policy simulation, {NODES:,} nodes x {DAYS} days, a pass", f"{seconds():.2f} s")
