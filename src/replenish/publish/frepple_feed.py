"""What frePPLe's own engine is fed with: stock and safety stock, sales orders, terms of suppliers, forecasts."""

from __future__ import annotations

import polars as pl

from replenish.publish.erp_file import Column, Columns
from replenish.publish.erp_lines import Read
from replenish.publish_settings import PublishSettings
from replenish.tables import core, plan

_PRIORITY = 10  # of sales orders: what frePPLe gives them by itself
_ITEM, _LOCATION = Column("string", "item"), Column("string", "location")
_CUSTOMER = Column("string", "customer of the settings")
FILES: dict[str, Columns] = {
    "buffer": {
        "item": _ITEM,
        "location": _LOCATION,
        "onhand": Column("number", "stock in the books"),
        "minimum": Column("number", "safety stock tonight"),
        "minimum_calendar": Column("string", "calendar of the safety stock to come"),
    },
    "calendar": {
        "name": Column("string", "calendar of the safety stock of an item at a location"),
        "default value": Column("number", "safety stock tonight, held beyond the horizon too"),
    },
    "calendarbucket": {
        "calendar": Column("string", "calendar"),
        "start date": Column("datetime", "first moment it holds"),
        "end date": Column("datetime", "first moment it holds no longer"),
        "value": Column("number", "safety stock"),
        "priority": Column("integer", "0"),
    },
    "demand": {
        "name": Column("string", "order and line"),
        "item": _ITEM,
        "location": _LOCATION,
        "customer": _CUSTOMER,
        "due": Column("datetime", "day promised"),
        "quantity": Column("number", "open quantity"),
        "status": Column("string", "open"),
        "priority": Column("integer", f"{_PRIORITY}"),
    },
    "itemsupplier": {
        "item": _ITEM,
        "location": _LOCATION,
        "supplier": Column("string", "supplier"),
        "lead time": Column("string", "order to receipt, as days and hours"),
        "size minimum": Column("number", "least quantity of a line"),
        "size multiple": Column("number", "pack"),
        "size maximum": Column("number", "largest quantity of a line"),
        "cost": Column("number", "cost of one unit"),
        "priority": Column("integer", "1 is used tonight"),
        "batching window": Column("string", "time between order chances, as days and hours"),
    },
    "forecastplan": {
        "item": _ITEM,
        "location": _LOCATION,
        "customer": _CUSTOMER,
        "startdate": Column("datetime", "first moment of the bucket"),
        "enddate": Column("datetime", "first moment after it"),
        "forecast override": Column("number", "mean demand in it"),
    },
}

Files = dict[str, pl.DataFrame]


def files(read: Read, settings: PublishSettings) -> Files:
    """Frames by file name."""
    keys = read(core.ErpKey).filter(system="frepple")
    customer = pl.lit(settings.frepple_customer)
    return {
        "buffer": _buffers(read, keys),
        "calendar": _calendars(read, keys),
        "calendarbucket": _calendar_buckets(read, keys),
        "demand": _demands(read, keys, customer),
        "itemsupplier": _item_suppliers(read, keys),
        "forecastplan": _forecasts(read, keys, customer),
    }


