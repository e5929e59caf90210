"""Lots that leave with tonight's lateral moves: each move takes them in the order of their expiry from a date on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from replenish.steps.panel import KEY

Shelf = list["Dated"]


@dataclass
class Dated:
    """A lot with a last selling day, and what is left of it."""

    lot_id: str
    expiry: date
    left: float


def shelves_of(lot: pl.DataFrame) -> dict[tuple[str, str], Shelf]:
    """Dated lots of each item and location, first expiring first."""
    found: dict[tuple[str, str], Shelf] = {}
    for item, location, lot_id, expiry, qty in dated_lots(lot).iter_rows():
        found.setdefault((item, location), []).append(Dated(lot_id, expiry, qty))
    return found


def dated_lots(lot: pl.DataFrame) -> pl.DataFrame:
    """Lots that expire, of each node first expiring first."""
    dated = lot.filter(pl.col("expiry_date").is_not_null() & (pl.col("qty") > 0))
    return dated.select(*KEY, "lot_id", "expiry_date", "qty").sort(*KEY, "expiry_date", "lot_id")


def take(shelf: Shelf, units: float) -> float:
    """Take units off the lots in their order; what they do not hold is returned."""
    for one in shelf:
        taken = min(one.left, units)
        one.left -= taken
        units -= taken
    return units


def lots_after(rebalance: pl.DataFrame, lot: pl.DataFrame) -> pl.DataFrame:
    """core.lot less what tonight's moves take of each lot, move by move in the order of plan.rebalance."""
    moves = rebalance.filter(pl.col("first_expiry_date").is_not_null())
    if moves.is_empty():
        return lot
    shelves = shelves_of(lot.join(moves, left_on=KEY, right_on=["item_id", "source_id"], how="semi"))
    for item, source, first, qty in moves.select("item_id", "source_id", "first_expiry_date", "qty").iter_rows():
        take([one for one in shelves.get((item, source), []) if one.expiry >= first], qty)
    left = [(*key, one.lot_id, one.left) for key, shelf in shelves.items() for one in shelf]
    schema = {"item_id": pl.String, "location_id": pl.String, "lot_id": pl.String, "left": pl.Float64}
    rest = pl.DataFrame(left, schema=schema, orient="row")
    after = lot.join(rest, on=[*KEY, "lot_id"], how="left", maintain_order="left")
    return after.with_columns(qty=pl.coalesce("left", "qty")).drop("left")
