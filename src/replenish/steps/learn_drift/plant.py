"""Yields, hours a unit, ideal rates and speeds of the routing against the shop floor's log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.plant_drift import Ratio, is_setup_counted, middle_pace, ratio, share
from replenish.steps.panel import Bools, Floats, Ints, codes
from replenish.tables.columns import LARGEST
from replenish.tables.plan import Drift

LEAST_LINES = 8
_LOOKED_BACK_DAYS = 364
_LEAST_DAYS = 28  # a shorter log is not blown up to a year
_SURE = 2.0  # half widths of the 90 % interval: of all items at all work centres one in ten lies outside it by chance
_LEAST_GAP, _LEAST_YIELD_GAP = 0.05, 0.01  # of a speed, of a yield: less is not worth a change
_GROUP = ["work_center_id", "item_id"]

_BY_UNITS = "units a year that the old yield starts too few or too many, at the item's cost"
_BY_HOURS = "machine hours a year that the old value plans too few or too many, at the work centre's cost"
_BY_NOTHING = "no money: the ideal rate judges the work centre, it does not plan it"


@dataclass(frozen=True)
class _Log:
    """Lines of the year in which something was made, and the groups that share a work centre and an item."""

    lines: pl.DataFrame
    group: Ints  # of each line
    groups: pl.DataFrame  # work_center_id, item_id ("" where the log names none), and what the master says
    center: Ints  # of each group
    center_count: int

    def total(self, values: Floats) -> Floats:
        """Sum of line values by group."""
        return sums(self.group, values, self.groups.height)

    def column(self, name: str) -> Floats:
        """A column of the lines; nothing is NaN."""
        return self.lines[name].cast(pl.Float64).fill_null(np.nan).to_numpy()

    def said(self, name: str) -> Floats:
        """A column of the groups; nothing is NaN."""
        return self.groups[name].cast(pl.Float64).fill_null(np.nan).to_numpy()


def plant_drifts(
    plant_log: pl.DataFrame, work_center: pl.DataFrame, item: pl.DataFrame, *, as_of: date
) -> pl.DataFrame:
    """Rows of plan.drift that the log speaks for: eight lines or more, the old value far outside the 90 % interval.

    A yield must be a point off, a speed a twentieth. A work centre that is slow with most of what it makes has another
    efficiency; an item that is slow beside that has another run time.
    """
    log = _read(plant_log, work_center, item, as_of)
    net, standard = _hours(log)
    centers = _efficiencies(log, net, standard)
    told = centers.select("new_rate", work_center_id="source_id")
    slow = log.groups.join(told, on="work_center_id", how="left", maintain_order="left")
    efficiency = slow.select(pl.coalesce("new_rate", "efficiency_rate")).to_series().to_numpy()
    parts = [_yields(log), _ideal_rates(log), centers, _run_hours(log, net, standard, efficiency)]
    return pl.concat([one.select(_columns()) for one in parts], how="vertical")


def _read(plant_log: pl.DataFrame, work_center: pl.DataFrame, item: pl.DataFrame, as_of: date) -> _Log:
    made = (pl.col("good_qty") + pl.col("scrap_qty") > 0) & pl.col("location_id").is_not_null()
    recent = plant_log.filter(made & (pl.col("date") > as_of - timedelta(days=_LOOKED_BACK_DAYS)))
    is_routed = pl.col("routing_hours_per_unit").is_not_null()
    first_day = pl.col("date").min().over("work_center_id", "order_id")
    lines = recent.with_columns(
        item_id=pl.when(is_routed).then(pl.col("item_id")).fill_null(""),
        made_qty=pl.col("good_qty") + pl.col("scrap_qty"),
        is_first=(pl.col("date") == first_day) & (pl.col("order_id") != ""),
    )
    group, keys = codes(lines, _GROUP)
    days = (pl.lit(as_of) - pl.col("date").min().over("work_center_id")).dt.total_days() + 1
    lines = lines.with_columns(year=365.0 / days.clip(lower_bound=_LEAST_DAYS))
    first = lines.unique(_GROUP, keep="first", maintain_order=True)
    groups = keys.join(
        first.select(*_GROUP, "location_id", "routing_hours_per_unit", "yield_rate", "year"),
        on=_GROUP, how="left", maintain_order="left",
    )  # fmt: skip
    machine = work_center.select("work_center_id", "efficiency_rate", "cost_per_hour")
    price = item.select("item_id", unit_cost=pl.when("has_money").then("unit_cost"))
    groups = groups.join(machine, on="work_center_id", how="left", maintain_order="left")
    groups = groups.join(price, on="item_id", how="left", maintain_order="left")
    groups = groups.with_columns(pl.col("efficiency_rate").fill_null(1.0), pl.col("cost_per_hour").replace(0.0, None))
    center, centers = codes(groups, ["work_center_id"])
    return _Log(lines, group, groups, center, centers.height)


def _yields(log: _Log) -> pl.DataFrame:
    """Good share of an item's output at a work centre against its routing."""
    good = log.column("good_qty")
    seen = share(good, log.column("made_qty"), log.group, log.groups.height)
    old = log.said("yield_rate")
    units = np.abs(_over(1.0, seen.value) - _over(1.0, old)) * log.total(good)
    is_off = np.abs(seen.value - old) >= _LEAST_YIELD_GAP
    worth = units * log.said("year") * log.said("unit_cost")
    return _told(log.groups, "yield_rate", seen, old, worth, _BY_UNITS, is_off & (seen.value > 0))


