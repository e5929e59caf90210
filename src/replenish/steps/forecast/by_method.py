"""Some nodes forecast again, on tonight's history, by the method of another night."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from replenish.steps.forecast.forecast import forecast
from replenish.steps.panel import KEY

if TYPE_CHECKING:
    from replenish.steps.compare.nights import Method


def forecast_by(
    nodes: pl.DataFrame,
    method: Method,
    lead_time: pl.DataFrame,
    *,
    history: Sequence[pl.DataFrame],
    network: Sequence[pl.DataFrame],
    window_weeks: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """plan.forecast and plan.parameter of `nodes` (item_id, location_id) alone.

    `history` is plan.baseline, member, availability, event_uplift and core.event_bucket; `network` is core.arc, node
    and bucket. What is learned from other nodes comes with the `method`; new items see only these as analogues.
    """
    baseline, member, availability, uplift, event = (_of(frame, nodes) for frame in history)
    arc, node, bucket = network
    reads = (baseline, member, method.score, method.season, _of(method.segment, nodes), availability, uplift)
    laws = (method.error_law, _of(method.error_factor, nodes), method.calibration, lead_time)
    told: tuple[pl.DataFrame, ...] = (*reads, *laws, _of(arc, nodes), event, _of(node, nodes), bucket)
    return forecast(*told, window_weeks=window_weeks)  # type: ignore[arg-type]  # parts of typed tables lose the type


def _of(frame: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    return frame.join(nodes, on=KEY, how="semi", maintain_order="left")
