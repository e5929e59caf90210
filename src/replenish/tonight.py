"""The plain facts of a night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from replenish.member_names import fitted_members
from replenish.settings import Settings


@dataclass(frozen=True)
class Tonight:
    """The plain facts of a night: everything a station is told beside its tables."""

    run_id: str
    as_of: date
    bucket_days: int
    settings: Settings
    previous_run_id: str | None = None
    input_hash: str = ""
    last_known_date: date | None = None
    last_night: Callable[[str], pl.DataFrame] | None = field(default=None, repr=False, compare=False)
    """A table of the previous run by its full name; None on a first night. Raises ValueError or KeyError."""

    @property
    def manners(self) -> dict[str, Any]:
        """How proposals are told: limits of attention, the night's name, and money."""
        limits = self.settings.exceptions.model_dump(exclude={"kill_switch", "doubt_days", "chance_share"})
        night = {"run_id": self.run_id, "as_of": self.as_of, "bucket_days": self.bucket_days}
        business = {"currency": self.settings.company.currency}
        fence = {"planning_fence_days": self.settings.production.planning_fence_days}
        return (
            limits | night | business | fence | self.settings.order.model_dump(include={"max_cover_days", "lifo_share"})
        )

    @property
    def erp_terms(self) -> dict[str, Any]:
        """Which ERPs are written for, and what they need."""
        publish = self.settings.publish
        suffix = f" - {publish.erpnext_abbreviation}" if publish.erpnext_abbreviation else ""
        orders = "erpnext" in publish.dialects and publish.erpnext_target == "purchase_order"
        told = {"dialects": publish.dialects, "has_work_orders": orders, "warehouse_suffix": suffix}
        return told | {"currency": self.settings.company.currency}

    @property
    def order_rule(self) -> dict[str, Any]:
        """How customer orders and forecasts become one demand."""
        named = {"consume_back_days", "consume_forward_days", "demand_fence_days"}
        return self.settings.production.model_dump(include=named)

    @property
    def rotation(self) -> dict[str, Any]:
        """Which members are fitted node by node, how far ahead, and over how many nights."""
        forecast, horizon = self.settings.forecast, self.settings.calendar.horizon_weeks
        members = tuple(name for name in fitted_members(forecast.members) if name != "ml")
        told = {"as_of": self.as_of, "horizon_weeks": horizon}
        return told | {"members": members, "rotation_nights": forecast.rotation_nights}
