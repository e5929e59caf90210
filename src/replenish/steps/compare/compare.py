"""What changed since last night, and because of what?"""

from __future__ import annotations

from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.compare.ladder import RUNGS, Again, parts_of, zeros
from replenish.steps.compare.nights import Night, Nights, at_nodes, used_arcs, with_free_qty
from replenish.steps.compare.reach import Reach
from replenish.steps.compare.wording import sentence
from replenish.steps.panel import KEY, Floats
from replenish.tables.core import Node, PreviousOrder
from replenish.tables.plan import Change
from replenish.tables.proposal import Proposal

MOST_NODES = 5000  # run again, with those below them
_DECIMALS = 6
_NOTHING = 0.5 * 10.0**-_DECIMALS
SMALL = "too small a change to be taken apart"
NEW = "it was not planned on both nights"
MANY = "more nodes changed than are run again, and others more"
OLDER = "last night's run cannot be run again: it is of another version"


def compare(
    proposal: dy.DataFrame[Proposal],
    previous: dy.DataFrame[PreviousOrder],
    node: dy.DataFrame[Node],
    nights: Nights,
    again: Again,
    *,
    min_value: float,
    tolerance_share: float,
    most_nodes: int = MOST_NODES,
) -> dy.DataFrame[Change]:
    """Units ordered anew at every node, NEW lines and what an INCREASE adds, beside last night's, cause by cause.

    Nodes that changed by `min_value` of money and by `tolerance_share` of the larger order are run again: last night's
    inputs are replaced by tonight's family by family, and the unrounded order follows. Then come what packs and
    minimums add (rounding), and what stock, money, space, trucks and hours that are shared take or add (limits); units
    that lateral moves bring are in moves. What is left is `other`: a residual of the re-run, nodes below the damper
    or beyond `most_nodes`, nodes of one night only. Where last night is of another version everything is. Parts are
    rounded to millionths.
    """
    last, tonight = nights.last, nights.tonight
    changed = _changed(proposal, previous, node)
    names = [*RUNGS, "limits"]
    parts, why = zeros(changed.height) | {"limits": np.zeros(changed.height)}, _reasons(changed, last, tonight)
    if last is not None:
        worth = (pl.col("change_qty") * pl.col("unit_cost")).abs()
        large = (worth >= min_value) | ~pl.col("has_money")
        share = tolerance_share * pl.max_horizontal("qty", "previous_qty")
        is_large = changed.select(large & (pl.col("change_qty").abs() > share)).to_series().to_numpy()
        why = np.where((why == "") & ~is_large, SMALL, why)
        why, found = _taken_apart(changed, why, worth, last, tonight, again, most_nodes)
        parts |= found
    changed = changed.with_columns(**_circumstances(changed, last, tonight))
    rows = np.round(np.column_stack([parts[name] for name in names]), _DECIMALS) * (why == "")[:, None]
    rest = np.round(changed["change_qty"].to_numpy() - rows.sum(axis=1), _DECIMALS)
    return _rows(changed.with_columns(why_not=pl.Series(why, dtype=pl.String)), [*names, "other"], [*rows.T, rest])


def _changed(proposal: pl.DataFrame, previous: pl.DataFrame, node: pl.DataFrame) -> pl.DataFrame:
    """Nodes whose new units differ: both quantities, the largest line, and what a unit costs."""
    before = previous.select(*KEY, "previous_qty", old_id="proposal_id", old_kind="kind", old_source="source_id")
    both = added_lines(proposal).join(before, on=KEY, how="full", coalesce=True)
    both = both.with_columns(
        pl.col("qty", "previous_qty").fill_null(0.0),
        proposal_id=pl.coalesce("proposal_id", "old_id"),
        kind=pl.coalesce("kind", "old_kind"),
        source_id=pl.coalesce("source_id", "old_source"),
    ).with_columns(change_qty=pl.col("qty") - pl.col("previous_qty"))
    money = node.select(*KEY, "has_money", "unit_cost")
    known = both.join(money, on=KEY, how="left", maintain_order="left")
    known = known.with_columns(pl.col("has_money").fill_null(value=False))
    return known.filter(pl.col("change_qty").abs() > _NOTHING).sort(KEY)


def added_lines(proposal: pl.DataFrame) -> pl.DataFrame:
    """Units that NEW lines and INCREASEs bring a node (qty), with its largest line."""
    before = pl.when(pl.col("action") == "INCREASE").then("old_qty").otherwise(0.0).fill_null(0.0)
    lines = proposal.filter(pl.col("action").is_in(["NEW", "INCREASE"])).with_columns(
        qty=(pl.col("qty") - before).clip(0.0)
    )
    ranked = lines.sort(*KEY, "qty", "proposal_id", descending=[False, False, True, False])
    first = pl.col("proposal_id", "kind", "source_id").first()
    return ranked.group_by(KEY, maintain_order=True).agg(first, pl.col("qty").sum())


