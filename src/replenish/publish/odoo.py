"""Import files of Odoo: quotations, manufacturing orders, transfers, reordering rules and dates of open orders.

Headings are technical field names of the version that imports them. `id` is an External ID: where Odoo knows it, the
record is updated, else made. Of a document with lines the head stands on its first line only.
"""

from __future__ import annotations

from hashlib import sha256

import polars as pl

from replenish.publish.erp_file import Column, Columns, noon, only_first, safe_id
from replenish.publish.erp_lines import Asked, Read, documents, index
from replenish.publish_settings import PublishSettings
from replenish.tables import core, plan

MODULE = "replenish"  # the part of our External IDs before the dot
_MOVABLE = ("planned", "firm")  # the date of a released order is for the supplier to agree on
_DATED = ("EXPEDITE", "DEFER")

_ID = Column("string", "External ID: the same need keeps it night after night")
_PRODUCT = Column("string", "External ID of the product variant")
_UOM = Column("string", "External ID of the unit of measure")
_TYPE = Column("string", "External ID of the operation type")
_COMPANY = Column("string", "External ID of the company")
_ORIGIN = Column("string", "the run that proposed it")
FILES: dict[str, Columns] = {
    "purchase.order": {
        "id": _ID,
        "partner_id/id": Column("string", "External ID of the vendor"),
        "date_order": Column("datetime", "day to order, at noon"),
        "date_planned": Column("datetime", "first day on which a line is expected, at noon"),
        "origin": _ORIGIN,
        "picking_type_id/id": _TYPE,
        "company_id/id": _COMPANY,
        "order_line/id": _ID,
        "order_line/product_id/id": _PRODUCT,
        "order_line/name": Column("string", "description", is_free_text=True),
        "order_line/product_qty": Column("number", "quantity in the unit"),
        "order_line/product_uom/id": _UOM,
        "order_line/product_uom_id/id": _UOM,
        "order_line/price_unit": Column("number", "price of one unit; only where every line has one"),
        "order_line/date_planned": Column("datetime", "day expected in stock, at noon"),
    },
    "mrp.production": {
        "id": _ID,
        "product_id/id": _PRODUCT,
        "product_qty": Column("number", "quantity in the unit"),
        "product_uom_id/id": _UOM,
        "bom_id/id": Column("string", "External ID of the bill of materials"),
        "date_start": Column("datetime", "begin by the schedule, else the day of release at noon"),
        "date_finished": Column("datetime", "end by the schedule, else the day of receipt at noon"),
        "date_planned_start": Column("datetime", "begin by the schedule, else the day of release at noon"),
        "date_planned_finished": Column("datetime", "end by the schedule, else the day of receipt at noon"),
        "picking_type_id/id": _TYPE,
        "company_id/id": _COMPANY,
        "origin": _ORIGIN,
    },
    "stock.picking": {
        "id": _ID,
        "picking_type_id/id": _TYPE,
        "location_id/id": Column("string", "External ID of the origin"),
        "location_dest_id/id": Column("string", "External ID of the destination"),
        "scheduled_date": Column("datetime", "day to ship, at noon"),
        "move_type": Column("string", "direct: as soon as possible, in parts if need be"),
        "origin": _ORIGIN,
        "move_ids/id": _ID,
        "move_ids/product_id/id": _PRODUCT,
        "move_ids/name": Column("string", "description", is_free_text=True),
        "move_ids/product_uom_qty": Column("number", "quantity in the unit"),
        "move_ids/product_uom/id": _UOM,
        "move_ids/date": Column("datetime", "day to ship, at noon"),
        "move_ids/location_id/id": Column("string", "External ID of the origin"),
        "move_ids/location_dest_id/id": Column("string", "External ID of the destination"),
    },
    "stock.warehouse.orderpoint": {
        "id": _ID,
        "product_id/id": _PRODUCT,
        "location_id/id": Column("string", "External ID of the location"),
        "route_id/id": Column("string", "External ID of the preferred route; only where keys name routes"),
        "product_min_qty": Column("number", "order at or below"),
        "product_max_qty": Column("number", "order up to"),
        "qty_multiple": Column("number", "pack"),
        "trigger": Column("string", "auto or manual"),
    },
    "purchase.order.line": {
        "id": Column("string", "External ID of the open line, as given in erp_key"),
        "date_planned": Column("datetime", "day it should arrive, at noon"),
    },
    "stock.move": {
        "id": Column("string", "External ID of the open move, as given in erp_key"),
        "date": Column("datetime", "day it should be moved, at noon"),
    },
}

