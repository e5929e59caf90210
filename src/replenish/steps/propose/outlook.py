"""Everything the step asks of a node in one wide row, and its projection with running sums.

The projection is the only long frame here (node times bucket), so its nodes are numbered once and all sums run over
whole numbers instead of names.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.terms import Terms

_FIRST_BUCKETS_DAYS = 28  # days whose mean demand stands for "a day" in values


@dataclass(frozen=True)
class Timeline:
    """Projection with node numbers and running sums, the buckets' dates, and the number of each node."""

    rows: pl.DataFrame  # node_number, bucket_index, bucket_start, *_qty, *_to_date (running sums), firm_qty
    calendar: pl.DataFrame  # bucket_index, bucket_start
    nodes: pl.DataFrame  # item_id, location_id, node_number

    def lost_between(self, lines: pl.DataFrame, since: str, until: str) -> pl.Series:
        """Units lost with open orders only, from the bucket that holds `since` to the last one begun before `until`.

        Lines carry item_id, location_id and the two dates; a node without projection loses nothing.
        """
        frame = attach(lines.select(*NODE, since, until), self.nodes, "node_number")
        frame = self._with_bucket(frame, since, "first", allow_exact_matches=True)
        frame = self._with_bucket(frame, until, "last", allow_exact_matches=False)
        frame = frame.with_columns(pl.col("first") - 1)
        before, upto = (self.at(frame, index, "lost_to_date").fill_null(0.0) for index in ("first", "last"))
        return (upto - before).clip(lower_bound=0.0)

    def at(self, lines: pl.DataFrame, index: str, column: str) -> pl.Series:
        """The column's value per line at its node (`node_number`) and bucket `index`; empty where there is no such row.

        Rows of a node lie together from bucket 0 on, so a value is found by its place and not by a search.
        """
        starts = self.rows.select((pl.col("bucket_index") == 0).arg_true()).to_series()
        ends = starts.shift(-1, fill_value=self.rows.height)
        number = lines["node_number"]
        place = starts.cast(pl.Int64).gather(number) + lines[index]
        is_there = (lines[index] >= 0) & (place < ends.cast(pl.Int64).gather(number))
        known = pl.select(pl.when(is_there).then(place)).to_series()
        return self.rows[column].gather(known)

    def demand_until(self, lines: pl.DataFrame, date: str, terms: Terms) -> pl.DataFrame:
        """Lines with mean demand until the day before `date` (`<date>_demand`) and its bucket (`<date>_index`).

        Lines carry node_number; lines beyond the horizon are left out.
        """
        index, start = f"{date}_index", f"{date}_start"
        starts = self.calendar.select(pl.col("bucket_index").alias(index), pl.col("bucket_start").alias(start))
        starts = starts.with_columns(pl.col(start).alias(date)).sort(date)
        last = pl.lit(starts[date].max(), pl.Date)
        days = lines.select(date).unique().sort(date).filter(pl.col(date) <= last)
        days = days.join_asof(starts, on=date, strategy="backward")
        lines = lines.join(days, on=date, how="inner", maintain_order="left")
        lines = lines.with_columns(
            self.at(lines, index, "demand_to_date").alias("upto"), self.at(lines, index, "demand_qty").alias("within")
        )
        open_share = (pl.col(date) - pl.col(start)).dt.total_days() / terms.bucket_days
        until = (pl.col("upto") - pl.col("within") * (1 - open_share)).fill_null(0.0)
        return lines.with_columns(until.alias(f"{date}_demand")).drop("upto", "within", start)

    def _with_bucket(self, frame: pl.DataFrame, date: str, name: str, *, allow_exact_matches: bool) -> pl.DataFrame:
        days = frame.select(date).drop_nulls().unique().sort(date)
        starts = self.calendar.select(pl.col("bucket_index").alias(name), pl.col("bucket_start").alias(date)).sort(date)
        found = days.join_asof(starts, on=date, strategy="backward", allow_exact_matches=allow_exact_matches)
        return frame.join(found, on=date, how="left", maintain_order="left")


