"""How does each ERP call the things a proposal speaks of? What has no key there waits for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import dataframely as dy
import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import finish
from replenish.steps.propose.identity import exception_id
from replenish.tables.core import ErpKey, OpenSupply, PreviousException, PreviousProposal
from replenish.tables.plan import ErpLine
from replenish.tables.proposal import Exception as ExceptionTable
from replenish.tables.proposal import Proposal

NAMES = {"odoo": "Odoo", "erpnext": "ERPNext", "frepple": "frePPLe"}
_NAMED_BY_US = ("erpnext", "frepple")  # there a name is the key: ours, unless another is given
REMEDY = "add it to erp_key"  # ends the cause of every line that only lacks a key
_AT = "{}@{}"
_PART = ["system", "kind", "our_id"]
_MANY, _SHOWN, _ALL = 20, 3, "*"  # missing keys of a kind that are told one by one, shown of more, their name together


class _Named(NamedTuple):
    """A column of plan.erp_line: the kind of its key, and our ids in the order in which they are looked for."""

    kind: str
    our_ids: tuple[str, ...]


_COLUMNS = {
    "item_key": _Named("item", ("item_id",)),
    "location_key": _Named("location", ("location_id",)),
    "supplier_key": _Named("supplier", ("supplier_id",)),
    "origin_key": _Named("location", ("origin_id",)),
    "uom_key": _Named("uom", ("uom",)),
    "company_key": _Named("company", ("location_id",)),
    "picking_type_key": _Named("picking_type", ("handling_id",)),
    "bom_key": _Named("bom", ("node_id", "item_id")),
    "operation_key": _Named("operation", ("node_id", "item_id")),
    "order_key": _Named("order", ("line_ref", "only_order_id")),
}
_NEEDED = {
    ("odoo", "purchase"): ("item_key", "supplier_key", "uom_key", "picking_type_key"),
    ("odoo", "transfer"): ("item_key", "origin_key", "location_key", "uom_key", "picking_type_key"),
    ("odoo", "production"): ("item_key", "uom_key", "bom_key", "picking_type_key"),
    ("frepple", "production"): ("operation_key",),
}

Addressed = tuple[dy.DataFrame[Proposal], dy.DataFrame[ExceptionTable], dy.DataFrame[ErpLine]]


def address(
    proposal: dy.DataFrame[Proposal],
    exception: dy.DataFrame[ExceptionTable],
    erp_key: dy.DataFrame[ErpKey],
    open_supply: dy.DataFrame[OpenSupply],
    previous: dy.DataFrame[PreviousProposal],
    previous_exception: dy.DataFrame[PreviousException],
    *,
    dialects: Sequence[str],
    has_work_orders: bool,
    warehouse_suffix: str,
    run_id: str,
    as_of: date,
    currency: str,
) -> Addressed:
    """Lines with those held that lack a key in one of `dialects`, the exceptions that say so, and plan.erp_line.

    Odoo needs a key for all it is told of; ERPNext and frePPLe take our ids where none is given (locations in ERPNext
    with `warehouse_suffix`), but bills for Work Orders (`has_work_orders`) and operations must be named. Only NEW
    lines are held: messages on open orders go to people.
    """
    if not dialects:
        return Proposal.cast(proposal), ExceptionTable.cast(exception), ErpLine.create_empty()
    lines = _with_keys(_asking(proposal, open_supply, previous, dialects), erp_key, warehouse_suffix)
    lacking = _lacking(lines, erp_key, has_work_orders)
    told = lacking.group_by("system", "proposal_id", maintain_order=True).agg(
        missing=pl.format("{} {}", "kind", "our_id").str.join(", ")
    )
    lines = lines.join(told, on=["system", "proposal_id"], how="left", maintain_order="left")
    held = _held(proposal, told)
    found = _exceptions(lacking, proposal, previous_exception, run_id, as_of, currency)
    return Proposal.cast(held), ExceptionTable.cast(_ranked(exception, found)), ErpLine.cast(finish(ErpLine, lines))


def _asking(
    proposal: pl.DataFrame, open_supply: pl.DataFrame, previous: pl.DataFrame, dialects: Sequence[str]
) -> pl.DataFrame:
    """Every line that asks for something, once a system, with the ids that keys are looked up by."""
    orders = open_supply.select("order_id", "line_id", order_status="status")
    single = open_supply.group_by("order_id", maintain_order=True).agg(is_only_line=pl.len() == 1)
    known = previous.select("proposal_id", is_known=pl.lit(True)).unique("proposal_id")
    asking = proposal.filter(pl.col("action") != "ON_SCHEDULE").rename(
        {"existing_order_id": "order_id", "existing_line_id": "line_id"}
    )
    for table, key in ((orders, ["order_id", "line_id"]), (single, ["order_id"]), (known, ["proposal_id"])):
        asking = asking.join(table, on=key, how="left", maintain_order="left")
    is_moved = pl.col("kind") == "transfer"
    origin, place = pl.when(is_moved).then("source_id"), pl.when(is_moved).then("source_id").otherwise("location_id")
    asking = asking.with_columns(
        pl.col("is_known").fill_null(False),
        supplier_id=pl.when(pl.col("kind") == "purchase").then("source_id"),
        origin_id=origin,
        handling_id=pl.format(_AT, "kind", place),
        node_id=pl.format(_AT, "item_id", "location_id"),
        line_ref=pl.format("{}/{}", "order_id", "line_id"),
        only_order_id=pl.when(pl.col("is_only_line")).then("order_id"),
    )
    return asking.join(pl.DataFrame({"system": list(dialects)}), how="cross", maintain_order="left_right")


def _with_keys(lines: pl.DataFrame, erp_key: pl.DataFrame, warehouse_suffix: str) -> pl.DataFrame:
    """Lines with the columns of plan.erp_line: keys as given, else our own ids where a system takes them."""
    for column, (kind, our_ids) in _COLUMNS.items():
        keys = erp_key.filter(pl.col("kind") == kind)
        for turn, our_id in enumerate(our_ids):
            found = keys.select("system", pl.col("our_id").alias(our_id), pl.col("erp_id").alias(f"{column}{turn}"))
            lines = lines.join(found, on=["system", our_id], how="left", maintain_order="left")
        lines = lines.with_columns(pl.coalesce(f"{column}{turn}" for turn in range(len(our_ids))).alias(column))
    ours = pl.col("system").is_in(_NAMED_BY_US)
    suffix = pl.when(pl.col("system") == "erpnext").then(pl.lit(warehouse_suffix)).otherwise(pl.lit(""))
    own = {
        "item_key": pl.col("item_id"),
        "location_key": pl.col("location_id") + suffix,
        "supplier_key": pl.col("supplier_id"),
        "origin_key": pl.col("origin_id") + suffix,
        "uom_key": pl.col("uom"),
    }
    lines = lines.with_columns(
        pl.coalesce(name, pl.when(ours).then(own_id)).alias(name) for name, own_id in own.items()
    )
    whole = pl.coalesce("order_key", pl.when(pl.col("system") == "frepple").then("only_order_id"))
    order = pl.when(pl.col("system") == "odoo").then("order_key0").otherwise(whole)  # there a line has a key of its own
    return lines.with_columns(source_key=pl.coalesce("supplier_key", "origin_key"), order_key=order)


def _lacking(lines: pl.DataFrame, erp_key: pl.DataFrame, has_work_orders: bool) -> pl.DataFrame:
    """One row (system, proposal_id, kind, our_id) for each key a NEW line needs and has not."""
    needed = dict(_NEEDED)
    if has_work_orders:
        needed["erpnext", "production"] = ("bom_key",)
    if not erp_key.filter(system="odoo", kind="company").is_empty():  # the column is written, and must not be empty
        needed |= {key: (*columns, "company_key") for key, columns in needed.items() if key[0] == "odoo"}
    parts = []
    for (system, kind), columns in needed.items():
        fresh = lines.filter(system=system, kind=kind, action="NEW")
        for column in columns:
            named = _COLUMNS[column]
            rows = fresh.filter(pl.col(column).is_null())
            what, our_id = pl.lit(named.kind).alias("kind"), pl.col(named.our_ids[0]).alias("our_id")
            parts.append(rows.select("system", "proposal_id", what, our_id))
    return pl.concat(parts).sort("proposal_id", "system", maintain_order=True)


def _held(proposal: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Lines with those held that lack a key; a cause that is there already stays."""
    system = pl.col("system").replace_strict(NAMES, return_dtype=pl.String)
    sentence = pl.format("{} has no key for {}: {}", system, "missing", pl.lit(REMEDY))
    causes = told.group_by("proposal_id", maintain_order=True).agg(lack=sentence.str.join("; "))
    lines = proposal.join(causes, on="proposal_id", how="left", maintain_order="left")
    cause = pl.coalesce("hold_cause", pl.format("DATA_INVALID: {}", "lack"))
    return lines.with_columns(hold_cause=cause, hold=cause.is_not_null()).select(proposal.columns)


