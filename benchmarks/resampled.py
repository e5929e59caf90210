"""Companies of any size made of real shops: the daily series of the M5 folder, resampled week by week."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

DATA = Path(os.environ.get("REPLENISH_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SERIES = DATA / "m5" / "tiny_280_series.parquet"
STORES, DAYS, STRETCH_WEEKS = 10, 1_941, 4
COVER_DAYS = 14  # of demand in stock on the last day


def is_here() -> bool:
    """Whether the real series are on this machine; says where they belong if not."""
    if not SERIES.is_file():
        print(f"skipped: {SERIES} is not here; name the folder that holds m5 in REPLENISH_TEST_DATA")
    return SERIES.is_file()


def write(folder: Path, nodes: int, settings: str = "", seed: int = 1) -> Path:
    """A company of `nodes` series x 1,941 days in ten shops as a folder: one sales file a shop, days without sales out.

    Every series is a real one, its weeks drawn anew from the four weeks around them: level, trend, season, weekday
    rhythm and sparsity stay, and no two series are the same.
    """
    rng = np.random.default_rng(seed)
    real, price, category, last_day = _real()
    inputs = folder / "inputs"
    inputs.mkdir(parents=True)
    (folder / "replenish.toml").write_text(settings, encoding="utf-8")
    items = -(-nodes // STORES)
    origin = rng.integers(0, len(real), items)
    named = [f"{category[one]}_{number:05d}" for number, one in enumerate(origin)]
    stock = []
    for shop in range(STORES):
        count = items if shop < STORES - (items * STORES - nodes) else items - 1
        qty = _drawn(real[origin[:count]], rng)
        _sales(qty, named, f"shop_{shop}", price[origin], last_day).write_parquet(inputs / f"sales_{shop}.parquet")
        held = np.ceil(qty[:, -COVER_DAYS:].sum(axis=1))
        stock.append(pl.DataFrame({"item_id": named[:count], "location_id": f"shop_{shop}", "on_hand_qty": held}))
    pl.concat(stock).with_columns(date=pl.lit(last_day)).write_parquet(inputs / "stock.parquet")
    _master(named, category[origin], price[origin]).write_parquet(inputs / "item.parquet")
    places = pl.DataFrame({"location_id": [f"shop_{shop}" for shop in range(STORES)], "kind": "store"})
    places.write_parquet(inputs / "location.parquet")
    pl.concat(stock).select("item_id", "location_id", **_LANE).write_parquet(inputs / "sourcing.parquet")
    return folder


_LANE = {
    "kind": pl.lit("buy"),
    "source_id": pl.lit("supplier"),
    "lead_time_days": pl.lit(7.0),
    "review_days": pl.lit(7.0),
}


def _real() -> tuple[np.ndarray, np.ndarray, np.ndarray, date]:
    """Units sold [280, 1,941], price and department of every real series, and the last day."""
    rows = pl.read_parquet(SERIES).with_columns(pl.col("id", "dept_id").cast(pl.String)).sort("id", "date")
    each = rows.group_by("id", maintain_order=True).agg(pl.col("sell_price").mean(), pl.col("dept_id").first())
    qty = rows["value"].to_numpy().reshape(each.height, -1).astype(np.float64)
    missing = DAYS - qty.shape[1]  # whole weeks: the first ones stand for those before them too
    return (
        np.hstack([qty[:, :missing], qty]),
        each["sell_price"].to_numpy(),
        each["dept_id"].to_numpy(),
        rows["date"].max(),
    )


def _drawn(qty: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every week of every series replaced by one of its stretch of four weeks."""
    lead = DAYS % (7 * STRETCH_WEEKS)
    weeks = qty[:, lead:].reshape(len(qty), -1, STRETCH_WEEKS, 7)
    chosen = rng.integers(0, STRETCH_WEEKS, weeks.shape[:3])
    return np.hstack([qty[:, :lead], np.take_along_axis(weeks, chosen[..., None], axis=2).reshape(len(qty), -1)])


def _sales(qty: np.ndarray, named: list[str], shop: str, price: np.ndarray, last_day: date) -> pl.DataFrame:
    row, day = np.nonzero(qty)
    days = pl.Series([last_day - timedelta(days=DAYS - 1 - back) for back in range(DAYS)])
    frame = pl.DataFrame({"date": days[day], "item_id": pl.Series(named)[row], "qty": qty[row, day]})
    return frame.with_columns(location_id=pl.lit(shop), unit_price=pl.Series(price[row]).round(2))


def _master(named: list[str], category: np.ndarray, price: np.ndarray) -> pl.DataFrame:
    frame = pl.DataFrame({"item_id": named, "category": category, "unit_price": price})
    return frame.with_columns(name="item_id", unit_cost=pl.col("unit_price") * 0.7)
