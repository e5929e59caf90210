"""Exports of known systems, each by its name in `[source.*] preset`."""

from __future__ import annotations

from replenish.ingest.presets import erps, planners, shops
from replenish.ingest.presets.preset import Preset

PRESETS: dict[str, Preset] = {
    "shopify_orders": shops.SHOPIFY_ORDERS,
    "shopify_inventory": shops.SHOPIFY_INVENTORY,
    "woocommerce_orders": shops.WOOCOMMERCE_ORDERS,
    "woocommerce_stock": shops.WOOCOMMERCE_STOCK,
    "odoo_sales": erps.ODOO_SALES,
    "odoo_stock": erps.ODOO_STOCK,
    "odoo_purchases": erps.ODOO_PURCHASES,
    "odoo_receipts": erps.ODOO_RECEIPTS,
    "erpnext_sales": erps.ERPNEXT_SALES,
    "erpnext_stock": erps.ERPNEXT_STOCK,
    "erpnext_purchases": erps.ERPNEXT_PURCHASES,
    "erpnext_ledger": erps.ERPNEXT_LEDGER,
    "erpnext_receipts": erps.ERPNEXT_RECEIPTS,
    "frepple_purchases": planners.FREPPLE_PURCHASES,
    "frepple_orders": planners.FREPPLE_ORDERS,
    "frepple_sales": planners.FREPPLE_SALES,
    "frepple_stock": planners.FREPPLE_STOCK,
}

__all__ = ["PRESETS", "Preset"]
