"""When, and whether, does supply arrive?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.lead_time import (
    LANE_PRIOR,
    LOST_AFTER,
    counts_by_group,
    half_life_weight,
    kaplan_meier_pmf,
    moments,
    shrunk_pmf,
    shrunk_share,
)
from replenish.steps.deliveries import LANE, SOURCE, promises_kept
from replenish.steps.panel import Floats, Ints, codes
from replenish.tables.core import Arc, ReceiptLine
from replenish.tables.plan import LeadTime

LEAST_RECEIPTS = 5  # with fewer, a master value is believed instead
LONGEST_DAYS = 400  # a delay beyond this is kept as this


def learn_lead_time(
    receipt_line: dy.DataFrame[ReceiptLine], arc: dy.DataFrame[Arc], *, as_of: date
) -> dy.DataFrame[LeadTime]:
    """Give every node the law of calendar days from order to receipt over the arc in use.

    From the node's own receipts, shrunk to its lane (kind, source, location); from the source's lanes together where
    the lane has too few and no master value of the item's sourcing stands; else the master value as a point.
    Lines that are open longer than three lead times are not coming: they make up `never_share` and leave the law of
    those that do. Beside it stands how the lane keeps its dates and quantities. What passes its need on has none.
    """
    arcs = arc.filter((pl.col("arc_rank") == 1) & (pl.col("kind") != "pass")).sort("item_id", "location_id")
    lines = _lines(receipt_line, arcs, as_of)
    lane = _Laws.learn(lines, codes(lines, LANE), LANE)
    source = _Laws.learn(lines, codes(lines, SOURCE), SOURCE)
    return _table(arcs, lines, lane, source, promises_kept(lines, arcs, as_of))


def _lines(receipt_line: pl.DataFrame, arcs: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Receipt lines with their weight and whether they never arrive, judged by three times the usual delay."""
    usual = receipt_line.filter("is_received").group_by(LANE).agg(usual=pl.col("delay_days").median())
    master = arcs.select(*LANE, "lead_time_days").group_by(LANE).agg(master=pl.col("lead_time_days").max())
    lines = receipt_line.join(usual, on=LANE, how="left", maintain_order="left")
    lines = lines.join(master, on=LANE, how="left", maintain_order="left")
    limit = LOST_AFTER * pl.max_horizontal("usual", "master", pl.lit(1.0))
    seen = (pl.lit(as_of) - pl.col("order_date")).dt.total_days() - pl.col("delay_days")
    return lines.with_columns(
        is_never=~pl.col("is_received") & (pl.col("delay_days") > limit),
        weight=pl.Series(half_life_weight(lines.select(seen).to_series().to_numpy())),
        delay=pl.col("delay_days").round(0).clip(0, LONGEST_DAYS).cast(pl.Int64),
    )


@dataclass(frozen=True)
class _Laws:
    """Lead-time laws of groups of lines: lanes, or all lanes of a source."""

    keys: pl.DataFrame
    line: Ints  # group of each line
    pmf: Floats  # [G, S], NaN without receipts
    receipts: Ints
    observations: Ints
    never_share: Floats

    @classmethod
    def learn(cls, lines: pl.DataFrame, grouped: tuple[Ints, pl.DataFrame], columns: list[str]) -> _Laws:
        line, keys = grouped
        support = int(lines["delay"].to_numpy().max(initial=0)) + 1
        received, never = lines["is_received"].to_numpy(), lines["is_never"].to_numpy()
        weight, delay = lines["weight"].to_numpy(), lines["delay"].to_numpy()
        arrived = counts_by_group(delay, weight * received, line, keys.height, support)
        still_open = counts_by_group(delay, weight * (~received & ~never), line, keys.height, support)
        lost, total = sums(line, weight * never, keys.height), sums(line, weight * (received | never), keys.height)
        overall = float(lost.sum() / total.sum()) if total.sum() > 0 else 0.0
        return cls(
            keys=keys.select(columns),
            line=line,
            pmf=kaplan_meier_pmf(arrived, still_open),
            receipts=np.bincount(line, weights=received, minlength=keys.height).astype(np.int64),
            observations=np.bincount(line, minlength=keys.height).astype(np.int64),
            never_share=shrunk_share(lost, total, overall, LANE_PRIOR),
        )

    def of(self, arcs: pl.DataFrame) -> Ints:
        """Group of each arc, -1 where it has no lines."""
        numbered = self.keys.with_row_index("group")
        group = arcs.join(numbered, on=self.keys.columns, how="left", maintain_order="left")["group"]
        return group.cast(pl.Int64).fill_null(-1).to_numpy()

    def enough(self, group: Ints) -> np.ndarray:
        """Whether a group's receipts outweigh a master value."""
        known = np.append(self.receipts, 0)
        return known[group] >= LEAST_RECEIPTS


