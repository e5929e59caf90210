"""Which master values does the evidence speak against, and what would better ones be?"""

from __future__ import annotations

from datetime import date, timedelta

import dataframely as dy
import numpy as np
import polars as pl
from scipy.special import ndtri

from replenish.numerics.drift import (
    MULTIPLE_SHARE,
    median_interval,
    multiple_share,
    observed_pack,
    yearly_cost_of_protection,
)
from replenish.steps.learn_drift.plant import plant_drifts
from replenish.steps.panel import KEY, Bools, Floats, Ints, codes
from replenish.tables.core import Arc, Item, Node, PlantLog, ReceiptLine, WorkCenter
from replenish.tables.plan import Drift, LeadTime, SupplierReview, Target

LEAST_OBSERVATIONS = 8
_LEAST_GAP_DAYS = 1.0
_LOOKED_BACK_DAYS = 364
_RHYTHM_SHARE = 0.8  # of the gaps between orders that are multiples of a review time longer than the master's
_CHANCE_SIZES = 3  # quantities that differ: fewer may be the habit of one order quantity
_CHANCE = 0.001  # that lines of a smaller pack look like multiples of a larger one by accident
_HALF_WIDTH = 1.6448536269514722  # 90 % interval of a mean
_ARC, _LANE = [*KEY, "kind", "source_id"], ["kind", "source_id", "location_id"]
_UNIT = 1000.0  # packs of weights and lengths are sought in thousandths

_BY_PROTECTION = (
    "holding and shortage cost a year of an order-up-to level planned with the old instead of the new value"
)
_BY_JOINT_ORDERS = "a year's order, cycle and safety stock cost with the old less that with the new review time"
_BY_CYCLE = "a year's holding of half the difference: the cycle stock that the quantity carries"


def learn_drift(
    receipt_line: dy.DataFrame[ReceiptLine],
    lead_time: dy.DataFrame[LeadTime],
    target: dy.DataFrame[Target],
    arc: dy.DataFrame[Arc],
    node: dy.DataFrame[Node],
    supplier_review: dy.DataFrame[SupplierReview],
    plant_log: dy.DataFrame[PlantLog],
    work_center: dy.DataFrame[WorkCenter],
    item: dy.DataFrame[Item],
    *,
    as_of: date,
) -> dy.DataFrame[Drift]:
    """Propose a master value where eight observations or more speak against the one in use; nothing is changed by it.

    Lead time: the 90 % interval of the observed mean leaves the master out by a day or more. Review time: the same of
    the median gap between order days of the lane. Pack and minimum: from complete lines of the last 52 weeks. The
    review of a whole supplier: where joint replenishment saves materially. Yields, run times, ideal rates and
    efficiencies of the plant: from the shop floor's log.
    """
    arcs = _arcs(arc, lead_time, target, node)
    lines = receipt_line.filter(pl.col("order_date") > as_of - timedelta(days=_LOOKED_BACK_DAYS))
    lots = _lots(lines, arcs)
    parts = [_lead_times(arcs), _reviews(lines, arcs), _packs(lots), _minimums(lots), _joint(supplier_review)]
    parts.append(plant_drifts(plant_log, work_center, item, as_of=as_of))
    found = pl.concat(parts, how="vertical")
    return Drift.cast(found.select(Drift.column_names()).sort(Drift.primary_key()))


def _arcs(arc: pl.DataFrame, lead_time: pl.DataFrame, target: pl.DataFrame, node: pl.DataFrame) -> pl.DataFrame:
    """Arcs in use with what was learned of them, demand a day and its spread, and money."""
    used = arc.filter(pl.col("arc_rank") == 1).unique(KEY, keep="first", maintain_order=True)
    learned = lead_time.select(
        *KEY, "observation_count", learned="lead_time_days", sd="lead_time_sd_days", law_source="source"
    )
    levels = target.select(*KEY, "protection_qty", "own_safety_stock_qty", "service_target")
    money = node.select(*KEY, "has_money", "is_continuous", "holding_cost_per_day", "shortage_cost")
    wide = used
    for one in (learned, levels, money):
        wide = wide.join(one, on=KEY, how="left", maintain_order="left")
    protection = (pl.coalesce("learned", "lead_time_days") + pl.col("review_days")).clip(lower_bound=1.0)
    z = pl.col("service_target").fill_null(0.95).clip(0.5, 0.9995).map_batches(_factor, return_dtype=pl.Float64)
    spread = pl.when(z > 1e-6).then(pl.col("own_safety_stock_qty").clip(lower_bound=0.0) / z).otherwise(0.0)
    return wide.with_columns(
        z=z,
        daily_qty=(pl.col("protection_qty") / protection).fill_null(0.0),
        daily_sd_qty=(spread / protection.sqrt()).fill_null(0.0),
        lead=pl.coalesce("learned", "lead_time_days"),
    )


