"""What to do about a lot that will not sell in time: move it, order less, or mark it down, decided by money."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.messages import FIXED
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms

MOVE, ORDER_LESS, MARK_DOWN = "move", "order_less", "mark_down"
_LOT = [*NODE, "lot_id"]
_NOTHING = 1e-6
_NO_PRICE = 0.005


def with_best_action(
    lots: pl.DataFrame, nodes: pl.DataFrame, arc: pl.DataFrame, open_supply: pl.DataFrame, timeline: Timeline,
    terms: Terms,
) -> pl.DataFrame:  # fmt: skip
    """Lots at risk with `best_action` and the `advice` that tells it.

    Lots carry wasted_qty, waste_cost, taken_new_qty and new_qty (newer stock until the expiry date, and what of it
    customers take who look for the newest), until (bucket of expiry) and the money of their node. Moving a unit that
    sells elsewhere, or ordering one less that it replaces, each saves its waste; the better of the two is advised where
    it pays. Else the price is told from which marking the whole lot down pays.
    """
    lots = _with_fewer(lots, open_supply, terms)
    moved = _moved(lots, nodes, arc, timeline, terms)
    lots = attach(lots, moved, "moved_qty", "move_gain", "destination_name", on=_LOT)
    unit = pl.when(pl.col("has_money")).then(pl.col("waste_cost")).otherwise(1.0)
    lots = lots.with_columns(
        less_gain=(pl.col("fewer_qty") * unit).fill_null(0.0), move_gain=pl.col("move_gain").fill_null(0.0)
    )
    best = (
        pl.when((pl.col("move_gain") > _NOTHING) & (pl.col("move_gain") >= pl.col("less_gain")))
        .then(pl.lit(MOVE))
        .when(pl.col("less_gain") > _NOTHING)
        .then(pl.lit(ORDER_LESS))
        .otherwise(pl.lit(MARK_DOWN))
    )
    lots = lots.with_columns(best_action=best, mark_down_price=mark_down_price())
    return lots.with_columns(advice=_advice(terms))


def mark_down_price() -> pl.Expr:
    """Price from which marking the whole lot down pays: sales at full price given up equal what would be thrown away.

    p such that wasted (p - salvage + disposal) = sold (price - p), where sold = qty - wasted units would have sold at
    full price anyway. Break-even algebra of this module.
    """
    sold = (pl.col("qty") - pl.col("wasted_qty")).clip(lower_bound=0.0)
    rest = pl.col("salvage_value").fill_null(0.0) - pl.col("disposal_cost").fill_null(0.0)
    price = (sold * pl.col("unit_price") + pl.col("wasted_qty") * rest) / (sold + pl.col("wasted_qty"))
    return price.clip(lower_bound=0.0)


def _with_fewer(lots: pl.DataFrame, open_supply: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Units of the lot that sell if orders arriving before its day are lowered as much as they can be.

    Newer stock beyond what customers take of it must go first; only then do they take the old. Tonight's order and open
    orders that may still be changed can be lowered, by no more than what would be wasted.
    """
    movable = open_supply.filter(
        ~pl.col("is_lost") & ~pl.col("is_past_due") & ~pl.col("status").fill_null("").is_in(FIXED)
    )
    soon = lots.select(*_LOT, "expiry_date").join(movable.select(*NODE, "due_date", "open_qty"), on=NODE, how="inner")
    soon = soon.filter((pl.col("due_date") < pl.col("expiry_date")) & (pl.col("due_date") > terms.as_of))
    lots = attach(lots, soon.group_by(_LOT).agg(open_qty=pl.col("open_qty").sum()), "open_qty", on=_LOT)
    able = pl.col("open_qty").fill_null(0.0) + pl.col("proposed_until").fill_null(0.0)
    less = pl.min_horizontal("wasted_qty", able)
    spare = (pl.col("new_qty") - pl.col("taken_new_qty")).clip(lower_bound=0.0)
    return lots.with_columns(less_qty=less, fewer_qty=pl.min_horizontal((less - spare).clip(0.0), "taken_new_qty"))


