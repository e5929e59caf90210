"""Only the sizes of orders: the decision of `order` again, without its curves and promises."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.order_engine import LIMITS, REASONS
from replenish.numerics.simple_mode import COVER_SHARE
from replenish.steps.ages import LIFO_SHARE
from replenish.steps.demand_ahead import CONSUMED_DAYS, OrderRule
from replenish.steps.order.climb import Manner
from replenish.steps.order.decided import Business, decided
from replenish.steps.panel import KEY


def size(
    about: Business,
    *,
    last_level: int,
    path_count: int,
    windows: int,
    decision_dispersion: float,
    max_cover_days: float,
    seed: int,
    lifo_share: float = LIFO_SHARE,
    consume_back_days: int = CONSUMED_DAYS,
    consume_forward_days: int = CONSUMED_DAYS,
    demand_fence_days: int = 0,
    cover_share: float = COVER_SHARE,
) -> pl.DataFrame:
    """What `order` would say of nodes up to `last_level`: unrounded_qty and qty in base units, and what set them.

    A node's answer is that of `order` where its dependants and their sources, and its own sources, are among the
    nodes; half the work, as nothing is promised.
    """
    rule = OrderRule(consume_back_days, consume_forward_days, demand_fence_days)
    manner = Manner(path_count, decision_dispersion, cover_share, last_level, has_outlook=False)
    found = decided(about, rule, manner, windows=windows, cover=max_cover_days, seed=seed, lifo_share=lifo_share)
    choice = found.decision.choice
    sizes = {
        "unrounded_qty": pl.Series(np.nan_to_num(choice["unrounded"])),
        "qty": pl.Series(np.nan_to_num(choice["qty"])),
        "reason_code": pl.Series(np.array(REASONS)[choice["reason"]]),
        "binding_limit": pl.Series(np.array(LIMITS)[choice["limit"]]),
    }
    return found.network.nodes.select(KEY).with_columns(**sizes).filter(found.network.nodes["level"] <= last_level)
