"""How much did orders change since last night, and is it too much to act on without a person?"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.nervousness import changed_rate, flipped
from replenish.steps.address import REMEDY
from replenish.steps.panel import KEY
from replenish.steps.propose.suppliers import supplier_orders
from replenish.tables.core import Arc, Node, OpenSupply, PreviousProposal, PreviousSteadiness, Supplier
from replenish.tables.plan import Nervousness, Steadiness
from replenish.tables.proposal import Proposal, SupplierOrder

FEWEST_NIGHTS = 5  # that must have gone before anything is held
MOST_RATE, MOST_FLIPPED_SHARE = 1.5, 0.2
FEWEST_LINES = FEWEST_NODES = 20  # with fewer a single order moves the figures
_DEFAULT_REVIEW_DAYS = 7.0
_LINE = ["proposal_id", *KEY, "qty", "need_date", "receipt_date"]

Steady = tuple[dy.DataFrame[Proposal], dy.DataFrame[SupplierOrder], dy.DataFrame[Nervousness], dy.DataFrame[Steadiness]]


def steady(
    proposal: dy.DataFrame[Proposal],
    previous: dy.DataFrame[PreviousProposal],
    nights: dy.DataFrame[PreviousSteadiness],
    open_supply: dy.DataFrame[OpenSupply],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    supplier: dy.DataFrame[Supplier],
    *,
    run_id: str,
    as_of: date,
    kill_switch: bool,
) -> Steady:
    """Measure tonight's change against last night, and hold every line if it is beyond reason.

    `nights` are the trailing nights. Held is a night that follows at least five others at no longer than their usual
    distance, if its orders cost more than 1.5 times the median of those nights (and of those of the same weekday), or
    if orders of more than 20 % of comparable nodes appeared or vanished, and 1.5 times as many as usual. Fewer than 20
    lines or nodes hold nothing.
    """
    compared = _comparable(previous, nights, open_supply, node, arc, as_of)
    lines = _lines(proposal, previous, compared)
    nervous = _nervousness(lines, compared)
    told = _tonight(proposal, nervous, run_id, as_of)
    cause = _cause(told, compared.height, nights, as_of) if kill_switch else None
    told = told.with_columns(is_stopped=pl.lit(cause is not None), cause=pl.lit(cause, pl.String))
    kept = nights.filter(pl.col("as_of") < as_of).sort("as_of")
    all_nights = pl.concat([kept.select(Steadiness.column_names()), told.select(Steadiness.column_names())])
    held = proposal if cause is None else _held(proposal, cause)
    return (
        Proposal.cast(held),
        SupplierOrder.cast(supplier_orders(held, supplier)),
        Nervousness.cast(nervous),
        Steadiness.cast(all_nights),
    )


def _comparable(
    previous: pl.DataFrame,
    nights: pl.DataFrame,
    open_supply: pl.DataFrame,
    node: pl.DataFrame,
    arc: pl.DataFrame,
    as_of: date,
) -> pl.DataFrame:
    """Nodes (item, location, unit_cost) that both nights planned for the same needs.

    Left out are nodes listed since, those with an order placed or decided since, and those whose next chance to order
    has passed between the nights: their lines should differ.
    """
    last = nights["as_of"].max()
    if not isinstance(last, date) or last >= as_of:
        return node.select(*KEY, "unit_cost").clear()
    review = arc.filter(pl.col("arc_rank") == 1).select(*KEY, "review_days").unique(KEY, keep="first")
    known = node.join(review, on=KEY, how="inner", maintain_order="left").filter(
        (pl.col("listed_from") <= last).fill_null(True),
        pl.col("review_days").fill_null(_DEFAULT_REVIEW_DAYS) > (as_of - last).days,
    )
    placed = open_supply.filter((pl.col("order_date") > last).fill_null(False)).select(KEY)
    decided = previous.filter("is_decided").select(KEY)
    return known.select(*KEY, "unit_cost").join(pl.concat([placed, decided]).unique(), on=KEY, how="anti")


def _added(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that bring units, and how many: all of a NEW one, and what an INCREASE adds to its order."""
    added = lines.filter(pl.col("action").is_in(["NEW", "INCREASE"]))
    before = pl.when(pl.col("action") == "INCREASE").then("old_qty").otherwise(0.0).fill_null(0.0)
    return added.with_columns(qty=(pl.col("qty") - before).clip(0.0))


def _lines(proposal: pl.DataFrame, previous: pl.DataFrame, compared: pl.DataFrame) -> pl.DataFrame:
    """Lines of either night of the nodes compared, by the id of their need: previous_qty and qty, 0 where none was."""
    now = _added(proposal).select(_LINE)
    before = _added(previous).select(_LINE).rename({"qty": "previous_qty"})
    both = now.join(before, on=["proposal_id", *KEY], how="full", coalesce=True, suffix="_before")
    both = both.with_columns(
        pl.col("qty", "previous_qty").fill_null(0.0),
        need_date=pl.coalesce("need_date", "need_date_before"),
        receipt_date=pl.coalesce("receipt_date", "receipt_date_before"),
    )
    inside = (pl.col("need_date") <= pl.col("receipt_date")).fill_null(True)
    scope = pl.when(inside).then(pl.lit("inside_fence")).otherwise(pl.lit("outside_fence"))
    return both.with_columns(scope=scope).join(compared, on=KEY, how="inner").sort("proposal_id")


