"""The count list: where a count pays, in money."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from replenish.steps.propose.evidence import ghost_worth
from replenish.steps.propose.frames import finish
from replenish.tables.proposal import CountList

COUNT_COST = 1.0  # money of one count: a minute's work
_ERROR_VARIANCE_PER_UNIT = 0.002  # growth of the record's error variance per unit moved
_MOVED_DAYS = 365.0  # no count is known to this step: a year of movements
_HALF_UNIT = 0.5


def count_list(nodes: pl.DataFrame) -> pl.DataFrame:
    """Ghosts, negative and empty records whose count is worth more than it costs, most money first.

    value = P(ghost) * daily margin * days to correction + P(error) * unit cost * E|error| - cost of a count. Nodes
    carry daily_qty and correction_days. On a tie empty shelves, quickly counted, come first.
    """
    negative, ghost = pl.col("is_negative").fill_null(False), pl.col("is_ghost").fill_null(False)
    empty = (pl.col("recorded_on_hand_qty") == 0) & (pl.col("daily_qty") > 0)
    reason = pl.when(negative).then(pl.lit("negative_stock")).when(ghost).then(pl.lit("ghost_stock"))
    reason = reason.when(empty).then(pl.lit("zero_stock"))
    found = nodes.with_columns(reason=reason).filter(pl.col("reason").is_not_null())
    found = found.with_columns(pl.col("ghost_probability").fill_null(0.0), ghost_value=ghost_worth())
    known_wrong = found["is_negative"].fill_null(False).to_numpy()
    probability, size = _record_error(found, known_wrong)
    value = count_value(found["ghost_value"].to_numpy(), probability, found["unit_cost"].to_numpy(), size, COUNT_COST)
    found = found.with_columns(pl.Series("value", value)).filter(pl.col("value") > 0)
    order = [pl.col("value").round(6), pl.col("reason") == "zero_stock", pl.col("item_id"), pl.col("location_id")]
    found = found.sort(order, descending=[True, True, False, False])
    return finish(CountList, found.with_columns(rank=pl.int_range(1, pl.len() + 1)))


def count_value(
    ghost_value: NDArray[np.float64],
    error_probability: NDArray[np.float64],
    unit_cost: NDArray[np.float64],
    error_qty: NDArray[np.float64],
    count_cost: float,
) -> NDArray[np.float64]:
    """Money a count saves: of an empty shelf, plus P(error) * unit cost * E|error|, less what the count costs."""
    return ghost_value + error_probability * unit_cost * error_qty - count_cost


def _record_error(
    found: pl.DataFrame, known_wrong: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P(|error| > half a unit) and E|error| under a normal error; below zero the books are wrong for certain."""
    moved = found["daily_qty"].fill_null(0.0).to_numpy() * _MOVED_DAYS
    sd = np.sqrt(_ERROR_VARIANCE_PER_UNIT * moved)
    probability = np.where(sd > 0, 2.0 * ndtr(-_HALF_UNIT / np.where(sd > 0, sd, 1.0)), 0.0)
    size = sd * np.sqrt(2.0 / np.pi)
    seen = found["recorded_on_hand_qty"].fill_null(0.0).abs().to_numpy()
    return np.where(known_wrong, 1.0, probability), np.where(known_wrong, np.maximum(seen, size), size)
