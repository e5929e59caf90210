"""What an event does to demand: uplift per kind, shrunk from the node's own events towards its group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UPLIFT_MIN, UPLIFT_MAX = 0.1, 20.0
PRIOR_EVENTS = 4.0  # the pooled uplift counts as this many events of the node's own
LEAST_DEMAND = 0.1  # an event that sold nothing still has a logarithm


def log_uplift(event_qty: Floats, baseline_qty: Floats) -> Floats:
    """ln(event demand / baseline) of past events; demand 0 counts as 0.1; NaN without a positive baseline."""
    usable = baseline_qty > 0
    return np.where(usable, np.log(np.maximum(event_qty, LEAST_DEMAND) / np.where(usable, baseline_qty, 1.0)), np.nan)


def shrunk_uplift(own_events: Floats, own_uplift: Floats, pooled_uplift: Floats) -> Floats:
    """exp(w ln own + (1-w) ln pooled), w = n/(n+4), bounded to [0.1, 20]; without own events the pooled uplift.

    Example: 2 own events of 2.0 against 1.5 pooled give 1.651.
    """
    weight = np.where(np.isnan(own_uplift), 0.0, own_events / (own_events + PRIOR_EVENTS))
    own = np.log(np.where(weight > 0, own_uplift, 1.0))
    return np.clip(np.exp(weight * own + (1.0 - weight) * np.log(pooled_uplift)), UPLIFT_MIN, UPLIFT_MAX)
