"""The retail company under a weaker stocking rule: shelves that run empty as often as wanted, true demand known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from replenish.examples.days import AS_OF

_NODE = ["item_id", "location_id"]
_CYCLES = (2, 3, 4, 7)  # days between deliveries
_MOST_STOCK = 8.0  # times the mean of a cycle: hardly ever empty
_TRIES = 30

Told = Literal["snapshot", "share", "ledger"]


@dataclass(frozen=True)
class SoldOut:
    """Input tables of the company, true demand of every open day, and the share of these days that sold out."""

    tables: dict[str, pl.DataFrame]
    truth: pl.DataFrame
    sold_out_share: float


def sold_out(company: Mapping[str, pl.DataFrame], share: float, told: Told, seed: int = 1) -> SoldOut:
    """Serve the true demand of `company` (tables of `retail()`) from shelves that end `share` of their days empty.

    Every node is filled up to a fixed level, the same number of mean days' demand for all, on the mornings of its
    cycle. The books tell the closing stock of every day (`snapshot`), or that of the first day and all receipts since
    (`ledger`), or for how much of the day there was stock (`share`; customers come evenly over the day). Only nodes on
    sale all the time take part. `share`: 0.02 to 0.9.
    """
    truth = _always_on_sale(company["truth.demand"])
    nodes, days = truth.select(_NODE).unique().height, truth["date"].n_unique()
    wanted = truth["demand_qty"].to_numpy().reshape(nodes, days)
    cycle = np.array(_CYCLES)[np.arange(nodes) % len(_CYCLES)]
    low, high = 0.0, _MOST_STOCK
    for _ in range(_TRIES):
        middle = (low + high) / 2.0
        opening = _walk(wanted, cycle, middle)
        low, high = (middle, high) if (wanted >= opening).mean() > share else (low, middle)
    sold = np.minimum(wanted, opening)
    days_of_nodes = truth.select("date", *_NODE)
    sales = days_of_nodes.with_columns(qty=pl.Series(sold.ravel())).filter(pl.col("qty") > 0)
    books = _books(days_of_nodes, wanted, opening, told, np.random.Generator(np.random.PCG64([seed, 3])))
    kept = {name: company[name] for name in ("item", "location", "calendar", "event")}
    return SoldOut({**kept, "sales": sales, **books}, truth, float((wanted >= opening).mean()))


def _books(
    days: pl.DataFrame, wanted: np.ndarray, opening: np.ndarray, told: Told, rng: np.random.Generator
) -> dict[str, pl.DataFrame]:
    """Tables that tell of stock: `stock`, and for the ledger `receipt` and the `open_order` lines it belongs to."""
    if told == "share":
        return {"stock": days.with_columns(in_stock_share=pl.Series(_share_of_day(wanted, opening, rng).ravel()))}
    closing = np.maximum(opening - wanted, 0.0)
    stock = days.with_columns(on_hand_qty=pl.Series(closing.ravel()))
    if told == "snapshot":
        return {"stock": stock}
    arrived = np.diff(closing, axis=1, prepend=0.0) + np.minimum(wanted, opening)
    arrived[:, 0] = 0.0
    lines = days.with_columns(qty=pl.Series(arrived.ravel())).filter(pl.col("qty") > 0)
    lines = lines.with_row_index("row").with_columns(order_id=pl.format("PO-{}", "row"), line_id=pl.lit("1"))
    orders = lines.select("order_id", "line_id", *_NODE, "qty", kind=pl.lit("purchase"), due_date="date")
    return {
        "stock": stock.filter(pl.col("date") == pl.col("date").min()),
        "receipt": lines.select("order_id", "line_id", "date", "qty"),
        "open_order": orders.with_columns(open_qty=pl.lit(0.0)),
    }


def _always_on_sale(demand: pl.DataFrame) -> pl.DataFrame:
    """True demand of the nodes that were on sale on every open day, sorted by node and day."""
    open_days = demand.group_by("location_id").agg(pl.col("date").n_unique().alias("days"))
    counted = demand.group_by(_NODE).agg(pl.len().alias("own")).join(open_days, on="location_id")
    most = counted["days"].max()
    whole = counted.filter((pl.col("own") == most) & (pl.col("days") == most))
    return demand.filter(pl.col("date") <= AS_OF).join(whole.select(_NODE), on=_NODE, how="semi").sort(*_NODE, "date")


def _walk(wanted: np.ndarray, cycle: np.ndarray, factor: float) -> np.ndarray:
    """Stock every morning [N, T] of shelves filled up to factor * mean demand of a cycle, a unit at least."""
    level = np.maximum(1.0, np.round(factor * cycle * wanted.mean(axis=1)))
    opening, hand = np.zeros_like(wanted), level.copy()
    for day in range(wanted.shape[1]):
        hand = np.where((day + np.arange(level.size)) % cycle == 0, level, hand)
        opening[:, day] = hand
        hand = np.maximum(hand - wanted[:, day], 0.0)
    return opening


def _share_of_day(wanted: np.ndarray, opening: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Share of the day until the last unit goes: of d customers spread evenly, the s-th comes at Beta(s, d - s + 1)."""
    gone = (wanted >= opening) & (opening > 0)
    s, d = np.where(gone, opening, 1.0), np.where(gone, wanted, 1.0)
    return np.where(gone, rng.beta(s, d - s + 1.0), np.where(opening > 0, 1.0, 0.0))
