"""Shopify and WooCommerce.

Shopify: Orders > Export and Products > Inventory > Export, headings ("Name, Email, Financial Status, ...,
Created at, Lineitem quantity, ..., Cancelled at, ..., Location, ..., Source" and "Handle, Title, ..., SKU, Barcode,
HS Code, COO, Location, Bin name, Incoming (not editable), Unavailable (not editable), Committed (not editable),
Available (not editable), On hand (current), On hand (new)"; the older form has a column for each location).
WooCommerce: Products > Export (class-wc-product-csv-exporter) and Analytics > Stock > Download
(Reports/Stock/Controller: "Product / Variation, SKU, Status, Stock"). Its core exports no order lines; read are the
exporters people use: WebToffee and WooCommerce's own Import Export Suite ("order_id, order_number, order_date, ...,
line_item_1, ..."), Customer/Order/Coupon Export (one row an order with `line_items`, or one row an item) and Advanced
Order Export ("Order Number, Order Date, Order Status, ..., SKU, Quantity, Item Cost"). No export of a running shop was
compared with these headings, version by version.
"""

from __future__ import annotations

from replenish.ingest.presets.preset import Preset

SHOPIFY_ORDERS = Preset(
    table="sales",
    about="Shopify: Orders > Export",
    columns={
        "date": ("Created at",),
        "item_id": ("Lineitem sku",),
        "location_id": ("Location",),
        "qty": ("Lineitem quantity",),
        "unit_price": ("Lineitem price",),
        "order_id": ("Name",),
        "channel": ("Source",),
    },
    extra={"paid": ("Financial Status",), "cancelled": ("Cancelled at",)},
    fill=("date", "location_id", "channel", "paid", "cancelled"),
    set_aside={
        "cancelled": "{cancelled} is not null",
        "refunded": "lower({paid}) = 'refunded'",
        "payment void or expired": "lower({paid}) in ('voided', 'expired')",
    },
)
SHOPIFY_INVENTORY = Preset(
    table="stock",
    about="Shopify: Products > Inventory > Export",
    columns={
        "item_id": ("SKU",),
        "location_id": ("Location",),
        "on_hand_qty": ("On hand (current)", "On hand", "Available (not editable)", "Available"),
        "reserved_qty": ("Committed (not editable)", "Committed"),
    },
    set_aside={"not stocked here": "lower({on_hand_qty}) = 'not stocked'"},
    wide=(
        *("Handle", "Title", "SKU", "Barcode", "HS Code", "COO", "Bin name"),
        *(f"Option{number} {what}" for number in (1, 2, 3) for what in ("Name", "Value")),
    ),
)
WOOCOMMERCE_ORDERS = Preset(
    table="sales",
    about="WooCommerce: an order export with a row, a cell or a column for each order line",
    columns={
        "date": ("order_date", "Order Date", "date", "Date"),
        "item_id": ("item_sku", "Item SKU", "Product SKU", "sku", "SKU"),
        "qty": ("item_quantity", "Item Quantity", "Quantity (- Refund)", "quantity", "Quantity"),
        "unit_price": ("item_price", "Item Cost"),
        "order_id": ("order_number", "Order Number", "order_id", "Order ID", "Order #"),
    },
    extra={"status": ("order_status", "Order Status", "status", "Status")},
    constants={"location_id": "shop"},
    packed=r"line_items?(_\d+)?|Line Items?",
    set_aside={
        "cancelled": "lower({status}) in ('cancelled', 'wc-cancelled', 'trash')",
        "refunded": "lower({status}) in ('refunded', 'wc-refunded')",
        "payment failed": "lower({status}) in ('failed', 'wc-failed')",
        "not yet an order": "lower({status}) in ('pending', 'wc-pending', 'pending payment', 'checkout-draft')",
    },
)
WOOCOMMERCE_STOCK = Preset(
    table="stock",
    about="WooCommerce: Products > Export, or Analytics > Stock > Download",
    columns={"item_id": ("SKU", "sku"), "on_hand_qty": ("Stock", "stock", "stock_quantity")},
    extra={"type": ("Type", "type")},
    constants={"location_id": "shop"},
    set_aside={
        "no product of its own": "lower({type}) in ('variable', 'grouped', 'external')",
        "stock not managed": "{on_hand_qty} is null or upper({on_hand_qty}) in ('N/A', 'PARENT')",
    },
)
