"""Overall equipment effectiveness: of the hours planned, how many an ideal plant would have needed for what is good."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.grouping import sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Effectiveness(NamedTuple):
    """Rates of each group [G]; NaN where there is nothing to judge by."""

    availability: Floats  # hours run over hours planned
    performance: Floats  # ideal hours of the output over hours run; above 1 the ideal rate is too low
    quality: Floats  # good share of the output
    oee: Floats  # ideal hours of the good output over hours planned


def effectiveness(
    planned_hours: Floats, run_hours: Floats, good: Floats, scrap: Floats, ideal_per_hour: Floats, group: Ints,
    group_count: int,
) -> Effectiveness:  # fmt: skip
    """The three parts and their product, of log rows [K] added up by group 0..G-1, never a mean of the rows' rates.

    OEE = sum(good / ideal) / sum(planned); without planned hours it is NaN, planned but not run it is 0. Rows whose
    ideal rate is unknown (NaN or 0) count for availability alone; where no row has one, quality is that of the units.
    Nakajima (1988), Introduction to TPM.
    """
    known = np.isfinite(ideal_per_hour) & (ideal_per_hour > 0)
    ideal = np.where(known, ideal_per_hour, 1.0)

    def total(values: Floats) -> Floats:
        return sums(group, values, group_count)

    planned, run = total(planned_hours), total(run_hours)
    known_planned, known_run = total(planned_hours * known), total(run_hours * known)
    good_hours, all_hours = total(good / ideal * known), total((good + scrap) / ideal * known)
    by_units = _ratio(total(good), total(good + scrap))
    has_known = total(known.astype(np.float64)) > 0
    return Effectiveness(
        availability=_ratio(run, planned),
        performance=_ratio(all_hours, known_run),
        quality=np.where(run > 0, np.where(has_known, _ratio(good_hours, all_hours), by_units), np.nan),
        oee=np.where(run > 0, _ratio(good_hours, known_planned), np.where(planned > 0, 0.0, np.nan)),
    )


def _ratio(part: Floats, whole: Floats) -> Floats:
    out: Floats = np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)
    return out
