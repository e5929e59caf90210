"""The planned nodes and who supplies whom, as arrays: the common ground of target, order, allocate and project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from replenish.numerics.network import days_to_buckets
from replenish.steps.edges import FOREVER, Edges, edges_of
from replenish.steps.panel import KEY, Bools, Floats, Ints, panel
from replenish.steps.protection import DEFAULT_LEAD_DAYS, DEFAULT_REVIEW_DAYS

# The last per cent of a lead-time law is added to what comes before: one ancient delay must not lengthen every path.
_LAW_KEPT = 0.99
# Planning looks at two coverage windows after arrival, whatever the curve does.
_KEPT = ("delivered_share", "lateness_from_days", "lateness_pmf", "is_crossing")  # promises of the lane
LEAST_WINDOWS = 2


@dataclass(frozen=True)
class Calendar:
    """The open buckets."""

    starts: tuple[date, ...]
    ends: tuple[date, ...]
    bucket_days: int

    @property
    def horizon(self) -> int:
        """How many there are."""
        return len(self.starts)

    @property
    def tonight(self) -> date:
        """First day that can still be planned."""
        return self.starts[0]

    def bucket_after(self, days: Floats) -> Ints:
        """Bucket that holds the day this many days from tonight: 0 for the past, -1 for none (NaN).

        Beyond the horizon it counts on in whole buckets.
        """
        starts = np.array([(start - self.tonight).days for start in self.starts])
        length = (self.ends[-1] - self.tonight).days + 1
        inside = np.maximum(np.searchsorted(starts, days, side="right") - 1, 0)
        beyond = self.horizon + np.floor((np.nan_to_num(days) - length) / self.bucket_days).astype(np.int64)
        return np.where(np.isnan(days), -1, np.where(days >= length, beyond, inside))

    def first_begun(self, dates: pl.Series) -> Ints:
        """First bucket that begins on each date or later; beyond the horizon as if whole buckets went on."""
        days = (dates - self.tonight).dt.total_days().cast(pl.Float64).fill_null(0.0).to_numpy()
        starts = np.array([(start - self.tonight).days for start in self.starts])
        beyond = np.ceil((days - (self.ends[-1] - self.tonight).days - 1) / self.bucket_days).astype(np.int64)
        return np.searchsorted(starts, days) + np.maximum(beyond, 0)

    def bucket_of(self, dates: pl.Series) -> Ints:
        """Bucket that holds each date, as `bucket_after`."""
        return self.bucket_after((dates - self.tonight).dt.total_days().cast(pl.Float64).fill_null(np.nan).to_numpy())

    def dates_of(self, bucket: Ints) -> tuple[pl.Series, pl.Series]:
        """First and last day of each bucket inside the horizon."""
        starts, ends = pl.Series(self.starts, dtype=pl.Date), pl.Series(self.ends, dtype=pl.Date)
        return starts.gather(bucket), ends.gather(bucket)


@dataclass(frozen=True)
class Network:
    """Planned nodes, customer-facing ones first: one row of `nodes` an entry of every array."""

    nodes: pl.DataFrame  # core.node with its arc in use (source_id empty without one) and its lead time
    calendar: Calendar
    edges: Edges
    bill_gaps: Ints  # gaps x 3: row of a made node, first bucket without a bill, bucket in which the next begins
    lead: Ints
    review: Ints  # from tonight's order chance to the next
    window: Ints  # nodes x windows: each lasts from the arrival of one order to the arrival of the next
    usual_review: Ints  # without the holidays of the next weeks
    lead_law: Floats  # cumulative, in buckets
    longest: Ints  # longest lead time of each law
    width: int  # buckets the arrays hold: the horizon, or more where lead times reach beyond it

    @property
    def count(self) -> int:
        """Planned nodes."""
        return self.nodes.height

    @property
    def level(self) -> Ints:
        """Level of each node, ascending."""
        return self.nodes["level"].cast(pl.Int64).to_numpy()

    def column(self, name: str, empty: float = np.nan) -> Floats:
        """A column of `nodes` as numbers."""
        return self.nodes[name].cast(pl.Float64).fill_null(empty).to_numpy().copy()

    def rows_of(self, frame: pl.DataFrame) -> Ints:
        """Row of each record's node, -1 where the node is not planned."""
        numbered = self.nodes.select(*KEY, row=pl.int_range(pl.len()))
        found = frame.select(KEY).join(numbered, on=KEY, how="left", maintain_order="left")["row"]
        return found.fill_null(-1).cast(pl.Int64).to_numpy()

    def grid(self, frame: pl.DataFrame, *columns: str) -> list[Floats]:
        """Columns of a table sorted by node and bucket as nodes x open buckets; 0 where it has no row."""
        laid = panel(frame, self.nodes, last=self.calendar.horizon - 1)
        grids = []
        for name in columns:
            out = np.zeros((self.count, self.calendar.horizon))
            values = frame[name].to_numpy()
            out[laid.row, laid.column + laid.first] = values if laid.kept is None else values[laid.kept]
            grids.append(out)
        return grids

    def matched(self, frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        """Columns of a table with one row a node, in the order of `nodes`; empty where it has none."""
        return self.nodes.select(KEY).join(frame.select(*KEY, *columns), on=KEY, how="left", maintain_order="left")


def calendar_of(bucket: pl.DataFrame) -> Calendar:
    """The open buckets of core.bucket; raises ValueError where there is none."""
    ahead = bucket.filter(pl.col("bucket_index") >= 0).sort("bucket_index")
    if ahead.is_empty():
        raise ValueError("core.bucket holds no open bucket: nothing can be planned")
    longest = int(ahead.select(pl.col("bucket_days").max()).item())
    return Calendar(tuple(ahead["bucket_start"]), tuple(ahead["bucket_end"]), longest)


def network_of(
    node: pl.DataFrame,
    arc: pl.DataFrame,
    lead_time: pl.DataFrame,
    bom_line: pl.DataFrame,
    bucket: pl.DataFrame,
    windows: int = LEAST_WINDOWS,
) -> Network:
    """Arrange everything that is planned: nodes outside cycles, by level, item and location."""
    calendar = calendar_of(bucket)
    in_use = (
        arc.filter(pl.col("arc_rank") == 1)
        .drop("arc_rank")
        .rename({"lead_time_days": "master_days", "unit_cost": "arc_cost"})
    )
    known = lead_time.select(*KEY, "lead_time_days", "lead_time_sd_days", "lead_time_pmf", "never_share", *_KEPT)
    nodes = (
        node.filter(~pl.col("is_cyclic"))
        .sort("level", *KEY)
        .join(in_use, on=KEY, how="left", maintain_order="left")
        .join(known, on=KEY, how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("lead_time_days", "master_days", pl.lit(DEFAULT_LEAD_DAYS)).alias("lead_time_days"),
            pl.col("review_days").fill_null(DEFAULT_REVIEW_DAYS),
            pl.col("min_qty", "multiple_qty", "order_cost", "wait_days").fill_null(0.0),
        )
    )
    lead = days_to_buckets((nodes["lead_time_days"] + nodes["wait_days"]).to_numpy(), calendar.bucket_days)
    window, usual = _windows(nodes, max(windows, LEAST_WINDOWS), calendar.bucket_days)
    law = _lead_law(nodes["lead_time_pmf"], nodes["wait_days"], lead, calendar.bucket_days)
    longest = np.argmax(law >= 1.0, axis=1)
    reach = max(calendar.horizon, int((np.maximum(lead, longest) + window.sum(axis=1)).max(initial=0)))
    dated = _by_bucket(bom_line, calendar)
    edges, gaps = edges_of(nodes, dated), _bill_gaps(nodes, dated)
    return Network(nodes, calendar, edges, gaps, lead, window[:, 0].copy(), window, usual, law, longest, reach)


def _windows(nodes: pl.DataFrame, count: int, bucket_days: int) -> tuple[Ints, Ints]:
    """Buckets of the next coverage windows of each node, and of a usual one.

    The slots of the source give each window its length; beyond those that are known the usual gap goes on.
    """
    gaps = nodes["slot_gap_days"]
    usual_days = pl.select(pl.coalesce(gaps.list.median(), nodes["review_days"])).to_series().to_numpy()
    days = np.repeat(usual_days[:, None], count, axis=1)
    days[:, 0] = nodes["review_days"].to_numpy()
    for h in range(count):
        known = gaps.list.get(h, null_on_oob=True).to_numpy()
        days[:, h] = np.where(np.isnan(known), days[:, h], known)
    edge = days_to_buckets(np.cumsum(days, axis=1), bucket_days)
    window = np.maximum(np.diff(edge, axis=1, prepend=0), 1)
    return window, days_to_buckets(usual_days, bucket_days, least=1)


def _lead_law(pmf: pl.Series, wait: pl.Series, lead: Ints, bucket_days: int) -> Floats:
    """Cumulative law of each node's arrival in buckets, the wait for its order day included.

    A point at the planned lead time where no law is known.
    """
    length = pmf.list.len().fill_null(0).cast(pl.Int64).to_numpy()
    flat = pmf.filter(pmf.list.len() > 0).explode().cast(pl.Float64).fill_null(0.0).to_numpy()
    row = np.repeat(np.arange(len(length)), length)
    day = np.arange(len(flat)) - np.repeat(np.cumsum(length) - length, length) + wait.to_numpy()[row]
    bucket = days_to_buckets(day, bucket_days)
    wide = int(max(bucket.max(initial=0), lead.max(initial=0))) + 1
    law = np.zeros((len(lead), wide))
    np.add.at(law, (row, bucket), flat)
    total = law.sum(axis=1)
    known = total > 0
    law[known] /= total[known, None]
    law[~known, lead[~known]] = 1.0
    law = np.cumsum(law, axis=1)
    law[law >= _LAW_KEPT] = 1.0
    last = int(np.argmax(law >= 1.0, axis=1).max(initial=0))
    return np.ascontiguousarray(law[:, : last + 1])


def _by_bucket(bom_line: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Lines with the first bucket in which each holds and the first in which it does no longer.

    A line holds in the buckets that begin within its days; what only holds between two beginnings holds in none.
    """
    after = bom_line["last_date"].dt.offset_by("1d")
    return bom_line.with_columns(
        first=pl.Series(calendar.first_begun(bom_line["first_date"]), dtype=pl.Int64),
        last=pl.Series(np.where(after.is_null(), FOREVER, calendar.first_begun(after)), dtype=pl.Int64),
    )


def _bill_gaps(nodes: pl.DataFrame, bom_line: pl.DataFrame) -> Ints:
    """Buckets in which made nodes wait for a bill: rows of node, first such bucket, bucket in which one begins."""
    plant = ["parent_item_id", "location_id"]
    reach = pl.col("last").cum_max().shift(1).fill_null(0).over(plant)
    gaps = bom_line.sort(*plant, "first").with_columns(reach=reach).filter(pl.col("first") > pl.col("reach"))
    gaps = gaps.select("reach", "first", item_id="parent_item_id", source_id="location_id")
    made = nodes.select("item_id", "source_id", "kind", row=pl.int_range(pl.len())).filter(pl.col("kind") == "make")
    found = made.join(gaps, on=["item_id", "source_id"], how="inner").select("row", "reach", "first")
    return found.sort("row", "reach").cast(pl.Int64).to_numpy()


def window_sums(mean: Floats, start: Ints, length: Ints) -> Floats:
    """Sum of each row over `length` buckets from `start`; beyond the array as on the row's average."""
    width = mean.shape[1]
    total = np.concatenate([np.zeros((len(mean), 1)), np.cumsum(mean, axis=1)], axis=1)
    rows = np.arange(len(mean))
    first, last = np.minimum(start, width), np.minimum(start + length, width)
    beyond = np.maximum(0, start + length - np.maximum(start, width))
    found: Floats = total[rows, last] - total[rows, first] + beyond * mean.mean(axis=1)
    return found


def extended(grid: Floats, width: int, buckets_of_level: int) -> Floats:
    """The array with more buckets: each row goes on at the mean of its last `buckets_of_level` ones."""
    missing = width - grid.shape[1]
    if missing <= 0:
        return grid
    tail = grid[:, -buckets_of_level:].mean(axis=1, keepdims=True)
    return np.concatenate([grid, np.repeat(tail, missing, axis=1)], axis=1)


def least_at_arrival(network: Network, review_qty: Floats) -> Floats:
    """Stock a node should have when an order arrives: its minimum stock, at vendor-managed locations beyond the mean
    demand of a review, so that it is still there when the next order arrives.
    """
    least = network.column("min_stock_qty", 0.0)
    managed = (network.nodes["location_kind"] == "vmi").to_numpy() & (least > 0)
    ceiling = np.maximum(network.column("max_stock_qty", np.inf), least)
    return np.where(managed, np.minimum(least + review_qty, ceiling), least)


def only_components(network: Network) -> Bools:
    """Nodes that only production asks for: components without demand of their own that no location is supplied from."""
    component = network.nodes["is_component"].to_numpy() & ~network.nodes["has_demand"].to_numpy()
    found: Bools = component & ~supplies(network)
    return found


def passes_on(network: Network) -> Bools:
    """Nodes that are used up and never ordered: what is needed beyond their stock is a need of their sources."""
    return (network.nodes["kind"] == "pass").fill_null(value=False).to_numpy()


def supplies(network: Network) -> Bools:
    """Nodes that other locations are supplied from."""
    moved = np.zeros(network.count, dtype=bool)
    is_move = (network.nodes["kind"] == "move").fill_null(value=False).to_numpy()
    moved[network.edges.source[is_move[network.edges.dependant]]] = True
    return moved


def day_after(start: date, days: Floats) -> pl.Series:
    """Dates that many whole days after `start` (rounded up); empty where the days are not known (NaN)."""
    whole = pl.DataFrame({"days": pl.Series(np.ceil(days - 1e-9)).fill_nan(None).cast(pl.Int64)})
    return whole.select(pl.lit(start) + pl.duration(days="days")).to_series()
