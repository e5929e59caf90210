"""What must an ERP that holds the last acknowledged run's lines do to hold tonight's?"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from replenish.tables.core import AcknowledgedProposal
from replenish.tables.plan import Delta
from replenish.tables.proposal import Proposal

FIGURES = 12  # as proposal files are written: what they show alike is no change
# of a line, what somebody acts upon; its reasons, risks and expiry move every night
TOLD = (
    "action", "kind", "item_id", "location_id", "source_id", "qty", "uom", "order_date", "need_date", "receipt_date",
    "existing_order_id", "existing_line_id", "old_qty", "old_date", "unit_cost", "value", "currency",
)  # fmt: skip


def tell_delta(
    proposal: dy.DataFrame[Proposal], acknowledged: dy.DataFrame[AcknowledgedProposal], run_id: str
) -> dy.DataFrame[Delta]:
    """Create, change and cancel: the executable lines of tonight against the open ones of the last acknowledged run.

    Executable is what is not on hold and asks for something. A line that was answered is no longer open: what became
    of it is an order of the ERP or nothing, and no delta touches it. A line that goes on hold is cancelled, because
    nobody may act on it, and created again under its id once the hold is gone.
    """
    asks = proposal.filter(pl.col("action") != "ON_SCHEDULE")
    now = asks.filter(~pl.col("hold")).select("proposal_id", *TOLD)
    base = acknowledged["run_id"].first()
    open_lines = acknowledged.filter(~pl.col("is_answered")).select("proposal_id", *TOLD)
    was = open_lines.select("proposal_id", pl.exclude("proposal_id").name.prefix("acknowledged_"))
    both = now.join(was, on="proposal_id", how="left").with_columns(changed=_changed())
    is_known = pl.col("proposal_id").is_in(open_lines["proposal_id"].to_list())
    stands = pl.when(is_known).then(pl.lit("change")).otherwise(pl.lit("create"))
    changed = pl.when(is_known).then("changed")
    told = both.with_columns(operation=stands, changed=changed).filter(~is_known | (pl.col("changed") != ""))
    gone = open_lines.join(now, on="proposal_id", how="anti").join(was, on="proposal_id", how="left")
    held = pl.col("proposal_id").is_in(asks.filter("hold")["proposal_id"].to_list())
    cause = pl.when(held).then(pl.lit("hold")).otherwise(pl.lit("gone"))
    gone = gone.with_columns(operation=pl.lit("cancel"), cancel_cause=cause)
    rows = pl.concat([told, gone], how="diagonal").with_columns(
        run_id=pl.lit(run_id), acknowledged_run_id=pl.lit(base, pl.String)
    )
    return Delta.cast(rows.select(Delta.column_names()).sort("proposal_id"))


def _changed() -> pl.Expr:
    """Names of the columns whose values differ, separated by spaces."""
    names = [pl.when(_differs(name)).then(pl.lit(name)) for name in TOLD]
    return pl.concat_str(names, separator=" ", ignore_nulls=True)


def _differs(name: str) -> pl.Expr:
    now, was = pl.col(name), pl.col(f"acknowledged_{name}")
    if name in ("qty", "old_qty", "unit_cost", "value"):
        now, was = now.round_sig_figs(FIGURES), was.round_sig_figs(FIGURES)
    return now.ne_missing(was)
