"""Import files of ERPNext's Data Import: requests, or orders; and reorder levels.

Headings are field names, lines under `items.`: the importer takes them in every version and language. New documents are
for "Insert New Records", those whose ID is known from erp_key for "Update Existing Records", in a file of their own.
"""

from __future__ import annotations

import polars as pl

from replenish.publish.erp_file import Column, Columns, only_first
from replenish.publish.erp_lines import Asked, Read, documents, index
from replenish.publish.odoo import told_levels
from replenish.publish_settings import PublishSettings
from replenish.tables import core

_REQUESTS = {"purchase": "Purchase", "transfer": "Material Transfer", "production": "Manufacture"}
_REORDERS = {"buy": "Purchase", "move": "Transfer", "make": "Manufacture"}
UPDATE = "_update"

_NAME = Column("string", "name of the document in ERPNext; only where it is updated")
_SERIES = Column("string", "naming series")
_TITLE = Column("string", "proposal that leads the document: erp_key names the document by it")
_COMPANY = Column("string", "company")
_ITEM = Column("string", "item code")
_WAREHOUSE = Column("string", "warehouse that receives")
_WHY = Column("string", "proposal and reason", is_free_text=True)
_LINE = {
    "items.item_code": _ITEM,
    "items.item_name": Column("string", "item name", is_free_text=True),
    "items.qty": Column("number", "quantity in the unit"),
    "items.uom": Column("string", "unit of measure"),
    "items.stock_uom": Column("string", "stock unit of the item"),
    "items.conversion_factor": Column("number", "stock units in one unit: 1"),
    "items.schedule_date": Column("date", "day expected in stock"),
    "items.warehouse": _WAREHOUSE,
}
FILES: dict[str, Columns] = {
    "material_request": {
        "ID": _NAME,
        "naming_series": _SERIES,
        "title": _TITLE,
        "material_request_type": Column("string", "Purchase, Material Transfer or Manufacture"),
        "company": _COMPANY,
        "transaction_date": Column("date", "day to order"),
        "schedule_date": Column("date", "first day on which a line is expected"),
        **_LINE,
        "items.from_warehouse": Column("string", "warehouse that sends"),
        "items.bom_no": Column("string", "bill of materials"),
        "items.description": _WHY,
    },
    "purchase_order": {
        "ID": _NAME,
        "naming_series": _SERIES,
        "title": _TITLE,
        "supplier": Column("string", "supplier"),
        "company": _COMPANY,
        "transaction_date": Column("date", "day to order"),
        "schedule_date": Column("date", "first day on which a line is expected"),
        "currency": Column("string", "currency"),
        "conversion_rate": Column("number", "company's currency in one unit of it: 1"),
        **_LINE,
        "items.rate": Column("number", "price of one unit"),
        "items.expected_delivery_date": Column("date", "day expected in stock"),
        "items.description": _WHY,
    },
    "work_order": {
        "ID": _NAME,
        "naming_series": _SERIES,
        "production_item": _ITEM,
        "bom_no": Column("string", "bill of materials"),
        "qty": Column("number", "quantity in the stock unit"),
        "company": _COMPANY,
        "planned_start_date": Column("datetime", "begin by the schedule, else the day of release"),
        "planned_end_date": Column("datetime", "end by the schedule, else the day of receipt"),
        "expected_delivery_date": Column("date", "day expected in stock"),
        "wip_warehouse": Column("string", "work-in-progress warehouse"),
        "fg_warehouse": _WAREHOUSE,
        "source_warehouse": Column("string", "warehouse that gives the material"),
        "use_multi_level_bom": Column("integer", "0: parts are planned by themselves"),
        "skip_transfer": Column("integer", "1: material is not moved to a work-in-progress warehouse first"),
        "description": _WHY,
    },
    "item": {
        "ID": _ITEM,
        "reorder_levels.warehouse": Column("string", "warehouse"),
        "reorder_levels.warehouse_reorder_level": Column("number", "order at or below"),
        "reorder_levels.warehouse_reorder_qty": Column("number", "quantity to order then"),
        "reorder_levels.material_request_type": Column("string", "Purchase, Transfer or Manufacture"),
    },
}
FILES |= {f"{name}{UPDATE}": FILES[name] for name in ("material_request", "purchase_order", "work_order")}

