"""The lines of a night as an ERP is asked for them: with its keys, joined into documents, and what it is not asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from replenish.publish.erp_file import Column
from replenish.tables import core, plan, proposal
from replenish.tables.table import Table

Read = Callable[[type[Table]], pl.DataFrame]

BY_CONTRACT = ["kind", "source_id", "item_id", "location_id", "receipt_date", "proposal_id"]
DOCUMENT = ["kind", "source_id", "location_id", "order_date"]
_LEADS = ["first_need_date", "id_counter", "proposal_id"]
_WORDS = {
    "EXPEDITE": ("agree on {} with {}, then change the date of the open order", "receipt_date", "source_id"),
    "DEFER": ("agree on {} with {}, then change the date of the open order", "receipt_date", "source_id"),
    "INCREASE": ("raise the open quantity from {} to {}", "old_qty", "qty"),
    "DECREASE": ("lower the open quantity from {} to {}", "old_qty", "qty"),
    "CANCEL": ("cancel what is open of the order: {} units at {}", "old_qty", "source_id"),
}

_LINE = {
    "proposal_id": Column("string", "proposal"),
    "action": Column("string", "what it asks for; WITHDRAW: it was proposed last night and no longer is"),
    "kind": Column("string", "purchase, transfer or production"),
    "item_id": Column("string", "item", is_free_text=True),  # these files are for people: no id in them is a key
    "location_id": Column("string", "receiving location", is_free_text=True),
    "source_id": Column("string", "supplier, origin location, or making location", is_free_text=True),
}
MESSAGES = _LINE | {
    "existing_order_id": Column("string", "order the message is about", is_free_text=True),
    "existing_line_id": Column("string", "its line", is_free_text=True),
    "old_qty": Column("number", "open quantity before the change"),
    "qty": Column("number", "open quantity after it; of WITHDRAW what was proposed"),
    "old_date": Column("date", "date before the change"),
    "receipt_date": Column("date", "date after it"),
    "what_to_do": Column("string", "what a person does in the ERP", is_free_text=True),
    "explanation": Column("string", "why", is_free_text=True),
}
NOT_EXPORTED = _LINE | {
    "qty": Column("number", "quantity"),
    "reason": Column("string", "why no other file has it", is_free_text=True),
}
LINES = {
    "proposal_id": Column("string", "proposal"),
    "file": Column("string", "file of this folder that carries it"),
    "record_id": Column("string", "document it is in there; empty for messages to people", is_free_text=True),
    "line_id": Column("string", "line it is in there, joined with others of the same item and date"),
}


class Asked(NamedTuple):
    """What a night asks for, every line once: new orders, changes of open ones, and what is held back."""

    new: pl.DataFrame
    changes: pl.DataFrame
    held: pl.DataFrame


def asked(read: Read, system: str) -> Asked:
    """Lines that ask for something with the keys of `system`, in the order of the contract."""
    keys = read(plan.ErpLine).filter(system=system).drop("system", "missing")
    names = read(core.Item).select("item_id", item_name="name")
    lines = read(proposal.Proposal).filter(pl.col("action") != "ON_SCHEDULE")
    lines = lines.join(keys, on="proposal_id", how="left", maintain_order="left")
    lines = lines.join(names, on="item_id", how="left", maintain_order="left").with_columns(
        pl.col("item_name").fill_null(pl.col("item_id")), pl.col("is_known").fill_null(False)
    )
    lines = lines.sort(BY_CONTRACT)
    free = lines.filter(~pl.col("hold"))
    is_new = pl.col("action") == "NEW"
    return Asked(free.filter(is_new), free.filter(~is_new), lines.filter("hold"))


def documents(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines joined per source, order date and location, within them per item and receipt date.

    Adds `document_id`, the id of the proposal that leads the document, `document_date`, the need date when that id was
    made, and `document_receipt_date`, the earliest receipt; `proposal_ids` are those in a line, whose own id is that of
    the one that leads it. The leader is a proposal of last night, if any, then that of the earliest need: so a document
    and a line keep their ids while that need lasts. Quantities add up; the cost of a unit is the mean.
    """
    led = lines.sort(~pl.col("is_known"), *_LEADS)
    heads = led.group_by(DOCUMENT, maintain_order=True).agg(
        document_id=pl.col("proposal_id").first(),
        document_date=pl.col("first_need_date").first(),
        document_receipt_date=pl.col("receipt_date").min(),
    )
    led = led.join(heads, on=DOCUMENT, how="left", maintain_order="left")
    key = ["document_id", "item_id", "receipt_date"]
    rest = [name for name in led.columns if name not in (*key, "qty", "value", "unit_cost")]
    is_valued = pl.col("value").is_not_null().all()
    joined = led.group_by(key, maintain_order=True).agg(
        *(pl.col(name).first() for name in rest),
        pl.col("qty").sum(),
        value=pl.when(is_valued).then(pl.col("value").sum()),
        proposal_ids=pl.col("proposal_id"),
    )
    joined = joined.with_columns(unit_cost=pl.when(pl.col("qty") > 0).then(pl.col("value") / pl.col("qty")))
    return joined.sort(*DOCUMENT, "document_id", "item_id", "receipt_date", "proposal_id")


def index(file: str, lines: pl.DataFrame, record: pl.Expr, line: pl.Expr | None = None) -> pl.DataFrame:
    """Where each proposal of these lines went: rows of lines.csv."""
    ids = "proposal_ids" if "proposal_ids" in lines.columns else "proposal_id"
    found = lines.select(
        pl.col(ids).alias("proposal_id"), pl.lit(file).alias("file"), record.alias("record_id"),
        (pl.lit(None, pl.String) if line is None else line).alias("line_id"),
    )  # fmt: skip
    return found.explode("proposal_id") if ids == "proposal_ids" else found


def messages(changes: pl.DataFrame, withdrawn: pl.DataFrame) -> pl.DataFrame:
    """Rows of messages.csv: changes that no import makes, and proposals of last night that are none tonight."""
    told = pl.lit(None, pl.String)
    for action, (text, *columns) in _WORDS.items():
        said = pl.format(text, *(_plain(name) for name in columns))
        told = pl.when(pl.col("action") == action).then(said).otherwise(told)
    both = [changes.with_columns(what_to_do=told), withdrawn]
    rows = pl.concat([part.select(name for name in MESSAGES) for part in both], how="vertical_relaxed")
    return rows.sort("action", *BY_CONTRACT)


def withdrawn(read: Read, what_to_do: pl.Expr) -> pl.DataFrame:
    """New lines of last night that nobody decided upon and that are not proposed any more: drafts to take back."""
    tonight = read(proposal.Proposal).select("proposal_id")
    gone = read(core.PreviousProposal).filter((pl.col("action") == "NEW") & ~pl.col("is_decided"))
    gone = gone.join(tonight, on="proposal_id", how="anti", maintain_order="left")
    reason = pl.lit("proposed last night, no longer needed, or needed otherwise")
    return gone.with_columns(action=pl.lit("WITHDRAW"), what_to_do=what_to_do, explanation=reason)


def not_exported(held: pl.DataFrame) -> pl.DataFrame:
    """Rows of not_exported.csv."""
    return held.sort(BY_CONTRACT).with_columns(reason="hold_cause").select(name for name in NOT_EXPORTED)


def _plain(name: str) -> pl.Expr:
    """A number without needless decimals, a date as it is written, a text."""
    if not name.endswith("qty"):
        return pl.col(name).cast(pl.String)
    return pl.col(name).round_sig_figs(12).cast(pl.String).str.replace(r"\.0$", "")
