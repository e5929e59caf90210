"""frePPLe: files of its data export (`purchaseorder.csv.gz` and so on), in field and in verbose form."""

from __future__ import annotations

from replenish.ingest.presets.preset import Preset

_ITEM, _PLACE = ("item", "item_id", "Item"), ("location", "location_id", "Location")
_STATUS = {"approved": "firm", "confirmed": "released"}
FREPPLE_PURCHASES = Preset(
    table="open_order",
    about="frePPLe: purchaseorder",
    columns={
        "order_id": ("reference", "Reference"),
        "item_id": _ITEM,
        "location_id": _PLACE,
        "source_id": ("supplier", "supplier_id", "Supplier"),
        "qty": ("quantity", "Quantity"),
        "order_date": ("ordering date", "ordering_date", "startdate"),
        "due_date": ("receipt date", "receipt_date", "enddate"),
        "status": ("status", "Status"),
    },
    constants={"kind": "purchase"},
    values={"status": _STATUS},
    counts=True,
    set_aside={
        "its own proposal": "lower({status}) = 'proposed'",
        "closed": "lower({status}) in ('completed', 'closed', 'canceled')",
    },
)
FREPPLE_ORDERS = Preset(
    table="open_order",
    about="frePPLe: demand, what customers still wait for",
    columns={
        "order_id": ("name", "Name"),
        "item_id": _ITEM,
        "location_id": _PLACE,
        "qty": ("quantity", "Quantity"),
        "due_date": ("due", "Due"),
        "source_id": ("customer", "customer_id", "Customer"),
    },
    extra={"state": ("status", "Status")},
    constants={"kind": "sales"},
    counts=True,
    set_aside={
        "delivered": "lower({state}) = 'closed'",
        "no firm order": "lower({state}) in ('quote', 'inquiry', 'canceled')",
    },
)
FREPPLE_SALES = Preset(
    table="sales",
    about="frePPLe: demand, what was ordered and delivered",
    columns={
        "order_id": ("name", "Name"),
        "item_id": _ITEM,
        "location_id": _PLACE,
        "qty": ("quantity", "Quantity"),
        "date": ("due", "Due"),
        "customer_id": ("customer", "customer_id", "Customer"),
    },
    extra={"state": ("status", "Status")},
    set_aside={
        "not yet delivered": "lower({state}) = 'open'",
        "no firm order": "lower({state}) in ('quote', 'inquiry', 'canceled')",
    },
)
FREPPLE_STOCK = Preset(
    table="stock",
    about="frePPLe: buffer",
    columns={"item_id": _ITEM, "location_id": _PLACE, "on_hand_qty": ("onhand", "on hand", "Inventory")},
    joins="sum",
)