def _exceptions(
    lacking: pl.DataFrame, proposal: pl.DataFrame, previous: pl.DataFrame, run_id: str, as_of: date, currency: str
) -> pl.DataFrame:
    """DATA_INVALID for each missing key that holds a line nothing else holds; at stake is what its lines would save.

    Where more than a few of a kind are missing, one tells of all of them.
    """
    free = proposal.filter(~pl.col("hold")).select(
        "proposal_id", "qty", lost=pl.col("expected_lost_sales_value_without").fill_null(0.0)
    )
    held = lacking.join(free, on="proposal_id", how="inner", maintain_order="left").with_columns(
        is_many=pl.col("our_id").n_unique().over("system", "kind") > _MANY
    )
    named = pl.when("is_many").then(pl.lit(_ALL)).otherwise("our_id")
    parts = held.group_by("system", "kind", pl.col("our_id").alias("key"), named.alias("our_id"), maintain_order=True)
    ids = parts.agg(pl.len().alias("line_count"), pl.col("qty", "lost").sum()).sort(*_PART, "key")
    found = ids.group_by(_PART, maintain_order=True).agg(
        pl.col("line_count", "qty", "lost").sum(), key_count=pl.len(), few=pl.col("key").head(_SHOWN).str.join(", ")
    )
    names = [exception_id("DATA_INVALID", "erp_key", *row) for row in found.select(_PART).iter_rows()]
    found = found.with_columns(pl.Series("exception_id", names, pl.String)).join(
        previous.select("exception_id", "first_seen_run"), on="exception_id", how="left", maintain_order="left"
    )
    nothing: dict[str, Any] = dict.fromkeys(("location_id", "order_id", "best_action"), pl.lit(None, pl.String))
    return found.with_columns(
        pl.col("first_seen_run").fill_null(run_id),
        **nothing,
        rank=pl.lit(0),
        code=pl.lit("DATA_INVALID"),
        item_id=pl.when((pl.col("kind") == "item") & (pl.col("our_id") != _ALL)).then("our_id"),
        date=pl.lit(as_of + timedelta(days=1)),
        value_at_stake=pl.col("lost"),
        cause_id=pl.format("{}/{}/{}", *_PART),
        explanation=_sentence(currency),
        hold=pl.lit(True),
    ).select(ExceptionTable.column_names())


