"""A daily walk of demand, sales and stock under a plain order-up-to rule: something for charts to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAD_DAYS, REVIEW_DAYS = 6, 7


@dataclass(frozen=True)
class Simulated:
    """Daily arrays of shape (nodes, days)."""

    sales: np.ndarray
    demand: np.ndarray
    receipt: np.ndarray
    closing: np.ndarray
    mean: np.ndarray
    level: np.ndarray


def simulated(nodes: int, past: int, bucket_days: int) -> Simulated:
    random = np.random.default_rng(7)
    mean = random.gamma(0.7, 4.0, nodes) + 0.05
    weekday = np.array([0.8, 0.8, 0.9, 1.0, 1.2, 1.4, 0.9])
    season = 1 + 0.3 * np.sin(np.arange(past) * bucket_days / 365 * 2 * np.pi)
    rhythm = np.resize(weekday, past) if bucket_days == 1 else np.full(past, 7.0)
    demand = random.poisson(mean[:, None] * (rhythm * season)[None, :]).astype(float)
    lead, review = max(1, LEAD_DAYS // bucket_days), max(1, REVIEW_DAYS // bucket_days)
    protection = mean * (lead + review) * bucket_days
    level = np.ceil(protection + 0.9 * np.sqrt(protection))
    stock, sales, receipt, closing = level.copy(), np.zeros_like(demand), np.zeros_like(demand), np.zeros_like(demand)
    for day in range(past):
        stock += receipt[:, day]
        sales[:, day] = np.minimum(stock, demand[:, day])
        stock -= sales[:, day]
        closing[:, day] = stock
        if day % review == 0 and day + lead < past:
            receipt[:, day + lead] += np.maximum(level - stock - receipt[:, day + 1 : day + lead].sum(axis=1), 0)
    return Simulated(sales, demand, receipt, closing, mean * bucket_days, level)


def projected(data: Simulated, ahead: int, bucket_days: int) -> np.ndarray:
    lead, review = max(1, LEAD_DAYS // bucket_days), max(1, REVIEW_DAYS // bucket_days)
    stock, out = data.closing[:, -1].copy(), np.zeros((len(data.mean), ahead))
    for bucket in range(ahead):
        if bucket >= lead and (bucket - lead) % review == 0:
            stock = np.maximum(stock, data.level - lead * data.mean)
        stock = np.maximum(stock - data.mean, 0)
        out[:, bucket] = stock
    return out
