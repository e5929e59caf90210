"""Step learn_drift: which master values does the evidence speak against, and what would better ones be?"""

from __future__ import annotations

from replenish.steps.learn_drift.learn_drift import learn_drift

__all__ = ["learn_drift"]
