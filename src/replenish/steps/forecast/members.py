"""Members that must be fitted, for nodes with steady demand and half a year of history: fitted in rotation.

A node is fitted when its turn comes, when it is new, or when its history was handed in anew. On other nights its
members run over the newer weeks with the parameters of their last fit; one whose errors begin to lean is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.tracking import LIMIT
from replenish.steps.forecast.fitting import FIT_WEEKS, Fit, fit_model, quietly, run_model
from replenish.steps.forecast.gate import wants_ensemble
from replenish.steps.forecast.rotation import due_for_fit
from replenish.steps.panel import KEY, Floats, Ints, panel
from replenish.tables.core import Bucket, HistoryCheck, PreviousMemberFit
from replenish.tables.plan import Baseline, Member, MemberFit, Segment
from replenish.tables.rows import types_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Weeks:
    """Ordinary weeks of a node that are there, oldest first, with their week_index; week 0 begins on `zero`."""

    qty: Floats
    week_index: Ints
    zero: date

    def newest(self, count: int) -> Weeks:
        """The last `count` of them."""
        return Weeks(self.qty[-count:], self.week_index[-count:], self.zero)

    def since(self, first: date) -> Weeks:
        """Those that begin on this day or later."""
        there = self.week_index >= -((self.zero - first).days // 7)
        return Weeks(self.qty[there], self.week_index[there], self.zero)

    @property
    def first_date(self) -> date:
        """First day of the oldest of them."""
        return self.zero + timedelta(days=7 * int(self.week_index[0]))


def fit_members(
    baseline: dy.DataFrame[Baseline],
    segment: dy.DataFrame[Segment],
    history_check: dy.DataFrame[HistoryCheck],
    previous_fit: dy.DataFrame[PreviousMemberFit],
    *,
    bucket: dy.DataFrame[Bucket],
    as_of: date,
    horizon_weeks: int,
    members: Sequence[str],
    rotation_nights: int,
) -> pl.DataFrame:
    """Fit or run the members of every node that the ensemble serves, on its deseasonalised weeks; gaps are closed up.

    One row a node and member: the columns of `MemberFit`, and `member_qty`, the forecasts of weeks 0..horizon_weeks,
    empty where there are none. Every node is treated alone: any split into blocks gives the same rows.
    """
    nodes = segment.select(*KEY, "average_interval")
    cells = panel(baseline, nodes, time="week_index", last=-1)
    weekly = cells.grid(baseline["baseline_qty"])
    chosen = np.flatnonzero(wants_ensemble(weekly, nodes["average_interval"]))
    nodes = nodes[chosen].join(history_check, on=KEY, how="left", maintain_order="left")
    stored = previous_fit.filter(pl.col("member").is_in(list(members)))
    due = due_for_fit(nodes, stored, as_of=as_of, member_count=len(members), rotation_nights=rotation_nights)
    kept = _by_node(nodes.filter(~pl.Series(due)), stored)
    zero: date = bucket.filter(pl.col("week_index") == 1)["bucket_start"].sort().item(0) - timedelta(days=7)
    rows: list[Row] = []
    with quietly():
        for node, place in zip(nodes.iter_rows(named=True), chosen, strict=True):
            there = np.flatnonzero(~np.isnan(weekly[place]))
            weeks = Weeks(weekly[place][there], there + cells.first, zero)
            mine = kept.get((node["item_id"], node["location_id"]))
            rows += _node(node, mine, weeks, members, as_of, horizon_weeks + 1)
    return _frame(rows)


def told_members(
    fits: pl.DataFrame, member: dy.DataFrame[Member]
) -> tuple[dy.DataFrame[Member], dy.DataFrame[MemberFit]]:
    """Forecasts and parameters of fitted members as tables; `member` are forecasts made elsewhere, that join them."""
    told = fits.filter(pl.col("member_qty").list.len() > 0)
    told = told.with_columns(week_index=pl.int_ranges(pl.col("member_qty").list.len(), dtype=pl.Int32))
    long = told.select(*KEY, "member", "week_index", "member_qty").explode("week_index", "member_qty")
    return Member.cast(pl.concat([long, member])), MemberFit.cast(fits.drop("member_qty"))


def _by_node(nodes: pl.DataFrame, stored: pl.DataFrame) -> dict[tuple[str, str], list[Row]]:
    """Stored fits of these nodes, a list a node."""
    kept: dict[tuple[str, str], list[Row]] = {}
    for row in stored.join(nodes, on=KEY, how="semi", maintain_order="left").iter_rows(named=True):
        kept.setdefault((row["item_id"], row["location_id"]), []).append(row)
    return kept


def _node(
    node: Row, kept: list[Row] | None, weeks: Weeks, members: Sequence[str], as_of: date, horizon: int
) -> list[Row]:
    """Rows of a node: all members fitted where nothing is kept, else run, and fitted again one by one where need be."""
    if kept is None:
        known = {name: node[name] for name in (*KEY, "checked_from", "checksum")} | {"fitted_date": as_of}
        return [known | _fit(member, weeks, horizon) for member in members]
    return [_run(row, weeks, horizon) or row | _fit(row["member"], weeks, horizon) for row in kept]


def _run(row: Row, weeks: Weeks, horizon: int) -> Row | None:
    """A stored fit run to tonight; None where its errors begin to lean to one side."""
    fit = Fit(row["model"] or "", row["season_weeks"], tuple(row["parameters"]))
    told = run_model(row["member"], fit, weeks.since(row["first_date"]).qty, horizon)
    if told is not None and abs(told.tracking_rate) > LIMIT >= abs(row["tracking_rate"]):
        return None
    return {**row, "told": told}


def _fit(member: str, weeks: Weeks, horizon: int) -> Row:
    """A member fitted tonight."""
    newest = weeks.newest(FIT_WEEKS[member])
    fit = fit_model(member, newest.qty)
    told = run_model(member, fit, newest.qty, horizon)
    return {
        "member": member,
        "first_date": newest.first_date,
        "weeks": newest.qty.size,
        "model": fit.model or None,
        "season_weeks": fit.season_weeks,
        "parameters": list(fit.parameters),
        "tracking_rate": told.tracking_rate if told is not None else 0.0,
        "told": told,
    }


def _frame(rows: list[Row]) -> pl.DataFrame:
    """The rows as a frame with the columns of `MemberFit` and member_qty."""
    plain = {name: kind for name, kind in types_of(MemberFit).items() if name != "parameters"}
    columns = [pl.Series(name, [row[name] for row in rows], dtype=kind) for name, kind in plain.items()]
    told = [() if row["told"] is None else row["told"].forecast_qty for row in rows]
    lists = _lists("parameters", [row["parameters"] for row in rows]), _lists("member_qty", told)
    return pl.DataFrame([*columns, *lists]).select(*types_of(MemberFit), "member_qty")


def _lists(name: str, values: Sequence[Sequence[float] | Floats]) -> pl.Series:
    """A column of lists, laid out as one array first: a tenth of the time that polars takes over many small lists."""
    length = np.array([len(one) for one in values], dtype=np.int64)
    padded = np.zeros((len(values), int(length.max(initial=1))))
    for line, one in zip(padded, values, strict=True):
        line[: len(one)] = one
    frame = pl.DataFrame({name: pl.Series(padded).cast(pl.List(pl.Float64)), "length": length})
    return frame.select(pl.col(name).list.head(pl.col("length"))).to_series()
