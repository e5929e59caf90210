"""The previous run: the newest complete one with an earlier as-of, a declared input like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from replenish.night import past_lines
from replenish.night.facts import NightError
from replenish.publish.atomic import complete_runs
from replenish.steps.compare.compare import added_lines
from replenish.steps.forecast.rehearse import LEVEL_WEEKS
from replenish.steps.laws import width_of_nodes
from replenish.steps.panel import KEY
from replenish.tables import core, plan
from replenish.tables.table import Table
from replenish.warehouse import Warehouse

TableOf = Callable[[str], pl.DataFrame]


class MissingTableError(NightError):
    """A published run has no such table."""


BACKTESTED: tuple[type[Table], ...] = (
    core.Tuned,
    core.BacktestOutcome,
    core.BacktestContest,
    core.BacktestExchange,
    core.BacktestKept,
    core.BacktestAdvice,
    core.BacktestReplay,
)
BROUGHT: tuple[type[Table], ...] = (
    core.PreviousProposal,
    core.PreviousException,
    core.PreviousMemberFit,
    core.PreviousPastMember,
    core.PreviousPromise,
    core.PreviousMinMax,
    *BACKTESTED,
    core.PreviousSteadiness,
    core.PreviousAnnouncement,
    core.PreviousJob,
    core.PreviousLine,
    core.PreviousRunLine,
    core.PreviousOrder,
)
USUAL_NIGHTS = 20  # that tell what is usual
ANNOUNCED_DAYS = 182
KEPT_DAYS, EVERY_DAYS = 400, 7  # stored forecasts and promises: how long; forecasts: how often
DECIDED = """
    select distinct proposal_id
    from raw.acknowledge
    where status in ('accepted', 'edited') and coalesce("at" <= ?, true)
"""
DROPPED = """
    select distinct proposal_id
    from raw.acknowledge
    where status in ('edited', 'rejected', 'expired') and coalesce("at" <= ?, true)
"""


def find_previous(house: Warehouse, as_of: date, runs: Path) -> str | None:
    """Id of the previous run whose folder is still there, by the history or else by the folders, if any."""
    complete = "select run_id from meta.run where status = 'complete' and as_of < ? order by as_of desc, rowid desc"
    for run_id in house.query(complete, [as_of])["run_id"]:
        if (runs / run_id / "manifest.json").is_file():
            return str(run_id)
    names = [folder.name for folder in complete_runs(runs)]  # the history may be younger than the folders
    return next((name for name in reversed(names) if name < as_of.isoformat()), None)


def bring_previous(house: Warehouse, table_of: TableOf | None, as_of: date) -> None:
    """Put what tonight's steps ask of the previous run where they find it; nothing on a first night.

    `table_of` gives a table of the previous run by its full name. A proposal that was accepted or edited since is
    marked and carried from night to night, so that it counts as on order until the books show it.
    """
    if table_of is None:
        house.write_all(BROUGHT, [table.create_empty() for table in BROUGHT])
        return
    lines = _lines(table_of, house.query(past_lines.ANSWERS, [as_of]), as_of)
    house.write(core.PreviousLine, lines)
    house.write(core.PreviousRunLine, _run_lines(table_of))
    decided = house.query(DECIDED, [as_of])["proposal_id"].to_list()
    house.write(core.PreviousProposal, past_proposals(table_of, decided, lines))
    house.write(core.PreviousException, table_of("plan.exception").select(list(core.PreviousException.columns())))
    house.write(core.PreviousMemberFit, _kept(table_of, "plan.member_fit", core.PreviousMemberFit))
    house.write(core.PreviousPastMember, past_members(table_of))
    house.write(core.PreviousMinMax, past_min_max(table_of))
    dropped = house.query(DROPPED, [as_of])["proposal_id"].to_list()
    house.write(core.PreviousPromise, past_promises(table_of, dropped, as_of))
    house.write_all(BACKTESTED, [_kept(table_of, table.full_name(), table) for table in BACKTESTED])
    house.write(core.PreviousSteadiness, _nights(table_of, as_of))
    house.write(core.PreviousAnnouncement, announcements(table_of, as_of))
    house.write(core.PreviousJob, _kept(table_of, "plan.job", core.PreviousJob))
    house.write(core.PreviousOrder, past_orders(table_of))


def published_table(folder: Path) -> TableOf:
    """Reader of a published run's tables by full name; a file that cannot be read is a `NightError`."""
    return lambda full_name: published_rows(folder, full_name, {})