def _named(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Rows with `item` and `location` as frePPLe calls them, in our order."""
    for kind, our_id in (("item", "item_id"), ("location", "location_id")):
        found = keys.filter(kind=kind).select(pl.col("our_id").alias(our_id), pl.col("erp_id").alias(kind))
        rows = rows.join(found, on=our_id, how="left", maintain_order="left")
        rows = rows.with_columns(pl.coalesce(kind, our_id).alias(kind))
    return rows


def _calendar_name() -> pl.Expr:
    return pl.format("safety stock {} @ {}", "item", "location")


def _buffers(read: Read, keys: pl.DataFrame) -> pl.DataFrame:
    levels = read(plan.Target).select("item_id", "location_id", pl.col("safety_stock_qty").clip(0.0))
    phased = read(plan.SafetyPhase).select("item_id", "location_id", is_phased=pl.lit(True)).unique()
    rows = read(core.Position).select("item_id", "location_id", "recorded_on_hand_qty")
    for table in (levels, phased):
        rows = rows.join(table, on=["item_id", "location_id"], how="left", maintain_order="left")
    rows = _named(rows.sort("item_id", "location_id"), keys)
    return rows.select(
        "item",
        "location",
        onhand=pl.col("recorded_on_hand_qty"),
        minimum=pl.col("safety_stock_qty").fill_nan(None),
        minimum_calendar=pl.when("is_phased").then(_calendar_name()),
    )


def _calendars(read: Read, keys: pl.DataFrame) -> pl.DataFrame:
    first = read(plan.SafetyPhase).unique(["item_id", "location_id"], keep="first", maintain_order=True)
    rows = _named(first, keys)
    return rows.select(_calendar_name().alias("name"), pl.col("safety_stock_qty").alias("default value"))


def _calendar_buckets(read: Read, keys: pl.DataFrame) -> pl.DataFrame:
    return _named(read(plan.SafetyPhase), keys).select(
        _calendar_name().alias("calendar"),
        _midnight("start_date").alias("start date"),
        _midnight("end_date").alias("end date"),
        pl.col("safety_stock_qty").alias("value"),
        pl.lit(0).alias("priority"),
    )


def _demands(read: Read, keys: pl.DataFrame, customer: pl.Expr) -> pl.DataFrame:
    rows = _named(read(core.OpenDemand).sort("order_id", "line_id"), keys)
    return rows.select(
        pl.format("{}/{}", "order_id", "line_id").alias("name"),
        "item",
        "location",
        customer.alias("customer"),
        _midnight("due_date").alias("due"),
        pl.col("open_qty").alias("quantity"),
        pl.lit("open").alias("status"),
        pl.lit(_PRIORITY).alias("priority"),
    )


def _item_suppliers(read: Read, keys: pl.DataFrame) -> pl.DataFrame:
    arcs = read(core.Arc).filter((pl.col("kind") == "buy") & ~pl.col("is_default") & (pl.col("arc_rank") > 0))
    named = keys.filter(kind="supplier").select(source_id="our_id", supplier="erp_id")
    rows = _named(arcs.sort("item_id", "location_id", "source_id"), keys)
    rows = rows.join(named, on="source_id", how="left", maintain_order="left")
    packs = pl.when(pl.col("multiple_qty") > 0).then("multiple_qty")
    return rows.select(
        "item",
        "location",
        pl.coalesce("supplier", "source_id").alias("supplier"),
        _duration("lead_time_days").alias("lead time"),
        pl.col("min_qty").alias("size minimum"),
        packs.alias("size multiple"),
        pl.col("max_qty").alias("size maximum"),
        pl.col("unit_cost").alias("cost"),
        pl.col("arc_rank").alias("priority"),
        _duration("review_days").alias("batching window"),
    )


def _forecasts(read: Read, keys: pl.DataFrame, customer: pl.Expr) -> pl.DataFrame:
    ends = read(core.Bucket).select("bucket_index", "bucket_end")
    rows = read(plan.Forecast).select("item_id", "location_id", "bucket_index", "bucket_start", "forecast_qty")
    rows = rows.filter(pl.col("bucket_index") >= 0).join(ends, on="bucket_index", how="left", maintain_order="left")
    rows = _named(rows.sort("item_id", "location_id", "bucket_index"), keys)
    return rows.select(
        "item",
        "location",
        customer.alias("customer"),
        _midnight("bucket_start").alias("startdate"),
        _midnight("bucket_end").dt.offset_by("1d").alias("enddate"),
        pl.col("forecast_qty").alias("forecast override"),
    )


def _midnight(day: str) -> pl.Expr:
    return pl.col(day).cast(pl.Datetime("ms"))


def _duration(days: str) -> pl.Expr:
    """Days as `14 06:00:00`; a bare number would be seconds."""
    minutes = (pl.col(days) * 24 * 60).round().cast(pl.Int64)
    clock = [(minutes // 60 % 24), (minutes % 60)]
    padded = (part.cast(pl.String).str.zfill(2) for part in clock)
    return pl.format("{} {}:{}:00", minutes // (24 * 60), *padded)