def _circumstances(changed: pl.DataFrame, last: Night | None, tonight: Night) -> dict[str, pl.Series]:
    """By how much the stock of each node rose in the books, and the days its order waits for its order day."""
    stock, waits = [], []
    for night in (last or tonight, tonight):
        stock.append(at_nodes(changed, night.about.record, "recorded_on_hand_qty"))
        waits.append(at_nodes(changed, used_arcs(night.about).arc, "wait_days"))
    names = ("on_hand_change_qty", "wait_before_days", "wait_days")
    return {name: pl.Series(value) for name, value in zip(names, (stock[1] - stock[0], *waits), strict=True)}


def _reasons(changed: pl.DataFrame, last: Night | None, tonight: Night) -> Any:
    """Why a node cannot be run again; empty where it can."""
    if last is None:
        return np.full(changed.height, OLDER, dtype=object)
    both = last.wish.select(KEY).join(tonight.wish.select(KEY), on=KEY)
    marked = both.with_columns(there=pl.lit(value=True))
    there = changed.select(KEY).join(marked, on=KEY, how="left", maintain_order="left")["there"]
    return np.where(there.fill_null(value=False).to_numpy(), "", NEW).astype(object)


def _taken_apart(
    changed: pl.DataFrame,
    why: Any,
    worth: pl.Expr,
    last: Night,
    tonight: Night,
    again: Again,
    most_nodes: int,
) -> tuple[Any, dict[str, Floats]]:
    """Parts of every node that is run again, and why the others are not."""
    reach = Reach(last.about, tonight.about)
    ranked = changed.with_columns(worth=worth.fill_null(0.0), row=pl.int_range(pl.len())).filter(pl.Series(why == ""))
    ranked = ranked.sort("worth", *KEY, descending=[True, False, False])
    taken = reach.chosen(ranked.select(KEY).iter_rows(), most_nodes)
    row_of = {(item, place): row for item, place, row in ranked.select(*KEY, "row").iter_rows()}
    why = np.where(why == "", MANY, why)
    why[[row_of[node] for node in taken]] = ""
    levels = {(item, place): level for item, place, level in tonight.about.node.select(*KEY, "level").iter_rows()}
    parts = zeros(changed.height)
    for group in reach.groups(taken, levels):
        rows = [row_of[node] for node in group.targets.iter_rows()]
        for name, found in parts_of(group, last, tonight, again).items():
            parts[name][rows] = found
    return why, parts | _beyond_the_wish(changed, last, tonight, parts)


def _beyond_the_wish(changed: pl.DataFrame, last: Night, tonight: Night, parts: dict[str, Floats]) -> dict[str, Floats]:
    """What packs, shared limits and lateral moves did to each order beyond its unrounded wish, tonight less last night.

    The line is the wish as limits left it, and what moves bring.
    """
    sums = []
    for night, line in ((last, "previous_qty"), (tonight, "qty")):
        wish, free = (at_nodes(changed, with_free_qty(night.wish), name) for name in ("qty", "free_qty"))
        moved = night.about.rebalance.group_by(KEY).agg(pl.col("qty").sum())
        brought = at_nodes(changed, moved, "qty")
        sums.append((wish - free, changed[line].to_numpy() - brought - wish, brought))
    (packs, cut, brought), (packs_now, cut_now, brought_now) = sums
    return {
        "rounding": parts["rounding"] + packs_now - packs,
        "limits": cut_now - cut,
        "moves": parts["moves"] + brought_now - brought,
    }


def _rows(changed: pl.DataFrame, names: list[str], parts: list[Floats]) -> dy.DataFrame[Change]:
    """One row a node and cause with a part in it, and the sentence of the node on each."""
    told = changed.with_columns(
        movement=pl.when(pl.col("previous_qty") <= _NOTHING)
        .then(pl.lit("appeared"))
        .when(pl.col("qty") <= _NOTHING)
        .then(pl.lit("vanished"))
        .otherwise(pl.when(pl.col("change_qty") > 0).then(pl.lit("grown")).otherwise(pl.lit("shrunk"))),
        is_rerun=pl.col("why_not") == "",
    )
    said = []
    for row, values in zip(told.iter_rows(named=True), zip(*parts, strict=True), strict=True):
        said.append(sentence(row, [(name, float(value)) for name, value in zip(names, values, strict=True)]))
    money = pl.when("has_money").then("unit_cost")
    told = told.with_columns(explanation=pl.Series(said, dtype=pl.String), cost=money)
    each = [
        told.with_columns(cause=pl.lit(name), part_qty=pl.Series(value, dtype=pl.Float64))
        for name, value in zip(names, parts, strict=True)
    ]
    rows = pl.concat(each).filter(pl.col("part_qty").abs() > _NOTHING)
    rows = rows.with_columns(
        change_value=pl.col("change_qty") * pl.col("cost"), part_value=pl.col("part_qty") * pl.col("cost")
    )
    return Change.cast(rows.select(Change.column_names()).sort(Change.primary_key()))
