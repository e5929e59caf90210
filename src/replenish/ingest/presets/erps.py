"""Odoo and ERPNext.

Odoo: list view > Export, either "I want to update data" (technical names such as `product_id`, paths by `/`) or English
labels ("Order Lines/Product"); times are UTC, an order's own fields stand on its first line only, products read
`[code] name`. Names and labels are written after Odoo's models (purchase_order_line.py, stock_quant.py), with other
names of the same field beside them (`quantity_done`). ERPNext: Data Export and Report Builder (labels, child columns
with the table in brackets as in "Item Code (Items)", or field names) and the reports Stock Balance
(stock_balance.py: "Item, ..., Warehouse, ..., Balance Qty, ..., Reserved Stock"), Stock Ledger (stock_ledger.py),
Item-wise Sales Register and the Bin list; a report's last row is its total. No export of a running system was compared
with these headings, version by version.
"""

from __future__ import annotations

from replenish.ingest.presets.preset import Preset


def _line(*names: str) -> tuple[str, ...]:
    """Headings of an Odoo order line, exported from the line itself or through its order."""
    return (*names, *(f"{above}/{name}" for name in names for above in ("order_line", "Order Lines")))


def _order(*names: str) -> tuple[str, ...]:
    """Headings of an Odoo order, exported from the order itself or through its line."""
    return (*(f"{above}/{name}" for name in names for above in ("order_id", "Order Reference", "Order")), *names)


def _child(*names: str) -> tuple[str, ...]:
    """Headings of an ERPNext document's row, as field names, labels, or with the child table in brackets."""
    return (*(f"{name} (Items)" for name in names), *(f"items.{name}" for name in names), *names)


