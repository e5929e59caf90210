"""A budget over 100,000 nodes x 24 packs: which are bought, and the price of money."""

from __future__ import annotations

import time

import numpy as np
from measure import row

from replenish.numerics.shared_limit import share_out

NODES, PACKS = 100_000, 24


def seconds() -> float:
    """Seconds for half of the money that everything would cost, compiled code warm."""
    rng = np.random.default_rng(1)
    cost = np.repeat(rng.lognormal(1.0, 1.0, NODES), PACKS)
    gain = (np.sort(rng.exponential(1.0, (NODES, PACKS)), axis=1)[:, ::-1].ravel() - 0.1) * cost
    after = np.where(np.arange(NODES * PACKS) % PACKS == 0, -1, np.arange(NODES * PACKS) - 1)
    budget, one = np.array([0.5 * cost.sum()]), np.zeros((NODES * PACKS, 1), dtype=np.int64)
    share_out(budget[:1] * 1e-6, gain[:PACKS], after[:PACKS], one[:PACKS], cost[:PACKS, None])
    begun = time.perf_counter()
    share_out(budget, gain, after, one, cost[:, None])
    return time.perf_counter() - begun


if __name__ == "__main__":
    row(f"budget over {NODES:,} nodes x {PACKS} packs", f"{seconds():.2f} s")
