"""What the plant's schedule says of lines: when production runs, whom it serves, and what waits for a purchase."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.messages import line_key

SUPPLY = [*NODE, "supply_kind", "supply_id"]  # a supply as pegs name it
_SCHEDULED = ("start_at", "finish_at", "material_date", "short_item_id", "load_hours", "bottleneck_id")
_TOLD = 3  # orders named before the rest is counted
_SHOWN_QTY = 0.05  # units below this would be told as 0
_SHOWN_REST = 0.5  # of forecasts and stocks, which are expectations, less than half a unit is not told


def jobs_by_supply(job_order: pl.DataFrame) -> pl.DataFrame:
    """Jobs of open orders and of tonight's proposals, one row a supply: the jobs of one order share its dates."""
    jobs = job_order.filter(pl.col("kind") != "planned").with_columns(
        supply_kind="kind", supply_id=pl.when(pl.col("kind") == "open_order").then(line_key()).otherwise(pl.lit(""))
    )
    jobs = jobs.sort("material_date", "finish_at", "job_id", nulls_last=False)
    return jobs.group_by(SUPPLY, maintain_order=True).agg(
        pl.col("job_id", "source_id", "method").last(),
        pl.col("qty", "load_hours").sum(),
        pl.col("start_at", "due_date").min(),
        pl.col("finish_at", "tardy_days").max(),
        pl.col("weight").max(),
        pl.col("material_date").max(),
        short_item_id=pl.col("short_item_id").drop_nulls().last(),
        bottleneck_id=pl.col("bottleneck_id").drop_nulls().last(),
    )