_PRODUCT = _line(*("product_id/default_code", "Product/Internal Reference", "product_id", "Product"))
_ODOO_ORDER = ("order_id", "Order Reference", "Order", "name")
ODOO_SALES = Preset(
    table="sales",
    about="Odoo: sales orders or their lines (sale.order, sale.order.line)",
    columns={
        "date": _order("date_order", "Order Date"),
        "item_id": _PRODUCT,
        "location_id": _order("warehouse_id", "Warehouse"),
        "qty": _line("product_uom_qty", "Quantity", "Ordered Quantity"),
        "unit_price": _line("price_unit", "Unit Price"),
        "order_id": _ODOO_ORDER,
    },
    extra={"status": _order("state", "Status", "Order Status")},
    fill=("date", "location_id", "order_id", "status"),
    coded=("item_id",),
    utc=("date",),
    set_aside={
        "section or note": "{item_id} is null",
        "quotation": "lower({status}) in ('draft', 'sent', 'quotation', 'quotation sent')",
        "cancelled": "lower({status}) in ('cancel', 'cancelled')",
    },
)
ODOO_STOCK = Preset(
    table="stock",
    about="Odoo: stock by location (stock.quant), lots and sub-locations added up",
    columns={
        "item_id": _PRODUCT,
        "location_id": ("location_id", "Location"),
        "on_hand_qty": (
            "quantity",
            "Quantity",
            "On Hand Quantity",
            "inventory_quantity_auto_apply",
            "Inventoried Quantity",
        ),
        "reserved_qty": ("reserved_quantity", "Reserved Quantity"),
    },
    coded=("item_id",),
    joins="sum",
    set_aside={
        "not our stock": "{location_id} like 'Partner%' or {location_id} like 'Virtual%' "
        "or {location_id} like 'Physical Locations/Inter%'"
    },
)
ODOO_PURCHASES = Preset(
    table="open_order",
    about="Odoo: purchase orders or their lines (purchase.order, purchase.order.line)",
    columns={
        "order_id": _ODOO_ORDER,
        "line_id": ("order_line/id", "Order Lines/External ID", "id", "External ID", "ID"),
        "item_id": _PRODUCT,
        "location_id": _order("picking_type_id/warehouse_id", "picking_type_id", "Deliver To"),
        "qty": _line("product_qty", "Quantity"),
        "due_date": _line("date_planned", "Expected Arrival", "Scheduled Date", "Delivery Date"),
        "order_date": _order("date_approve", "Confirmation Date", "date_order", "Order Deadline", "Order Date"),
        "source_id": _order("partner_id", "Vendor", "Partner"),
    },
    extra={
        "status": _order("state", "Status"),
        "received": _line("qty_received", "Received Qty", "Received"),
    },
    constants={"kind": "purchase"},
    fill=("order_id", "location_id", "order_date", "source_id", "status"),
    coded=("item_id",),
    utc=("due_date", "order_date"),
    less={"open_qty": ("qty", "received")},
    counts=True,
    set_aside={
        "section or note": "{item_id} is null",
        "not yet ordered": "lower({status}) in ('draft', 'sent', 'to approve', 'rfq', 'rfq sent')",
        "cancelled": "lower({status}) in ('cancel', 'cancelled')",
    },
)
ODOO_RECEIPTS = Preset(
    table="receipt",
    about="Odoo: stock moves of purchase order lines (stock.move)",
    columns={
        "order_id": ("purchase_line_id/order_id", "Purchase Order Line/Order Reference", "origin", "Source Document"),
        "line_id": ("purchase_line_id/id", "Purchase Order Line/External ID", "purchase_line_id"),
        "date": ("date", "Date", "Date Scheduled"),
        "qty": ("quantity", "quantity_done", "Quantity", "Quantity Done", "Done"),
    },
    extra={"state": ("state", "Status"), "item_id": ("product_id", "Product")},
    utc=("date",),
    joins="sum",
    set_aside={"not received": "lower({state}) <> 'done'", "no purchase": "{line_id} is null"},
)
_DRAFTS = "{docstatus} in ('0', 'Draft') or lower({status}) = 'draft'"
_CANCELLED = "{docstatus} in ('2', 'Cancelled') or lower({status}) = 'cancelled'"
_DOCUMENT = {"docstatus": ("docstatus", "Document Status", "DocStatus"), "status": ("status", "Status")}
_TOTAL = "{item_id} is null or lower({item_id}) in ('total', '''total''', 'total:')"
ERPNEXT_SALES = Preset(
    table="sales",
    about="ERPNext: Sales Invoice, Delivery Note or Sales Order with items, or Item-wise Sales Register",
    columns={
        "date": ("posting_date", "Posting Date", "transaction_date", "Date"),
        "item_id": _child("item_code", "Item Code"),
        "location_id": _child("warehouse", "Warehouse", "set_warehouse", "Set Source Warehouse"),
        "qty": _child("stock_qty", "Stock Qty", "Qty as per Stock UOM", "qty", "Quantity", "Qty"),
        "order_id": ("name", "ID", "Invoice", "Sales Invoice", "Voucher No"),
    },
    extra=_DOCUMENT,
    fill=("date", "order_id", "docstatus", "status"),
    set_aside={"total line": _TOTAL, "draft": _DRAFTS, "cancelled": _CANCELLED},
)
ERPNEXT_STOCK = Preset(
    table="stock",
    about="ERPNext: Stock Balance report, or the Bin list",
    columns={
        "item_id": ("item_code", "Item Code", "Item"),
        "location_id": ("warehouse", "Warehouse"),
        "on_hand_qty": ("actual_qty", "Actual Qty", "Actual Quantity", "bal_qty", "Balance Qty"),
        "reserved_qty": ("reserved_qty", "Reserved Qty", "Reserved Quantity", "reserved_stock", "Reserved Stock"),
    },
    set_aside={"total line": _TOTAL},
)
ERPNEXT_LEDGER = Preset(
    table="stock",
    about="ERPNext: Stock Ledger report, or the Stock Ledger Entry list; the last balance of a day is its close",
    columns={
        "date": ("posting_date", "Posting Date", "Date"),
        "item_id": ("item_code", "Item Code", "Item"),
        "location_id": ("warehouse", "Warehouse"),
        "on_hand_qty": ("qty_after_transaction", "Qty After Transaction", "Balance Qty"),
    },
    extra={"cancelled": ("is_cancelled", "Is Cancelled")},
    joins="last",
    set_aside={"opening or total line": _TOTAL + " or {date} is null", "cancelled": "{cancelled} in ('1', 'Yes')"},
)
ERPNEXT_RECEIPTS = Preset(
    table="receipt",
    about="ERPNext: Purchase Receipt with items",
    columns={
        "order_id": _child("purchase_order", "Purchase Order"),
        "line_id": _child("purchase_order_item", "Purchase Order Item"),
        "date": ("posting_date", "Posting Date", "Date"),
        "qty": _child("qty", "Accepted Quantity", "Quantity", "Qty"),
    },
    extra={**_DOCUMENT, "item_id": _child("item_code", "Item Code"), "receipt": ("name", "ID")},
    fill=("receipt", "date", "docstatus", "status"),
    joins="sum",
    set_aside={"no purchase order": "{line_id} is null", "draft": _DRAFTS, "cancelled": _CANCELLED},
)
ERPNEXT_PURCHASES = Preset(
    table="open_order",
    about="ERPNext: Purchase Order with items",
    columns={
        "order_id": ("name", "ID", "Purchase Order"),
        "line_id": ("items.name", "ID (Items)", "Name (Items)", "purchase_order_item"),
        "item_id": _child("item_code", "Item Code"),
        "location_id": _child("warehouse", "Warehouse", "set_warehouse", "Set Target Warehouse"),
        "qty": _child("qty", "Quantity", "Qty"),
        "due_date": _child("schedule_date", "Required By", "expected_delivery_date"),
        "order_date": ("transaction_date", "Date"),
        "source_id": ("supplier", "Supplier"),
    },
    extra={**_DOCUMENT, "received": _child("received_qty", "Received Qty")},
    constants={"kind": "purchase"},
    fill=("order_id", "order_date", "source_id", "docstatus", "status"),
    less={"open_qty": ("qty", "received")},
    counts=True,
    set_aside={
        "total line": _TOTAL,
        "draft": _DRAFTS,
        "cancelled": _CANCELLED,
        "closed": "lower({status}) = 'closed'",
    },
)
