"""What the company's computers hold after the walk: sales, stock, orders, receipts, counts and lots as input tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from replenish.examples.company import Company
from replenish.examples.days import AS_OF, DATES, DAY_COUNT, WARM_UP_DAYS, day_at
from replenish.examples.master_data import rows
from replenish.examples.network import Network
from replenish.examples.stock_walk import Ledger, Line
from replenish.tables import inputs

_ORDER = {"buy": ("purchase", "PO"), "move": ("transfer", "TR"), "make": ("production", "MO")}
_PROMOTION_PRICE = 0.8
_RETURNS_EVERY = 1500


def documents(company: Company, network: Network, ledger: Ledger) -> dict[str, pl.DataFrame]:
    """Input tables that grow with every day, by name."""
    open_order, receipt = _orders(network, ledger.lines)
    open_order = pl.concat([open_order, _backorders(network, ledger.backorder)])
    return {
        "sales": _sales(company, ledger.served),
        "stock": _stock(network, ledger.recorded),
        "open_order": open_order,
        "receipt": receipt,
        "stock_count": _counts(network, ledger.counts),
        "lot": _lots(network, ledger.ages),
    }


def long(keys: pl.DataFrame, **values: np.ndarray) -> pl.DataFrame:
    """A row a day of the history and node: `values` are days of the walk x rows of `keys`."""
    days = DATES[WARM_UP_DAYS:]
    frame = pl.DataFrame({"date": np.repeat(days, keys.height)}).with_columns(pl.col("date").cast(pl.Date))
    places = np.tile(np.arange(keys.height), days.size)
    columns = {name: pl.Series(name, value[WARM_UP_DAYS:].ravel()) for name, value in values.items()}
    return frame.hstack(keys.select("item_id", "location_id")[places]).with_columns(**columns)


def _sales(company: Company, served: np.ndarray) -> pl.DataFrame:
    """A line a node and day; promotions sell for less; now and then a piece comes back."""
    prices = company.tables["item"].select("item_id", "unit_price")
    promoted = company.tables["event"].filter(pl.col("kind") == "promotion", pl.col("item_id").is_not_null())
    reduced = promoted.select("item_id", date=pl.date_ranges("start_date", "end_date")).explode("date")
    reduced = reduced.unique().with_columns(price_share=pl.lit(_PROMOTION_PRICE))
    sold = long(company.profile, qty=served).filter(pl.col("qty") > 0)
    sold = sold.join(prices, on="item_id", how="left").join(reduced, on=["item_id", "date"], how="left")
    sold = sold.with_columns(
        unit_price=(pl.col("unit_price") * pl.col("price_share").fill_null(1.0)).round(2),
        order_id=pl.col("location_id") + pl.col("date").dt.strftime("-%y%m%d"),
    ).drop("price_share")
    returned = sold.gather_every(_RETURNS_EVERY, 700).filter(pl.col("date") < AS_OF - timedelta(days=9))
    returned = returned.with_columns(qty=pl.lit(-1.0), date=pl.col("date") + pl.duration(days=7))
    return pl.concat([sold, returned]).sort("date", "location_id", "item_id", "qty")


def _stock(network: Network, recorded: np.ndarray) -> pl.DataFrame:
    """A snapshot a node and day, from the day it first held something."""
    stock = long(network.nodes, on_hand_qty=np.round(recorded, 3))
    begun = (pl.col("on_hand_qty") != 0).cum_max().over("item_id", "location_id")
    return stock.filter(begun).sort("date", "location_id", "item_id")


def _orders(network: Network, lines: list[Line]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Order lines placed within the history, one order a source, location and day (and item made)."""
    names = network.nodes.select("kind", "source_id", "location_id", "item_id").rows()
    numbers: dict[tuple[str, str, str, int, str], tuple[str, list[Line]]] = {}
    counters: dict[str, int] = defaultdict(int)
    orders, receipts = [], []
    for line in lines:
        kind, source_id, location_id, item_id = names[line.node]
        if line.day < WARM_UP_DAYS:
            continue
        order_kind, letters = _ORDER[kind]
        key = (kind, source_id, location_id, line.day, item_id if kind == "make" else "")
        if key not in numbers:
            counters[letters] += 1
            numbers[key] = (f"{letters}-{counters[letters]:06d}", [])
        order_id, members = numbers[key]
        members.append(line)
        line_id = str(len(members))
        came = sum(qty for _, qty in line.receipts)
        orders.append(
            {"order_id": order_id, "line_id": line_id, "kind": order_kind, "item_id": item_id,
             "location_id": location_id, "qty": line.qty, "due_date": day_at(line.due),
             "open_qty": round(line.qty - came, 3), "source_id": source_id, "order_date": day_at(line.day),
             "status": "released"}
        )  # fmt: skip
        receipts += [
            {"order_id": order_id, "line_id": line_id, "date": day_at(day), "qty": qty} for day, qty in line.receipts
        ]
    upstream = set(network.nodes.filter(pl.Series(network.stage > 0))["location_id"])
    bought = [one for one in orders if one["kind"] == "purchase" and one["location_id"] in upstream]
    return rows(inputs.OpenOrder, [*orders, *_odd_orders(bought)]), rows(inputs.Receipt, receipts)


