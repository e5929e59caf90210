"""Forecasts of 913 weekly series of orange juice under promotion, eight weeks ahead, beside bare statsforecast."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from accuracy import Case, compare
from resampled import DATA

SERIES = DATA / "dominicks_oj" / "sales.parquet"
FIRST, FIRST_WEEK, WEEKS = date(1990, 6, 18), 40, 121  # a Monday
ORIGINS = [(113, 8), (105, 8), (97, 8), (89, 8)]
SETTINGS = {"compute": {"workers": 1}, "calendar": {"source_grain": "week", "bucket": "week"}}


def case() -> Case:
    """Sales, weeks on record, and promotions (deals and features), planned ones included, as a shop knows them."""
    data = pl.read_parquet(SERIES).with_columns(
        item_id=pl.format("brand {}", pl.col("brand").cast(pl.String).str.zfill(2)),
        location_id=pl.format("store {}", pl.col("store").cast(pl.String).str.zfill(3)),
        date=pl.lit(FIRST) + pl.duration(days=7 * (pl.col("week").cast(pl.Int64) - FIRST_WEEK)),
        column=pl.col("week").cast(pl.Int64) - FIRST_WEEK,
    )
    data = data.with_columns(pl.col("date").cast(pl.Date)).sort("item_id", "location_id", "week")
    nodes = data.select("item_id", "location_id").unique(maintain_order=True)
    row = data.join(nodes.with_row_index("row"), on=["item_id", "location_id"], how="left", maintain_order="left")[
        "row"
    ]
    actual = np.full((nodes.height, WEEKS), np.nan)
    actual[row.to_numpy(), data["column"].to_numpy()] = data["units"].cast(pl.Float64).to_numpy()
    fixed = {
        "event": _promotions(data),
        "item": nodes.select("item_id", category=pl.lit("juice")).unique().sort("item_id"),
    }

    def sources(origin: int) -> dict[str, pl.DataFrame]:
        seen = data.filter(pl.col("column") < origin)
        every = nodes.join(pl.DataFrame({"column": range(origin)}), how="cross")
        known = every.join(seen, on=["item_id", "location_id", "column"], how="left", maintain_order="left")
        day = pl.lit(FIRST) + pl.duration(days=7 * pl.col("column"))
        stock = known.select(
            "item_id", "location_id", date=day.cast(pl.Date), on_hand_qty=pl.lit(None, pl.Float64),
            in_stock_share=pl.col("units").is_not_null().cast(pl.Float64),
        )  # fmt: skip
        sales = seen.filter(pl.col("units") > 0).select(
            "item_id", "location_id", "date", qty=pl.col("units").cast(pl.Float64)
        )
        return {"sales": sales, "stock": stock, **fixed}

    def as_of(origin: int) -> date:
        return FIRST + timedelta(days=7 * origin - 1)

    ones = np.ones(nodes.height)
    return Case("orange juice", nodes, actual, ones, sources, as_of, SETTINGS, season_length=1, heavy=True)


def _promotions(data: pl.DataFrame) -> pl.DataFrame:
    told = data.filter((pl.col("deal") > 0) | (pl.col("feat") > 0))
    name = pl.concat_str("item_id", "location_id", pl.col("week").cast(pl.String), separator=" ")
    end = (pl.col("date") + pl.duration(days=6)).cast(pl.Date)
    return told.select(
        "item_id", "location_id", event_id=name, kind=pl.lit("promotion"), start_date="date", end_date=end
    )


if __name__ == "__main__":
    if SERIES.is_file():
        compare(case(), ORIGINS)
    else:
        print(f"skipped: {SERIES} is not here; name the folder that holds dominicks_oj in REPLENISH_TEST_DATA")
