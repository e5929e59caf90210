"""Season indices of nodes over buckets and weeks, read from plan.season."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.panel import Floats, Ints, codes

GROUP = ["category", "cluster"]
WEEKS, WEEKDAYS = 53, 7


@dataclass(frozen=True)
class SeasonIndex:
    """Week and weekday indices of every node's group; 1 where the season table has none."""

    group: Ints  # [N]
    week: Floats  # [G, 53]
    weekday: Floats  # [G, 7], sum 7
    is_daily: bool

    def of_buckets(self, bucket: pl.DataFrame, group: Ints | None = None) -> Floats:
        """Index of each node in each bucket [N, buckets]: week index, times weekday index where a bucket is a day."""
        position = bucket["season_week"].to_numpy().astype(np.int64) - 1
        index = self.week[:, position]
        if self.is_daily:
            index = index * self.weekday[:, bucket["bucket_start"].dt.weekday().to_numpy().astype(np.int64) - 1]
        return np.ascontiguousarray(index[self.group if group is None else group])

    def of_weeks(self, bucket: pl.DataFrame, first: int, last: int) -> Floats:
        """Week index of each node in weeks first..last [N, last - first + 1]; weeks beyond the calendar repeat."""
        weeks = bucket.group_by("week_index").agg(pl.col("season_week").first()).sort("week_index")
        known = dict(zip(weeks["week_index"].to_list(), weeks["season_week"].to_list(), strict=True))
        position = np.array([_season_week(known, week) for week in range(first, last + 1)], dtype=np.int64) - 1
        return self.week[:, position][self.group]


def _season_week(known: dict[int, int], week: int) -> int:
    if week in known:
        return known[week]
    nearest = min(known, key=lambda other: abs(other - week), default=week)
    return (known.get(nearest, 1) - 1 + week - nearest) % 52 + 1


def season_index(season: pl.DataFrame, nodes: pl.DataFrame, bucket: pl.DataFrame) -> SeasonIndex:
    """Indices for nodes (item_id, location_id, category, cluster in the order of their rows)."""
    group, groups = codes(nodes, GROUP)
    known = season.join(groups.with_row_index("group"), on=GROUP, how="inner")
    week, weekday = np.ones((groups.height, WEEKS)), np.ones((groups.height, WEEKDAYS))
    for kind, table in (("week", week), ("weekday", weekday)):
        rows = known.filter(pl.col("position_kind") == kind)
        table[rows["group"].to_numpy(), rows["position"].to_numpy() - 1] = rows["index_rate"].to_numpy()
    return SeasonIndex(group, week, weekday, is_daily=bucket_days(bucket) == 1)


def first_bucket(bucket: pl.DataFrame) -> int:
    """Index of the oldest closed bucket; 0 where none is closed."""
    oldest = bucket.filter(pl.col("bucket_index") < 0)["bucket_index"].min()
    return int(oldest) if isinstance(oldest, int) else 0


def bucket_days(bucket: pl.DataFrame) -> int:
    """Length of a whole planning bucket: 1 or 7 days."""
    longest = bucket["bucket_days"].max()
    return int(longest) if isinstance(longest, int) else 1