def _ideal_rates(log: _Log) -> pl.DataFrame:
    """Ideal rates that the plant beats: what was made in the hours run, where that is surely more than ideal."""
    counts = log.lines["is_ideal_stated"].to_numpy() & (log.column("run_hours") > 0)
    rate = np.where(counts, log.column("ideal_qty_per_hour"), 1.0)
    made, run = log.column("made_qty") * counts, log.column("run_hours") * counts
    performance = ratio(made / rate, run, log.group, log.groups.height)
    old = _over(log.total(made), log.total(made / rate))
    count = log.total(counts.astype(np.float64)).astype(np.int64)
    seen = Ratio(performance.value * old, performance.half_width * old, count)
    is_off = performance.value >= 1.0 + _LEAST_GAP
    return _told(log.groups, "ideal_qty_per_hour", seen, old, np.full(old.size, np.nan), _BY_NOTHING, is_off)


def _hours(log: _Log) -> tuple[Floats, Floats]:
    """Hours run for each line's units, set-ups apart, and the hours they should take at planned speed.

    That speed is the routing's; of lines whose item is not known it is the ideal rate.
    """
    run, ideal = log.column("run_hours"), log.column("ideal_qty_per_hour")
    per_unit = np.where(
        log.lines["item_id"] == "", np.nan_to_num(_over(1.0, ideal)), log.column("routing_hours_per_unit")
    )
    standard = np.where(run > 0, log.column("made_qty") * per_unit, 0.0)
    setup = np.where(log.lines["is_first"].to_numpy(), np.nan_to_num(log.column("setup_hours")), 0.0)
    counted = is_setup_counted(run, setup, standard, log.group, log.groups.height, log.center, log.center_count)
    net = np.maximum(run - setup * counted[log.center][log.group], 0.0)
    return np.where(standard > 0, net, 0.0), standard


def _efficiencies(log: _Log, net: Floats, standard: Floats) -> pl.DataFrame:
    """Work centres faster or slower than planned with most of what they make; of one item alone it is the item's."""
    of_line, count = log.center[log.group], log.center_count
    pace = ratio(net, standard, log.group, log.groups.height).value
    middle = middle_pace(np.nan_to_num(pace), log.total((net > 0).astype(np.float64)), log.center, count)
    spread = ratio(net, standard, of_line, count)
    efficiency = _over(1.0, middle)
    lines = sums(of_line, (net > 0).astype(np.float64), count).astype(np.int64)
    seen = Ratio(efficiency, spread.half_width * efficiency**2, lines)
    is_many = pl.len() > 1
    centers = log.groups.group_by("work_center_id", maintain_order=True).agg(
        pl.col("location_id", "efficiency_rate", "cost_per_hour", "year").first(),
        is_general=is_many | (pl.col("item_id") == "").any(),
    )
    centers = centers.with_columns(item_id=pl.lit(""), is_hourly=pl.col("cost_per_hour").is_not_null())
    old = centers["efficiency_rate"].to_numpy()
    hours = np.abs(middle - _over(1.0, old)) * sums(of_line, standard, count)
    worth = hours * (centers["cost_per_hour"].fill_null(np.nan) * centers["year"]).to_numpy()
    is_off = centers["is_general"].to_numpy() & (np.abs(_over(efficiency, old) - 1.0) >= _LEAST_GAP)
    return _told(centers, "efficiency_rate", seen, old, worth, _BY_HOURS, is_off)


def _run_hours(log: _Log, net: Floats, standard: Floats, efficiency: Floats) -> pl.DataFrame:
    """Hours a unit against the routing, at the speed that the work centre has with everything else."""
    made = np.where(net > 0, log.column("made_qty"), 0.0)
    told = ratio(net, made, log.group, log.groups.height)
    lines = log.total((net > 0).astype(np.float64)).astype(np.int64)
    seen, old = Ratio(told.value * efficiency, told.half_width * efficiency, lines), log.said("routing_hours_per_unit")
    hours = np.abs(log.total(net) - log.total(standard) / efficiency)
    worth = hours * log.said("year") * log.said("cost_per_hour")
    is_off = (np.abs(_over(seen.value, old) - 1.0) >= _LEAST_GAP) & (log.groups["item_id"] != "").to_numpy()
    return _told(log.groups, "run_hours_per_unit", seen, old, worth, _BY_HOURS, is_off)


def _told(
    keys: pl.DataFrame, parameter: str, seen: Ratio, old: Floats, worth: Floats, basis: str, is_off: Bools
) -> pl.DataFrame:
    """Rows of the values that are off by more than their interval, and by enough to matter.

    A figure beyond all measure is a slip of the pen.
    """
    outside = (np.abs(seen.value - old) > _SURE * seen.half_width) & (seen.row_count >= LEAST_LINES)
    named = keys.select("item_id", "location_id", source_id="work_center_id").with_columns(
        pl.Series("old_rate", old, nan_to_null=True),
        pl.Series("new_rate", seen.value, nan_to_null=True).round_sig_figs(4),
        pl.Series("low_rate", np.maximum(seen.value - seen.half_width, 0.0), nan_to_null=True),
        pl.Series("high_rate", seen.value + seen.half_width, nan_to_null=True),
        pl.Series("observation_count", seen.row_count),
        pl.Series("effect_value", worth, nan_to_null=True),
        kind=pl.lit("make"),
        parameter=pl.lit(parameter),
        effect_basis=pl.lit(basis),
    )
    is_credible = (pl.col("high_rate") < LARGEST) & (pl.col("effect_value").fill_null(0.0) < LARGEST)
    kept = named.filter(pl.Series(is_off & outside, dtype=pl.Boolean) & is_credible)
    empty = [name for name in Drift.column_names() if name not in kept.columns]
    return kept.with_columns(pl.lit(None).alias(name) for name in empty).select(_columns())


def _columns() -> list[pl.Expr]:
    return [pl.col(name).cast(column.dtype) for name, column in Drift.columns().items()]


def _over(part: Floats | float, whole: Floats) -> Floats:
    out: Floats = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)
    return out
