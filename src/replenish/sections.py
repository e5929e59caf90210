"""Settings of the decision, of the plant and of what is told about it: three sections of `replenish.toml`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0.0, le=1.0)]
START_DISPERSION = 0.85  # until a backtest has chosen one
LotRule = Literal[
    "lot_for_lot",
    "fixed_quantity",
    "period_quantity",
    "silver_meal",
    "least_unit_cost",
    "part_period",
    "part_period_closest",
    "wagner_whitin",
]
Method = Literal["curve", "order_up_to", "reorder_point", "min_max", "mrp", "simple"]


def _is_a_zone(name: str) -> str:
    """Refuse what the clocks of this machine do not know; an empty name is none."""
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        meant = get_close_matches(name, sorted(available_timezones()), n=1) or ["Europe/Berlin"]
        raise ValueError(f"there is no time zone {name!r}; names look like {meant[0]}") from error
    return name


TimeZone = Annotated[str, AfterValidator(_is_a_zone)]


class Section(BaseModel):
    """A table of the settings file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OrderSettings(Section):
    """The decision."""

    method: Method = Field("curve", description="Ordering rule where the policy table names none.")
    windows: int = Field(2, ge=1, le=4, description="Coverage windows a unit may wait to be sold.")
    paths: int = Field(400, ge=20, le=10000, multiple_of=2, description="Sampled demand paths a node.")
    decision_dispersion: float = Field(
        0.0,
        ge=0,
        le=2,
        description="Factor on excess variance in decisions; promises use 1. 0 leaves it to `replenish backtest`: the "
        f"one its newest run chose, {START_DISPERSION} before the first.",
    )
    budget: float = Field(0.0, ge=0, description="Money for tonight's purchases; 0 is no limit.")
    shortage: Literal["value", "fair_share"] = Field(
        "value", description="Scarce stock goes where it is worth most, or so that all have the same days of supply."
    )
    min_move_value: float = Field(5.0, ge=0, description="What a lateral move between locations must earn at least.")
    lifo_share: Share = Field(
        0.4,
        description="Share of demand that takes the newest first in shops; elsewhere the oldest is sold first.",
    )
    fill_target: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of demand that tonight's purchases promise to serve, instead of a budget; 0 is none.",
    )
    max_cover_days: float = Field(90.0, gt=0, description="Days of demand an order may cover at most.")

    @model_validator(mode="after")
    def _has_one_dial(self) -> Self:
        """Money and service cannot both be set: each follows from the other."""
        if self.budget > 0 and self.fill_target > 0:
            raise ValueError(
                "budget and fill_target are two ends of one dial: set the money or the share of demand, and leave the "
                "other at 0"
            )
        return self


class ProductionSettings(Section):
    """The plant."""

    lot_rule: LotRule = Field("silver_meal", description="How netted nodes join needs into lots.")
    demand_fence_days: int = Field(
        0, ge=0, le=3650, description="Days ahead in which made items are planned on orders alone."
    )
    planning_fence_days: int = Field(
        0, ge=0, le=3650, description="Days ahead in which made items get no new order by machine."
    )
    release_fence_days: int = Field(
        0, ge=0, le=3650, description="Days ahead in which the schedule of last night stays."
    )
    consume_back_days: int = Field(7, ge=0, le=3650, description="Days before an order whose forecast it may take up.")
    consume_forward_days: int = Field(
        7, ge=0, le=3650, description="Days after an order whose forecast it may take up."
    )
    schedule_days: int = Field(14, ge=1, le=120, description="Days ahead in which every operation gets its hour.")
    day_start: float = Field(6.0, ge=0, lt=24, description="Hour of the day at which work centres open.")
    work_limit: float = Field(
        10.0, gt=0, description="Search effort of a schedule or a capacity plan, the same anywhere."
    )
    time_limit_seconds: float = Field(
        120.0, gt=0, description="Emergency stop of a search; a night that hit it says so."
    )
    backlog_cost_rate: float = Field(0.1, gt=0, description="Cost of a unit late by a week, as a share of its price.")


class ExceptionSettings(Section):
    """What is worth a person's attention."""

    min_value: float = Field(25.0, ge=0, description="Money at stake below which nothing is raised.")
    tolerance_days: int = Field(3, ge=0, description="Days an open order may be early or late without a message.")
    tolerance_share: Share = Field(0.1, description="Share by which a quantity may differ without a message.")
    kill_switch: bool = Field(True, description="Hold every line when a night differs too much from those before it.")
    counts_per_night: int = Field(50, ge=0, description="Stock counts that can be made a day.")
    doubt_days: int = Field(
        28, ge=0, le=182, description="Days up to as-of searched for silence, feed gaps and jumps of units; 0: none."
    )
    chance_share: float = Field(
        1e-6, gt=0, le=0.01, description="Probability below which silence, or sales in whole packs, is no chance."
    )
