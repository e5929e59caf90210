"""Why supply comes late: each late order traced to the order, work centre or node at the beginning of its chain."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.messages import line_key
from replenish.steps.propose.plant import SUPPLY
from replenish.steps.propose.terms import Terms


def supply_key() -> pl.Expr:
    """A supply in one word, for frames that have another item and location."""
    return pl.concat_str(SUPPLY, separator="\x1f")


def trails(
    full_peg: pl.DataFrame, peg: pl.DataFrame, jobs: pl.DataFrame, nodes: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """Supplies of customer orders with the day on which they can be with the customer (`arrival`).

    One row a supply and order line (`root_id`): when the supply is there, a made one when its job is done, and the lead
    times on the way. Nodes that are not followed serve their own customers. Orders planned for later are left out where
    there is still time to order sooner.
    """
    sold = full_peg.filter(pl.col("root_kind") == "sales_order").select(
        *SUPPLY, "supply_date", "root_id", "root_date", "root_qty", "way_days"
    )
    own = peg.filter(pl.col("demand_kind") == "sales_order").join(full_peg.select(NODE).unique(), on=NODE, how="anti")
    own = own.select(
        *SUPPLY, "supply_date", root_id="demand_id", root_date="demand_date", root_qty="qty", way_days=pl.lit(0.0)
    )
    planned = pl.when(pl.col("supply_kind") == "planned").then(pl.col("supply_date").cast(pl.String))
    rows = pl.concat([sold, own]).with_columns(supply_id=pl.coalesce(planned, "supply_id", pl.lit("")))
    rows = attach(rows, nodes, "protection_days")
    in_time = (pl.col("root_date") - pl.lit(terms.today)).dt.total_days() >= pl.col("protection_days")
    rows = rows.filter((pl.col("supply_kind") != "planned") | ~in_time.fill_null(value=False))
    rows = attach(rows, jobs, "job_id", "finish_at", on=SUPPLY)
    there = pl.coalesce(pl.col("finish_at").dt.date(), "supply_date")
    rows = rows.with_columns(there=there, arrival=_later(there, pl.col("way_days")))
    days = (pl.col("arrival") - pl.col("root_date")).dt.total_days()
    return rows.with_columns(late_days=days, supply=supply_key())


def _later(day: pl.Expr, days: pl.Expr) -> pl.Expr:
    return day.dt.offset_by(pl.format("{}d", (days - 1e-9).ceil().cast(pl.Int64)))


def causes(
    supplies: pl.DataFrame,
    jobs: pl.DataFrame,
    pairs: pl.DataFrame,
    open_supply: pl.DataFrame,
    lines: pl.DataFrame,
    nodes: pl.DataFrame,
    terms: Terms,
) -> pl.DataFrame:
    """One row a late supply: the `code` of what holds it up, in words (`reason`), and the same of its chain's root.

    `supplies` are the supplies asked about with the day they are `there`, `pairs` which job waits for which supply,
    `lines` the NEW lines of tonight. A job that begins when its last component comes waits for it; the root of what
    waits is the root of what it waits for.
    """
    waited = pairs.select(*SUPPLY, "there")
    made = jobs.select(*SUPPLY, there=pl.col("finish_at").dt.date())
    known = pl.concat([supplies.select(*SUPPLY, "there"), waited, made]).unique(SUPPLY, keep="first").sort(SUPPLY)
    known = _with_facts(known, jobs, open_supply, lines, nodes, terms)
    known = _with_reasons(known)
    return _with_roots(known, _last_waited(pairs))


def _with_facts(
    known: pl.DataFrame,
    jobs: pl.DataFrame,
    open_supply: pl.DataFrame,
    lines: pl.DataFrame,
    nodes: pl.DataFrame,
    terms: Terms,
) -> pl.DataFrame:
    facts = ("job_id", "method", "start_at", "finish_at", "material_date", "short_item_id", "bottleneck_id", "qty")
    known = attach(known, jobs, *facts, plant_id="source_id", on=SUPPLY)
    orders = open_supply.select(
        *NODE, "is_past_due", supply_kind=pl.lit("open_order"), supply_id=line_key()
    ).unique(SUPPLY)  # fmt: skip
    known = attach(known, orders, "is_past_due", on=SUPPLY)
    made = lines.unique(NODE, keep="first", maintain_order=True)
    known = attach(attach(known, made, "proposal_id", "order_date"), nodes, "item_name", "location_name")
    names = nodes.select(short_item_id="item_id", plant_id="location_id", short_name="item_name")
    known = attach(known, names.unique(names.columns[:2]), "short_name", on=["short_item_id", "plant_id"])
    is_made = pl.col("job_id").is_not_null() & (pl.col("method") != "lead_time")
    comes = (pl.col("material_date") > terms.today) & (
        pl.col("start_at").dt.date() <= pl.col("material_date") + timedelta(days=1)
    )
    begins, placed = pl.col("start_at").dt.date(), pl.col("order_date")
    put_off = (pl.col("supply_kind") == "proposal") & (placed > terms.today) & (begins <= placed + timedelta(days=1))
    return known.with_columns(
        supply=supply_key(),
        is_made=is_made,
        is_put_off=(is_made & put_off).fill_null(value=False),
        is_waiting=(is_made & pl.col("short_item_id").is_not_null() & comes).fill_null(value=False),
    )


def _with_reasons(known: pl.DataFrame) -> pl.DataFrame:
    kind, node = pl.col("supply_kind"), pl.concat_str(NODE, separator="@")
    is_open, is_new = kind == "open_order", kind == "proposal"
    item, done = pl.coalesce("item_name", "item_id"), w.day(pl.col("finish_at").dt.date())
    name = pl.when(is_open).then("supply_id").when(is_new).then(pl.coalesce("proposal_id", node)).otherwise(node)
    order = pl.format("{} ({})", name, item)
    waits = pl.format(
        "{} waits for {} until {}", order, pl.coalesce("short_name", "short_item_id"), w.day(pl.col("material_date"))
    )
    queue = w.where(pl.col("bottleneck_id").is_not_null(), pl.format(", held up at {}", "bottleneck_id"))
    busy = pl.format("{} is done {}{}", order, done, queue)
    there = w.day(pl.col("there"))
    past = pl.format("{} is past due, expected {}", order, there)
    coming = pl.format("{} comes {}", order, there)
    slow = pl.format("{} cannot be at {} before {}", item, pl.coalesce("location_name", "location_id"), there)
    late = (pl.col("is_past_due") & ~pl.col("job_id").is_not_null()).fill_null(value=False)
    begun = pl.format("{} may not be begun before {}", order, w.day(pl.col("order_date")))
    rules = [
        (pl.col("is_waiting"), "AT_RISK_MATERIAL", waits, name),
        (pl.col("is_put_off"), "AT_RISK_LEAD_TIME", begun, name),
        (pl.col("is_made"), "AT_RISK_CAPACITY", busy, pl.coalesce("bottleneck_id", name)),
        (late, "AT_RISK_SUPPLIER", past, name),
        (is_open, "AT_RISK_MATERIAL", coming, name),
    ]
    code, reason, cause = pl.lit("AT_RISK_LEAD_TIME"), slow, name
    for holds, told, text, who in reversed(rules):
        code = pl.when(holds).then(pl.lit(told)).otherwise(code)
        reason = pl.when(holds).then(text).otherwise(reason)
        cause = pl.when(holds).then(who).otherwise(cause)
    return known.with_columns(code=code, reason=reason, cause_id=cause, order_name=name)


def _last_waited(pairs: pl.DataFrame) -> dict[str, str]:
    """The supply that each job waits for longest."""
    last = pairs.select("job_id", "there", supply=supply_key()).sort("there", "supply", descending=[True, False])
    return dict(last.unique("job_id", keep="first").select("job_id", "supply").iter_rows())


def _with_roots(known: pl.DataFrame, waited: dict[str, str]) -> pl.DataFrame:
    """`root_code`, `root_reason` and `root_id` of each supply: follow what waits to what it waits for."""
    columns = ("job_id", "is_waiting", "code", "reason", "cause_id", "short_item_id", "plant_id")
    facts = {supply: told for supply, *told in known.select("supply", *columns).iter_rows()}
    roots: list[tuple[str, str, str]] = []
    for supply in facts:
        at, seen = supply, {supply}
        while facts[at][1] and (below := waited.get(facts[at][0], at)) in facts and below not in seen:
            at = below
            seen.add(at)
        _, is_waiting, code, reason, cause, short, plant = facts[at]
        roots.append((code, reason, f"{short}@{plant}" if is_waiting else cause))
    schema = {"root_code": pl.String(), "root_reason": pl.String(), "root_id": pl.String()}
    return pl.concat([known, pl.DataFrame(roots, schema=schema, orient="row")], how="horizontal")
