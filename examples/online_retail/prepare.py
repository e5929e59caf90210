"""Turn the UCI Online Retail file into a company folder.

    python examples/online_retail/prepare.py transactions.parquet FOLDER

The invoice lines are kept row for row; two columns say whether a line is about goods and whether it was cancelled
later. The data holds no stock: it is simulated, and the files say so in their names.
"""

from __future__ import annotations

import argparse
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

LOCATION = "UK-WEB"
SUPPLIER = "SIMULATED-SUPPLIER"
LEAD_TIME_DAYS = 14
COVER_DAYS = 28
COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Make a company folder of the UCI Online Retail file.")
    parser.add_argument("transactions", type=Path, help="the file as Parquet or CSV")
    parser.add_argument("folder", type=Path, help="company folder to make")
    asked = parser.parse_args()
    prepare(asked.transactions, asked.folder)


def prepare(transactions: Path, folder: Path) -> None:
    """Write inputs/ and replenish.toml into the folder."""
    lines = _read(transactions)
    inputs = folder / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("replenish.toml"), folder / "replenish.toml")
    lines.write_parquet(inputs / "transactions.parquet")
    sold = planned_sales(lines)
    _items(lines).join(sold.select("item_id").unique(), on="item_id").sort("item_id").write_csv(inputs / "item.csv")
    simulated_stock(sold).write_parquet(inputs / "stock_simulated.parquet")
    pl.DataFrame({"location_id": [LOCATION], "name": ["Web shop"], "kind": ["store"]}).write_csv(
        inputs / "location.csv"
    )
    pl.DataFrame({"supplier_id": [SUPPLIER], "lead_time_days": [LEAD_TIME_DAYS]}).write_csv(inputs / "supplier.csv")
    sourcing = sold.select("item_id").unique().sort("item_id")
    sourcing = sourcing.with_columns(location_id=pl.lit(LOCATION), kind=pl.lit("buy"), source_id=pl.lit(SUPPLIER))
    sourcing.write_csv(inputs / "sourcing_simulated.csv")


def _read(file: Path) -> pl.DataFrame:
    lines = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, try_parse_dates=True)
    text = [pl.col(name).cast(pl.String) for name in ("InvoiceNo", "StockCode", "Description", "CustomerID", "Country")]
    lines = lines.select(COLUMNS).with_columns(text)
    once = lines.unique(maintain_order=True)
    told = once.with_columns(
        IsGoods=pl.col("StockCode").str.contains(r"^\d{5}"),
        IsCancelled=pl.Series(_cancelled(once), dtype=pl.Boolean),
    )
    return lines.join(told, on=COLUMNS, how="left", nulls_equal=True, maintain_order="left")


def _cancelled(lines: pl.DataFrame) -> list[bool]:
    """Lines taken back whole: a later cancellation of the same customer, item and quantity undoes the latest one."""
    waiting: dict[tuple[str, str, int], list[int]] = {}
    cancelled = [False] * lines.height
    known = lines.with_row_index("row").filter(pl.col("CustomerID").is_not_null()).sort("InvoiceDate", "row")
    for row, invoice, item, customer, qty in known.select(
        "row", "InvoiceNo", "StockCode", "CustomerID", "Quantity"
    ).iter_rows():
        if qty > 0:
            waiting.setdefault((customer, item, qty), []).append(row)
        elif invoice.startswith("C") and waiting.get((customer, item, -qty)):
            cancelled[waiting[customer, item, -qty].pop()] = True
    return cancelled


def planned_sales(lines: pl.DataFrame) -> pl.DataFrame:
    """Units a day and item that the mapping in replenish.toml lets through."""
    kept = lines.unique(maintain_order=True).filter(
        pl.col("IsGoods"), ~pl.col("IsCancelled"), pl.col("Quantity") > 0, pl.col("UnitPrice") > 0
    )
    sold = kept.group_by(item_id="StockCode", date=pl.col("InvoiceDate").cast(pl.Date)).agg(pl.col("Quantity").sum())
    return sold.sort("item_id", "date")


def simulated_stock(sold: pl.DataFrame) -> pl.DataFrame:
    """SIMULATED snapshots of every Sunday and the last three days: no real stock is known.

    Policy, item by item: every Monday, where stock and orders are at or below the mean sales of 14 + 7 days, order up
    to 28 days more; goods come 14 days later. Where a day sold more than there was, a rush delivery brings the
    difference, for what the data says was sold was there.
    """
    items = sold["item_id"].unique().sort()
    first, last = sold["date"].min(), sold["date"].max()
    assert isinstance(first, date), "no sales left"
    assert isinstance(last, date), "no sales left"
    days = (last - first).days + 1
    qty = np.zeros((days, items.len()))
    place = sold.join(items.to_frame().with_row_index("place"), on="item_id")["place"].to_numpy()
    np.add.at(qty, ((sold["date"] - first).dt.total_days().to_numpy(), place), sold["Quantity"].to_numpy())
    closing = _walk(qty, first.weekday())
    shown = [day for day in range(days) if (first + timedelta(days=day)).isoweekday() == 7 or day >= days - 3]
    return pl.concat(
        pl.DataFrame({"item_id": items, "on_hand_qty": closing[day]}).select(
            pl.lit(first + timedelta(days=day)).alias("date"),
            "item_id",
            pl.lit(LOCATION).alias("location_id"),
            "on_hand_qty",
        )
        for day in shown
    )


def _walk(qty: np.ndarray, first_weekday: int) -> np.ndarray:
    """Closing stock by day and item under the simulated policy."""
    mean = qty.mean(axis=0)
    least = np.ceil(mean * (LEAD_TIME_DAYS + 7))
    most = least + np.ceil(mean * COVER_DAYS)
    on_hand, on_order = most.copy(), np.zeros_like(most)
    arriving = np.zeros((len(qty) + LEAD_TIME_DAYS, most.size))
    closing = np.zeros_like(qty)
    for day, sold in enumerate(qty):
        on_hand += arriving[day]
        on_order -= arriving[day]
        if (first_weekday + day) % 7 == 0:
            ordered = np.where(on_hand + on_order <= least, most - on_hand - on_order, 0.0)
            arriving[day + LEAD_TIME_DAYS] = ordered
            on_order += ordered
        on_hand = np.maximum(on_hand - sold, 0.0)
        closing[day] = on_hand
    return closing


def _items(lines: pl.DataFrame) -> pl.DataFrame:
    """One name an item: the commonest description, the first of equals; price: the median paid."""
    goods = lines.filter(pl.col("IsGoods"), pl.col("Quantity") > 0, pl.col("UnitPrice") > 0)
    names = goods.drop_nulls("Description").group_by("StockCode", name=pl.col("Description").str.strip_chars()).len()
    names = names.sort("StockCode", pl.col("len"), "name", descending=[False, True, False]).unique(
        "StockCode", keep="first"
    )
    prices = goods.group_by("StockCode").agg(unit_price=pl.col("UnitPrice").median().round(2))
    return prices.join(names.drop("len"), on="StockCode", how="left").rename({"StockCode": "item_id"})


if __name__ == "__main__":
    main()