Files = dict[str, pl.DataFrame]


def files(read: Read, lines: Asked, settings: PublishSettings) -> tuple[Files, pl.DataFrame]:
    """Frames by file name, and rows of lines.csv for every proposal they carry."""
    bought, moved, made = (lines.new.filter(kind=kind) for kind in ("purchase", "transfer", "production"))
    parts = [
        ("purchase.order", _purchases(bought, settings)),
        ("stock.picking", _transfers(moved, settings)),
        ("mrp.production", _productions(made, settings)),
        ("purchase.order.line", _dates(lines.changes, "purchase", "date_planned")),
        ("stock.move", _dates(lines.changes, "transfer", "date")),
    ]
    frames: Files = {name: frame for name, (frame, _) in parts}
    frames["stock.warehouse.orderpoint"] = reordering_rules(read, settings)
    return frames, pl.concat([went for _, (_, went) in parts])


def _external_id(proposal_id: str) -> pl.Expr:
    return pl.format(f"{MODULE}.{{}}", proposal_id)


def _head_id() -> pl.Expr:
    """Of a document: its leading proposal, supplier or origin, and the day that need was first seen for."""
    return pl.format(f"{MODULE}.{{}}-{{}}-{{}}", "document_id", safe_id("source_id"), "document_date")


def _company(lines: pl.DataFrame, settings: PublishSettings) -> dict[str, pl.Expr]:
    """The column of the company, where one is named: without it Odoo takes that of the user."""
    if not settings.odoo_company and lines["company_key"].null_count() == lines.height:
        return {}
    return {"company_id/id": pl.coalesce("company_key", pl.lit(settings.odoo_company or None))}


