"""What an event does to demand: uplift per kind, shrunk from the node's own events towards its group."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UPLIFT_MIN, UPLIFT_MAX = 0.1, 20.0
PRIOR_EVENTS = 4.0  # the pooled uplift counts as this many events of the node's own
LEAST_DEMAND = 0.1  # an event that sold nothing still has a logarithm
LEAST_BASELINE = 3.0  # units expected during events below which their ratio is noise
LEAST_SHARE = 1.0 / 7.0  # an event of one day in a week is the shortest whose effect is told apart
EVENT_VARIANCE = 0.1  # of ln uplift between events of a kind


def total_uplift(event_qty: Floats, baseline_qty: Floats, share: Floats) -> Floats:
    """Uplift of buckets wholly inside events, from totals over many buckets; NaN where too little was expected.

    `share` is the part of those buckets inside the event. Totals, not a mean of logarithms: that of a slow item's few
    units lies far below the logarithm of their mean. Demand 0 counts as 0.1.
    """
    enough = baseline_qty >= LEAST_BASELINE
    base = np.where(enough, baseline_qty, 1.0)
    got = np.maximum(event_qty, LEAST_DEMAND)
    whole = 1.0 + (got / base - 1.0) / np.maximum(share, LEAST_SHARE)
    return np.where(enough, np.maximum(whole, LEAST_DEMAND / base), np.nan)


def telling_events(event_count: Floats, baseline_qty: Floats) -> Floats:
    """What n events with so many units expected in all are worth: n / (1 + n / (0.1 B)).

    Events of a kind differ by a variance of 0.1 of their logarithm; the noise of B units adds n / B to it.
    """
    noise = event_count / np.maximum(baseline_qty, 1e-9) / EVENT_VARIANCE
    out: Floats = event_count / (1.0 + noise)
    return out


def shrunk_uplift(own_events: Floats, own_uplift: Floats, pooled_uplift: Floats) -> Floats:
    """exp(w ln own + (1-w) ln pooled), w = n/(n+4), bounded to [0.1, 20]; without own events the pooled uplift.

    Example: 2 own events of 2.0 against 1.5 pooled give 1.651.
    """
    weight = np.where(np.isnan(own_uplift), 0.0, own_events / (own_events + PRIOR_EVENTS))
    own = np.log(np.where(weight > 0, own_uplift, 1.0))
    return np.clip(np.exp(weight * own + (1.0 - weight) * np.log(pooled_uplift)), UPLIFT_MIN, UPLIFT_MAX)