def published_rows(folder: Path, full_name: str, keys: Mapping[str, str]) -> pl.DataFrame:
    """Rows of a published run's table with these values. Raises `NightError` when the file cannot be read."""
    file = folder / f"{full_name.replace('.', '/')}.parquet"
    try:
        return pl.scan_parquet(file).filter(pl.lit(True), **keys).collect()
    except FileNotFoundError as error:
        raise MissingTableError(f"{file} is missing: move the folder {folder} away, and run again") from error
    except (OSError, pl.exceptions.ComputeError) as error:
        raise NightError(f"{file} is missing or damaged: move the folder {folder} away, and run again") from error


def _kept(table_of: TableOf, full_name: str, table: type[Table]) -> pl.DataFrame:
    """A table of the previous run; empty where its version had none."""
    try:
        return table_of(full_name)
    except (MissingTableError, KeyError):
        return table.create_empty()


def past_members(table_of: TableOf) -> pl.DataFrame:
    """Forecasts stored so far and, once a week, those that fitted members made in the previous run."""
    stored = _kept(table_of, "plan.past_member", core.PreviousPastMember)
    night = _night_of(table_of)
    stored = stored.filter(pl.col("origin_date") > night - timedelta(days=KEPT_DAYS))
    newest = stored["origin_date"].max()
    if isinstance(newest, date) and (night - newest).days < EVERY_DAYS:
        return stored
    near = table_of("plan.member").filter(pl.col("week_index") < LEVEL_WEEKS)
    level = near.group_by("item_id", "location_id", "member").agg(level_qty=pl.col("member_qty").mean())
    both = pl.concat([stored, level.with_columns(origin_date=pl.lit(night)).select(stored.columns)])
    return both.sort("item_id", "location_id", "member", "origin_date")


def past_orders(table_of: TableOf) -> pl.DataFrame:
    """What the previous run proposed to order anew, node by node; its largest line stands for all."""
    return added_lines(table_of("plan.proposal")).rename({"qty": "previous_qty"})


def past_min_max(table_of: TableOf) -> pl.DataFrame:
    """What an ERP was last told of every node: by the previous run where it exported the node, else before it."""
    stored = _kept(table_of, "plan.min_max", plan.MinMax)
    names = [name for name in core.PreviousMinMax.column_names() if name not in core.PreviousMinMax.primary_key()]
    last = (pl.when("is_exported").then(name).otherwise(f"previous_{name}").alias(name) for name in names)
    return stored.select(*core.PreviousMinMax.primary_key(), *last)


def past_promises(table_of: TableOf, dropped: list[str], as_of: date) -> pl.DataFrame:
    """Promises of the previous run and those it had brought itself, less those of lines dropped since."""
    columns = list(core.PreviousPromise.columns())
    newest = _with_width(_kept(table_of, "plan.promise", core.PreviousPromise), table_of).select(columns)
    stored = _kept(table_of, "core.previous_promise", core.PreviousPromise)
    if "width_rate" not in stored.columns:  # told by an older version, whose law was never mended
        stored = stored.with_columns(width_rate=pl.lit(1.0))
    stored = stored.select(columns)
    both = pl.concat([newest, stored.join(newest, on="proposal_id", how="anti")])
    is_dropped = pl.col("proposal_id").is_in(dropped)
    return both.filter(~is_dropped, pl.col("window_end") > as_of - timedelta(days=KEPT_DAYS)).sort("proposal_id")


