"""The production company's files: one workbook-like export in German, the rest plain, with the usual dirt."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from replenish.examples.dirt import as_text, csv_bytes, filled, parquet_bytes, repeated, spoilt

SETTINGS = """\
# A generated production company: 42 items, a plant with a bill of three levels, one warehouse, three customer depots.
# `replenish init <folder>` without --example writes a file that lists every setting.

[company]
name = "Pump & Söhne"
currency = "EUR"

# Sales come by week, dated by its Monday.
[calendar]
bucket = "week"
source_grain = "week"
week_start = "monday"

# Customers report what they used in their own way; a report that is sent twice counts once.
[source.usage]
table = "sales"
files = "abverkauf.csv"
delimiter = ";"
decimal = ","
encoding = "cp1252"
date_format = "%d.%m.%Y"
duplicates = "reject"
set_aside = { "freight" = "\\"Artikel\\" = 'FRACHT'" }

[source.usage.columns]
date = "Woche ab"
item_id = "Artikel"
location_id = "Lager"
qty = "Menge"
unit_price = "Ø Stückpreis"
"""


def factory_files(tables: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Input files by name; the dirty rows in them stay well below the share that stops a run."""
    files = {f"{name}.csv": csv_bytes(filled(frame)) for name, frame in tables.items() if frame.height}
    del files["sales.csv"], files["receipt.csv"]
    return {
        **files,
        "abverkauf.csv": _usage(tables["sales"]),
        "stock.csv": _stock(tables["stock"]),
        "receipt.parquet": parquet_bytes(tables["receipt"]),
    }


def _usage(sales: pl.DataFrame) -> bytes:
    """Umlauts, semicolons, decimal commas, bad dates, words for numbers, freight among the goods, repeated lines."""
    named = sales.select(
        pl.col("date").dt.strftime("%d.%m.%Y").alias("Woche ab"),
        pl.col("item_id").alias("Artikel"),
        pl.col("location_id").alias("Lager"),
        pl.col("qty").alias("Menge"),
        pl.col("unit_price").alias("Ø Stückpreis"),
        pl.lit("geprüft").alias("Prüfvermerk"),
    )
    text = repeated(named.with_columns(pl.col(pl.Float64).cast(pl.String).str.replace(".", ",", literal=True)), 700)
    text = spoilt(text, "Woche ab", {777: "KW 12", 2500: "31.02.2026"})
    text = spoilt(text, "Menge", {1300: "zwölf", 3100: "k.A."})
    return csv_bytes(spoilt(text, "Artikel", {2000: "FRACHT", 3500: "FRACHT"}), delimiter=";", encoding="cp1252")


def _stock(stock: pl.DataFrame) -> bytes:
    """A negative snapshot, an unreadable one, a bad date and lines that come twice."""
    text = spoilt(repeated(as_text(stock), 1500), "on_hand_qty", {1001: "-4.0", 3003: "viele"})
    return csv_bytes(spoilt(text, "date", {5005: "2026-02-30"}))
