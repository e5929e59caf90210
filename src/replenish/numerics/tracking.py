"""Do a forecast's errors lean to one side? Trigg's tracking signal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMOOTHING = 0.1
# Errors that do not lean pass it one time in a hundred (Monte Carlo in the tests).
LIMIT = 0.7


def tracking_rate(error: Floats) -> float:
    """Smoothed error over smoothed absolute error of one-step errors [weeks], oldest first: -1 to 1, 0 without any.

    Trigg (1964), Monitoring a forecasting system, Operational Research Quarterly 15, 271-274, with smoothing 0.1 and
    both averages started at 0. Errors that are not finite (a model's first week) are left out.
    """
    told = error[np.isfinite(error)]
    weight = (1.0 - SMOOTHING) ** np.arange(told.size - 1, -1, -1)
    size = float(weight @ np.abs(told))
    return float(weight @ told) / size if size > 0 else 0.0
