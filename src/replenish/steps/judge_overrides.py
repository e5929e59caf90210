"""Were people right to change or reject what was proposed?"""

from __future__ import annotations

from datetime import date

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.override_replay import Floats, left_over, live
from replenish.steps.panel import KEY
from replenish.tables.core import AnsweredLine, Bucket, DemandHistory, Node
from replenish.tables.plan import Demand, OverrideValue

OVERRIDDEN = ("edited", "rejected")
YEAR_DAYS = 364
_SIDES = ("proposed", "ordered")


def judge_overrides(
    line: dy.DataFrame[AnsweredLine],
    demand: dy.DataFrame[Demand],
    history: dy.DataFrame[DemandHistory],
    node: dy.DataFrame[Node],
    bucket: dy.DataFrame[Bucket],
    as_of: date,
    bucket_days: int,
) -> dy.DataFrame[OverrideValue]:
    """Every edited or rejected line whose protection window is over, replayed as proposed and as decided.

    Both replays start from the stock on record at the earlier arrival, meet the demand that came (lost sales
    estimated; where a node has none of its own, what left it), and receive what else arrived: all receipts less the
    line's own. They end one review after the later arrival. Money is holding, lost margin, and waste of what is left
    over. A window with a bucket of which nothing is known is not judged.
    """
    lines = _due(line, node, bucket, as_of)
    asked = _asked(lines, demand, history)
    lines = _placed(lines, asked)
    if lines.is_empty():
        return OverrideValue.create_empty()
    inside = asked.join(lines.select("proposal_id", "first", "last"), on="proposal_id")
    inside = inside.filter(pl.col("bucket_index").is_between("first", "last"))
    parts = [_judged(part, inside, bucket_days) for part in lines.partition_by("bucket_count", maintain_order=True)]
    return OverrideValue.cast(pl.concat(parts).select(OverrideValue.column_names()).sort(OverrideValue.primary_key()))