def _factor(level: pl.Series) -> pl.Series:
    return pl.Series(ndtri(level.to_numpy()))


def _lead_times(arcs: pl.DataFrame) -> pl.DataFrame:
    half = _HALF_WIDTH * pl.col("sd") / pl.col("observation_count").sqrt()
    gap = (pl.col("learned") - pl.col("lead_time_days")).abs()
    seen = (pl.col("law_source") == "receipts") & (pl.col("lead_time_source") != "default")
    is_drift = seen & (pl.col("observation_count") >= LEAST_OBSERVATIONS) & (gap >= _LEAST_GAP_DAYS) & (gap > half)
    rows = arcs.filter(is_drift.fill_null(False))
    rows = rows.with_columns(
        old_days="lead_time_days",
        observed_days="learned",
        low_days=(pl.col("learned") - half).clip(lower_bound=0.0),
        high_days=pl.col("learned") + half,
        new_days=pl.col("learned").round(0),
    )
    review = rows["review_days"].to_numpy()
    effect = _protection_effect(rows, rows["old_days"].to_numpy() + review, rows["learned"].to_numpy() + review, review)
    return _told(rows, "lead_time", effect, _BY_PROTECTION)


def _reviews(lines: pl.DataFrame, arcs: pl.DataFrame) -> pl.DataFrame:
    """Median gap between order days of a lane, its mean a day off too; a longer one only if gaps keep its rhythm."""
    days = lines.filter(pl.col("kind") != "make").select(*_LANE, "order_date").unique().sort(*_LANE, "order_date")
    gaps = days.with_columns(gap=pl.col("order_date").diff().over(_LANE).dt.total_days().cast(pl.Float64)).drop_nulls()
    lanes = gaps.group_by(_LANE, maintain_order=True).agg(
        "gap", mean=pl.col("gap").mean(), count=pl.len().cast(pl.Int32)
    )
    lanes = lanes.filter(pl.col("count") >= LEAST_OBSERVATIONS)
    each = [np.asarray(one, dtype=np.float64) for one in lanes["gap"].to_list()]
    told = [median_interval(one) for one in each]
    rhythm = [float(np.mean(one % max(round(mid[0]), 1) == 0)) for one, mid in zip(each, told, strict=True)]
    names = ("observed_days", "low_days", "high_days")
    columns = [pl.Series(name, [row[k] for row in told], dtype=pl.Float64) for k, name in enumerate(names)]
    lanes = lanes.drop("gap").with_columns(*columns, pl.Series("rhythm", rhythm, dtype=pl.Float64))
    rows = arcs.drop("observation_count").join(lanes, on=_LANE, how="inner", maintain_order="left")
    old, new = pl.col("review_days"), pl.col("observed_days")
    outside = (old < pl.col("low_days")) | (old > pl.col("high_days"))
    known = (pl.col("review_source") != "default") & ((pl.col("mean") - old).abs() >= _LEAST_GAP_DAYS)
    rows = rows.filter(
        known & outside & ((new - old).abs() >= _LEAST_GAP_DAYS) & ((new < old) | (pl.col("rhythm") >= _RHYTHM_SHARE))
    ).with_columns(old_days=old, new_days=new.round(0), observation_count=pl.col("count"))
    lead, gap = rows["lead"].to_numpy(), rows["observed_days"].to_numpy()
    effect = _protection_effect(rows, lead + rows["old_days"].to_numpy(), lead + gap, gap)
    return _told(rows, "review_time", effect, _BY_PROTECTION)


def _joint(supplier_review: pl.DataFrame) -> pl.DataFrame:
    """Review times of whole suppliers that joint replenishment would change."""
    rows = supplier_review.filter("is_material").with_columns(
        item_id=pl.lit(""),
        kind=pl.lit("buy"),
        has_money=pl.lit(True),
        old_days="review_days",
        new_days="suggested_review_days",
        observed_days="cycle_days",
        observation_count="item_count",
    )
    saving = (rows["cost_value"] - rows["suggested_cost_value"]).to_numpy()
    return _told(rows, "supplier_review", saving, _BY_JOINT_ORDERS)


def _lots(lines: pl.DataFrame, arcs: pl.DataFrame) -> pl.DataFrame:
    """Complete lines over arcs in use: a short one tells nothing of the supplier's quantities."""
    whole = (
        (pl.col("received_qty") >= pl.col("ordered_qty")) & (pl.col("received_qty") > 0) & (pl.col("kind") != "make")
    )
    lots = lines.filter(pl.col("is_received") & whole).select(*_ARC, "ordered_qty", "received_qty")
    lots = lots.join(arcs.drop("observation_count"), on=_ARC, how="inner", maintain_order="left")
    return lots.filter(pl.len().over(KEY) >= LEAST_OBSERVATIONS)