def timeline(projection: pl.DataFrame) -> Timeline:
    """Number the nodes of a projection (sorted by item, location, bucket) and sum it up along the buckets."""
    starts_node = (pl.col("bucket_index").diff() <= 0).fill_null(False)
    rows = projection.with_columns(node_number=starts_node.cum_sum().cast(pl.UInt32))
    firm = pl.col("receipt_qty") + pl.col("moved_in_qty") - pl.col("demand_qty") - pl.col("expired_qty")
    start = (pl.col("opening_qty") + pl.col("record_adjustment_qty") - pl.col("moved_out_qty")).first()
    rows = rows.with_columns(
        lost_to_date=pl.col("lost_without_qty").cum_sum().over("node_number"),
        demand_to_date=pl.col("demand_qty").cum_sum().over("node_number"),
        coming_to_date=(pl.col("receipt_qty") + pl.col("proposed_qty")).cum_sum().over("node_number"),
        proposed_to_date=pl.col("proposed_qty").cum_sum().over("node_number"),
        planned_to_date=pl.col("planned_qty").cum_sum().over("node_number"),
        firm_qty=(start + firm.cum_sum()).over("node_number"),
    )
    calendar = (
        rows.select("bucket_index", "bucket_start").unique(maintain_order=True).sort("bucket_index", "bucket_start")
    )
    nodes = rows.filter(starts_node | (pl.int_range(pl.len()) == 0)).select(*NODE, "node_number")
    return Timeline(rows.drop(NODE), calendar, nodes)


def outlook(
    node: pl.DataFrame,
    record: pl.DataFrame,
    target: pl.DataFrame,
    wish: pl.DataFrame,
    order: pl.DataFrame,
    arc: pl.DataFrame,
    lead_time: pl.DataFrame,
    parameter: pl.DataFrame,
    terms: Terms,
) -> pl.DataFrame:
    """One wide row a node: what it is, what it holds, what it targets, wishes and is given, and how it is supplied."""
    wide = node.with_columns(shortage_cost=pl.col("shortage_cost").clip(lower_bound=0.0))
    stock = ("recorded_on_hand_qty", "on_hand_qty", "silent_buckets", "ghost_probability", "is_ghost", "is_negative")
    wide = attach(wide, record, *stock, "error_sd_qty", "last_count_date")
    levels = ("safety_stock_qty", "reorder_point_qty", "order_up_to_qty", "shelf_floor_qty", "protection_qty")
    wide = attach(wide, target, *levels)
    when = ("lead_time_buckets", "review_buckets", "need_90_qty")
    risk = ("stockout_probability_before_arrival", "stockout_probability_without")
    wide = attach(wide, wish, *when, *risk, "wait_reason", wish_reason="reason_code")
    wide = attach(wide, order, order_qty="qty")
    first_arc = arc.filter(pl.col("arc_rank") == 1).unique(NODE, keep="first", maintain_order=True)
    wide = attach(wide, first_arc, "min_qty", "max_qty", "multiple_qty", "review_days")
    wide = attach(wide, first_arc, arc_source_id="source_id", arc_unit_cost="unit_cost")
    wide = attach(wide, first_arc, master_days="lead_time_days", master_source="lead_time_source")
    wide = attach(wide, lead_time, "lead_time_pmf", "observation_count", learned_source="source")
    wide = attach(wide, lead_time, learned_days="lead_time_days", learned_sd_days="lead_time_sd_days")
    wide = attach(wide, lead_time, "delivered_share", "never_share")
    wide = attach(wide, parameter, forecast_method="method", forecast_reason="reason")
    return wide.with_columns(protection_days=protection_days(terms))


def protection_days(terms: Terms) -> pl.Expr:
    """Lead plus review time of the wish, in days; one bucket where nothing was wished."""
    return ((pl.col("lead_time_buckets") + pl.col("review_buckets")).fill_null(1) * terms.bucket_days).cast(pl.Float64)


def need_until_next(nodes: pl.DataFrame, future: Timeline) -> pl.DataFrame:
    """Mean demand until the next order after tonight's is in (`need_qty`), what supplied locations order included."""
    last = pl.col("lead_time_buckets") + pl.col("review_buckets") - 1
    asked = attach(nodes.select(*NODE, last=last).drop_nulls(), future.nodes, "node_number")
    asked = asked.filter(pl.col("node_number").is_not_null())
    return asked.with_columns(need_qty=future.at(asked, "last", "demand_to_date")).select(*NODE, "need_qty")


def daily_demand(rows: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Mean demand a day over the next four weeks, per node of a timeline."""
    buckets = max(1, _FIRST_BUCKETS_DAYS // terms.bucket_days)
    sums = rows.filter(pl.col("bucket_index") < buckets).group_by("node_number", maintain_order=True)
    mean = sums.agg(daily_qty=pl.col("demand_qty").sum() / (pl.len() * terms.bucket_days))
    return nodes.join(mean, on="node_number", how="left", maintain_order="left").select(*NODE, "daily_qty")
