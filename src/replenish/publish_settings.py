"""Settings of the files that other systems import: the section `[publish]` of `replenish.toml`."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from replenish.sections import Section

ErpSystem = Literal["odoo", "erpnext", "frepple"]
ERP_SYSTEMS: tuple[str, ...] = get_args(ErpSystem)


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