def _sentence(currency: str) -> pl.Expr:
    system = pl.col("system").replace_strict(NAMES, return_dtype=pl.String)
    one = pl.format(
        "{} has no key for {} {}: add a row to erp_key (system {}, kind {}, our_id {}).",
        system, "kind", "few", *_PART[:2], "few",
    )  # fmt: skip
    many = pl.format(
        "{} has no key for {} ids of kind {}, such as {}: add a row for each to erp_key (system {}, kind {}).",
        system, "key_count", "kind", "few", *_PART[:2],
    )  # fmt: skip
    lines = pl.when(pl.col("line_count") == 1).then(pl.lit("1 line")).otherwise(pl.format("{} lines", "line_count"))
    saved = w.where(pl.col("lost") > 0, pl.format(", worth {} of margin", w.money(pl.col("lost"), currency)))
    begin = pl.when(pl.col("our_id") == _ALL).then(many).otherwise(one)
    return pl.format("{} Held back: {}{}.", begin, lines, saved)


def _ranked(exception: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Both lists as one, most at stake first, ties by id."""
    both = pl.concat([exception, found.match_to_schema(exception.schema, integer_cast="upcast")])
    both = both.sort("value_at_stake", "exception_id", descending=[True, False])
    return finish(ExceptionTable, both.with_columns(rank=pl.int_range(1, pl.len() + 1)))