Files = dict[str, pl.DataFrame]


def files(read: Read, lines: Asked, settings: PublishSettings) -> tuple[Files, pl.DataFrame]:
    """Frames by file name, and rows of lines.csv for every proposal they carry."""
    as_orders = settings.erpnext_target == "purchase_order"
    bought, moved, made = (lines.new.filter(kind=kind) for kind in ("purchase", "transfer", "production"))
    if as_orders:
        parts = {
            "material_request": _requests(moved, settings),
            "purchase_order": _purchase_orders(bought, settings),
            "work_order": _work_orders(made, settings),
        }
    else:
        parts = {"material_request": _requests(lines.new, settings)}
    known = read(core.ErpKey).filter(system="erpnext", kind="order").select(document_id="our_id", ID="erp_id")
    frames: Files = {"item": reorder_levels(read, settings)}
    went: list[pl.DataFrame] = []
    for name, (joined, frame) in parts.items():
        both = frame.join(known, on="document_id", how="left", maintain_order="left")
        is_known = pl.col("ID").is_not_null()
        frames[name] = both.filter(~is_known).drop("ID", "document_id")
        frames[name + UPDATE] = _as_update(both.filter(is_known))
        new = joined.join(known, on="document_id", how="anti", maintain_order="left")
        old = joined.join(known, on="document_id", how="semi", maintain_order="left")
        document, line = pl.col("document_id"), pl.col("proposal_id")
        went += [index(f"{name}.csv", new, document, line), index(f"{name}{UPDATE}.csv", old, document, line)]
    return frames, pl.concat(went)


