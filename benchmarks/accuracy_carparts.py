"""Forecasts of 2,674 intermittent series of car parts beside bare statsforecast.

The planner's buckets are days and weeks: a month of the data is put in as a week, one after the other.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from accuracy import Case, compare
from resampled import DATA

SERIES = DATA / "carparts" / "carparts.parquet"
FIRST = date(2024, 1, 1)  # a Monday
ORIGINS = [(39, 3), (42, 3), (45, 3), (48, 3)]
SETTINGS = {"compute": {"workers": 1}, "calendar": {"source_grain": "week", "bucket": "week"}}


def case() -> Case:
    """Sales; months without a record are weeks of which nothing is known."""
    data = pl.read_parquet(SERIES).rename({"unique_id": "item_id"}).sort("item_id", "ds")
    nodes = data.select("item_id", location_id=pl.lit("depot")).unique(maintain_order=True)
    actual = data["y"].cast(pl.Float64).fill_null(np.nan).to_numpy().reshape(nodes.height, -1)
    weeks = [FIRST + timedelta(days=7 * week) for week in range(actual.shape[1])]

    def sources(origin: int) -> dict[str, pl.DataFrame]:
        row, column = np.nonzero(np.ones((nodes.height, origin), dtype=bool))
        qty = pl.Series(actual[row, column]).fill_nan(None)
        long = nodes[row].with_columns(date=pl.Series([weeks[c] for c in column]), qty=qty)
        sold = long.filter(pl.col("qty") > 0)
        stock = long.select(
            "item_id", "location_id", "date", on_hand_qty=pl.lit(None, pl.Float64),
            in_stock_share=pl.col("qty").is_not_null().cast(pl.Float64),
        )  # fmt: skip
        return {"sales": sold, "stock": stock}

    def as_of(origin: int) -> date:
        return weeks[origin - 1] + timedelta(days=6)

    ones = np.ones(nodes.height)
    return Case("car parts", nodes, actual, ones, sources, as_of, SETTINGS, season_length=1, heavy=True)


if __name__ == "__main__":
    if SERIES.is_file():
        compare(case(), ORIGINS)
    else:
        print(f"skipped: {SERIES} is not here; name the folder that holds carparts in REPLENISH_TEST_DATA")
