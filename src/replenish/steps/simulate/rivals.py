"""Who takes part in a backtest, and the quantities of those who order by a rule of thumb.

Everything a rule reads is as of its epoch: what was sold, what was forecast, what is on the shelf and under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.special import ndtri

from replenish.numerics.ages import outdating
from replenish.numerics.policy_simulator import Ages, Policy, Shelf
from replenish.numerics.projection import mean_stock_at
from replenish.numerics.simple_mode import simple_quantity
from replenish.steps.network import day_after, window_sums
from replenish.steps.panel import KEY, Floats, panel
from replenish.steps.simulate.arena import Arena

CURVE, SIMPLE, COVER, MIN_MAX, SIGMA, YOURS = (
    "curve",
    "simple",
    "weeks_of_cover",
    "min_max",
    "z_sigma",
    "yours",
)
# One dial a rule, the same for every node: excess variance, share of the second window, weeks beyond the lead time,
# protection times between point and level, cycle service.
DIALS: dict[str, tuple[float, ...]] = {
    CURVE: (0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.4),
    SIMPLE: (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0, 1.5, 2.0),
    COVER: (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0),
    MIN_MAX: (2.0,),
    SIGMA: (0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 0.99999),
    YOURS: (1.0,),
}
_RATE_DAYS, _SPREAD_DAYS = 56, 91  # what a planner looks back on
USUAL_SERVICE = 0.95


@dataclass(frozen=True)
class Known:
    """What was known at an epoch, in the order of the arena."""

    rate: Floats  # mean sales of a bucket, of the last eight weeks
    spread: Floats  # standard deviation of a bucket's sales, of the last thirteen weeks
    forecast: Floats  # nodes x buckets ahead


def known(arena: Arena, demand: pl.DataFrame, forecast: pl.DataFrame) -> Known:
    """Read the tables of an epoch; nodes that were not there yet have zeros."""
    back = -(-_SPREAD_DAYS // arena.bucket_days)
    recent = demand.filter(pl.col("bucket_index") >= -back)
    sold = panel(recent, arena.nodes, last=-1, first=-back).grid(recent["sales_qty"], empty=0.0)
    horizon = forecast["bucket_index"].n_unique()
    ahead = panel(forecast, arena.nodes, last=horizon - 1, first=0).grid(forecast["forecast_qty"], empty=0.0)
    near = max(1, _RATE_DAYS // arena.bucket_days)
    return Known(_with_children(arena, sold[:, -near:].mean(axis=1)), _spread(arena, sold), _climbed(arena, ahead))


def _with_children(arena: Arena, own: Floats) -> Floats:
    """Own demand and that of everything below; children stand before their parents."""
    total = own.copy()
    for child in np.flatnonzero(arena.parent >= 0):
        total[arena.parent[child]] += total[child]
    return total


def _spread(arena: Arena, sold: Floats) -> Floats:
    return np.asarray(np.sqrt(_with_children(arena, sold.var(axis=1, ddof=1) if sold.shape[1] > 1 else sold[:, 0])))


def _climbed(arena: Arena, ahead: Floats) -> Floats:
    total = ahead.copy()
    for child in np.flatnonzero(arena.parent >= 0):
        total[arena.parent[child]] += total[child]
    return total


def order_by_rule(
    rival: str, dial: float, arena: Arena, shelf: Shelf, policy: Policy, ages: Ages, seen: Known, epoch: int
) -> None:
    """Write a rule's point and level, or its quantities, for an epoch into `policy`.

    `min_max` holds between one and `dial` protection times of sales; `weeks_of_cover` orders up to the lead time and
    `dial` weeks; `z_sigma` up to mean + z sigma sqrt(L + R); `simple` is the projected rule of `numerics.simple_mode`.
    """
    protection = arena.protection
    if rival == MIN_MAX:
        policy.point[:, epoch], policy.level[:, epoch] = seen.rate * protection, dial * seen.rate * protection
    elif rival == COVER:
        policy.point[:, epoch] = np.inf
        policy.level[:, epoch] = seen.rate * (arena.lead + dial * 7 / arena.bucket_days)
    elif rival == SIGMA:
        policy.point[:, epoch] = np.inf
        policy.level[:, epoch] = seen.rate * protection + ndtri(dial) * seen.spread * np.sqrt(protection)
    else:
        policy.given[:, epoch] = _simple(dial, arena, shelf, ages, seen, epoch * arena.step)
    shut = ~arena.is_open[:, epoch]
    policy.point[shut, epoch] = -np.inf
    policy.given[shut, epoch] = np.where(np.isnan(policy.given[shut, epoch]), np.nan, 0.0)


def under_way(shelf: Shelf, bucket: int, width: int) -> Floats:
    """What arrives in each of the next buckets: nodes x width."""
    ring = shelf.pipeline.shape[1]
    out = np.zeros((len(shelf.on_hand), max(width, ring)))
    ahead = (np.arange(ring) - bucket) % ring
    out[:, ahead] = shelf.pipeline
    return out


def _simple(dial: float, arena: Arena, shelf: Shelf, ages: Ages, seen: Known, bucket: int) -> Floats:
    width = max(seen.forecast.shape[1], int((arena.lead + 2 * arena.review).max(initial=1)))
    coming = under_way(shelf, bucket, width)
    mean = np.zeros_like(coming)
    mean[:, : seen.forecast.shape[1]] = seen.forecast
    stock, _ = mean_stock_at(shelf.on_hand, mean, coming, arena.lead, arena.lost_share)
    first = window_sums(mean, arena.lead, arena.review)
    second = window_sums(mean, arena.lead + arena.review, arena.review)
    due = window_sums(coming, arena.lead, arena.review)
    gone = _outdating(arena, shelf, ages, mean, coming)
    qty = simple_quantity(first, second, stock, due, arena.pack, dial, gone)
    return np.where(qty > 0.0, np.maximum(qty, arena.min_qty), 0.0)


def _outdating(arena: Arena, shelf: Shelf, ages: Ages, mean: Floats, coming: Floats) -> Floats:
    """Units of each node that expire before the next order can arrive, at mean demand."""
    rows = np.flatnonzero(arena.age_row >= 0)
    gone = np.zeros(len(arena.lead))
    if len(rows):
        until = arena.protection[rows] - 1
        stock = ages.stock.copy()
        fresh = np.maximum(shelf.on_hand[rows] - stock.sum(axis=1), 0.0)
        stock[np.arange(len(rows)), arena.life - 1] += fresh
        gone[rows] = outdating(stock, mean[rows], coming[rows], arena.life, until)
    return gone


def aged_lots(arena: Arena, ages: Ages, lots: pl.DataFrame, tonight: date) -> pl.DataFrame:
    """The shelf as plan.aged_lot: nodes outside the arena keep theirs."""
    rows = np.flatnonzero(arena.age_row >= 0)
    row, left = np.nonzero(ages.stock > 0.0)
    played = arena.nodes.select(KEY)[rows[row]].with_columns(
        lot_id=pl.format("simulated {}", pl.Series("left", left)),
        qty=pl.Series("qty", ages.stock[row, left]),
        expiry_date=day_after(tonight, ((left + 1) * arena.bucket_days).astype(np.float64)),
        basis=pl.lit("receipt"),
    )
    others = lots.join(arena.nodes.select(KEY), on=KEY, how="anti", maintain_order="left")
    return pl.concat([others, played.select(lots.columns)]).sort(*KEY, "lot_id")


def state_tables(
    arena: Arena, shelf: Shelf, bucket: int, record: pl.DataFrame, supply: pl.DataFrame, tonight: date
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The shelf as plan.record, core.open_supply and core.open_demand, as the line of a night reads them.

    `record` and `supply` are an epoch's own tables: nodes outside the arena keep their record, open orders are all
    replaced by what the rule itself has under way, and what it owes are customer orders past due.
    """
    coming = under_way(shelf, bucket, 0)
    row, ahead = np.nonzero(coming > 0.0)
    day = day_after(tonight, (ahead * arena.bucket_days).astype(np.float64))
    lines = arena.nodes.select(*KEY, "source_id", supply_kind="kind")[row].select(
        order_id=pl.format("simulated {}", pl.Series("place", np.arange(len(row)))),
        line_id=pl.lit("1"),
        kind=pl.col("supply_kind").replace_strict({"buy": "purchase", "move": "transfer", "make": "production"}),
        item_id="item_id",
        location_id="location_id",
        source_id="source_id",
        open_qty=pl.Series("open_qty", coming[row, ahead]),
        order_date=pl.lit(None, dtype=pl.Date),
        due_date=day,
        status=pl.lit("firm"),
        is_past_due=pl.lit(value=False),
        is_lost=pl.lit(value=False),
    )
    held = arena.nodes.select(KEY).with_columns(
        held_qty=pl.Series(np.maximum(shelf.on_hand, 0.0)), owed_qty=pl.Series(np.minimum(shelf.on_hand, 0.0))
    )
    doubt = ("is_ghost", "is_negative")
    known_record = record.join(held, on=KEY, how="left", maintain_order="left").with_columns(
        on_hand_qty=pl.coalesce("held_qty", "on_hand_qty"),
        recorded_on_hand_qty=pl.coalesce("held_qty", "recorded_on_hand_qty"),
        record_adjustment_qty=pl.lit(0.0),
        ghost_probability=pl.lit(0.0),
        **{name: pl.lit(value=False) for name in doubt},
    )
    owed = held.filter(pl.col("owed_qty") < 0).select(
        order_id=pl.format("owed {} {}", *KEY),
        line_id=pl.lit("1"),
        item_id="item_id",
        location_id="location_id",
        open_qty=-pl.col("owed_qty"),
        due_date=pl.lit(tonight - timedelta(days=1)),
    )
    return known_record.select(record.columns), lines.select(supply.columns), owed