def _own_counts(arcs: pl.DataFrame, lines: pl.DataFrame, support: int) -> tuple[Ints, Floats]:
    """Arcs with receipts of their own, and their weighted counts by delay."""
    key = ["item_id", *LANE]
    numbered = arcs.select(key).with_row_index("arc")
    mine = lines.filter("is_received").join(numbered, on=key, how="inner", maintain_order="left")
    place, arcs_seen = np.unique(mine["arc"].cast(pl.Int64).to_numpy(), return_inverse=True)
    return place, counts_by_group(mine["delay"].to_numpy(), mine["weight"].to_numpy(), arcs_seen, place.size, support)


def _table(
    arcs: pl.DataFrame, lines: pl.DataFrame, lane: _Laws, source: _Laws, kept: pl.DataFrame
) -> dy.DataFrame[LeadTime]:
    in_lane, in_source = lane.of(arcs), source.of(arcs)
    has_master = (arcs["lead_time_source"] == "sourcing").to_numpy()
    by_lane = lane.enough(in_lane)
    by_source = ~by_lane & ~has_master & source.enough(in_source)
    learned = by_lane | by_source
    laws, law_of = _laws(arcs, lines, lane, source, in_lane, in_source, by_lane, by_source)
    mean, variance = moments(laws)
    days = arcs["lead_time_days"].to_numpy()
    observations = np.where(
        by_source, np.append(source.observations, 0)[in_source], np.append(lane.observations, 0)[in_lane]
    )
    never = np.where(in_lane >= 0, np.append(lane.never_share, 0.0)[in_lane], 0.0)
    master_source = arcs["lead_time_source"].to_numpy()
    out = arcs.select("item_id", "location_id", "source_id", "kind").with_columns(
        *kept,
        lead_time_days=pl.Series(np.where(learned, mean[law_of], days)),
        lead_time_sd_days=pl.Series(np.where(learned, np.sqrt(variance[law_of]), 0.0)),
        lead_time_pmf=_pmf_lists(laws, law_of, learned, days),
        observation_count=pl.Series(observations),
        never_share=pl.Series(np.clip(never, 0.0, 1.0)),
        source=pl.Series(np.where(learned, "receipts", master_source), dtype=pl.String),
        is_default=pl.Series(~learned & (master_source != "sourcing")),
    )
    return LeadTime.cast(out.select(LeadTime.column_names()))


def _laws(
    arcs: pl.DataFrame, lines: pl.DataFrame, lane: _Laws, source: _Laws, in_lane: Ints, in_source: Ints,
    by_lane: np.ndarray, by_source: np.ndarray,
) -> tuple[Floats, Ints]:  # fmt: skip
    """Distinct laws (lanes, then sources, then arcs with receipts of their own) and which of them each arc follows."""
    support = lane.pmf.shape[1]
    own, counts = _own_counts(arcs, lines, support)
    own, counts = own[by_lane[own]], counts[by_lane[own]]
    shrunk = shrunk_pmf(counts, lane.pmf[in_lane[own]]) if own.size else np.empty((0, support))
    law_of = np.zeros(arcs.height, dtype=np.int64)
    law_of[by_lane] = in_lane[by_lane]
    law_of[by_source] = lane.pmf.shape[0] + in_source[by_source]
    law_of[own] = lane.pmf.shape[0] + source.pmf.shape[0] + np.arange(own.size)
    blank = np.full((1, support), np.nan)  # so that there is always a row to point at
    return np.concatenate([lane.pmf, source.pmf, shrunk, blank]), law_of


def _pmf_lists(laws: Floats, law_of: Ints, learned: np.ndarray, days: Floats) -> pl.Series:
    """The law of each arc as a list without trailing zeros; a point mass where a master value stands."""
    points = np.unique(np.ceil(days[~learned]).astype(np.int64))
    as_lists = [_trimmed(law) for law in laws] + [[0.0] * int(day) + [1.0] for day in points]
    number = np.where(learned, law_of, len(laws) + np.searchsorted(points, np.ceil(days).astype(np.int64)))
    return pl.Series(as_lists, dtype=pl.List(pl.Float64)).gather(number)


def _trimmed(law: Floats) -> list[float]:
    positive = np.flatnonzero(np.nan_to_num(law) > 1e-12)
    return law[: positive[-1] + 1].tolist() if positive.size else []
