"""What was decided, as rows of plan.curve, plan.wish, plan.requirement and plan.planned_make."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.order_engine import LIMITS, REASONS
from replenish.steps.network import Network
from replenish.steps.order.climb import Climb
from replenish.steps.order.simple import SHORT_HISTORY
from replenish.steps.panel import KEY, Bools, Floats, Ints
from replenish.tables.plan import Curve, PlannedMake, Requirement, Wish

# Below this nothing is wanted: rounding of means over paths.
_NOTHING = 1e-9
_LOSING_SHOWN = 8


def curve_rows(found: Climb) -> dy.DataFrame[Curve]:
    """Steps up to the wish and as long after it as they earn anything, and the first that does not.

    Of purchases a few more losing ones that cover and shelf allow: a supplier's minimum or a truck may be worth them.
    """
    network, choice, gain = found.network, found.decision.choice, found.decision.step_gain
    step = np.nan_to_num(choice["step_qty"])
    reach = np.cumsum(np.ones_like(gain), axis=1) * step[:, None]
    earns = (gain > 0) | (reach < np.nan_to_num(choice["qty"])[:, None] + _NOTHING)
    shown = np.concatenate([np.ones((len(gain), 1), dtype=bool), np.cumprod(earns, axis=1)[:, :-1] > 0], axis=1)
    losing = np.cumsum(~earns, axis=1)
    is_bought = (network.nodes["kind"] == "buy").fill_null(value=False).to_numpy()
    within = reach <= np.nan_to_num(choice["room"])[:, None] + _NOTHING
    shown |= is_bought[:, None] & within & (losing <= _LOSING_SHOWN)
    shown &= (_sourced(network) & np.isfinite(choice["qty"]) & (step > 0))[:, None]
    row, place = np.nonzero(shown)
    frame = network.nodes.select(KEY)[row].with_columns(
        pack_index=pl.Series(place + 1, dtype=pl.Int32),
        pack_qty=pl.Series(step[row]),
        pack_value=pl.Series(gain[row, place]),
        unit_value=pl.Series(found.decision.unit_gain[row, place]),
        served_qty=pl.Series(np.nan_to_num(found.served[row, place])),
        pair_value=pl.Series(found.decision.pair_gain[row, place]).fill_nan(None),
    )
    return Curve.cast(frame.select(Curve.column_names()).sort(*KEY, "pack_index"))


def wish_rows(found: Climb) -> dy.DataFrame[Wish]:
    """One row for every planned node that has a source."""
    network, choice, outlook, fact = found.network, found.decision.choice, found.promise, found.nodes.fact

    def number(values: Floats) -> pl.Series:
        return pl.Series(np.nan_to_num(values))

    lost_value = np.maximum(fact["shortage_cost"], 0.0) * np.nan_to_num(outlook["lost_without"])
    served = 1.0 - outlook["lost_with"] / np.where(outlook["window_demand"] > 0, outlook["window_demand"], np.inf)
    frame = network.nodes.select(*KEY, "source_id", "kind").with_columns(
        method=found.method,
        qty=number(choice["qty"]),
        unrounded_qty=number(choice["unrounded"]),
        simple_qty=pl.Series(found.simple_qty).fill_nan(None),
        order_bucket_index=pl.Series(network.wait, dtype=pl.Int32),
        wait_days=network.nodes["wait_days"],
        wait_reason=_wait_reasons(network),
        lead_time_buckets=pl.Series(network.lead, dtype=pl.Int32),
        review_buckets=pl.Series(network.review, dtype=pl.Int32),
        reason_code=_reasons(found),
        binding_limit=pl.Series([LIMITS[code] or None for code in choice["limit"]], dtype=pl.String),
        value=number(choice["value"]),
        last_unit_value=number(choice["last_gain"]),
        wait_value=pl.Series(choice["wait_value"]).fill_nan(None),
        window_1_qty=number(found.window_qty[:, 0]),
        window_2_qty=number(found.window_qty[:, 1]),
        stock_at_arrival_qty=number(outlook["stock_mean"]),
        stock_at_arrival_q10_qty=number(outlook["stock_q10"]),
        need_qty=number(outlook["need_mean"]),
        need_90_qty=number(outlook["need_90"]),
        stockout_probability_before_arrival=number(outlook["stockout_before"]),
        stockout_probability_without=number(outlook["stockout_without"]),
        stockout_probability_with=number(outlook["stockout_with"]),
        expected_lost_without_qty=number(outlook["lost_without"]),
        expected_lost_with_qty=number(outlook["lost_with"]),
        expected_leftover_qty=number(outlook["leftover"]),
        expected_waste_qty=number(np.maximum(outlook["waste_with"] - outlook["waste_without"], 0.0)),
        expected_lost_sales_value_without=number(lost_value),
        promised_fill_rate=number(np.clip(served, 0.0, 1.0)),
    )
    frame = frame.filter(pl.Series(_sourced(network)))
    return Wish.cast(frame.select(Wish.column_names()).sort(KEY))


def _wait_reasons(network: Network) -> pl.Series:
    """What tonight's order of each node waits for; empty where it is placed at once."""
    fenced = pl.col("fence_days") - pl.col("lead_time_days") >= pl.col("wait_days")
    approved = pl.col("approval_date") > network.calendar.tonight
    reason = pl.when(fenced).then(pl.lit("planning_fence")).when(approved).then(pl.lit("approval"))
    return network.nodes.select(
        pl.when(pl.col("wait_days") > 0).then(reason.otherwise(pl.lit("order_day")))
    ).to_series()