def _packs(lots: pl.DataFrame) -> pl.DataFrame:
    """Multiples that lines come in: the master's fits too few of them, or a larger one fits too well for chance."""
    line, keys = codes(lots, KEY)
    first = lots.unique(KEY, keep="first", maintain_order=True)
    rows = keys.select(KEY).join(first, on=KEY, how="left", maintain_order="left")
    qty, old = lots["received_qty"].to_numpy(), rows["multiple_qty"].to_numpy()
    unit = np.where(rows["is_continuous"].to_numpy(), 1.0 / _UNIT, 1.0)
    scaled = np.maximum(np.round(qty / unit[line]), 1).astype(np.int64)
    new: Floats = observed_pack(scaled, line, keys.height).astype(np.float64) * unit
    count: Ints = np.bincount(line, minlength=keys.height).astype(np.int64)
    sizes = lots.group_by(KEY, maintain_order=True).agg(size=pl.col("received_qty").n_unique())
    many = rows.join(sizes, on=KEY, how="left", maintain_order="left")["size"].to_numpy() >= _CHANCE_SIZES
    base: Floats = np.maximum(old, unit)
    contradicted = multiple_share(qty, old, line, keys.height) <= MULTIPLE_SHARE
    unlikely = many & (np.power(np.maximum(new / base, 1.0), count) >= 1.0 / _CHANCE)
    is_drift = (new > 0) & (np.abs(new - base) > 1e-9) & (contradicted | ((new > base) & unlikely))
    return _quantities(rows, "pack", base, new, count, is_drift)


def _minimums(lots: pl.DataFrame) -> pl.DataFrame:
    """Least quantity a source ships: lines below the master came complete, or smaller orders were filled up to one."""
    least = pl.col("received_qty").quantile(1 - MULTIPLE_SHARE, "higher")
    rows = lots.group_by(KEY, maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("lines"),
        (pl.col("received_qty") < pl.col("min_qty")).mean().alias("below"),
        least.alias("least"),
        ((pl.col("ordered_qty") < least) & (pl.col("received_qty") > pl.col("ordered_qty"))).sum().alias("filled"),
        *(pl.col(name).first() for name in lots.columns if name not in KEY),
    )
    old: Floats = rows["min_qty"].to_numpy()
    new: Floats = rows["least"].to_numpy()
    lower = (new < old) & (rows["below"].to_numpy() > 1 - MULTIPLE_SHARE)
    higher = (new > old) & (rows["filled"].to_numpy() >= LEAST_OBSERVATIONS) & (new > rows["multiple_qty"].to_numpy())
    return _quantities(rows, "minimum", old, new, rows["lines"].to_numpy().astype(np.int64), lower | higher)


def _quantities(
    rows: pl.DataFrame, parameter: str, old: Floats, new: Floats, count: Ints, is_drift: Bools
) -> pl.DataFrame:
    values = {"old_qty": old, "new_qty": new, "observation_count": count}
    named = rows.with_columns(**{name: pl.Series(value) for name, value in values.items()})
    kept = named.filter(pl.Series(is_drift, dtype=pl.Boolean))
    gap = (kept["new_qty"] - kept["old_qty"]).abs().to_numpy()
    effect: Floats = 365.0 * kept["holding_cost_per_day"].fill_null(0.0).to_numpy() * gap / 2.0
    return _told(kept, parameter, effect, _BY_CYCLE)


def _protection_effect(rows: pl.DataFrame, planned: Floats, true: Floats, review: Floats) -> Floats:
    """Cost a year with the old protection time against that with the new one, demand being what it is."""
    about = (
        *(rows[name].to_numpy() for name in ("daily_qty", "daily_sd_qty", "z")),
        rows["holding_cost_per_day"].fill_null(0.0).to_numpy(),
        rows["shortage_cost"].fill_null(0.0).clip(lower_bound=0.0).to_numpy(),
    )
    old = yearly_cost_of_protection(planned, true, review, *about)
    out: Floats = np.abs(old - yearly_cost_of_protection(true, true, review, *about))
    return out


def _told(rows: pl.DataFrame, parameter: str, effect: Floats, basis: str) -> pl.DataFrame:
    money = pl.when(pl.col("has_money").fill_null(False)).then(pl.Series(effect, dtype=pl.Float64))
    named = rows.with_columns(parameter=pl.lit(parameter), effect_value=money, effect_basis=pl.lit(basis))
    named = named.with_columns(pl.lit(None).alias(name) for name in Drift.column_names() if name not in named.columns)
    return named.select(pl.col(name).cast(column.dtype).alias(name) for name, column in Drift.columns().items())
