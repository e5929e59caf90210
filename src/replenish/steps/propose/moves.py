"""Tonight's lateral moves as NEW transfers."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import attach
from replenish.steps.propose.identity import with_new_ids
from replenish.steps.propose.terms import Terms

MOVED = "rebalance"
_VALID_DAYS = 1.0  # another night weighs the stock anew


def move_lines(
    rebalance: pl.DataFrame,
    nodes: pl.DataFrame,
    names: pl.DataFrame,
    previous: pl.DataFrame,
    taken: list[str],
    terms: Terms,
) -> pl.DataFrame:
    """NEW lines of plan.rebalance with ids and sentences; `worth` is what a move earns."""
    about = ("uom", "has_money", "protection_days", "item_name", "location_name")
    lines = attach(rebalance.rename({"value": "worth"}), nodes, *about)
    lines = attach(lines, nodes, "safety_stock_qty", "reorder_point_qty", "order_up_to_qty")
    lines = lines.with_columns(
        action=pl.lit("NEW"),
        kind=pl.lit("transfer"),
        need_date="receipt_date",
        existing_order_id=pl.lit(None, pl.String),
        existing_line_id=pl.lit(None, pl.String),
        old_qty=pl.lit(None, pl.Float64),
        expected_waste_qty=pl.lit(None, pl.Float64),
        expected_waste_value=pl.lit(None, pl.Float64),
        old_date=pl.lit(None, pl.Date),
        currency=pl.lit(terms.currency),
        reason_code=pl.lit(MOVED),
        valued_qty="qty",
        review_days=pl.lit(_VALID_DAYS),
    )
    lines = attach(with_new_ids(lines, previous, taken), names, "source_name", on=["kind", "source_id"])
    return lines.with_columns(explanation=_sentence(terms))


def _sentence(terms: Terms) -> pl.Expr:
    """ "Move 12 of X from A, which has 200, to B, which has 2, today, arriving Wed 18 Nov: left there it is worth less;
    without it 60 % risk of running out before an order can come, about 5 units or 30 EUR of margin. It earns 28 EUR
    after 2 EUR of freight."
    """
    origin = (pl.coalesce("source_name", "source_id"), w.quantity(pl.col("source_on_hand_qty")))
    ends = (*origin, pl.col("location_name"), w.quantity(pl.col("on_hand_qty")))
    what = (w.quantity(pl.col("qty")), pl.col("item_name"), *ends, w.day(pl.col("receipt_date")))
    move = pl.format("Move {} of {} from {}, which has {}, to {}, which has {}, today, arriving {}: ", *what)
    lost = w.lost(pl.col("expected_lost_without_qty"), pl.col("expected_lost_sales_value_without"), terms.currency)
    risk = w.percent(pl.col("stockout_probability_without"))
    why = pl.format("without it {} risk of running out before an order can come, {}.", risk, lost)
    money = (w.money(pl.col("worth"), terms.currency), w.money(pl.col("move_cost"), terms.currency))
    lots = w.where(
        pl.col("first_expiry_date").is_not_null(),
        pl.format(" Take the lots that expire first, from {} on.", w.day(pl.col("first_expiry_date"))),
    )
    earned = w.where(pl.col("has_money"), pl.format(" It earns {} after {} of freight.", *money))
    return pl.concat_str(move, why, earned, lots)
