"""Import files of frePPLe: proposed orders, and what its engine needs to plan with our levels and forecasts.

Headings are names of its tables' fields; a row whose reference it knows is updated. Proposed orders are ours to change,
approved and confirmed ones belong to the ERP: what is asked of those goes to people.
"""

from __future__ import annotations

import polars as pl

from replenish.publish import frepple_feed
from replenish.publish.erp_file import Column, Columns
from replenish.publish.erp_lines import Asked, Read, index
from replenish.publish_settings import PublishSettings

_OURS = "planned"  # our word for an open order that is only proposed there
_CHANGED = ("EXPEDITE", "DEFER", "INCREASE", "DECREASE")
_ORDER = {
    "reference": Column("string", "proposal, or open order that changes"),
    "status": Column("string", "proposed"),
}
_QUANTITY = {"quantity": Column("number", "quantity")}
_RECEIPT = {"receipt date": Column("datetime", "expected in stock")}
_BATCH = {"batch": Column("string", "empty: made to stock")}
FILES: dict[str, Columns] = {
    "purchaseorder": _ORDER
    | {
        "item": Column("string", "item"),
        "location": Column("string", "location that receives"),
        "supplier": Column("string", "supplier"),
    }
    | _QUANTITY
    | {"ordering date": Column("datetime", "release")}
    | _RECEIPT
    | _BATCH
    | {"remark": Column("string", "why; skipped with a warning unless you made an attribute of this name", True)},
    "distributionorder": _ORDER
    | {
        "item": Column("string", "item"),
        "origin": Column("string", "location that sends"),
        "destination": Column("string", "location that receives"),
    }
    | _QUANTITY
    | {"shipping date": Column("datetime", "release")}
    | _RECEIPT
    | _BATCH,
    "manufacturingorder": _ORDER
    | {"operation": Column("string", "operation")}
    | _QUANTITY
    | {
        "start date": Column("datetime", "begin by the schedule, else the day of release"),
        "end date": Column("datetime", "end by the schedule, else the day of receipt"),
    }
    | _BATCH,
} | frepple_feed.FILES

Files = dict[str, pl.DataFrame]


def files(read: Read, lines: Asked, settings: PublishSettings) -> tuple[Files, pl.DataFrame]:
    """Frames by file name, and rows of lines.csv for every proposal they carry."""
    can_change = (
        pl.col("action").is_in(_CHANGED) & (pl.col("order_status") == _OURS) & pl.col("order_key").is_not_null()
    )
    is_named = (pl.col("kind") != "production") | pl.col("operation_key").is_not_null()
    changed = lines.changes.filter((can_change & is_named).fill_null(False))
    changed = changed.unique("order_key", keep="first", maintain_order=True)
    both = pl.concat([lines.new.with_columns(reference="proposal_id"), changed.with_columns(reference="order_key")])
    rows = both.with_columns(
        status=pl.lit("proposed"),
        ordered_at=pl.coalesce("start_at", pl.col("order_date").cast(pl.Datetime("ms"))),
        received_at=pl.coalesce("finish_at", pl.col("receipt_date").cast(pl.Datetime("ms"))),
        batch=pl.lit(None, pl.String),
    )
    frames: Files = {}
    went = []
    for kind, (name, renamed) in _RENAMED.items():
        part = rows.filter(kind=kind)
        frames[name] = part.select(**{column: pl.col(ours) for column, ours in renamed.items()})
        went.append(index(f"{name}.csv", part, pl.col("reference")))
    return frames | frepple_feed.files(read, settings), pl.concat(went)


def _columns(*middle: tuple[str, str], start: str, end: str) -> dict[str, str]:
    """Columns of frePPLe and ours that fill them."""
    head = {"reference": "reference", "status": "status", **dict(middle), "quantity": "qty"}
    return head | {start: "ordered_at", end: "received_at", "batch": "batch"}


_RENAMED = {
    "purchase": (
        "purchaseorder",
        _columns(
            ("item", "item_key"),
            ("location", "location_key"),
            ("supplier", "source_key"),
            start="ordering date",
            end="receipt date",
        )
        | {"remark": "explanation"},
    ),
    "transfer": (
        "distributionorder",
        _columns(
            ("item", "item_key"),
            ("origin", "source_key"),
            ("destination", "location_key"),
            start="shipping date",
            end="receipt date",
        ),
    ),
    "production": (
        "manufacturingorder",
        _columns(("operation", "operation_key"), start="start date", end="end date"),
    ),
}
