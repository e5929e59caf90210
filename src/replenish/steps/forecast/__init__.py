"""How much, bucket by bucket, how sure?

The light parts import quickly; fitted members bring their library when they are called.
"""

from __future__ import annotations

from replenish.steps.forecast.baseline import baseline
from replenish.steps.forecast.by_method import forecast_by
from replenish.steps.forecast.forecast import forecast
from replenish.steps.forecast.global_model import fit_global
from replenish.steps.forecast.members import fit_members, told_members
from replenish.steps.forecast.reconcile import reconcile
from replenish.steps.forecast.rehearse import rehearse, rehearse_global, rehearsed_nodes

__all__ = [
    "baseline",
    "fit_global",
    "fit_members",
    "forecast",
    "forecast_by",
    "reconcile",
    "rehearse",
    "rehearse_global",
    "rehearsed_nodes",
    "told_members",
]
