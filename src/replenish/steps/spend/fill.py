"""Which packs make tonight's purchases promise the share of demand that the company wants to serve?"""

from __future__ import annotations

from collections.abc import Callable

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.shared_limit import until_enough
from replenish.steps.panel import KEY, Bools
from replenish.steps.spend.increments import before_each
from replenish.tables.plan import CutLine, Limit, Order

FILL = "fill_target"
Spent = tuple[dy.DataFrame[Order], dy.DataFrame[Limit], dy.DataFrame[CutLine]]
_HALVINGS = 6
_NOTHING = 1e-9


def reaching(spent: Callable[[float], Spent], fill_target: float) -> Spent:
    """The purchases that promise the target after space, minimums and trucks: `spent` with a target within.

    These may leave out what was bought for it; then more is asked for, found by halving. What promises most where
    nothing reaches it.
    """
    best, low, high = spent(fill_target), fill_target, 1.0
    if _promised(best) >= fill_target - _NOTHING:
        return best
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        found = spent(middle)
        is_enough = _promised(found) >= fill_target - _NOTHING
        low, high = (low, middle) if is_enough else (middle, high)
        if is_enough or _promised(found) > _promised(best):
            best = found
    return best


def _promised(spent: Spent) -> float:
    return float(spent[1].filter(pl.col("kind") == "fill")["used"].to_list()[0])


def enough_for(rows: pl.DataFrame, order: pl.DataFrame, wish: pl.DataFrame, fill_target: float) -> tuple[Bools, float]:
    """Which increments are wanted, and what the last of them earns for its money (negative: it loses).

    Purchases are taken by value for their money, whether wished or further, until what they promise to serve of the
    first coverage windows, valued at cost, meets the target. What is asked for by more than value is always taken, and
    so is what is not bought. All purchases where even these promise too little.
    """
    bought = rows.with_row_index("row").filter(kind="buy")
    cost = bought["unit_cost"]
    told = _demand(order, wish)
    missing = float(told["lost"].sum()) - (1.0 - fill_target) * float(told["demand"].sum())
    must = bought.select(pl.col("is_wished") & ~pl.col("is_by_value")).to_series().to_numpy()
    gain, serves = bought["gain"].to_numpy(), (bought["served_qty"] * cost).to_numpy()
    chosen, price = until_enough(missing, gain, bought["cost"].to_numpy(), serves, before_each(bought), must)
    wanted = rows["is_wished"].to_numpy().copy()
    wanted[bought["row"].to_numpy()] = chosen
    return wanted, price if np.isfinite(price) else 0.0


def fill_limit(
    order: pl.DataFrame, curve: pl.DataFrame, wish: pl.DataFrame, fill_target: float, price: float
) -> pl.DataFrame:
    """The target as a row of plan.limit: what was asked, what the wishes promise, and what the orders do."""
    told = _demand(order, wish)
    demand, lost = float(told["demand"].sum()), float(told["lost"].sum())
    steps = curve.join(told.select(*KEY, "unit_cost", "order_qty", "wish_qty"), on=KEY, how="inner").sort(
        *KEY, "pack_index"
    )
    low = (pl.col("pack_index") - 1) * pl.col("pack_qty")
    worth = pl.col("served_qty") * pl.col("unit_cost") / pl.col("pack_qty")
    served = [
        float(steps.select(((pl.col(qty) - low).clip(0.0, pl.col("pack_qty")) * worth).sum()).item())
        for qty in ("order_qty", "wish_qty")
    ]
    shares = [min(max(1.0 - (lost - each) / demand, 0.0), 1.0) if demand > 0 else 1.0 for each in served]
    numbers = {"available": [fill_target], "wanted": [shares[1]], "used": [shares[0]], "shadow_price": [price]}
    return pl.DataFrame({"kind": ["fill"], "scope_id": [""], **numbers})


def _demand(order: pl.DataFrame, wish: pl.DataFrame) -> pl.DataFrame:
    """Purchased nodes in the order of their key: demand of the first window and what is lost of it, valued at cost."""
    told = wish.select(*KEY, "window_1_qty", "expected_lost_without_qty")
    nodes = order.filter(kind="buy").join(told, on=KEY, how="inner").sort(KEY)
    return nodes.select(
        *KEY,
        "unit_cost",
        "wish_qty",
        order_qty="qty",
        demand=pl.col("window_1_qty") * pl.col("unit_cost"),
        lost=pl.col("expected_lost_without_qty") * pl.col("unit_cost"),
    )