def _as_update(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows whose document is there already: named by its ID on the first line; its series is settled."""
    return only_first(frame, ["ID"], "document_id").drop("document_id", "naming_series")


def _requests(lines: pl.DataFrame, settings: PublishSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Material Requests: one per source, destination and order date."""
    joined = documents(lines)
    head = {
        "naming_series": pl.lit(settings.erpnext_request_series),
        "title": pl.col("document_id"),
        "material_request_type": pl.col("kind").replace_strict(_REQUESTS, return_dtype=pl.String),
        "company": _company(settings),
        "transaction_date": pl.col("order_date"),
        "schedule_date": pl.col("document_receipt_date"),
    }
    line = _line(settings) | {
        "items.from_warehouse": pl.when(pl.col("kind") == "transfer").then("source_key"),
        "items.bom_no": pl.when(pl.col("kind") == "production").then("bom_key"),
    }
    return joined, only_first(joined.select("document_id", **head, **line), list(head), "document_id")


def _purchase_orders(lines: pl.DataFrame, settings: PublishSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Purchase Orders: one per supplier, destination and order date, in the company's currency."""
    joined = documents(lines)
    head = {
        "naming_series": pl.lit(settings.erpnext_order_series),
        "title": pl.col("document_id"),
        "supplier": pl.col("source_key"),
        "company": _company(settings),
        "transaction_date": pl.col("order_date"),
        "schedule_date": pl.col("document_receipt_date"),
        "currency": pl.col("currency"),
        "conversion_rate": pl.lit(1.0),
    }
    line = _line(settings) | {
        "items.rate": pl.col("unit_cost"),
        "items.expected_delivery_date": pl.col("receipt_date"),
    }
    return joined, only_first(joined.select("document_id", **head, **line), list(head), "document_id")


def _work_orders(lines: pl.DataFrame, settings: PublishSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Work Orders, one a proposal."""
    single = lines.with_columns(document_id="proposal_id")
    wip = settings.erpnext_wip_warehouse
    columns = {
        "naming_series": pl.lit(settings.erpnext_work_order_series),
        "production_item": pl.col("item_key"),
        "bom_no": pl.col("bom_key"),
        "qty": pl.col("qty"),
        "company": _company(settings),
        "planned_start_date": pl.coalesce("start_at", pl.col("order_date").cast(pl.Datetime("ms"))),
        "planned_end_date": pl.coalesce("finish_at", pl.col("receipt_date").cast(pl.Datetime("ms"))),
        "expected_delivery_date": pl.col("receipt_date"),
        **({"wip_warehouse": pl.lit(wip)} if wip else {}),
        "fg_warehouse": pl.col("location_key"),
        "source_warehouse": pl.col("location_key"),
        "use_multi_level_bom": pl.lit(0),
        "skip_transfer": pl.lit(0 if wip else 1),
        _id_column(settings, ""): _reason(settings, pl.col("proposal_id")),
    }
    return single, single.select("document_id", **columns)


def _line(settings: PublishSettings) -> dict[str, pl.Expr]:
    """Columns that the lines of requests and orders share."""
    ids = pl.col("proposal_ids").list.join(" ")
    return {
        "items.item_code": pl.col("item_key"),
        "items.item_name": pl.col("item_name"),
        "items.qty": pl.col("qty"),
        "items.uom": pl.col("uom_key"),
        "items.stock_uom": pl.col("uom_key"),
        "items.conversion_factor": pl.lit(1.0),
        "items.schedule_date": pl.col("receipt_date"),
        "items.warehouse": pl.col("location_key"),
        _id_column(settings, "items."): _reason(settings, ids),
    }


def _company(settings: PublishSettings) -> pl.Expr:
    return pl.coalesce("company_key", pl.lit(settings.erpnext_company))


def _id_column(settings: PublishSettings, table: str) -> str:
    return f"{table}{settings.erpnext_id_field or 'description'}"


def _reason(settings: PublishSettings, ids: pl.Expr) -> pl.Expr:
    """The ids alone for a field of their own, else with the sentence that explains the first of them."""
    return ids if settings.erpnext_id_field else pl.format("{}: {}", ids, "explanation")


def reorder_levels(read: Read, settings: PublishSettings) -> pl.DataFrame:
    """Reorder levels of every item as last told; an item's rows stand together, as an update replaces all of them."""
    keys = read(core.ErpKey).filter(system="erpnext")
    suffix = f" - {settings.erpnext_abbreviation}" if settings.erpnext_abbreviation else ""
    arcs = read(core.Arc).filter(arc_rank=1).select("item_id", "location_id", kind="kind")
    rows = told_levels(read).join(arcs, on=["item_id", "location_id"], how="left", maintain_order="left")
    for kind, our_id in (("item", "item_id"), ("location", "location_id")):
        found = keys.filter(kind=kind).select(pl.col("our_id").alias(our_id), pl.col("erp_id").alias(f"{kind}_key"))
        rows = rows.join(found, on=our_id, how="left", maintain_order="left")
    rows = rows.with_columns(
        item_key=pl.coalesce("item_key", "item_id"),
        location_key=pl.coalesce("location_key", pl.col("location_id") + suffix),
    )
    rows = rows.unique(["item_key", "location_key"], keep="first", maintain_order=True).sort("item_key", "location_key")
    lot = pl.max_horizontal(pl.col("max_qty") - pl.col("min_qty"), "multiple_qty")
    frame = rows.select(
        pl.col("item_key").alias("ID"),
        pl.col("location_key").alias("reorder_levels.warehouse"),
        pl.col("min_qty").alias("reorder_levels.warehouse_reorder_level"),
        lot.alias("reorder_levels.warehouse_reorder_qty"),
        pl.col("kind")
        .replace_strict(_REORDERS, default="Purchase", return_dtype=pl.String)
        .alias("reorder_levels.material_request_type"),
    )
    return only_first(frame.with_columns(document=pl.col("ID")), ["ID"], "document").drop("document")


def columns_of(settings: PublishSettings) -> dict[str, Columns]:
    """Columns of the files as these settings write them: with the custom field in place of the description."""
    field = settings.erpnext_id_field
    if not field:
        return FILES
    added = {"": Column("string", "proposal ids, in a field of your own"), "items.": Column("string", "proposal ids")}
    return {
        name: {**columns, **{f"{t}{field}": column for t, column in added.items()}} for name, columns in FILES.items()
    }
