"""The step's one verb: its parts put together in the order in which they need each other."""

from __future__ import annotations

from datetime import date

import polars as pl

from replenish.steps.ages import LIFO_SHARE
from replenish.steps.moved_lots import lots_after
from replenish.steps.propose import (
    demand_conditions,
    evidence,
    explain,
    hours,
    outliers,
    plant,
    structure,
    supply_conditions,
)
from replenish.steps.propose.counts import count_list
from replenish.steps.propose.exceptions import ranked
from replenish.steps.propose.expiry import expired, expiry_risk
from replenish.steps.propose.frames import NODE, attach, finish
from replenish.steps.propose.holds import with_holds
from replenish.steps.propose.identity import with_message_ids, with_new_ids
from replenish.steps.propose.increases import with_increases
from replenish.steps.propose.lateness import lateness
from replenish.steps.propose.messages import as_lines, messages
from replenish.steps.propose.moves import move_lines
from replenish.steps.propose.new_lines import new_lines, with_money
from replenish.steps.propose.outlook import Timeline, daily_demand, need_until_next, outlook, timeline
from replenish.steps.propose.plant_evidence import plant_drifts
from replenish.steps.propose.promises import promises
from replenish.steps.propose.sources import named, why_sources
from replenish.steps.propose.stock_conditions import stock_conditions
from replenish.steps.propose.suppliers import supplier_orders, told_of_shortfall
from replenish.steps.propose.surplus import surplus
from replenish.steps.propose.terms import Terms
from replenish.tables.proposal import Proposal

Lists = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]


def propose(
    order: pl.DataFrame, wish: pl.DataFrame, target: pl.DataFrame, projection: pl.DataFrame, peg: pl.DataFrame,
    forecast: pl.DataFrame, parameter: pl.DataFrame, record: pl.DataFrame, lead_time: pl.DataFrame,
    open_supply: pl.DataFrame, open_demand: pl.DataFrame, lot: pl.DataFrame, node: pl.DataFrame, arc: pl.DataFrame,
    location: pl.DataFrame, supplier: pl.DataFrame, graph_issue: pl.DataFrame, segment: pl.DataFrame,
    previous: pl.DataFrame, previous_exception: pl.DataFrame, position: pl.DataFrame, project_line: pl.DataFrame,
    demand_outlier: pl.DataFrame, drift: pl.DataFrame, rebalance: pl.DataFrame, source_rank: pl.DataFrame,
    full_peg: pl.DataFrame, job_order: pl.DataFrame, load: pl.DataFrame, levelled_make: pl.DataFrame,
    work_center: pl.DataFrame, data_doubt: pl.DataFrame,
    *,
    run_id: str, as_of: date, currency: str, min_value: float, tolerance_days: int, tolerance_share: float,
    max_cover_days: float, bucket_days: int, counts_per_night: int = 50, lifo_share: float = LIFO_SHARE,
    planning_fence_days: int = 0,
) -> Lists:  # fmt: skip
    """What to do tonight: plan.proposal, .exception, .promise, .count_list, .supplier_order and .excess.

    Frames are the tables of the same name, sorted by key. Money is in `currency`; below `min_value` at stake nothing
    is raised; open orders are left alone inside `tolerance_days` and `tolerance_share`.
    """
    limits = (min_value, tolerance_days, tolerance_share, max_cover_days, bucket_days, counts_per_night, lifo_share)
    terms = Terms(run_id, as_of, currency, *limits, planning_fence_days)
    future = timeline(projection)
    nodes = _with_pace(outlook(node, record, target, wish, order, arc, lead_time, parameter, terms), future, terms)
    due = explain.due_by_node(open_supply, rebalance)
    invalid, names = structure.data_invalid(nodes, graph_issue, data_doubt), explain.source_names(location, supplier)
    nodes = attach(nodes, why_sources(source_rank, names, node, terms), "source_reason")
    taken = [*open_supply["order_id"], *open_supply["line_id"], *previous.filter("is_decided")["proposal_id"]]
    jobs = plant.jobs_by_supply(job_order)
    fresh = _fresh(order, wish, nodes, graph_issue, names, due, previous, taken, jobs, terms)
    found = messages(open_supply, peg, nodes, graph_issue.filter(~pl.col("is_planned")), future, terms)
    fresh, told = _told(fresh, found, supplier, names, jobs, terms)
    waiting = plant.waits(peg, job_order, jobs, fresh, nodes)
    fresh, told = (plant.for_whom(lines, full_peg, jobs, waiting, nodes) for lines in (fresh, told))
    moved = plant.without_schedule(move_lines(rebalance, nodes, names, previous, taken, terms))
    doubted = outliers.doubts(demand_outlier, nodes, terms)
    proposals = _proposals([fresh, told, moved], invalid, doubted, nodes, supplier, terms)
    too_much, excess = surplus(nodes, future, forecast, segment, open_demand, due, terms)
    held = proposals.filter(pl.col("hold")).select(NODE).unique(maintain_order=True)
    exceptions = ranked(
        [
            supply_conditions.message_findings(told),
            supply_conditions.release_past_due(fresh, nodes, future, terms),
            supply_conditions.supply_past_due(open_supply, waiting, nodes, future, terms),
            demand_conditions.demand_past_due(open_demand, nodes, terms),
            *lateness(open_demand, peg, full_peg, jobs, waiting, open_supply, fresh, nodes, terms),
            *hours.lacking(order, load, levelled_make, work_center, nodes, future, terms),
            stock_conditions(nodes, future, due, terms),
            too_much,
            expired(position, nodes, terms),
            expiry_risk(lots_after(rebalance, lot), nodes, arc, open_supply, future, terms),
            structure.structure(nodes, graph_issue, invalid, held, forecast, future, terms),
            *_by_evidence(named(drift, names, "source_id", "source_name"), project_line, doubted, held, nodes, terms),
        ],
        previous_exception,
        terms,
    )
    rest = (promises(fresh, wish, terms), count_list(nodes, segment, terms), supplier_orders(proposals, supplier))
    return proposals, exceptions, *rest, excess