def _purchases(lines: pl.DataFrame, settings: PublishSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Requests for quotation: one per supplier, order date and destination."""
    joined = documents(lines)
    uom = "order_line/product_uom_id/id" if settings.odoo_version >= 19 else "order_line/product_uom/id"
    head = {
        "id": _head_id(),
        "partner_id/id": pl.col("source_key"),
        "date_order": noon("order_date"),
        "date_planned": noon("document_receipt_date"),
        "origin": pl.col("run_id"),
        "picking_type_id/id": pl.col("picking_type_key"),
    } | _company(joined, settings)
    line = {
        "order_line/id": _external_id("proposal_id"),
        "order_line/product_id/id": pl.col("item_key"),
        "order_line/name": pl.col("item_name"),
        "order_line/product_qty": pl.col("qty"),
        uom: pl.col("uom_key"),
        "order_line/date_planned": noon("receipt_date"),
    }
    if not joined["unit_cost"].has_nulls():  # an empty price is a price of 0: better that of the vendor's list
        line["order_line/price_unit"] = pl.col("unit_cost")
    frame = joined.select("document_id", **head, **line)
    frame = only_first(frame, list(head), "document_id").drop("document_id")
    return frame, index("purchase.order.csv", joined, _head_id(), _external_id("proposal_id"))


def _transfers(lines: pl.DataFrame, settings: PublishSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Transfers: one per origin, destination and day of shipment."""
    joined = documents(lines)
    head = {
        "id": _head_id(),
        "picking_type_id/id": pl.col("picking_type_key"),
        "location_id/id": pl.col("source_key"),
        "location_dest_id/id": pl.col("location_key"),
        "scheduled_date": noon("order_date"),
        "move_type": pl.lit("direct"),
        "origin": pl.col("run_id"),
    }
    line = {
        "move_ids/id": _external_id("proposal_id"),
        "move_ids/product_id/id": pl.col("item_key"),
        "move_ids/product_uom_qty": pl.col("qty"),
        "move_ids/product_uom/id": pl.col("uom_key"),
        "move_ids/date": noon("order_date"),
        "move_ids/location_id/id": pl.col("source_key"),
        "move_ids/location_dest_id/id": pl.col("location_key"),
    }
    if settings.odoo_version < 19:  # moves have no name since
        line["move_ids/name"] = pl.col("item_name")
    frame = only_first(joined.select("document_id", **head, **line), list(head), "document_id").drop("document_id")
    return frame, index("stock.picking.csv", joined, _head_id(), _external_id("proposal_id"))


def _productions(lines: pl.DataFrame, settings: PublishSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Manufacturing orders, one a proposal."""
    start, end = ("date_start", "date_finished")
    if settings.odoo_version < 17:
        start, end = ("date_planned_start", "date_planned_finished")
    columns = {
        "id": _external_id("proposal_id"),
        "product_id/id": pl.col("item_key"),
        "product_qty": pl.col("qty"),
        "product_uom_id/id": pl.col("uom_key"),
        "bom_id/id": pl.col("bom_key"),
        start: pl.coalesce("start_at", noon("order_date")),
        end: pl.coalesce("finish_at", noon("receipt_date")),
        "picking_type_id/id": pl.col("picking_type_key"),
        **_company(lines, settings),
        "origin": pl.col("run_id"),
    }
    return lines.select(**columns), index("mrp.production.csv", lines, _external_id("proposal_id"))


def _dates(changes: pl.DataFrame, kind: str, column: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """New dates of open lines whose External ID is known and whose supplier has not been told yet."""
    moved = changes.filter(
        pl.col("action").is_in(_DATED) & pl.col("order_status").is_in(_MOVABLE) & pl.col("order_key").is_not_null(),
        kind=kind,
    ).unique("order_key", keep="first", maintain_order=True)
    file = "purchase.order.line.csv" if kind == "purchase" else "stock.move.csv"
    frame = moved.select(pl.col("order_key").alias("id"), noon("receipt_date").alias(column))
    return frame, index(file, moved, pl.col("order_key"))


def reordering_rules(read: Read, settings: PublishSettings) -> pl.DataFrame:
    """Minimum and maximum as last told of nodes whose item and location Odoo knows: one a product and location."""
    keys = read(core.ErpKey).filter(system="odoo")
    rows = told_levels(read).with_columns(node_id=pl.format("{}@{}", "item_id", "location_id"))
    wanted = {
        "item": ("item_id",),
        "location": ("location_id",),
        "reordering_rule": ("node_id",),
        "route": ("node_id",),
    }
    for kind, (our_id,) in wanted.items():
        found = keys.filter(kind=kind).select(pl.col("our_id").alias(our_id), pl.col("erp_id").alias(kind))
        rows = rows.join(found, on=our_id, how="left", maintain_order="left")
    rows = rows.drop_nulls(["item", "location"]).unique(["item", "location"], keep="first", maintain_order=True)
    made_up = [f"{MODULE}.OP-{_hash(*node)}" for node in rows.select("item_id", "location_id").iter_rows()]
    columns = {
        "id": pl.coalesce("reordering_rule", pl.Series(made_up, dtype=pl.String)),
        "product_id/id": pl.col("item"),
        "location_id/id": pl.col("location"),
        "product_min_qty": pl.col("min_qty"),
        "product_max_qty": pl.col("max_qty"),
        "trigger": pl.lit(settings.odoo_trigger),
    }
    if not keys.filter(kind="route").is_empty():
        columns["route_id/id"] = pl.col("route")
    if settings.odoo_version < 19:  # since then a unit of measure stands in its place
        columns["qty_multiple"] = pl.col("multiple_qty")
    return rows.select(**columns)


def told_levels(read: Read) -> pl.DataFrame:
    """Rows (item_id, location_id, min_qty, max_qty, multiple_qty) of all nodes: tonight's, or as last told."""
    rows = read(plan.MinMax)
    told = ("min_qty", "max_qty", "multiple_qty")
    stays = ~pl.col("is_exported")
    kept = {name: pl.when(stays).then(f"previous_{name}").otherwise(name) for name in told}
    return rows.select("item_id", "location_id", **kept)


def _hash(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode()).hexdigest()[:12]
