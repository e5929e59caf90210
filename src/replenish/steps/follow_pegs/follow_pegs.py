"""Which customer order or forecast does every supply serve in the end?"""

from __future__ import annotations

from datetime import date

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import full_pegging
from replenish.steps.follow_pegs.chains import DEPENDANT, chains
from replenish.steps.panel import KEY
from replenish.steps.project.outlook import actual_requirement
from replenish.tables.core import Arc, BomLine, Bucket, FirmNeed, Node, OpenSupply
from replenish.tables.plan import FullPeg, LeadTime, Order, Peg, Requirement, Wish

NEAR_DAYS = 28
_TO_COME = ("proposal", "planned")  # what a requirement is the release of
_USED_UP = ("requirement", "production_order")  # demands that lead on
_LINE = ["order_id", "line_id"]
_LEAST_FACTOR = 1e-9  # units taken for one unit made: less is a slip of the pen, and leads nowhere
_BY_BILL = ("make", "pass")  # ways of supply that take components
_ROOT = ["root_kind", "root_id", "root_item_id", "root_location_id", "root_day"]
_SUPPLY = ["supply_kind", "supply_id", "supply_day"]


def follow_pegs(
    peg: dy.DataFrame[Peg],
    requirement: dy.DataFrame[Requirement],
    order: dy.DataFrame[Order],
    wish: dy.DataFrame[Wish],
    lead_time: dy.DataFrame[LeadTime],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
    firm_need: dy.DataFrame[FirmNeed],
    open_supply: dy.DataFrame[OpenSupply],
    *,
    near_days: int = NEAR_DAYS,
) -> dy.DataFrame[FullPeg]:
    """Full pegs of what is made, of all it is made of, and of what nodes with customer orders are supplied from.

    Of all other nodes plan.peg says enough. The k-th unit that a dependant releases is the k-th unit of its orders to
    come, tonight's first; what an open production order will still take becomes the units of that order. Customer
    orders are roots one by one; a forecast is one a bucket within `near_days`, later ones of a node together, dated by
    the first; safety stock is one a node. Planned orders after `near_days` are likewise one supply a node. What a
    dependant orders ahead of any demand in the horizon ends there, as `surplus`.
    """
    ahead = bucket.filter(pl.col("bucket_index") >= 0)
    taken = _by_order(firm_need, open_supply)
    uses = pl.concat([each.select(*KEY, *DEPENDANT) for each in (requirement, taken)])
    shown, needed = chains(peg, uses, node, arc)
    pegs = peg.join(needed, on=KEY, how="semi", maintain_order="left")
    if pegs.is_empty() or ahead.is_empty():
        return FullPeg.create_empty()
    near: date = ahead.select(pl.col("bucket_start").min().dt.offset_by(f"{near_days}d")).item()
    wanted = requirement.join(needed, on=KEY, how="semi", maintain_order="left")
    wanted = wanted.with_columns(qty=pl.Series(actual_requirement(wanted, order, wish)))
    uses = pl.concat([_with_opening(_uses(wanted, arc, bom_line, ahead)), taken], how="diagonal_relaxed")
    pegs, roots = _with_roots(_in_streams(pegs, _with_lead(node, arc, lead_time), uses), near)
    trails = _trails(pegs)
    is_shown = pegs.select(KEY).join(
        shown.with_columns(is_shown=pl.lit(value=True)), on=KEY, how="left", maintain_order="left"
    )["is_shown"].fill_null(value=False)  # fmt: skip
    return _rows(trails.filter(is_shown.gather(trails["peg"])), pegs, roots, near)


def _with_lead(node: pl.DataFrame, arc: pl.DataFrame, lead_time: pl.DataFrame) -> pl.DataFrame:
    """Nodes with `lead`: days from an order to its receipt, as learned, else as stated."""
    stated = arc.filter(pl.col("arc_rank") == 1).select(*KEY, stated="lead_time_days").unique(KEY)
    found = node.select(*KEY, "level").join(stated, on=KEY, how="left")
    found = found.join(lead_time.select(*KEY, learned="lead_time_days"), on=KEY, how="left")
    return found.select(*KEY, "level", lead=pl.coalesce("learned", "stated", pl.lit(0.0)))


