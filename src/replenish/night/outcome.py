"""What a night leaves behind: a folder, a line in the history, and a few numbers to print."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

import replenish
from replenish.night.facts import APART, settings_hash
from replenish.publish import dialects, generic, manifest, schemas, tables
from replenish.reporting import write_report
from replenish.settings import Settings
from replenish.share import share_path
from replenish.tables import core, meta, plan, proposal, reject
from replenish.tables.table import Table
from replenish.tonight import Tonight
from replenish.warehouse import Failure, Warehouse, quoted

KEPT: tuple[type[Table], ...] = (
    *core.CORE_TABLES,
    *plan.PLAN_TABLES,
    *proposal.PROPOSAL_TABLES,
    meta.Night,
    meta.Load,
    reject.Reject,
)

_FIGURES = 12


class ProofError(RuntimeError):
    """A law of the plan does not hold: nothing was published, the previous night's files stay."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        head = "the plan does not add up, so nothing is published; the files of the night before stay:"
        foot = "This is an error of the program or of a rule in sql/checks/, not of your data: please report it."
        super().__init__("\n".join([head, *map(_told, failures), foot]))
        self.failures = tuple(failures)


def _told(failure: Failure) -> str:
    """A broken law: the check, its sentence, and the first lines that break it, column by column."""
    rows = [", ".join(f"{name}={_short(value)}" for name, value in row.items()) for row in failure.sample]
    more = [f"    and {failure.count - len(rows)} more"] if failure.count > len(rows) else []
    head = f"  {failure.name}: {failure.count} {'line' if failure.count == 1 else 'lines'}. {failure.law}"
    return "\n".join([head, *(f"    {row}" for row in rows), *more])


def _short(value: Any) -> str:
    """A number without the noise of its last digits, else the value as it is."""
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def filler(house: Warehouse, settings: Settings) -> Callable[[Path], None]:
    """What writes a run's folder: core, plan and mart tables, proposal files, those of ERPs, the report."""

    def fill(folder: Path) -> None:
        for table in KEPT:  # one at a time: a large company's tables do not fit side by side
            rows = {table.full_name(): house.read(table)}
            tables.write_tables(folder, rows)
            generic.write_proposals(folder, rows)
        dialects.write_dialects(folder, house.read, settings.publish)
        schemas.write_manifest_schema(folder / generic.FOLDER / schemas.FOLDER)
        shown = mart(house)
        tables.write_tables(folder, shown)
        carried, company = manifest.carried(folder), settings.company.name
        write_report(folder / "report", shown, pages=share_path("reports"), company=company, files=carried)

    return fill


def mart(house: Warehouse) -> dict[str, pl.DataFrame]:
    """Every mart table, rows in a fixed order, numbers without the noise of their last binary digits."""
    plain = pl.col(pl.Float64).round_sig_figs(_FIGURES)
    names = house.table_names("mart")
    return {name: house.query(f"select * from {quoted(name)} order by all").with_columns(plain) for name in names}


def manifest_facts(tonight: Tonight) -> Mapping[str, Any]:
    """What the manifest tells of the run beside its files."""
    settings = tonight.settings
    return {
        "run_id": tonight.run_id,
        "as_of": tonight.as_of.isoformat(),
        "previous_run_id": tonight.previous_run_id,
        "seed": settings.seed,
        "settings": settings.model_dump(mode="json", exclude=APART),
        "settings_hash": settings_hash(settings),
        "input_hash": tonight.input_hash,
        "version": replenish.__version__,
        "contract_version": proposal.CONTRACT_VERSION,
    }


def record(house: Warehouse, tonight: Tonight, folder: Path | None, message: str | None = None) -> None:
    """One line in the run history, replacing an earlier one of the same run."""
    lines = house.query("select count(*) as lines, sum(value) as value from plan.proposal").row(0, named=True)
    row = {
        "run_id": tonight.run_id,
        "as_of": tonight.as_of,
        "previous_run_id": tonight.previous_run_id,
        "status": "complete" if folder else "failed",
        "settings_hash": settings_hash(tonight.settings),
        "input_hash": tonight.input_hash,
        "version": replenish.__version__,
        "proposal_count": lines["lines"],
        "proposal_value": lines["value"],
        "folder": str(folder) if folder else None,
        "message": message,
    }
    with house.transaction():
        house.execute("delete from meta.run where run_id = ?", [tonight.run_id])
        house.append("meta.run", pl.DataFrame([row], schema=house.types(meta.Run)))


def record_published(house: Warehouse, tonight: Tonight, folder: Path) -> None:
    """Enter a run that is out but missing in the history."""
    known = house.query("select 1 from meta.run where run_id = ? and status = 'complete'", [tonight.run_id])
    if known.is_empty():
        house.write(proposal.Proposal, pl.read_parquet(folder / "plan" / "proposal.parquet"))
        record(house, tonight, folder)


def headline(folder: Path) -> dict[str, Any]:
    """The night in a few numbers, read from its published folder."""
    lines = pl.read_parquet(folder / "plan" / "proposal.parquet")
    troubles = pl.read_parquet(folder / "plan" / "exception.parquet")
    new = lines.filter(pl.col("action") == "NEW")
    return {
        "proposals": lines.height,
        "new_orders": new.height,
        "new_order_value": new["value"].sum() if new["value"].count() else None,
        "messages": lines.filter(~pl.col("action").is_in(["NEW", "ON_SCHEDULE"])).height,
        "on_hold": int(lines["hold"].sum()),
        "stopped": lines["hold_cause"].filter(lines["hold_cause"].str.starts_with("KILL_SWITCH")).sort().first(),
        "exceptions": troubles.height,
        "value_at_stake": troubles["value_at_stake"].sum(),
        "currency": lines["currency"][0] if lines.height else None,
    }
