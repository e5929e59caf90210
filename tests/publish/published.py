"""A small run to publish: tables with hostile texts, and what writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl

from replenish.publish import generic, tables
from replenish.tables import plan
from replenish.tables.table import Table
from tests.steps.propose_frames import NODE, TABLES, arriving, company, day, frame, ordered, pegged, planned, projection

RUN = "2026-11-08-aaaaaaaa"
FACTS = {
    "run_id": RUN,
    "as_of": "2026-11-08",
    "settings": {"seed": 1},
    "seed": 1,
    "previous_run_id": None,
    "version": "0.1.0",
}
HOSTILE = [
    "=1+1",
    "+cmd",
    "-2",
    "@SUM(A1)",
    "\tx",
    "\rx",
    'a "quoted", text\nof two lines',
    "Öl 😀",
    "<script>",
    "x" * 300,
]


def run_tables(name: str = "Milk") -> dict[str, pl.DataFrame]:
    """Core and plan tables of one planned night, by full name."""
    frames = company(
        order=[ordered()],
        open_supply=[arriving(10, status="released")],
        peg=[pegged("1", 10)],
        projection=projection(5.0, 2.0),
        node={"item_name": name},
        full_peg=[{**NODE, "root_item_id": name, "root_location_id": name, "root_kind": "forecast"}],
    )
    made: dict[str, pl.DataFrame] = {}
    for key, table in TABLES.items():
        made[_full_name(table)] = frames[key]
    made |= {"plan.rebalance": plan.Rebalance.create_empty(), "plan.vmi": _managed(name)}
    made |= {"plan.min_max": plan.MinMax.create_empty(), "plan.job": _scheduled(name), "plan.atp": _offered()}
    made |= {"plan.plant_figure": _figures(name)}
    made |= {"plan.cut_line": plan.CutLine.create_empty(), "plan.limit": plan.Limit.create_empty()}
    made |= {"plan.delta": plan.Delta.create_empty(), "plan.change": plan.Change.create_empty()}
    return made | {f"plan.{key}": found for key, found in planned(frames).items()}


def _offered() -> pl.DataFrame:
    """Two days of what can be promised of the node."""
    rows = [
        {**NODE, "bucket_index": t, "bucket_start": day(t), "bucket_end": day(t), "uom": "each", "sure_qty": 1.5 * t}
        for t in range(2)
    ]
    return frame(plan.Atp, rows)


def _managed(name: str) -> pl.DataFrame:
    """One vendor-managed line of the night."""
    sent = date(2026, 11, 12)
    texts = dict.fromkeys(("item_id", "location_id", "source_id", "item_name", "location_name", "uom"), name)
    numbers = dict.fromkeys(("on_hand_qty", "min_qty", "max_qty", "shipment_qty", "projected_qty"), 3.0)
    return plan.Vmi.cast(
        pl.DataFrame({**texts, **numbers, "order_date": sent, "receipt_date": sent}).select(plan.Vmi.column_names())
    )


def _scheduled(name: str) -> pl.DataFrame:
    """One operation of the night, from six to a quarter past nine."""
    start = datetime.combine(date(2026, 11, 9), time(6))
    texts = dict.fromkeys(("job_id", "work_center_id", "setup_family"), name)
    numbers = {"operation_seq": 10, "step_seq": 10, "machine": 1, "setup_hours": 0.25, "run_hours": 3.0}
    moments = {"start_at": start, "end_at": start + timedelta(hours=3.25)}
    yes = {"is_frozen": False, "is_forced_split": False}
    return plan.Job.cast(pl.DataFrame({**texts, **numbers, **moments, **yes}).select(plan.Job.column_names()))


def _figures(name: str) -> pl.DataFrame:
    """One week of one work centre."""
    return frame(plan.PlantFigure, [{"work_center_id": name, "span": "week", "oee_rate": 0.75}])


def _full_name(table: type[Table]) -> str:
    return table.full_name()


def filler(made: dict[str, pl.DataFrame]) -> Callable[[Path], None]:
    """What writes the run's folder."""

    def fill(folder: Path) -> None:
        tables.write_tables(folder, made)
        generic.write_proposals(folder, made)
        (folder / "report").mkdir()
        (folder / "report" / "index.html").write_text("<p>a page\n", encoding="utf-8")

    return fill