def _uses(requirement: pl.DataFrame, arc: pl.DataFrame, bom_line: pl.DataFrame, ahead: pl.DataFrame) -> pl.DataFrame:
    """Requirements with `factor`: units of the source for one unit of the dependant; and the days of their bucket.

    A bill line holds in the buckets that begin within its days.
    """
    place = arc.filter(pl.col("arc_rank") == 1).select(
        "kind", dependant_item_id="item_id", dependant_location_id="location_id"
    )
    dates = ahead.select("bucket_index", "bucket_start", demand_date="bucket_end")
    found = requirement.join(dates, on="bucket_index", how="inner", maintain_order="left").join(
        place.unique(DEPENDANT), on=DEPENDANT, how="left", maintain_order="left"
    )
    lines = bom_line.select(
        "location_id",
        "first_date",
        "last_date",
        "qty_per",
        dependant_item_id="parent_item_id",
        item_id="component_item_id",
    )
    key = ["item_id", "location_id", "dependant_item_id", "bucket_start"]
    per = found.filter(pl.col("kind").is_in(_BY_BILL)).select(key).unique()
    per = per.join(lines, on=key[:3], how="inner").filter(
        pl.col("bucket_start") >= pl.col("first_date"),
        (pl.col("bucket_start") <= pl.col("last_date")).fill_null(value=True),
    )
    found = found.join(per.group_by(key).agg(pl.col("qty_per").sum()), on=key, how="left", maintain_order="left")
    factor = pl.when(pl.col("kind").is_in(_BY_BILL)).then(pl.col("qty_per")).otherwise(1.0)
    return found.with_columns(factor=factor).filter(pl.col("factor") > _LEAST_FACTOR)


def _with_opening(uses: pl.DataFrame) -> pl.DataFrame:
    """Uses with `opens`: units the dependant releases before the bucket."""
    released = uses.group_by(*DEPENDANT, "bucket_index").agg(units=(pl.col("qty") / pl.col("factor")).max())
    released = released.sort(*DEPENDANT, "bucket_index").with_columns(
        opens=(pl.col("units").cum_sum() - pl.col("units")).over(DEPENDANT)
    )
    named = uses.join(released, on=[*DEPENDANT, "bucket_index"], how="left", maintain_order="left")
    return named.select(
        *KEY, *DEPENDANT, "demand_date", "opens", "factor", demand_kind=pl.lit("requirement"),
        demand_id=pl.concat_str(DEPENDANT, separator="@"), stream=pl.lit(_TO_COME[0]),
    )  # fmt: skip


def _by_order(firm_need: pl.DataFrame, open_supply: pl.DataFrame) -> pl.DataFrame:
    """Needs of open production orders with `factor`, and the order's node as their dependant."""
    lines = open_supply.filter(pl.col("open_qty") > 0).select(
        *_LINE, dependant_item_id="item_id", dependant_location_id="location_id", units="open_qty"
    )
    found = firm_need.join(lines, on=_LINE, how="inner", maintain_order="left")
    key = pl.concat_str(_LINE, separator="/")
    return found.select(
        *KEY, *DEPENDANT, demand_kind=pl.lit("production_order"), demand_id=key, demand_date="due_date",
        stream=key, opens=pl.lit(0.0), factor=pl.col("open_qty") / pl.col("units"),
    ).filter(pl.col("factor") > _LEAST_FACTOR)  # fmt: skip


def _in_streams(peg: pl.DataFrame, node: pl.DataFrame, uses: pl.DataFrame) -> pl.DataFrame:
    """Pegs by level, node and stream, with `at` (place of their stream), `dependant` (of the one they are used up for).

    A stream is an open order, or all that a node will still order.
    """
    kind = pl.col("supply_kind")
    stream = pl.when(kind.is_in(_TO_COME)).then(pl.lit(_TO_COME[0])).when(kind == "open_order").then("supply_id")
    pegs = peg.with_columns(stream=stream.otherwise(kind)).join(node, on=KEY, how="left")
    places = pegs.select(*KEY, "stream", "level", "lead").unique().sort("level", *KEY, "stream")
    places = places.select(*KEY, "stream", "lead", at=pl.int_range(pl.len()))
    on = [*KEY, "demand_kind", "demand_id", "demand_date"]
    above = dict(zip((*KEY, "stream", "at"), (*DEPENDANT, "use", "dependant"), strict=True))
    used = uses.unique(on, keep="first", maintain_order=True).rename({"stream": "use"})
    used = used.select(*on, *DEPENDANT, "use", "opens", "factor").join(
        places.rename(above), on=[*DEPENDANT, "use"], how="left", maintain_order="left"
    )
    pegs = pegs.drop("level", "lead").join(places.drop("lead"), on=[*KEY, "stream"], how="left")
    pegs = pegs.join(used, on=on, how="left").sort("at", "peg_index")
    factor = pl.col("factor").fill_null(1.0)
    within = (pl.col("qty").cum_sum() - pl.col("qty")).over(on, order_by="peg_index") / factor
    return pegs.with_columns(
        pl.col("dependant").fill_null(-1),
        pl.col("lead").fill_null(0.0),
        factor=factor,
        opens=pl.col("opens").fill_null(0.0) + within,
    )