def _by_evidence(
    drift: pl.DataFrame,
    project_line: pl.DataFrame,
    doubted: pl.DataFrame,
    held: pl.DataFrame,
    nodes: pl.DataFrame,
    terms: Terms,
) -> list[pl.DataFrame]:
    """What evidence says against records, master data and history."""
    return [
        evidence.ghost_stock(nodes, held, terms),
        evidence.drifts(drift, nodes, terms),
        evidence.supplier_reviews(drift, nodes, terms),
        plant_drifts(drift, nodes, terms),
        outliers.projects(project_line, nodes, terms),
        outliers.spikes(doubted, held, terms),
    ]


def _with_pace(nodes: pl.DataFrame, future: Timeline, terms: Terms) -> pl.DataFrame:
    """Nodes with their demand a day and until the next order is in, and the days until a wrong record is set right."""
    nodes = attach(nodes, daily_demand(future.rows, future.nodes, terms), "daily_qty")
    nodes = attach(nodes, need_until_next(nodes, future), "need_qty")
    return attach(nodes, evidence.correction_days(future, terms), "correction_days")


def _fresh(
    order: pl.DataFrame,
    wish: pl.DataFrame,
    nodes: pl.DataFrame,
    excused: pl.DataFrame,
    names: pl.DataFrame,
    due: pl.DataFrame,
    previous: pl.DataFrame,
    taken: list[str],
    jobs: pl.DataFrame,
    terms: Terms,
) -> pl.DataFrame:
    """NEW lines with ids and sentences."""
    lines = new_lines(order, wish, nodes, excused.filter(~pl.col("is_planned")), terms)
    lines = with_new_ids(lines, previous, taken).with_columns(valued_qty=pl.col("qty"))
    lines = plant.scheduled(lines, jobs)
    lines = attach(lines, names, "source_name", on=["kind", "source_id"])
    return explain.explain_new(lines, wish, nodes, due, terms)


def _told(
    fresh: pl.DataFrame,
    found: pl.DataFrame,
    supplier: pl.DataFrame,
    names: pl.DataFrame,
    jobs: pl.DataFrame,
    terms: Terms,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is left of NEW lines once needs have joined open orders, and messages on those with ids and sentences."""
    fresh, found = with_increases(fresh, found, supplier, terms)
    lines = with_message_ids(as_lines(found, terms))
    lines = attach(lines, names, "source_name", on=["kind", "source_id"])
    return fresh, explain.explain_messages(plant.scheduled(lines, jobs), terms)


def _proposals(
    parts: list[pl.DataFrame],
    invalid: pl.DataFrame,
    doubted: pl.DataFrame,
    nodes: pl.DataFrame,
    supplier: pl.DataFrame,
    terms: Terms,
) -> pl.DataFrame:
    """All lines as plan.proposal: holds, money, priority by worth (ties by id), and the day they run out."""
    needed = [name for name in Proposal.column_names() if name not in _ADDED]
    extra = ["worth", "valued_qty", "has_money", "review_days"]
    lines = pl.concat([part.select(*needed, *extra) for part in parts], how="vertical_relaxed")
    lines = with_money(with_holds(lines, invalid, doubted, nodes, terms)).sort(
        "worth", "proposal_id", descending=[True, False], nulls_last=True
    )
    review = pl.col("review_days").fill_null(float(terms.bucket_days)).ceil().cast(pl.Int64)
    proposals = finish(
        Proposal,
        lines.with_columns(
            run_id=pl.lit(terms.run_id),
            priority=pl.int_range(1, pl.len() + 1),
            expires_at=pl.lit(terms.today).dt.offset_by(pl.format("{}d", review)),
        ),
    )
    return told_of_shortfall(proposals, supplier, terms.currency)


_ADDED = ("run_id", "value", "priority", "hold", "hold_cause", "expires_at")