def announcements(table_of: TableOf, as_of: date) -> pl.DataFrame:
    """Stock-outs that the previous run announced, and those it had brought itself and no longer says."""
    columns = list(core.PreviousAnnouncement.columns())
    night = _night_of(table_of)
    said = table_of("plan.exception").filter(
        pl.col("code").is_in(["SHORTAGE", "POTENTIAL_STOCKOUT"]), pl.all_horizontal(pl.col(KEY).is_not_null())
    )
    first = pl.col("first_seen_run").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    newest = said.with_columns(
        seen_date=pl.min_horizontal(first.fill_null(night), pl.lit(night)), last_seen_date=pl.lit(night)
    ).select(columns)
    stored = _kept(table_of, "core.previous_announcement", core.PreviousAnnouncement).select(columns)
    both = pl.concat([newest, stored.join(newest, on=["exception_id", "seen_date"], how="anti")])
    recent = pl.col("last_seen_date") > as_of - timedelta(days=ANNOUNCED_DAYS)
    return both.filter(recent).sort("exception_id", "seen_date")


def _night_of(table_of: TableOf) -> date:
    """As-of of the previous run."""
    start: date = table_of("core.bucket").filter(pl.col("bucket_index") == 0)["bucket_start"].item()
    return start - timedelta(days=1)


def _with_width(promise: pl.DataFrame, table_of: TableOf) -> pl.DataFrame:
    """Promises with the factor that their category's law had been given when they were made."""
    law = _kept(table_of, "plan.promise_law", plan.PromiseLaw)
    if law.is_empty():
        return promise.with_columns(width_rate=pl.lit(1.0))
    placed = promise.join(table_of("core.node").select(*KEY, "category"), on=KEY, how="left", maintain_order="left")
    categories = placed["category"].fill_null("all").to_list()
    widths = width_of_nodes(categories, dict(law.select("category", "width_rate").iter_rows()))
    return promise.with_columns(width_rate=pl.Series(widths, dtype=pl.Float64))


def _nights(table_of: TableOf, as_of: date) -> pl.DataFrame:
    """The newest nights before tonight."""
    nights = _kept(table_of, "plan.steadiness", core.PreviousSteadiness)
    return nights.filter(pl.col("as_of") < as_of).sort("as_of").tail(USUAL_NIGHTS)


def past_proposals(table_of: TableOf, decided: list[str], lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of the previous run, and those of earlier ones that were decided: some only after a newer run was out."""
    is_decided = pl.col("proposal_id").is_in(decided)
    columns = [name for name in core.PreviousProposal.columns() if name != "is_decided"]
    last_night = table_of("plan.proposal").select(columns)
    carried = table_of("core.previous_proposal").filter(is_decided).join(last_night, on="proposal_id", how="anti")
    known = pl.concat([last_night, carried], how="diagonal").select(columns)  # an older version may lack a column
    late = lines.filter(is_decided).select(columns).join(known, on="proposal_id", how="anti")
    return pl.concat([known, late]).with_columns(is_decided=is_decided)


def _lines(table_of: TableOf, answers: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Lines of the previous run and those it had brought itself, each as it was answered."""
    proposal, node, arc = (table_of(name) for name in ("plan.proposal", "core.node", "core.arc"))
    newest = past_lines.newest_lines(proposal, node, arc, _night_of(table_of))
    stored = _kept(table_of, "core.previous_line", core.PreviousLine)
    return past_lines.past_lines(stored, newest, answers, as_of)


def _run_lines(table_of: TableOf) -> pl.DataFrame:
    """Executable lines of the previous run, and of earlier ones back to the last acknowledged."""
    stored = _kept(table_of, "core.previous_run_line", core.PreviousRunLine)
    acknowledged = _kept(table_of, "core.acknowledged_proposal", core.AcknowledgedProposal)
    return past_lines.run_lines(stored, table_of("plan.proposal"), acknowledged, _night_of(table_of))
