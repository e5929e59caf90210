"""Bias of the mean of plan.demand against the true demand of a generated company whose shelves run empty often."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from replenish import ingest, pipeline
from replenish.examples import retail, sold_out
from replenish.examples.sold_out import SoldOut, Told
from replenish.night import facts, previous
from replenish.night.folder import build_core, make_tables
from replenish.settings import Settings
from replenish.tables import plan
from replenish.warehouse import Warehouse

NODE = ["item_id", "location_id"]
SHARES: tuple[float, ...] = (0.18, 0.49)
BOOKS: tuple[Told, ...] = ("snapshot", "ledger", "share")


class Biases(NamedTuple):
    """Relative bias of the mean of raw sales, of the days that did not sell out, and of plan.demand."""

    sold_out_share: float
    raw: float
    dropped: float
    ours: float


def demand_of(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """plan.demand of a company: the first three stations of the line."""
    settings = Settings()
    with Warehouse() as house:
        make_tables(house)
        ingest.load_frames(house, tables, settings)
        facts.tell_settings(house, settings, None)
        known = facts.tonight(house, settings)
        previous.bring_previous(house, None, known.as_of)
        tonight = build_core(house, known, None)
        for station in (pipeline.audit, pipeline.season, pipeline.unconstrain):
            station(house, tonight)
        return house.read(plan.Demand)


def biases(world: SoldOut) -> Biases:
    """What each reading of the history makes of the mean."""
    told = demand_of(world.tables)
    days = world.truth.join(told, left_on=["date", *NODE], right_on=["bucket_start", *NODE], how="left", suffix="_plan")
    sold = pl.col("sales_qty").fill_null(0.0)
    readings = (sold, pl.when(pl.col("state") == "full").then(sold), pl.col("demand_qty_plan"))
    return Biases(world.sold_out_share, *(_bias(days.with_columns(told_qty=reading)) for reading in readings))


def _bias(days: pl.DataFrame) -> float:
    """Bias of the mean when every node's days without a reading are taken to be like its other days, season aside."""
    there = pl.col("told_qty").is_not_null()
    nodes = days.group_by(NODE).agg(
        wanted=pl.col("demand_qty").sum(),
        expected=pl.col("mean_qty").sum(),
        told=pl.col("told_qty").sum(),
        expected_there=pl.col("mean_qty").filter(there).sum(),
    )
    whole = nodes.select((pl.col("told") * pl.col("expected") / pl.col("expected_there")).fill_nan(0.0).sum()).item()
    return float(whole / nodes["wanted"].sum() - 1.0)


if __name__ == "__main__":
    from measure import row

    company = retail()
    for books in BOOKS:
        for share in SHARES:
            found = biases(sold_out(company, share, books))
            claim = f"bias of mean demand, {found.sold_out_share:.0%} of days sold out, books tell the {books}"
            row(claim, f"{found.ours:+.1%} (raw sales {found.raw:+.0%}, sold-out days dropped {found.dropped:+.0%})")