def with_supply(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with the supply that they are: tonight's order of the node, or an open order and line."""
    is_new = pl.col("existing_order_id").is_null()
    key = pl.format("{}/{}", "existing_order_id", "existing_line_id")
    return lines.with_columns(
        supply_kind=pl.when(is_new).then(pl.lit("proposal")).otherwise(pl.lit("open_order")),
        supply_id=pl.when(is_new).then(pl.lit("")).otherwise(key),
    )


def scheduled(lines: pl.DataFrame, jobs: pl.DataFrame) -> pl.DataFrame:
    """Lines of production with the dates of their jobs; a new one is there when its job is done, and not before.

    `jobs` is what `jobs_by_supply` returns. Lines split from one order share its job.
    """
    lines = attach(with_supply(lines), jobs, *_SCHEDULED, "tardy_days", on=SUPPLY)
    done = pl.col("finish_at").dt.date()
    honest = pl.when(pl.col("action") == "NEW").then(pl.max_horizontal("receipt_date", done))
    return lines.with_columns(receipt_date=honest.otherwise("receipt_date"), promise_date=done)


def without_schedule(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that no plant makes."""
    days = [pl.lit(None, pl.Date).alias(name) for name in ("material_date", "promise_date")]
    moments = [pl.lit(None, pl.Datetime("ms")).alias(name) for name in ("start_at", "finish_at")]
    texts = ("short_item_id", "bottleneck_id", "pegged_demand", "waiting_orders")
    return lines.with_columns(
        *days, *moments, *(pl.lit(None, pl.String).alias(name) for name in texts), load_hours=pl.lit(None, pl.Float64)
    )


def pegged_demands(full_peg: pl.DataFrame, jobs: pl.DataFrame) -> pl.DataFrame:
    """Whom each job serves in the end (`pegged_demand`), in its units: customer orders by date, then the rest."""
    pegs = full_peg.with_columns(pl.col("supply_id").fill_null("")).join(
        jobs.select(SUPPLY), on=SUPPLY, how="semi", maintain_order="left"
    )
    sold = pegs.filter(pl.col("root_kind") == "sales_order")
    orders = sold.group_by(*SUPPLY, "root_id").agg(pl.col("qty").sum(), pl.col("root_date").min())
    orders = orders.filter(pl.col("qty") >= _SHOWN_QTY).sort(*SUPPLY, "root_date", "root_id")
    named = _listed(orders, pl.format("{} ({})", "root_id", w.about(pl.col("qty"))), SUPPLY, "orders")

    def units(kind: str) -> pl.Expr:
        return pl.col("qty").filter(pl.col("root_kind") == kind).sum().alias(kind)

    sums = pegs.group_by(SUPPLY, maintain_order=True).agg(*(units(kind) for kind in _REST))
    sums = attach(sums, named, "orders", on=SUPPLY)
    rest = [
        pl.when(pl.col(kind) >= _SHOWN_REST).then(pl.format(text, w.about(pl.col(kind))))
        for kind, text in _REST.items()
    ]
    told = pl.concat_str("orders", *rest, separator="; ", ignore_nulls=True)
    return sums.select(*SUPPLY, pegged_demand=pl.when(told != "").then(told))


_REST = {"forecast": "forecast {}", "safety_stock": "safety stock {}", "surplus": "later {}"}


def waiting_orders(waiting: pl.DataFrame) -> pl.DataFrame:
    """Production orders that wait for each supply (`waiting_orders`), from what `waits` returns."""
    return _listed(waiting.sort(*SUPPLY, "start_at", "job_id"), pl.col("told"), SUPPLY, "waiting_orders")


def waits(
    peg: pl.DataFrame, job_order: pl.DataFrame, jobs: pl.DataFrame, lines: pl.DataFrame, nodes: pl.DataFrame
) -> pl.DataFrame:
    """Jobs that wait for a supply: those that have it pegged and lack its item; with the day it is `there`.

    `lines` are the NEW lines of tonight, by whose ids production not yet ordered is named.
    """
    short = attach(job_order.filter(pl.col("short_item_id").is_not_null()), nodes, "item_name")
    made = lines.filter(pl.col("kind") == "production").unique(NODE, keep="first", maintain_order=True)
    short = attach(short, made, "proposal_id")
    is_open, is_new = (pl.col("kind") == kind for kind in ("open_order", "proposal"))
    new = pl.when(is_new).then(pl.coalesce("proposal_id", pl.lit("a new order"))).otherwise(pl.lit("a planned order"))
    name = pl.when(is_open).then(line_key()).otherwise(new)
    what = (w.quantity(pl.col("qty")), pl.coalesce("item_name", "item_id"))
    short = short.select(
        "material_date",
        "start_at",
        "job_id",
        demand_kind=pl.when(is_open).then(pl.lit("production_order")).otherwise(pl.lit("requirement")),
        demand_id=pl.when(is_open).then(line_key()).otherwise(pl.concat_str(NODE, separator="@")),
        item_id="short_item_id",
        location_id="source_id",
        told=pl.format("{} ({} of {})", name, *what),
    )
    pegs = peg.filter(pl.col("supply_kind").is_in(["open_order", "proposal"])).with_columns(
        pl.col("supply_id").fill_null("")
    )
    pegs = pegs.select(*SUPPLY, "supply_date", "demand_kind", "demand_id").unique()
    pegs = attach(pegs, jobs, "finish_at", on=SUPPLY)
    pegs = pegs.with_columns(there=pl.coalesce(pl.col("finish_at").dt.date(), "supply_date")).drop("finish_at")
    found = pegs.join(short, on=[*NODE, "demand_kind", "demand_id"], how="inner")
    return found.filter(pl.col("there") <= pl.col("material_date")).unique([*SUPPLY, "job_id"]).sort(*SUPPLY, "job_id")


def _listed(rows: pl.DataFrame, text: pl.Expr, by: list[str], name: str) -> pl.DataFrame:
    """The first few texts of each group in the order of the rows, and how many more there are."""
    groups = rows.group_by(by, maintain_order=True).agg(first=text.head(_TOLD).str.join(", "), count=pl.len())
    more = w.where(pl.col("count") > _TOLD, pl.format(" and {} more", pl.col("count").cast(pl.Int64) - _TOLD))
    return groups.select(*by, (pl.col("first") + more).alias(name))


def for_whom(
    lines: pl.DataFrame, full_peg: pl.DataFrame, jobs: pl.DataFrame, waiting: pl.DataFrame, nodes: pl.DataFrame
) -> pl.DataFrame:
    """Scheduled lines with `pegged_demand` and `waiting_orders`; what hinders them is told in their explanation."""
    lines = attach(lines, pegged_demands(full_peg, jobs), "pegged_demand", on=SUPPLY)
    lines = attach(lines, waiting_orders(waiting), "waiting_orders", on=SUPPLY)
    names = nodes.select(short_item_id="item_id", location_id="location_id", short_name="item_name").unique(
        ["short_item_id", "location_id"]
    )
    named = attach(lines, names.rename({"location_id": "source_id"}), "short_name", on=["short_item_id", "source_id"])
    told = pl.concat_str("explanation", _material(), _late(), _awaited())
    return lines.with_columns(named.select(explanation=told))


def waiting_sentence() -> pl.Expr:
    """` Production waits for it: MO-1/1 (10 of Bicycle).`, or nothing."""
    named = pl.col("waiting_orders")
    return w.where(named.is_not_null(), pl.format(" Production waits for it: {}.", named))


def _awaited() -> pl.Expr:
    """Alerts about supply from outside name whom they stop; lines of production carry it in a column of their own."""
    return w.where(pl.col("kind") != "production", waiting_sentence())


def _material() -> pl.Expr:
    missing = (pl.coalesce("short_name", "short_item_id"), w.day(pl.col("material_date")))
    told = pl.format(" It waits for {}, there {}.", *missing)
    return w.where(pl.col("short_item_id").is_not_null() & pl.col("material_date").is_not_null(), told)


def _late() -> pl.Expr:
    days = w.day_count(pl.col("tardy_days").ceil())
    held = w.where(pl.col("bottleneck_id").is_not_null(), pl.format(", held up at {}", "bottleneck_id"))
    done = w.day(pl.col("finish_at"))
    told = pl.format(" It is done {}, {} too late for the first that it serves{}.", done, days, held)
    return w.where(pl.col("tardy_days") > 0, told)
