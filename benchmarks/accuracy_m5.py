"""Forecasts of the 280 daily M5 series, 28 days ahead from six origins, beside bare statsforecast."""

from __future__ import annotations

import numpy as np
import polars as pl
from accuracy import Case, compare
from resampled import SERIES, is_here

ORIGINS = [(1885, 28), (1857, 28), (1829, 28), (1801, 28), (1717, 28), (1633, 28)]
SETTINGS = {"compute": {"workers": 1}, "calendar": {"history_weeks": 260}}


def read_series() -> pl.DataFrame:
    """The series, one row a day, sorted by item, location and date."""
    data = pl.read_parquet(SERIES).with_columns(pl.col(pl.Categorical).cast(pl.String))
    return data.rename({"store_id": "location_id"}).sort("item_id", "location_id", "date")


def case() -> Case:
    """Sales and days on sale; benefit days as promotions of their state's shops, holidays, and Christmas closed."""
    data = read_series()
    days = data["date"].unique().sort()
    nodes = data.select("item_id", "location_id").unique(maintain_order=True)
    price = data["sell_price"].cast(pl.Float64).fill_null(np.nan).to_numpy().reshape(nodes.height, -1)
    actual = data["value"].cast(pl.Float64).to_numpy().reshape(nodes.height, -1)
    fixed = {"event": _events(data), **_master(data)}

    def sources(origin: int) -> dict[str, pl.DataFrame]:
        seen = data.filter(pl.col("date") < days[origin])
        sold = seen.filter(pl.col("value") > 0)
        sales = sold.select("date", "item_id", "location_id", qty=pl.col("value").cast(pl.Float64))
        on_sale = pl.col("sell_price").is_not_null().cast(pl.Float64)
        stock = seen.select(
            "date", "item_id", "location_id", on_hand_qty=pl.lit(None, pl.Float64), in_stock_share=on_sale
        )
        return {"sales": sales, "stock": stock, **fixed}

    value = np.nan_to_num(np.nanmean(price, axis=1))
    return Case("M5", nodes, actual, value, sources, lambda o: days[o - 1], SETTINGS, season_length=7)


def _master(data: pl.DataFrame) -> dict[str, pl.DataFrame]:
    item = data.group_by("item_id").agg(
        category=(pl.col("cat_id") + "/" + pl.col("dept_id")).first(), unit_price=pl.col("sell_price").mean()
    )
    location = data.group_by("location_id").agg(cluster=pl.col("state_id").first(), kind=pl.lit("store"))
    return {"item": item.sort("item_id"), "location": location.sort("location_id")}


def _events(data: pl.DataFrame) -> pl.DataFrame:
    benefit = (
        data.filter(pl.col("snap") > 0).select("location_id", "date").unique().with_columns(kind=pl.lit("promotion"))
    )
    named = data.filter(pl.col("event_name_1") != "").select("event_name_1", "date").unique()
    is_closed = pl.col("event_name_1") == "Christmas"
    holiday = named.select(
        "date",
        location_id=pl.lit(None, pl.String),
        kind=pl.when(is_closed).then(pl.lit("closure")).otherwise(pl.lit("holiday")),
    )
    both = pl.concat([benefit, holiday.select(benefit.columns)]).sort("kind", "date", "location_id")
    name = pl.concat_str("kind", pl.col("location_id").fill_null("all"), pl.col("date").cast(pl.String), separator=" ")
    return both.select(event_id=name, kind="kind", start_date="date", end_date="date", location_id="location_id")


if __name__ == "__main__" and is_here():
    compare(case(), ORIGINS)
