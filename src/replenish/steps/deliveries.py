"""How deliveries keep their word: days after the due date, share of the quantity, and whether they overtake."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from replenish.numerics.lead_time import (
    CROSSING_ABOVE,
    LEAST_PAIRS,
    counts_by_group,
    crossing_share,
    delivered_share,
    kaplan_meier_pmf,
)
from replenish.steps.panel import Bools, Floats, Ints, codes

LANE = ["kind", "source_id", "location_id"]
SOURCE = ["kind", "source_id"]
EARLIEST_DAYS, LATEST_DAYS = -60, 400  # against the due date; what lies beyond counts as these
LEAST_RECEIPTS = 5  # with fewer lateness is not told


def promises_kept(lines: pl.DataFrame, arcs: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Columns delivered_share, lateness_from_days, lateness_pmf and is_crossing of arcs [A], in their order.

    `lines`: core.receipt_line with `weight` and `is_never`, arcs: kind, source_id, location_id. Lateness by lane, else
    by source, where at least five lines were received; lines still open are later than today. An arc of a source
    without receipts delivers in full. A lane crosses where more than 5 % of twenty pairs of orders or more overtook.
    """
    received = lines["is_received"].to_numpy()
    lane, lanes = codes(lines, LANE)
    source, sources = codes(lines, SOURCE)
    in_lane, in_source = _group_of(arcs, lanes), _group_of(arcs, sources)
    laws = [*_lateness(lines, lane, lanes.height, as_of), *_lateness(lines, source, sources.height, as_of), None]
    enough_lane, enough_source = (
        np.append(np.bincount(group, weights=received, minlength=count) >= LEAST_RECEIPTS, False)
        for group, count in ((lane, lanes.height), (source, sources.height))
    )
    law = np.where(enough_source[in_source], lanes.height + in_source, len(laws) - 1)
    law = np.where(enough_lane[in_lane], in_lane, law)
    came = lines.filter("is_received")
    ratio = (came["received_qty"] / came["ordered_qty"]).fill_nan(1.0).fill_null(1.0).to_numpy()
    share = delivered_share(ratio, came["weight"].to_numpy(), source[received], sources.height)
    return pl.DataFrame(
        {
            "delivered_share": np.append(share, 1.0)[in_source],
            "lateness_from_days": pl.Series([one and one[0] for one in laws], dtype=pl.Int32).gather(law),
            "lateness_pmf": pl.Series([one and one[1] for one in laws], dtype=pl.List(pl.Float64)).gather(law),
            "is_crossing": np.append(_crosses(came, lane[received], lanes.height), False)[in_lane],
        }
    )


def _group_of(arcs: pl.DataFrame, keys: pl.DataFrame) -> Ints:
    """Number of the lane or source of each arc, -1 where it has no lines."""
    numbered = keys.with_row_index("group")
    group = arcs.join(numbered, on=keys.columns, how="left", maintain_order="left")["group"]
    return group.cast(pl.Int64).fill_null(-1).to_numpy()


def _lateness(lines: pl.DataFrame, group: Ints, count: int, as_of: date) -> list[tuple[int, list[float]] | None]:
    """First day and law of lateness of each group; None without receipts. Orders that never arrive are left out."""
    due = (pl.col("due_date") - pl.col("order_date")).dt.total_days()
    aged = (pl.lit(as_of) - pl.col("due_date")).dt.total_days()
    late = lines.select(pl.when("is_received").then((pl.col("delay_days") - due).round(0)).otherwise(aged))
    place = late.to_series().clip(EARLIEST_DAYS, LATEST_DAYS).cast(pl.Int64).to_numpy() - EARLIEST_DAYS
    received, never = lines["is_received"].to_numpy(), lines["is_never"].to_numpy()
    weight, support = lines["weight"].to_numpy(), LATEST_DAYS - EARLIEST_DAYS + 1
    arrived = counts_by_group(place, weight * received, group, count, support)
    still_open = counts_by_group(place, weight * (~received & ~never), group, count, support)
    return [_trimmed(law) for law in kaplan_meier_pmf(arrived, still_open)]


def _trimmed(law: Floats) -> tuple[int, list[float]] | None:
    positive = np.flatnonzero(np.nan_to_num(law) > 1e-12)
    if positive.size == 0:
        return None
    return int(positive[0]) + EARLIEST_DAYS, law[positive[0] : positive[-1] + 1].tolist()


def _crosses(came: pl.DataFrame, lane: Ints, count: int) -> Bools:
    """Lanes [G] whose later orders arrived before earlier ones in more than 5 % of their pairs."""
    ordered = came["order_date"].to_physical().cast(pl.Int64).to_numpy()
    arrived = ordered + came["delay_days"].round(0).cast(pl.Int64).to_numpy()
    by = np.lexsort((arrived, ordered, lane))
    share = np.nan_to_num(crossing_share(ordered[by], arrived[by], lane[by], count))
    return (share > CROSSING_ABOVE) & (np.bincount(lane, minlength=count) > LEAST_PAIRS)
