"""The nightly rule, untouched, replayed over the last year of the 280 M5 series beside the rules of thumb.

Holding 25 % of unit cost a year, a lost unit costs 35 % of its price, lead time 7 or 14 days, weekly review, packs of 6
for half of the items. Every rule sees only what was known at each epoch.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl
from accuracy_m5 import case, read_series
from measure import row
from resampled import is_here

from replenish import ingest
from replenish.night import backtest
from replenish.night.folder import make_tables
from replenish.settings import Settings
from replenish.warehouse import Warehouse

# A year to judge on, its own half before it to choose dials on, and the warm-up.
WEEKS = 78
SETTINGS = {"compute": {"workers": 1}, "calendar": {"horizon_weeks": 8}}
KEY = ["item_id", "location_id"]


def sources(data: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The series as input tables; prices are those of a year before the end."""
    whole = case().sources(data["date"].n_unique() - 1)  # up to the day before the last
    last = data["date"].unique().sort()[-1]
    price = _prices(data, last - timedelta(days=365))
    lane = price.with_row_index("place").select(
        *KEY,
        kind=pl.lit("buy"),
        source_id=pl.lit("supplier"),
        lead_time_days=pl.when(pl.col("place") % 4 < 2).then(7.0).otherwise(14.0),
        review_days=pl.lit(7.0),
        multiple_qty=pl.when(pl.col("place") % 2 == 0).then(6.0).otherwise(1.0),
        unit_cost=0.65 * pl.col("price"),
    )
    policy = price.select(*KEY, shortage_cost=0.35 * pl.col("price"))
    item = whole["item"].drop("unit_price").join(_of_item(price), on="item_id")
    return {**whole, "item": item.sort("item_id"), "sourcing": lane, "policy": policy}


def _prices(data: pl.DataFrame, day: object) -> pl.DataFrame:
    """Last price up to a day, else the first after it."""
    known = data.filter(pl.col("sell_price").is_not_null()).with_columns(pl.col("sell_price").cast(pl.Float64))
    then = known.filter(pl.col("date") <= day).group_by(KEY).agg(then=pl.col("sell_price").last())
    first = known.group_by(KEY).agg(first=pl.col("sell_price").first())
    both = first.join(then, on=KEY, how="left").sort(KEY)
    return both.select(*KEY, price=pl.coalesce("then", "first"))


def _of_item(price: pl.DataFrame) -> pl.DataFrame:
    mean = price.group_by("item_id").agg(unit_price=pl.col("price").mean())
    return mean.with_columns(unit_cost=0.65 * pl.col("unit_price"))


def tell(told: backtest.Told) -> None:
    """A row a rival: with the dial chosen on the windows before, and with the dial that was best afterwards."""
    contest = told.tables["contest"]
    ours = contest.row(by_predicate=pl.col("rule") == "curve", named=True)
    row("M5 replay: nightly rule, untouched", f"cost {ours['cost']:,.0f}, {ours['fill_rate']:.2%} served")
    for one in contest.filter(pl.col("rule") != "curve").iter_rows(named=True):
        figures = f"{one['saved_rate']:.1%} ({one['saved_low_rate']:.1%} to {one['saved_high_rate']:.1%})"
        row(f"- saves against {one['rule']} with dial {one['dial']}", f"{figures}, {one['fill_rate']:.2%} served")
    best = told.tables["exchange"].filter(pl.col("rule") == "weeks_of_cover").sort("cost").row(0, named=True)
    saved = 1.0 - ours["cost"] / best["cost"]
    row(
        f"- saves against weeks_of_cover with the dial best afterwards, {best['dial']}",
        f"{saved:.1%}, {best['fill_rate']:.2%} served",
    )
    kept = told.tables["kept"].row(0, named=True)
    row("- fill promised by its own orders, achieved", f"{kept['promised_rate']:.2%}, {kept['achieved_rate']:.2%}")


if __name__ == "__main__" and is_here():
    house = Warehouse(memory_limit_gb=4.0)
    make_tables(house)
    settings = Settings.model_validate(SETTINGS)
    ingest.load_frames(house, sources(read_series()), settings)
    tell(backtest.roll(house, settings, None, WEEKS, lambda _: None))
