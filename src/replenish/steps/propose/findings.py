"""The common shape of everything the step finds worth a person's attention, before ranking."""

from __future__ import annotations

import polars as pl

COLUMNS = {
    "code": pl.String(),
    "item_id": pl.String(),
    "location_id": pl.String(),
    "order_id": pl.String(),
    "date": pl.Date(),
    "qty": pl.Float64(),
    "value_at_stake": pl.Float64(),
    "cause_id": pl.String(),
    "root_id": pl.String(),  # cause at the beginning of the chain: told in the place of cause_id, which names the row
    "explanation": pl.String(),
    "hold": pl.Boolean(),
    "best_action": pl.String(),
    "is_dampable": pl.Boolean(),  # whether too little money at stake silences it
}


def findings(frame: pl.DataFrame, code: str | pl.Expr, **columns: pl.Expr | str | bool | None) -> pl.DataFrame:
    """Rows of one kind in the common shape; a text names a column, columns not given are empty.

    `is_dampable` is true unless said otherwise, and never for items without money: their values are not money.
    """
    given: dict[str, pl.Expr] = {"hold": pl.lit(False), "is_dampable": pl.lit(True)}
    given |= {
        name: pl.col(one) if isinstance(one, str) else one if isinstance(one, pl.Expr) else pl.lit(one)
        for name, one in columns.items()
    }
    given["code"] = pl.lit(code) if isinstance(code, str) else code
    for key in ("item_id", "location_id"):
        given.setdefault(key, pl.col(key))
    if "has_money" in frame.columns:
        given["is_dampable"] = given["is_dampable"] & pl.col("has_money").fill_null(True)
    return frame.select(given.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in COLUMNS.items())