def _due(line: pl.DataFrame, node: pl.DataFrame, bucket: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Overridden lines whose window is over, with the closed buckets of window and arrivals."""
    over = line.filter(pl.col("outcome").is_in(OVERRIDDEN)).join(node, on=KEY, how="inner", maintain_order="left")
    later = pl.max_horizontal("receipt_date", "ordered_date")
    over = over.with_columns(
        window_start=pl.min_horizontal("receipt_date", "ordered_date"),
        window_end=later.dt.offset_by(pl.format("{}d", pl.col("review_days") - 1)),
        basis=pl.when("has_demand").then(pl.lit("demand")).otherwise(pl.lit("outflow")),
    ).filter(pl.col("window_end") <= as_of)
    closed = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index")
    ends, oldest = closed["bucket_end"].to_physical().to_numpy(), -closed.height
    named = {"first": "window_start", "last": "window_end", "proposed_at": "receipt_date", "ordered_at": "ordered_date"}
    found = {name: np.searchsorted(ends, over[day].to_physical().to_numpy()) for name, day in named.items()}
    over = over.with_columns(pl.Series(name, at + oldest, dtype=pl.Int32) for name, at in found.items())
    known_from = pl.lit(closed["bucket_start"].min(), dtype=pl.Date)
    return over.filter(pl.col("window_start") >= known_from, pl.col("last") < 0)


def _asked(lines: pl.DataFrame, demand: pl.DataFrame, history: pl.DataFrame) -> pl.DataFrame:
    """What was asked of each line's node, bucket by bucket: its own demand, or what left it; empty where unknown."""
    wanted = demand.select(
        *KEY, "bucket_index", wanted=pl.when(pl.col("state") != "missing").then("demand_qty"), sold="sales_qty"
    )
    told = lines.select("proposal_id", *KEY, "basis", "window_end").join(history, on=KEY)
    told = told.join(wanted, on=[*KEY, "bucket_index"], how="left")
    left = (pl.col("opening_qty") + pl.col("receipt_qty") - pl.col("closing_qty")).clip(lower_bound=0.0)
    asked = pl.when(pl.col("basis") == "demand").then("wanted").otherwise(left)
    return told.with_columns(asked=asked).sort("proposal_id", "bucket_index")


def _placed(lines: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Lines of whose window everything is known, with stock at its start, usual demand a day, and other receipts."""
    before = (pl.col("bucket_start") <= pl.col("window_end")) & (
        pl.col("bucket_start") > pl.col("window_end").dt.offset_by(f"-{YEAR_DAYS}d")
    )
    days = (pl.col("window_end").first() - pl.col("bucket_start").min()).dt.total_days() + 1
    pace = asked.filter(before).group_by("proposal_id").agg(per_day=pl.col("asked").sum() / days)
    inside = asked.join(lines.select("proposal_id", "first", "last"), on="proposal_id")
    inside = inside.filter(pl.col("bucket_index").is_between("first", "last"))
    seen = inside.group_by("proposal_id").agg(
        opening_qty=pl.col("opening_qty").first(),
        received=pl.col("receipt_qty").sum(),
        demand_qty=pl.col("asked").sum(),
        is_known=pl.col("asked").is_not_null().all(),
    )
    known = lines.join(seen.filter("is_known", pl.col("opening_qty").is_not_null()), on="proposal_id")
    other = (pl.col("received") - pl.col("ordered_qty")).clip(lower_bound=0.0)
    return known.join(pace, on="proposal_id").with_columns(
        bucket_count=pl.col("last") - pl.col("first") + 1,
        proposed_qty=pl.col("qty"),
        other_receipt_qty=other,
        other_share=pl.when(pl.col("received") > 0).then(other / pl.col("received")).otherwise(0.0),
    )


def _judged(part: pl.DataFrame, inside: pl.DataFrame, bucket_days: int) -> pl.DataFrame:
    """Lines of equally long windows with what either side cost."""
    part = part.sort("proposal_id")
    asked, received = _matrix(part, inside, "asked"), _matrix(part, inside, "receipt_qty")
    other = received * part["other_share"].to_numpy()[:, None]
    costs: dict[str, pl.Series] = {}
    for side in _SIDES:
        arriving = other.copy()
        at = (part[f"{side}_at"] - part["first"]).to_numpy()
        arriving[np.arange(part.height), at] += part[f"{side}_qty"].to_numpy()
        costs |= {
            f"{side}_{name}": pl.Series(money) for name, money in _cost(part, arriving, asked, bucket_days).items()
        }
    kinds = ("holding_cost", "shortage_cost", "waste_cost")
    saved = sum(
        (costs[f"proposed_{kind}"] - costs[f"ordered_{kind}"] for kind in kinds), pl.Series([0.0] * part.height)
    )
    return part.with_columns(**costs, override_value=saved)


def _cost(part: pl.DataFrame, arriving: Floats, asked: Floats, bucket_days: int) -> dict[str, Floats]:
    """Units lost and money of one side, line by line."""
    loses = (part["shortage_rule"] == "lost_sales").cast(pl.Float64).to_numpy()
    lived = live(part["opening_qty"].to_numpy(), arriving, asked, loses)
    life = part["shelf_life_days"].fill_null(float("inf")).to_numpy()
    held, wasted = left_over(lived.left, asked.sum(axis=1), part["per_day"].to_numpy(), life)
    unit = (part["unit_cost"] - part["salvage_value"] + part["disposal_cost"]).clip(0.0).to_numpy()
    return {
        "lost_qty": lived.lost,
        "holding_cost": (lived.closing * bucket_days + held) * part["holding_cost_per_day"].to_numpy(),
        "shortage_cost": lived.lost * part["shortage_cost"].clip(0.0).to_numpy(),
        "waste_cost": wasted * unit,
    }


def _matrix(part: pl.DataFrame, inside: pl.DataFrame, name: str) -> Floats:
    """Values [lines, buckets] in the order of `part`; closed buckets, of which there are no rows, are zero."""
    place = part.select("proposal_id", row=pl.int_range(pl.len()))
    rows = inside.join(place, on="proposal_id")
    found = np.zeros((part.height, int(part["bucket_count"][0])))
    found[rows["row"].to_numpy(), (rows["bucket_index"] - rows["first"]).to_numpy()] = rows[name].to_numpy()
    return found