def _moved(
    lots: pl.DataFrame, nodes: pl.DataFrame, arc: pl.DataFrame, timeline: Timeline, terms: Terms
) -> pl.DataFrame:
    """The best lane of each lot: units another location sells before the day, and the money that saves.

    Lanes are those of rebalance: moves that are not the usual source of their destination. What the destination has
    and gets until then is sold there first; its own customers who look for the newest do not take an old lot.
    """
    lanes = arc.filter((pl.col("kind") == "move") & (pl.col("arc_rank") != 1)).select(
        "item_id",
        destination="location_id",
        location_id="source_id",
        lane_cost="unit_cost",
        lane_pack=pl.col("multiple_qty").fill_null(1.0).clip(lower_bound=1.0),
        lane_order_cost=pl.col("order_cost").fill_null(0.0),
        arrival=pl.lit(terms.today).dt.offset_by(
            pl.format("{}d", (pl.col("lead_time_days") + pl.col("wait_days").fill_null(0.0)).ceil().cast(pl.Int64))
        ),
    )
    facts = ("expiry_date", "wasted_qty", "waste_cost", "unit_cost", "has_money")
    ways = lots.select(*_LOT, *facts).join(lanes, on=NODE, how="inner", maintain_order="left_right")
    ways = ways.filter((pl.col("arrival") < pl.col("expiry_date")) & (pl.col("destination") != pl.col("location_id")))
    ways = ways.rename({"location_id": "origin", "destination": "location_id"})
    ways = attach(ways, nodes, "on_hand_qty", "lifo_share", destination_name="location_name")
    ways = _with_room(attach(ways, timeline.nodes, "node_number").drop_nulls("node_number"), timeline, terms)
    freight = (pl.col("lane_cost") - pl.col("unit_cost")).clip(lower_bound=0.0).fill_null(0.0)
    saved = pl.when(pl.col("has_money")).then(pl.col("waste_cost") - freight).otherwise(1.0)
    ways = ways.with_columns(saved=saved).sort(
        "saved", "expiry_date", *NODE, "origin", "lot_id", descending=[True, *[False] * 5]
    )
    first = pl.col("wasted_qty").cum_sum().over(NODE) - pl.col("wasted_qty")  # a place is promised once
    units = (
        pl.min_horizontal(pl.col("room") - first, "wasted_qty").clip(lower_bound=0.0) / pl.col("lane_pack")
    ).floor()
    ways = ways.with_columns(moved_qty=units * pl.col("lane_pack"))
    cost = pl.when(pl.col("has_money")).then(pl.col("lane_order_cost")).otherwise(0.0)
    ways = ways.with_columns(move_gain=pl.col("moved_qty") * pl.col("saved") - cost)
    ways = ways.filter(pl.col("moved_qty") > 0).sort(
        "move_gain", *NODE, descending=[True, False, False], nulls_last=True
    )
    best = ways.select("item_id", location_id="origin", lot_id="lot_id", destination_name=pl.coalesce(
        "destination_name", "location_id"), moved_qty="moved_qty", move_gain="move_gain")  # fmt: skip
    return best.unique(_LOT, keep="first", maintain_order=True)


def _with_room(ways: pl.DataFrame, timeline: Timeline, terms: Terms) -> pl.DataFrame:
    """Units that customers of the destination take of older stock between arrival and expiry, beyond what it has."""
    ways = timeline.demand_until(timeline.demand_until(ways, "expiry_date", terms), "arrival", terms)
    until = ways.with_columns(last=pl.col("expiry_date_index") - 1)
    coming = timeline.at(until, "last", "coming_to_date").fill_null(0.0)
    held = pl.col("on_hand_qty").fill_null(0.0).clip(lower_bound=0.0) + coming
    asked = (pl.col("expiry_date_demand") - pl.col("arrival_demand")) * (1.0 - pl.col("lifo_share"))
    left = (held - pl.col("arrival_demand")).clip(lower_bound=0.0)
    return ways.with_columns(room=(asked - left).clip(lower_bound=0.0).fill_null(0.0))


def _advice(terms: Terms) -> pl.Expr:
    """The advice as a sentence; money only where the item has any."""
    known = pl.col("has_money")

    def saves(gain: str) -> pl.Expr:
        return w.where(known, pl.format(", saving {}", w.money(pl.col(gain), terms.currency)))

    where = pl.col("destination_name").fill_null("")
    move = pl.format("Best: move {} to {}, where they sell in time{}.", w.quantity(pl.col("moved_qty")), where,
                     saves("move_gain"))  # fmt: skip
    less = pl.format("Best: order {} less before then; customers take about {} of these instead{}.",
                     w.about(pl.col("less_qty")), w.about(pl.col("fewer_qty")), saves("less_gain"))  # fmt: skip
    least = w.money(pl.col("mark_down_price"), terms.currency)
    price = w.where(known, pl.format(" while they bring {} or more each", least))
    price = pl.when(known & (pl.col("mark_down_price") < _NO_PRICE)).then(pl.lit(" at any price")).otherwise(price)
    down = pl.format("Best: mark the lot down{}.", price)
    action = pl.col("best_action")
    return pl.when(action == MOVE).then(move).when(action == ORDER_LESS).then(less).otherwise(down)
