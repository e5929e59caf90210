"""Settings of the decision, of the plant, of what is told and for whom it is written: sections of `replenish.toml`."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

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
ErpSystem = Literal["odoo", "erpnext", "frepple"]
ERP_SYSTEMS: tuple[str, ...] = get_args(ErpSystem)
Method = Literal["curve", "order_up_to", "reorder_point", "min_max", "mrp", "simple"]


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


def _known_systems(told: object) -> object:
    """Refuse what no dialect is written for, with the words that are meant, and a system named twice."""
    if not isinstance(told, list | tuple):
        raise ValueError(f'give a list such as ["odoo"]; known are {", ".join(ERP_SYSTEMS)}')
    unknown = [str(one) for one in told if one not in ERP_SYSTEMS]
    if unknown:
        raise ValueError(f"no files are written for {', '.join(unknown)}; known are {', '.join(ERP_SYSTEMS)}")
    if len(set(told)) < len(told):
        raise ValueError("a system is named twice")
    return tuple(told)


class PublishSettings(Section):
    """Files in the words of an ERP, beside the generic ones (docs/erp_files.md)."""

    dialects: Annotated[tuple[ErpSystem, ...], BeforeValidator(_known_systems)] = Field(
        (), description='Systems to write import files for: a list of "odoo", "erpnext", "frepple".'
    )
    odoo_version: Literal[16, 17, 18, 19] = Field(
        18, description="Major version of the Odoo that imports the files: 16, 17, 18 or 19; it decides field names."
    )
    odoo_company: str = Field(
        "", description="External ID of the company in Odoo, such as base.main_company; empty: the importing user's."
    )
    odoo_trigger: Literal["manual", "auto"] = Field(
        "manual", description="Trigger of reordering rules; with auto Odoo orders by itself what is proposed here too."
    )
    erpnext_company: str = Field("", description="Name of the company in ERPNext; needed for its files.")
    erpnext_abbreviation: str = Field(
        "", description="Its abbreviation: a location without a key is the warehouse 'LOCATION - ABBREVIATION'."
    )
    erpnext_target: Literal["material_request", "purchase_order"] = Field(
        "material_request",
        description="material_request: requests for all; purchase_order: Purchase and Work Orders, requests to move.",
    )
    erpnext_request_series: str = Field("MAT-MR-.YYYY.-", description="Naming series of Material Requests.")
    erpnext_order_series: str = Field("PUR-ORD-.YYYY.-", description="Naming series of Purchase Orders.")
    erpnext_work_order_series: str = Field("MFG-WO-.YYYY.-", description="Naming series of Work Orders.")
    erpnext_wip_warehouse: str = Field(
        "", description="Work-in-progress warehouse of Work Orders; empty: material is not transferred first."
    )
    erpnext_id_field: str = Field(
        "", description="Custom field of lines and Work Orders that takes the proposal id; empty: their description."
    )
    frepple_customer: str = Field(
        "All customers", min_length=1, description="Customer in frePPLe of all forecasts and sales orders."
    )

    @field_validator("odoo_company")
    @classmethod
    def _is_external_id(cls, told: str) -> str:
        """Odoo refuses an external id with spaces; without a module it would look among imported records."""
        if told and not re.fullmatch(r"[^\s.,]+\.[^\s,]+", told):
            raise ValueError(f"{told!r} is no external ID: write module.name, such as base.main_company")
        return told

    @model_validator(mode="after")
    def _names_its_company(self) -> Self:
        """No document of ERPNext goes without a company."""
        if "erpnext" in self.dialects and not self.erpnext_company:
            raise ValueError("dialects name erpnext: set erpnext_company to the name of the company there")
        return self
