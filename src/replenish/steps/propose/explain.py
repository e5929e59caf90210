"""One sentence a line, with the numbers in it, that a planner accepts."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.terms import Terms

_REASONS = {
    "shared_shortage": "Stock at the source is short: {} were wished.",
    "supplier_minimum": "Part of it fills the minimum of the source.",
    "shelf_floor": "It fills the shelf to its least.",
    "budget": "The budget cut it from {}.",
    "fill_target": "The fill target set it; {} were wished.",
    "short_history": "Its history is too short to weigh risks: the simple rule says so many.",
    "truck": "It fits the truck; {} were wished.",
    "capacity": "The hours of the plant set it; {} were wished.",
}


# Less waste than this is not worth a sentence.
_TOLD_WASTE = 0.5
_SAME_NEED = 0.5


def source_names(location: pl.DataFrame, supplier: pl.DataFrame) -> pl.DataFrame:
    """What people call a source: (kind of order, source_id) -> source_name."""
    suppliers = supplier.select(source_id="supplier_id", source_name="name", kind=pl.lit("purchase"))
    places = location.select(source_id="location_id", source_name="name")
    kinds = pl.DataFrame({"kind": ["transfer", "production"]})
    return pl.concat([suppliers, places.join(kinds, how="cross").select(suppliers.columns)])


def explain_new(
    lines: pl.DataFrame, wish: pl.DataFrame, nodes: pl.DataFrame, due: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """NEW lines with `explanation`. `due` holds the units on order per node (due_qty); lines carry source_name.

    "Order 24 (2 packs) of X for Y today, arriving Thu 12 Nov: you have 9, 6 are due; the next 10 days need 27 (90 %:
    41); without it 38 % risk of running out, about 7 units or 52 EUR of margin."
    """
    told = attach(lines.drop("protection_days"), wish, "need_90_qty", "unrounded_qty", wished_need_qty="need_qty")
    told = attach(
        told,
        nodes,
        "item_name",
        "location_name",
        "on_hand_qty",
        "protection_days",
        "protection_qty",
        "need_qty",
        "source_reason",
        "wait_reason",
        "approval_date",
    )
    told = attach(told, due, "due_qty")
    parts = (_what(terms), _stock(), _need(), _risk(terms))
    more = (_waste(terms), _reason(terms), pl.col("source_reason").fill_null(""), _wait())
    sentence = pl.concat_str(*parts, *more)
    return lines.with_columns(told.select(explanation=sentence))


def _what(terms: Terms) -> pl.Expr:
    verb = pl.col("kind").replace_strict({"purchase": "Order", "transfer": "Move", "production": "Make"})
    packs = w.where(
        (pl.col("pack_count") - pl.col("qty")).abs() > 1e-9,
        pl.format(" ({} pack{})", w.quantity(pl.col("pack_count")), w.where(pl.col("pack_count") != 1, "s")),
    )
    origin = w.where(pl.col("kind") == "transfer", pl.format(" from {}", pl.coalesce("source_name", "source_id")))
    today = (
        pl.when(pl.col("order_date") <= terms.today)
        .then(pl.lit("today"))
        .otherwise(pl.format("on {}", w.day(pl.col("order_date"))))
    )
    what = (verb, w.quantity(pl.col("qty")), packs, pl.col("item_name"), pl.col("location_name"), origin, today)
    return pl.format("{} {}{} of {} for {}{} {}, arriving {}: ", *what, w.day(pl.col("receipt_date")))


def _stock() -> pl.Expr:
    due = w.quantity(pl.col("due_qty"))
    verb = pl.when(due == "1").then(pl.lit("is")).otherwise(pl.lit("are"))
    return pl.format("you have {}, {} {} due; ", w.quantity(pl.col("on_hand_qty")), due, verb)


def _need() -> pl.Expr:
    # What the quantity was wished for: what limits left of it later would not explain the risk.
    mean = pl.coalesce("wished_need_qty", "need_qty", "protection_qty")  # the last where it reaches beyond the horizon
    most = pl.col("need_90_qty")
    more = w.where(most > mean + _SAME_NEED, pl.format(" (90 %: {})", w.about(most)))
    return pl.format("the next {} need {}{}; ", w.day_count(pl.col("protection_days")), w.about(mean), more)


def _risk(terms: Terms) -> pl.Expr:
    lost = w.lost(pl.col("expected_lost_without_qty"), pl.col("expected_lost_sales_value_without"), terms.currency)
    risk = pl.col("stockout_probability_without")
    told = pl.format("without it {} risk of running out, {}.", w.percent(risk), lost)
    return pl.when(risk > 0).then(told).otherwise(pl.lit("without it enough until the next order is in."))


def _waste(terms: Terms) -> pl.Expr:
    """Units of the line that will expire, and what that costs."""
    units = pl.col("expected_waste_qty").fill_null(0.0)
    money = w.where(pl.col("has_money"), pl.format(" ({})", w.money(pl.col("expected_waste_value"), terms.currency)))
    return w.where(units >= _TOLD_WASTE, pl.format(" About {} of it will expire{}.", w.about(units), money))


def _reason(terms: Terms) -> pl.Expr:
    """What else shaped the quantity, in a short second sentence."""
    found = pl.lit("")
    for code, text in _REASONS.items():
        told = pl.format(" " + text, w.quantity(pl.col("wish_qty"))) if "{" in text else pl.lit(" " + text)
        found = pl.when(pl.col("reason_code") == code).then(told).otherwise(found)
    reached = w.quantity(pl.col("wish_qty"))
    numbers = (reached, w.quantity(pl.col("unrounded_qty")), reached, w.money(pl.col("unit_cost"), terms.currency))
    cheaper = pl.format(" {} instead of {}: from {} on the price is {}.", *numbers)
    found = pl.when(pl.col("reason_code") == "price_break").then(cheaper).otherwise(found)
    fuller = pl.col("qty") > pl.col("wish_qty")
    loaded = (
        pl.when(fuller).then(pl.lit(" Part of it fills the truck")).otherwise(pl.lit(" It is what a truck pays for"))
    )
    return (
        pl.when(pl.col("reason_code") == "truck")
        .then(pl.format("{}: {} were wished.", loaded, reached))
        .otherwise(found)
    )


def _wait() -> pl.Expr:
    """Why it is not placed today, where it is not the order days of the source."""
    fence = pl.lit(" It may not come sooner: inside the planning fence orders change by hand only.")
    approval = pl.format(" It may be ordered once the item is approved on {}.", w.day(pl.col("approval_date")))
    texts = pl.when(pl.col("wait_reason") == "planning_fence").then(fence)
    return texts.when(pl.col("wait_reason") == "approval").then(approval).otherwise(pl.lit("")).fill_null("")


def explain_messages(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Messages with `explanation`; lines carry node names and source_name beside what messages.py found."""
    action, order = pl.col("action"), _order()
    due, need, moved = w.day(pl.col("due_date")), w.day(pl.col("need_date")), w.day(pl.col("receipt_date"))
    saved = w.where(pl.col("has_money"), pl.format("; saves {} of holding", w.money(pl.col("worth"), terms.currency)))
    freed = w.where(pl.col("has_money"), pl.format("; frees {}", w.money(pl.col("worth"), terms.currency)))
    lost = w.lost(pl.col("avoided_qty"), pl.col("worth"), terms.currency)
    texts = {
        "CANCEL": pl.format("Cancel {}, due {}: nothing needs it{}{}.", order, due, _beyond(need), freed),
        "EXPEDITE": pl.format(
            "Bring {} forward from {} to {}: needed by {}; left as it is, {} would be lost.",
            order,
            due,
            moved,
            need,
            lost,
        ),
        "DEFER": pl.format("Push {} back from {} to {}: nothing needs it before{}.", order, due, moved, saved),
        "DECREASE": pl.format(
            "Reduce {} to {}: only {} of it are needed{}.",
            order,
            w.quantity(pl.col("qty")),
            w.quantity(pl.col("pegged_qty")),
            freed,
        ),
        "INCREASE": pl.format(
            "Raise {} to {}, due {} as before: {} more are needed; without them {} risk of running out, {}.",
            order,
            w.quantity(pl.col("qty")),
            due,
            w.quantity(pl.col("qty") - pl.col("open_qty")),
            w.percent(pl.col("more_risk")),
            w.lost(pl.col("more_lost_qty"), pl.col("more_lost_value"), terms.currency),
        ),
    }
    sentence = pl.format("Leave {} as it is: due {}, needed {}.", order, due, need)
    for name, text in texts.items():
        sentence = pl.when(action == name).then(text).otherwise(sentence)
    return lines.with_columns(explanation=sentence)


def _order() -> pl.Expr:
    where_from = w.where(
        pl.col("source_id").is_not_null(), pl.format(" from {}", pl.coalesce("source_name", "source_id"))
    )
    name = (
        pl.col("order_id"),
        pl.col("line_id"),
        w.quantity(pl.col("open_qty")),
        pl.col("item_name"),
        pl.col("location_name"),
    )
    return pl.format("order {} line {} ({} of {} for {}{})", *name, where_from)


def _beyond(need: pl.Expr) -> pl.Expr:
    return w.where(pl.col("pegged_qty") > 0, pl.format(" before {}, longer than stock may lie", need))


def due_by_node(open_supply: pl.DataFrame, rebalance: pl.DataFrame) -> pl.DataFrame:
    """Units still counted on, per node (due_qty): open orders, and what tonight's lateral moves bring."""
    live = open_supply.filter(~pl.col("is_lost")).select(*NODE, "open_qty")
    live = pl.concat([live, rebalance.select(*NODE, open_qty="qty")])
    return live.group_by(NODE, maintain_order=True).agg(due_qty=pl.col("open_qty").sum())