def _nervousness(lines: pl.DataFrame, compared: pl.DataFrame) -> pl.DataFrame:
    """One row a scope; none where no two nights can be compared."""
    if compared.is_empty():
        return Nervousness.create_empty()
    scopes = {name: lines.filter(pl.col("scope") == name) for name in ("inside_fence", "outside_fence")}
    rows = [_measured(name, part, compared.height) for name, part in {"all": lines, **scopes}.items()]
    return pl.DataFrame(rows, infer_schema_length=None).sort("scope")


def _measured(scope: str, lines: pl.DataFrame, node_count: int) -> dict[str, object]:
    before, now = (lines[name].to_numpy() for name in ("previous_qty", "qty"))
    cost = lines["unit_cost"].fill_null(0.0).fill_nan(0.0).to_numpy()
    nodes = lines.group_by(KEY, maintain_order=True).agg(pl.col("previous_qty", "qty").sum())
    came, went = flipped(nodes["previous_qty"].to_numpy(), nodes["qty"].to_numpy())
    shares = changed_rate(before, now), changed_rate(before, now, cost)
    return {
        "scope": scope,
        "line_count": lines.height,
        "node_count": node_count,
        "changed_rate": _known(shares[0]),
        "changed_value_rate": _known(shares[1]),
        "appeared_count": int(came.sum()),
        "vanished_count": int(went.sum()),
        "flipped_share": float((came | went).sum()) / node_count,
    }


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _tonight(proposal: pl.DataFrame, nervous: pl.DataFrame, run_id: str, as_of: date) -> pl.DataFrame:
    """Tonight's row: value and number of lines that bring units, held ones aside, and how many nodes flipped.

    Lines that wait for a key of an ERP count: the night that brings the keys is as usual.
    """
    waits = pl.col("hold_cause").str.ends_with(REMEDY).fill_null(False)
    free = _added(proposal.filter(~pl.col("hold") | waits)).sort("proposal_id")
    worth = pl.when(pl.col("action") == "INCREASE").then(pl.col("qty") * pl.col("unit_cost")).otherwise("value")
    shares = nervous.filter(pl.col("scope") == "all")["flipped_share"].to_list()
    row = {
        "as_of": as_of,
        "run_id": run_id,
        "proposal_value": float(free.select(worth.fill_null(0.0).sum()).item()),
        "line_count": free.height,
        "flipped_share": shares[0] if shares else None,
    }
    return pl.DataFrame([row], schema_overrides={"flipped_share": pl.Float64, "line_count": pl.Int32})


def _cause(told: pl.DataFrame, node_count: int, nights: pl.DataFrame, as_of: date) -> str | None:
    """Why tonight must not be acted on unseen; nothing where all is as usual or too little is known."""
    before = nights.filter(pl.col("as_of") < as_of).sort("as_of")
    days = before["as_of"].to_list()
    if len(days) < FEWEST_NIGHTS:
        return None
    usual = max((later - sooner for sooner, later in pairwise(days)), default=timedelta(0))
    if as_of - days[-1] > usual:
        return None
    row = told.row(0, named=True)
    same_weekday = before.filter(pl.col("as_of").dt.weekday() == as_of.isoweekday())
    least = max(_median(before["proposal_value"]), _median(same_weekday["proposal_value"]))
    if row["line_count"] >= FEWEST_LINES and least > 0.0 and row["proposal_value"] > MOST_RATE * least:
        times = row["proposal_value"] / least
        return f"KILL_SWITCH: tonight's orders cost {times:.1f} times what is usual ({len(days)} nights before)"
    flips = row["flipped_share"]
    most = max(MOST_FLIPPED_SHARE, MOST_RATE * _median(before["flipped_share"]))
    if node_count >= FEWEST_NODES and flips is not None and flips > most:
        return f"KILL_SWITCH: orders of {100 * flips:.0f} % of {node_count} items appeared or vanished since last night"
    return None


def _median(values: pl.Series) -> float:
    value = values.median()
    return float(value) if isinstance(value, float) else 0.0


def _held(proposal: pl.DataFrame, cause: str) -> pl.DataFrame:
    """Every line that asks for something on hold; a cause that is there already stays."""
    asks = pl.col("action") != "ON_SCHEDULE"
    why = pl.when(asks & ~pl.col("hold")).then(pl.lit(cause)).otherwise("hold_cause")
    return proposal.with_columns(hold=pl.col("hold") | asks, hold_cause=why)
