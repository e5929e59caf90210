"""The retail company's files: three shops with three tills that each export in their own way."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from replenish.examples.dirt import as_text, csv_bytes, filled, parquet_bytes, repeated, spoilt

SETTINGS = """\
# A generated retail company: 42 items, three shops, one warehouse, a small plant.
# `replenish init <folder>` without --example writes a file that lists every setting.

[company]
name = "Corner & Daughters"
currency = "EUR"

# The till in the centre repeats lines when its connection breaks, and rings up gift cards as items.
[source.till_center]
table = "sales"
files = "till_center.csv"
duplicates = "reject"
set_aside = { "gift cards" = "item_id = 'GIFT-CARD'" }

# The till in the north speaks German, writes decimal commas and saves as Windows-1252.
[source.till_north]
table = "sales"
files = "verkauf_nord.csv"
delimiter = ";"
decimal = ","
encoding = "cp1252"
date_format = "%d.%m.%Y"
constants = { location_id = "SHOP-NORTH" }

[source.till_north.columns]
date = "Datum"
item_id = "Artikel"
qty = "Menge"
unit_price = "Stückpreis"
order_id = "Beleg-Nr."
"""


def retail_files(tables: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Input files by name; the dirty rows in them stay well below the share that stops a run."""
    sales, stock = tables["sales"], tables["stock"]
    own_way = {
        "till_center.csv": _till_center(sales.filter(pl.col("location_id") == "SHOP-CENTER")),
        "verkauf_nord.csv": _till_north(sales.filter(pl.col("location_id") == "SHOP-NORTH")),
        "sales_south.parquet": parquet_bytes(filled(sales.filter(pl.col("location_id") == "SHOP-SOUTH"))),
        "stock.csv": _stock(stock),
        "price_break.csv": csv_bytes(tables["price_break"], delimiter=";", decimal=","),
    }
    others = {f"{name}.csv": csv_bytes(filled(frame)) for name, frame in tables.items() if frame.height}
    del others["sales.csv"]
    return {**others, **own_way}


def _till_center(sales: pl.DataFrame) -> bytes:
    """Bad dates, text in numbers, a lost item number, repeated lines, a column nobody asked for, gift cards."""
    text = repeated(as_text(filled(sales)), 1100)
    text = spoilt(text, "date", {501: "2025-13-45", 4205: "yesterday", 9007: ""})
    text = spoilt(text, "qty", {1203: "three", 6100: "n/a", 12040: "1O"})
    text = spoilt(text, "item_id", {3333: None, 7010: "GIFT-CARD", 11011: "GIFT-CARD", 15015: "GIFT-CARD"})
    return csv_bytes(text.with_columns(cashier=pl.lit("K2")))


def _till_north(sales: pl.DataFrame) -> bytes:
    """Umlauts, semicolons, decimal commas, a remark, and a few quantities that are words."""
    named = sales.select(
        pl.col("date").dt.strftime("%d.%m.%Y").alias("Datum"),
        pl.col("item_id").alias("Artikel"),
        pl.col("qty").alias("Menge"),
        pl.col("unit_price").alias("Stückpreis"),
        pl.col("order_id").alias("Beleg-Nr."),
        pl.when(pl.col("qty") < 0).then(pl.lit("Rückgabe")).alias("Bemerkung"),
    )
    text = named.with_columns(pl.col(pl.Float64).cast(pl.String).str.replace(".", ",", literal=True))
    text = spoilt(text, "Menge", {888: "fünf", 5005: "-"})
    return csv_bytes(spoilt(text, "Datum", {2020: "31.02.2026"}), delimiter=";", encoding="cp1252")


def _stock(stock: pl.DataFrame) -> bytes:
    """A negative snapshot that was never true, two unreadable ones, a bad date and lines that come twice."""
    text = repeated(as_text(stock), 9000)
    text = spoilt(text, "on_hand_qty", {10_010: "-7.0", 20_020: "?", 60_006: "twelve"})
    return csv_bytes(spoilt(text, "date", {30_030: "0000-00-00"}))
