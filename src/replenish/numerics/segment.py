"""What kind of demand, what value: labels for reports and model gates; they never set a service target.

Sources: Syntetos, Boylan & Croston (2005), JORS 56; Kostenko & Hyndman (2006), JORS 57.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.str_]

ADI_CUT, CV2_CUT = 1.32, 0.49


def interval_and_variation(demand_qty: Floats) -> tuple[Floats, Floats]:
    """Average demand interval (buckets per bucket with demand) and CV2 of non-zero sizes, per node of demand [N, T].

    NaN cells are left out; a node without demand gets NaN. Example: 0 0 3 0 4 0 0 2 gives 8/3 and 0.0741.
    """
    hit = demand_qty > 0
    count = hit.sum(axis=1)
    buckets = (~np.isnan(demand_qty)).sum(axis=1)
    some = count > 0
    divisor = np.maximum(count, 1)
    mean = np.where(hit, demand_qty, 0.0).sum(axis=1) / divisor
    spread = np.where(hit, (demand_qty - mean[:, None]) ** 2, 0.0).sum(axis=1) / divisor
    adi = np.where(some, buckets / divisor, np.nan)
    cv2 = np.where(some, spread / np.where(some, mean, 1.0) ** 2, np.nan)
    return adi, cv2


def demand_class(adi: Floats, cv2: Floats) -> Labels:
    """Name the demand of each node: smooth, erratic, intermittent, lumpy, or no_demand where ADI is NaN."""
    steady = np.where(cv2 < CV2_CUT, "smooth", "erratic")
    sparse = np.where(cv2 < CV2_CUT, "intermittent", "lumpy")
    return np.where(np.isnan(adi), "no_demand", np.where(adi < ADI_CUT, steady, sparse))


def abc_class(value: Floats, cuts: tuple[float, float] = (0.80, 0.95)) -> Labels:
    """A, B or C by the share of total value that stands before the item; equal values keep their given order."""
    ranked = np.argsort(-np.nan_to_num(value), kind="stable")
    sorted_value = np.maximum(np.nan_to_num(value[ranked]), 0.0)
    total = sorted_value.sum()
    # rounded so that a share that is 0.80 on paper is 0.80 here, whatever the order of the additions
    before = np.round((np.cumsum(sorted_value) - sorted_value) / (total if total > 0 else 1.0), 12)
    label = np.where(before < cuts[0], "A", np.where(before < cuts[1], "B", "C"))
    out = np.empty(value.size, dtype="<U1")
    out[ranked] = label if total > 0 else "C"
    return out


def xyz_class(
    demand_qty: Floats, season_index: Floats, cuts: tuple[float, float] = (0.5, 1.0)
) -> tuple[Floats, Labels]:
    """Coefficient of variation of deseasonalised demand [N, T] and its class: X steady, Y variable, Z erratic.

    A node without demand has no coefficient (NaN) and is Z.
    """
    flat = np.where(season_index > 0, demand_qty / np.where(season_index > 0, season_index, 1.0), np.nan)
    there = ~np.isnan(flat)
    count = np.maximum(there.sum(axis=1), 1)
    mean = np.where(there, flat, 0.0).sum(axis=1) / count
    spread = np.where(there, (flat - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
    cv = np.where(mean > 0, np.sqrt(spread) / np.where(mean > 0, mean, 1.0), np.nan)
    return cv, np.where(cv < cuts[0], "X", np.where(cv < cuts[1], "Y", "Z"))
