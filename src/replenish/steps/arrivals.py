"""When each open order line arrives: from its due date and how late its lane is, else from its age."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.lead_time import in_order_laws, residual_pmf, residual_share
from replenish.steps.network import Network
from replenish.steps.panel import Floats, Ints

_LEAST_LEFT = 1e-9  # of a law below which it has nothing to say


def arrival_laws(network: Network, lines: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Expected days from tonight [K], cumulative law in open buckets [K, width], and the chance to come at all [K].

    `lines` carry the `row` of a node.

    A line comes by its due date plus the lateness of its lane, given that it has not come yet. Where the lane has no
    law of lateness, one not yet due comes on its date, an overdue one by P(L = l | L > age). What is missing at the end
    of a law never arrives. Lines of one source reach a node in the order of their due dates, unless its lane crosses.
    """
    gap = (lines["due_date"] - network.calendar.tonight).dt.total_days().cast(pl.Float64).to_numpy()
    days, law, comes = np.maximum(gap, 0.0), _points(network, gap), np.ones(len(gap))
    late = np.flatnonzero(gap < 0)
    days[late], law[late], comes[late] = _by_age(network, lines[late])
    told, *later = _by_lateness(network, lines, gap)
    days[told], law[told], comes[told] = later
    return days, _in_order(network, lines, law), comes


def delivered_shares(network: Network, lines: pl.DataFrame) -> Floats:
    """Share of its open quantity that each line brings when it comes [K]: what its source taught, all where unknown."""
    of_node = network.nodes.select("source_id", "delivered_share")[lines["row"].to_numpy()]
    share = pl.when(_is_of_lane(lines, of_node)).then(of_node["delivered_share"]).fill_null(1.0)
    out: Floats = pl.select(share.fill_nan(1.0).clip(0.0, 1.0)).to_series().to_numpy()
    return out


def _is_of_lane(lines: pl.DataFrame, of_node: pl.DataFrame) -> pl.Series:
    """Lines of the source that the plan uses; one that names none is of it."""
    return (lines["source_id"].is_null() | (lines["source_id"] == of_node["source_id"])).fill_null(value=False)


def _points(network: Network, days: Floats) -> Floats:
    bucket = network.calendar.bucket_after(days)
    return (np.arange(network.width)[None, :] >= bucket[:, None]).astype(np.float64)


def _by_age(network: Network, overdue: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Expected days, law and chance to come of overdue lines by their age: P(L = l | L > age).

    A line that its lane's law has given up, or whose order date is unknown, is expected within a standard deviation.
    """
    calendar, row = network.calendar, overdue["row"].to_numpy()
    of_node = network.nodes.select("lead_time_pmf", "lead_time_sd_days", "never_share")[row]
    pmf = _dense(of_node["lead_time_pmf"])
    placed = (calendar.tonight - overdue["order_date"]).dt.total_days().cast(pl.Int64)
    age = placed.fill_null(10**6).to_numpy() - 1
    residual, lost = residual_pmf(pmf, age)
    residual[lost] = 0.0
    wait = np.maximum(np.arange(pmf.shape[1])[None, :] - age[:, None] - 1, 0)
    slack = np.ceil(of_node["lead_time_sd_days"].fill_null(0.0).to_numpy().clip(1.0))
    days = np.where(lost, slack, (residual * wait).sum(axis=1))
    chance = _chances(network, residual, wait.astype(np.float64))
    given_up = np.flatnonzero(lost & (calendar.bucket_after(slack) < network.width))
    chance[given_up, calendar.bucket_after(slack)[given_up]] = 1.0
    left = np.where(np.arange(pmf.shape[1])[None, :] > age[:, None], pmf, 0.0).sum(axis=1)
    never = of_node["never_share"].fill_null(0.0).to_numpy()
    comes = np.where(lost, 1.0 - never, residual_share(never, left))
    return days, np.cumsum(chance, axis=1) * comes[:, None], comes


def _by_lateness(network: Network, lines: pl.DataFrame, gap: Floats) -> tuple[Ints, Floats, Floats, Floats]:
    """Lines of the source in use whose lane has a law of lateness not used up: rows, days, law, chance to come."""
    names = ("source_id", "lateness_from_days", "lateness_pmf", "never_share")
    of_node = network.nodes.select(names)[lines["row"].to_numpy()]
    rows = np.flatnonzero((_is_of_lane(lines, of_node) & of_node["lateness_pmf"].is_not_null()).to_numpy())
    of_line = of_node[rows]
    pmf = _dense(of_line["lateness_pmf"])
    start = gap[rows] + of_line["lateness_from_days"].cast(pl.Float64).to_numpy()
    wait = start[:, None] + np.arange(pmf.shape[1])[None, :]
    ahead = np.where(wait >= 0, pmf, 0.0)
    left = ahead.sum(axis=1)
    told = left > _LEAST_LEFT
    rows, wait, ahead, left = rows[told], np.maximum(wait[told], 0.0), ahead[told], left[told]
    residual = ahead / left[:, None]
    comes = residual_share(of_line["never_share"].fill_null(0.0).to_numpy()[told], left)
    law = np.cumsum(_chances(network, residual, wait), axis=1) * comes[:, None]
    return rows, (residual * wait).sum(axis=1), law, comes


def _chances(network: Network, residual: Floats, wait: Floats) -> Floats:
    """Chance of arrival in each bucket [K, width] from chances and days from tonight [K, S]."""
    chance = np.zeros((residual.shape[0], network.width))
    bucket = network.calendar.bucket_after(wait)
    line, place = np.nonzero((bucket < network.width) & (residual > 0))
    np.add.at(chance, (line, bucket[line, place]), residual[line, place])
    return chance


def _in_order(network: Network, lines: pl.DataFrame, law: Floats) -> Floats:
    """Laws of lines that do not overtake others of their node and source."""
    of_node = network.nodes.select("source_id", "is_crossing")[lines["row"].to_numpy()]
    crosses = of_node["is_crossing"].fill_null(value=False) & (lines["source_id"] == of_node["source_id"])
    own = pl.Series(np.arange(lines.height))
    ordered = lines.select("row", "source_id", "due_date", "order_date", "order_id", "line_id").with_columns(
        at=own, alone=pl.when(crosses.fill_null(value=False)).then(own).otherwise(-1)
    )
    ordered = ordered.sort("row", "source_id", "alone", "due_date", "order_date", "order_id", "line_id")
    group = ordered.select(pl.struct("row", "source_id", "alone").rle_id()).to_series().cast(pl.Int64).to_numpy()
    at = ordered["at"].to_numpy()
    out = np.empty(law.shape)
    out[at] = in_order_laws(law[at], group)
    return out


def _dense(pmf: pl.Series) -> Floats:
    """Laws of different lengths as one array, zeros where there is none."""
    length = pmf.list.len().fill_null(0).cast(pl.Int64).to_numpy()
    flat = pmf.filter(pmf.list.len() > 0).explode().cast(pl.Float64).fill_null(0.0).to_numpy()
    row = np.repeat(np.arange(len(length)), length)
    column = np.arange(len(flat)) - np.repeat(np.cumsum(length) - length, length)
    out = np.zeros((len(length), max(1, int(length.max(initial=0)))))
    out[row, column] = flat
    return out