def _reasons(found: Climb) -> pl.Series:
    """Reason of each quantity; an item that may not be ordered says why."""
    decided = pl.Series(np.array(REASONS)[found.decision.choice["reason"]])
    unknown, short = decided == "manual", pl.Series(found.is_short) & (decided == "value")
    told = pl.when(short).then(pl.lit(SHORT_HISTORY)).otherwise(decided)
    return pl.select(pl.when(unknown).then(decided).otherwise(pl.coalesce(found.refusal, told))).to_series()


def requirement_rows(found: Climb) -> dy.DataFrame[Requirement]:
    """Mean orders that each node puts on its sources, by the bucket in which they are placed, within the horizon."""
    network, edges, horizon = found.network, found.network.edges, found.network.calendar.horizon
    keys = network.nodes.select(KEY)
    place = np.argsort(keys.with_row_index("row").sort(KEY)["row"].to_numpy())
    # Rows then come in the order of their key.
    at = np.lexsort((edges.first_bucket, place[edges.dependant], place[edges.source]))
    source, dependant, factors = edges.source[at], edges.dependant[at], edges.factors(horizon)[at]
    wait, pairs = network.wait[dependant], np.arange(len(dependant))
    wanted = _placed(found, dependant) * factors
    tonight = np.nan_to_num(found.decision.choice["qty"][dependant]) * factors[pairs, np.minimum(wait, horizon - 1)]
    pair, bucket = np.nonzero(wanted > _NOTHING)
    frame = pl.DataFrame(
        {
            "bucket_index": pl.Series(bucket, dtype=pl.Int32),
            "qty": wanted[pair, bucket],
            "tonight_qty": np.where(bucket == wait[pair], tonight[pair], 0.0),
        }
    )
    frame = frame.with_columns(
        item_id=keys["item_id"].gather(source[pair]),
        location_id=keys["location_id"].gather(source[pair]),
        dependant_item_id=keys["item_id"].gather(dependant[pair]),
        dependant_location_id=keys["location_id"].gather(dependant[pair]),
    )
    return Requirement.cast(frame.select(Requirement.column_names()))


def _placed(found: Climb, rows: Ints) -> Floats:
    """Mean orders of the nodes by the bucket in which they are placed: as many buckets later as the node waits."""
    decided = np.arange(found.network.calendar.horizon)[None, :] - found.network.wait[rows][:, None]
    return np.where(
        decided >= 0, np.nan_to_num(found.decision.release_mean)[rows[:, None], np.maximum(decided, 0)], 0.0
    )


def make_rows(found: Climb) -> dy.DataFrame[PlannedMake]:
    """Mean production that each made node starts, bucket by bucket of the horizon, whoever asks for it."""
    network = found.network
    is_made = (network.nodes["kind"] == "make").fill_null(value=False).to_numpy()
    started = _placed(found, np.arange(network.count)) * is_made[:, None]
    row, bucket = np.nonzero(started > _NOTHING)
    tonight = np.where(bucket == network.wait[row], started[row, bucket], 0.0)
    frame = network.nodes.select(*KEY, "source_id")[row].with_columns(
        bucket_index=pl.Series(bucket, dtype=pl.Int32),
        qty=pl.Series(started[row, bucket]),
        tonight_qty=pl.Series(tonight),
    )
    return PlannedMake.cast(frame.select(PlannedMake.column_names()).sort(PlannedMake.primary_key()))


def _sourced(network: Network) -> Bools:
    return network.nodes["source_id"].is_not_null().to_numpy()
