"""Too much of it: DEAD_STOCK first, else EXCESS; and both as plan.excess, whatever money is at stake."""

from __future__ import annotations

import polars as pl

from replenish.numerics import loss
from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import NODE, attach, finish
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms
from replenish.tables.proposal import Excess

_LEVEL = 0.95
_YEAR = 365
_SIZES = ("code", "position_qty", "kept_qty", "qty", "cover_days", "mean_qty")


def surplus(
    nodes: pl.DataFrame,
    timeline: Timeline,
    forecast: pl.DataFrame,
    segment: pl.DataFrame,
    open_demand: pl.DataFrame,
    due: pl.DataFrame,
    terms: Terms,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Findings and plan.excess: one row each of a node with stock nobody will want in reasonable time."""
    found = attach(nodes, due, "due_qty")
    owed = open_demand.filter(pl.col("due_date") <= terms.as_of)
    owed = owed.group_by(NODE, maintain_order=True).agg(owed_qty=pl.col("open_qty").sum())
    found = attach(attach(found, owed, "owed_qty"), segment, "demand_class")
    dead = _dead(found, terms)
    rest = found.join(dead.select(NODE), on=NODE, how="anti", maintain_order="left")
    excess = _excess(rest, timeline, forecast, terms)
    told = [_told_dead(dead, terms), _told_excess(excess, terms)]
    return pl.concat(told), _table([dead, excess])


def _table(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Every such node as plan.excess, sorted by key."""
    value = pl.when("has_money").then(pl.col("qty") * pl.col("unit_cost"))
    shown = [part.select(*NODE, "has_money", "unit_cost", *_SIZES) for part in parts]
    return finish(Excess, pl.concat(shown, how="vertical_relaxed").with_columns(value=value).sort(NODE))


def _dead(found: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Stock of items listed for more than a year that nobody asked for in a year of available days."""
    silent = pl.col("forecast_method").is_in(["dead", "no_demand"]) | (pl.col("demand_class") == "no_demand")
    old = pl.col("listed_from") < pl.lit(terms.as_of).dt.offset_by(f"-{_YEAR}d")
    dead = found.filter((pl.col("on_hand_qty") > 0) & silent.fill_null(False) & old.fill_null(False))
    value = pl.col("on_hand_qty") * (pl.col("unit_cost") - pl.col("salvage_value")).clip(lower_bound=0.0)
    units = {"position_qty": pl.col("on_hand_qty"), "kept_qty": pl.lit(0.0), "mean_qty": pl.lit(0.0)}
    about = {"qty": pl.col("on_hand_qty"), "cover_days": pl.lit(float(_YEAR)), "code": pl.lit("DEAD_STOCK")}
    return dead.with_columns(stake=value, **units, **about)


def _told_dead(dead: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    tied = w.where(pl.col("has_money"), pl.format("; {} are tied up in them", w.money(pl.col("stake"), terms.currency)))
    have = (w.quantity(pl.col("on_hand_qty")), pl.col("item_name"), pl.col("location_name"))
    told = pl.format("{} of {} at {} lie there without demand for a year{}{}.", *have, tied, _successor())
    about = {"qty": "qty", "value_at_stake": "stake"}
    return findings(dead, "DEAD_STOCK", date=pl.lit(terms.today), explanation=told, **about)


def _excess(found: pl.DataFrame, timeline: Timeline, forecast: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Position above the 95 % quantile of demand over protection time and maximum cover."""
    found = found.filter(pl.col("lead_time_buckets").is_not_null() & (pl.col("wish_reason") != "manual"))
    found = found.with_columns(
        cover_days=pl.col("protection_days") + terms.max_cover_days,
        position_qty=pl.col("on_hand_qty").fill_null(0.0)
        + pl.col("due_qty").fill_null(0.0)
        - pl.col("owed_qty").fill_null(0.0),
    )
    found = _with_quantile(_with_demand(found, timeline, forecast, terms))
    kept = pl.max_horizontal("quantile_qty", "shelf_floor_qty", "order_up_to_qty").fill_null(0.0)
    found = found.with_columns(kept_qty=kept, qty=pl.col("position_qty") - kept).filter(pl.col("qty") > 1e-9)
    return found.with_columns(stake=pl.col("qty") * pl.col("unit_cost"), code=pl.lit("EXCESS"))


def _told_excess(found: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    return findings(
        found, "EXCESS", date=pl.lit(terms.today), qty="qty", value_at_stake="stake", explanation=_sentence(terms)
    )  # fmt: skip


def _with_demand(found: pl.DataFrame, timeline: Timeline, forecast: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Mean and variance of demand over `cover_days`; where the horizon is shorter, both go on as at its end."""
    found = attach(found, timeline.nodes, "node_number")
    horizon = timeline.rows.group_by("node_number").agg(horizon_index=pl.col("bucket_index").max())
    wanted = (pl.col("cover_days") / terms.bucket_days).ceil().cast(pl.Int32) - 1
    found = found.join(horizon, on="node_number", how="left", maintain_order="left")
    found = found.with_columns(
        last=pl.min_horizontal(wanted, "horizon_index"), beyond=(wanted + 1) / (pl.col("horizon_index") + 1)
    )
    found = found.with_columns(timeline.at(found, "last", "demand_to_date").alias("mean_qty"))
    errors = forecast.select(*NODE, pl.col("bucket_index").alias("last"), variance_qty2="variance_qty2")
    found = found.join(errors, on=[*NODE, "last"], how="left", maintain_order="left")
    longer = pl.max_horizontal("beyond", pl.lit(1.0)).fill_null(1.0)
    mean = (pl.col("mean_qty") * longer).fill_null(0.0)
    return found.with_columns(mean_qty=mean, variance_qty2=pl.max_horizontal(pl.col("variance_qty2") * longer, mean))


def _with_quantile(found: pl.DataFrame) -> pl.DataFrame:
    mean, variance = found["mean_qty"].to_numpy(), found["variance_qty2"].to_numpy()
    family = loss.choose_family(mean, variance, found["is_continuous"].to_numpy())
    return found.with_columns(pl.Series("quantile_qty", loss.quantile(_LEVEL, mean, variance, family)).fill_nan(None))


def _sentence(terms: Terms) -> pl.Expr:
    node = (pl.col("item_name"), pl.col("location_name"))
    have = (w.quantity(pl.col("on_hand_qty")), w.quantity(pl.col("due_qty")))
    need = (w.day_count(pl.col("cover_days")), w.about(pl.col("mean_qty")), w.about(pl.col("kept_qty")))
    tied = w.where(pl.col("has_money"), pl.format(", {}", w.money(pl.col("stake"), terms.currency)))
    told = "{} at {}: {} on hand and {} due, but {} need {} (95 %: {}); {} are too many{}{}{}."
    return pl.format(told, *node, *have, *need, w.quantity(pl.col("qty")), tied, _cause(terms), _successor())


def _cause(terms: Terms) -> pl.Expr:
    """First of the causes that can be told from tonight's tables."""
    lot = pl.max_horizontal("multiple_qty", "min_qty").fill_null(0.0)
    ended = pl.col("listed_to") <= terms.as_of
    text = pl.when(lot > pl.col("kept_qty")).then(pl.format("; its pack or minimum is {}", w.quantity(lot)))
    return text.when(ended.fill_null(False)).then(pl.lit("; it is no longer listed")).otherwise(pl.lit(""))


def _successor() -> pl.Expr:
    return w.where(pl.col("successor_item_id").is_not_null(), pl.format("; {} takes over", pl.col("successor_item_id")))