def _with_roots(pegs: pl.DataFrame, near: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pegs with the number of the `root` they end at where nothing leads on, and the roots."""
    kind, is_final = pl.col("demand_kind"), ~pl.col("demand_kind").is_in(_USED_UP)
    is_known = pl.col(DEPENDANT[0]).is_not_null()
    by_bucket = (kind == "forecast") & (pl.col("demand_date") < near)
    pegs = pegs.with_columns(
        root_kind=pl.when(is_final).then(kind).otherwise(pl.lit("surplus")),
        root_id=pl.when(kind == "sales_order").then("demand_id"),
        root_item_id=pl.when(is_known).then(DEPENDANT[0]).otherwise("item_id"),
        root_location_id=pl.when(is_known).then(DEPENDANT[1]).otherwise("location_id"),
        root_day=pl.when(by_bucket | (kind == "sales_order")).then("demand_date"),
    )
    roots = pegs.select(_ROOT).unique().sort(_ROOT, nulls_last=True).with_row_index("root")
    return pegs.join(roots, on=_ROOT, how="left", nulls_equal=True, maintain_order="left"), roots


def _trails(pegs: pl.DataFrame) -> pl.DataFrame:
    """What full_pegging.follow_pegs finds, with the day on which each root is wanted."""
    at = pegs["at"].to_numpy()
    start = np.searchsorted(at, np.arange(int(at[-1]) + 2)).astype(np.int64)
    numbers = (pegs[name].cast(pl.Float64).to_numpy(writable=True) for name in ("qty", "opens", "factor", "lead"))
    qty, opens, factor, lead = numbers
    root, dependant = (pegs[name].cast(pl.Int64).to_numpy(writable=True) for name in ("root", "dependant"))
    found = full_pegging.follow_pegs(start, qty, root, dependant, opens, factor, lead)
    trails = pl.DataFrame(found._asdict()).with_row_index("trail")
    is_last = pegs["root"].cast(pl.Int64).gather(trails["peg"]) == trails["root"]
    day = pegs["demand_date"].gather(trails["peg"])
    return trails.with_columns(day=pl.select(pl.when(is_last).then(day)).to_series()).with_columns(
        root_date=pl.col("day").min().over("root")
    )


def _rows(trails: pl.DataFrame, pegs: pl.DataFrame, roots: pl.DataFrame, near: date) -> dy.DataFrame[FullPeg]:
    """Trails as rows: one a supply and root, numbered within the node first in first out."""
    is_later = (pl.col("supply_kind") == "planned") & (pl.col("supply_date") >= near)
    supply = pegs.select(
        *KEY, "supply_kind", "supply_id", "supply_date", supply_day=pl.when(~is_later).then("supply_date")
    )
    named = pl.concat([trails, supply[trails["peg"].cast(pl.UInt32)]], how="horizontal")
    ends = roots.with_columns(pl.col("root").cast(pl.Int64))
    named = named.join(ends, on="root", how="left", maintain_order="left").with_columns(is_late=_is_late())
    rows = named.group_by(*KEY, *_SUPPLY, "root", *_ROOT, maintain_order=True).agg(
        pl.col("qty", "root_qty").sum(),
        pl.col("supply_date", "root_date", "trail").min(),
        pl.col("is_late").any(),
        way_days=pl.col("lead").max(),
    )
    rows = rows.with_columns(first=pl.col("trail").min().over(*KEY, *_SUPPLY)).sort(*KEY, "first", "trail")
    return FullPeg.cast(
        rows.with_columns(peg_index=pl.int_range(pl.len(), dtype=pl.Int32).over(KEY)).select(FullPeg.column_names())
    )


def _is_late() -> pl.Expr:
    """Whether the supply cannot be there in time; of roots put together from several days nothing is said."""
    has_day = pl.col("root_day").is_not_null() | (pl.col("root_kind") == "safety_stock")
    days = (pl.col("lead") - 1e-9).ceil().cast(pl.Int64)
    return has_day & (pl.col("supply_date") + pl.duration(days=days) > pl.col("root_date"))