def _odd_orders(bought: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Lines every order book has: one forgotten for most of a year, one on hold, one only planned."""
    cases = (("PO-LOST", 300, 280, "released"), ("PO-HOLD", 6, -10, "hold"), ("PO-PLAN", 1, -20, "planned"))
    for model, (order_id, ago, due_ago, status) in zip(bought[-40::15], cases, strict=True):
        placed, due = AS_OF - timedelta(days=ago), AS_OF - timedelta(days=due_ago)
        yield {**model, "order_id": order_id, "line_id": "1", "open_qty": model["qty"], "order_date": placed,
               "due_date": due, "status": status}  # fmt: skip


def _backorders(network: Network, backorder: np.ndarray) -> pl.DataFrame:
    """What customers still wait for, as sales order lines due in the last days."""
    names = network.nodes.select("item_id", "location_id").rows(named=True)
    due = AS_OF - timedelta(days=2)
    common = {"kind": "sales", "due_date": due, "order_date": due - timedelta(days=3), "status": "firm"}
    lines = [
        {
            **common,
            **names[node],
            "order_id": f"BO-{node:04d}",
            "line_id": "1",
            "qty": backorder[node],
            "open_qty": backorder[node],
        }
        for node in np.flatnonzero(backorder > 0)
    ]
    return rows(inputs.OpenOrder, lines)


def _counts(network: Network, counts: list[tuple[int, int, float, float]]) -> pl.DataFrame:
    names = network.nodes.select("item_id", "location_id").rows(named=True)
    lines = [
        {"date": day_at(day), **names[node], "book_qty": book, "counted_qty": counted}
        for day, node, book, counted in counts
        if day >= WARM_UP_DAYS
    ]
    return rows(inputs.StockCount, lines)


def _lots(network: Network, ages: np.ndarray) -> pl.DataFrame:
    """Lots of perishables at the close of as-of; the newest large one is on hold by quality control."""
    names = network.nodes.select("item_id", "location_id").rows(named=True)
    lines = []
    for node, left in zip(*np.nonzero(ages > 0), strict=True):
        expiry = day_at(DAY_COUNT + int(left) + 1)
        lot_id = f"L{expiry:%y%m%d}-{node}"
        lines.append(
            {
                **names[node],
                "lot_id": lot_id,
                "qty": float(ages[node, left]),
                "expiry_date": expiry,
                "status": "available",
            }
        )
    if lines:
        max(lines, key=lambda one: (one["expiry_date"], one["lot_id"]))["status"] = "hold"
    return rows(inputs.Lot, lines)
