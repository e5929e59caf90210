"""What an ordinary night's fits cost beside fits of every node, and what that does to the forecasts."""

from __future__ import annotations

import runpy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import companies
import numpy as np
import polars as pl
from measure import cpu_of, row, scratch

from replenish import pipeline
from replenish.night import facts, previous
from replenish.night import folder as stages
from replenish.tables import core, plan
from replenish.warehouse import Warehouse

NODES, DAYS = 500, 730
NIGHTS = 8  # the first fits all, the last has seen a whole rotation
HELD_WEEKS = 4
KEY = ["item_id", "location_id"]
SETTINGS = "[compute]\nworkers = 1\n"  # all in this process, so that CPU time is all there is
LOCATOR = Path(__file__).parent.parent / "tests" / "examples" / "real_data.py"


@dataclass(frozen=True)
class Scores:
    """Errors of the weekly sums held out, over nodes with fitted members."""

    wape: float
    rmsse: float


def m5() -> dict[str, pl.DataFrame] | None:
    """Input frames of the M5 series, or nothing where they are not on this machine."""
    locator = runpy.run_path(str(LOCATOR))
    try:
        file = locator["data_file"]("m5/tiny_280_series.parquet")
    except locator["pytest"].skip.Exception as absent:
        print(f"M5 left out: {absent}")
        return None
    rows = pl.read_parquet(file).filter(pl.col("sell_price").is_not_null())
    ids = {"item_id": pl.col("item_id").cast(pl.String), "location_id": pl.col("store_id").cast(pl.String)}
    sales = rows.select(pl.col("date").cast(pl.Date), **ids, qty=pl.col("value").cast(pl.Float64))
    item = rows.select(item_id=ids["item_id"], category=pl.col("dept_id").cast(pl.String)).unique().sort("item_id")
    last = sales.filter(pl.col("date") == sales["date"].max())
    stock = last.select(*KEY, "date", on_hand_qty=pl.lit(1000.0))  # a night wants some stock; the forecast does not
    return {"sales": sales, "stock": stock, "item": item.with_columns(unit_cost=1.0, unit_price=2.0)}


def measure(home: Path, frames: dict[str, pl.DataFrame]) -> None:
    """A chain of nights, each with the fits of the one before; the last also with fits of all nodes."""
    place = stages.Place.at(companies.write(home, frames, SETTINGS))
    stages.ingest(place)
    last = frames["sales"]["date"].max()
    stored, costs = core.PreviousMemberFit.create_empty(), []
    for back in range(NIGHTS - 1, -1, -1):
        as_of = last - timedelta(days=7 * HELD_WEEKS + back)
        with place.open() as house:
            tonight = _up_to_the_fit(house, place, as_of, stored)
            costs.append(_fit(house, tonight))
            stored, ordinary = house.read(plan.MemberFit), _scores(house, frames["sales"], as_of)
            if back == 0:
                cost_of_all = _fit(house, _every_night(tonight))
                full = _scores(house, frames["sales"], as_of)
                fitted = stored.select(KEY).unique().height
    told = f"{home.name}, {fitted} nodes fitted"
    row(f"fit + forecast of an ordinary night beside a full refit, {told}", f"{np.mean(costs[1:]) / cost_of_all:.2f} x")
    row(f"- CPU of the full refit, of the ordinary nights, {told}", f"{cost_of_all:.1f} s, {np.mean(costs[1:]):.1f} s")
    row(f"- WAPE of {HELD_WEEKS} weeks held out, full and ordinary, {told}", f"{full.wape:.4f}, {ordinary.wape:.4f}")
    row(f"- RMSSE of the same, {told}", f"{full.rmsse:.4f}, {ordinary.rmsse:.4f}")


def _up_to_the_fit(house: Warehouse, place: stages.Place, as_of: date, stored: pl.DataFrame) -> pipeline.Tonight:
    facts.tell_settings(house, place.settings, as_of)
    known = facts.tonight(house, place.settings)
    previous.bring_previous(house, None, as_of)
    house.write(core.PreviousMemberFit, stored)
    tonight = stages.build_core(house, known, None)
    stages.run_station(house, tonight, "demand")
    for step in (pipeline.weeks, pipeline.rehearse, pipeline.score):
        step(house, tonight)
    return tonight


def _fit(house: Warehouse, tonight: pipeline.Tonight) -> float:
    import statsforecast.models  # noqa: F401 - no night pays for the import

    seconds, _ = cpu_of(lambda: (pipeline.fit(house, tonight), pipeline.forecast(house, tonight)))
    return seconds


def _every_night(tonight: pipeline.Tonight) -> pipeline.Tonight:
    """The same night with all nodes fitted."""
    forecast = tonight.settings.forecast.model_copy(update={"rotation_nights": 1})
    return replace(tonight, settings=tonight.settings.model_copy(update={"forecast": forecast}))


def _scores(house: Warehouse, sales: pl.DataFrame, as_of: date) -> Scores:
    nodes = house.read(plan.MemberFit).select(KEY).unique().sort(KEY)
    ahead = house.read(plan.Forecast).filter(pl.col("bucket_index") < 7 * HELD_WEEKS)
    ahead = ahead.select(*KEY, week=(pl.col("bucket_start") - as_of).dt.total_days().sub(1) // 7, qty="forecast_qty")
    truth = sales.select(*KEY, "qty", week=(pl.col("date") - as_of).dt.total_days().sub(1) // 7)
    told, sold = (_grid(nodes, frame, 0, HELD_WEEKS) for frame in (ahead, truth))
    before = np.diff(_grid(nodes, truth, -104, 0), axis=1)
    error = told - sold
    scaled = np.sqrt((error**2).mean(axis=1) / (before**2).mean(axis=1))
    return Scores(float(np.abs(error).sum() / sold.sum()), float(scaled.mean()))


def _grid(nodes: pl.DataFrame, frame: pl.DataFrame, first: int, after: int) -> np.ndarray:
    """Sums by node and week, shape (nodes, weeks)."""
    cells = nodes.join(pl.DataFrame({"week": range(first, after)}), how="cross").with_columns(
        pl.col("week").cast(pl.Int64)
    )
    sums = frame.group_by(*KEY, "week").agg(pl.col("qty").sum())
    found = cells.join(sums, on=[*KEY, "week"], how="left", maintain_order="left")["qty"].fill_null(0.0)
    return found.to_numpy().reshape(nodes.height, after - first)


if __name__ == "__main__":
    with scratch() as folder:
        measure(folder / "generated", companies.company(NODES, DAYS))
    with scratch() as folder:
        if (real := m5()) is not None:
            measure(folder / "m5", real)
