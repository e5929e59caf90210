"""Two complete plans of one night, as the settings are and as they might be, side by side."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from replenish import ingest
from replenish.night import outcome
from replenish.night.folder import Place, begin, make_tables, run_station
from replenish.night.override import overridden
from replenish.pipeline import STATIONS
from replenish.settings import Settings
from replenish.tables import core, plan, proposal
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

NODE = ["item_id", "location_id"]
SHOWN_NODES = 10


@dataclass(frozen=True)
class Comparison:
    """What the changes would do: `figures` has a row a figure, `nodes` one a node whose order differs."""

    as_of: date
    changes: tuple[str, ...]
    figures: pl.DataFrame
    nodes: pl.DataFrame

    def as_data(self) -> dict[str, Any]:
        """The comparison as plain values."""
        rows = {"figures": self.figures.to_dicts(), "nodes": self.nodes.head(SHOWN_NODES).to_dicts()}
        return {"as_of": self.as_of.isoformat(), "set": list(self.changes), **rows}

    def text(self) -> str:
        """The comparison for people."""
        lines = [f"as of {self.as_of}, with {', '.join(self.changes)}", ""]
        lines += [f"{'':34}{'as it is':>16}{'changed':>16}{'difference':>16}"]
        for row in self.figures.iter_rows(named=True):
            cells = (row["as_it_is"], row["changed"], row["difference"])
            lines.append(f"{row['figure']:34}" + "".join(f"{_shown(cell):>16}" for cell in cells))
        lines += [
            "",
            f"{self.nodes.height} nodes are ordered differently" + (", the largest:" if len(self.nodes) else ""),
        ]
        for row in self.nodes.head(SHOWN_NODES).iter_rows(named=True):
            quantities = f"{row['qty_as_it_is']:g} ({row['reason_as_it_is']}) -> {row['qty_changed']:g}"
            lines.append(f"  {row['item_id']} at {row['location_id']}: {quantities} ({row['reason_changed']})")
        return "\n".join(lines)


def compare_plans(
    folder: Path, changes: Sequence[str], *, as_of: date | None = None, progress: Callable[[str], None]
) -> Comparison:
    """Plan the night of the company in `folder` twice, from its input files, in a scratch warehouse.

    Nothing of the company is written, so that a night may run meanwhile; the previous run is the newest that is
    published. Raises `SettingsError` for a change that cannot be, and else what `run_folder` raises.
    """
    place = Place.at(folder)
    changed = overridden(place.settings, changes)
    with tempfile.TemporaryDirectory(prefix="replenish-whatif-") as scratch:
        limit = place.settings.compute.memory_limit_gb
        with Warehouse(Path(scratch) / "warehouse.duckdb", memory_limit_gb=limit) as house:
            make_tables(house)
            ingest.load_folder(house, place.folder, place.settings)
            told = []
            for name, settings in (("as it is", place.settings), ("changed", changed)):
                progress(f"plan {name} ...")
                tonight = _planned(house, place, settings, as_of)
                told.append((_figures(house), _orders(house)))
    (first, before), (second, after) = told
    return Comparison(tonight.as_of, tuple(changes), _beside(first, second), _differing(before, after))


def _planned(house: Warehouse, place: Place, settings: Settings, as_of: date | None) -> Tonight:
    tonight = begin(house, place, settings, as_of)
    for name in STATIONS:
        run_station(house, tonight, name)
    house.build("mart")
    failures = house.check()
    if failures:
        raise outcome.ProofError(failures)
    return tonight


def _figures(house: Warehouse) -> dict[str, float]:
    """Figures of a plan; stock, loss and waste are means over the sampled paths, over the whole horizon."""
    cost = house.read(core.Node).select(*NODE, "unit_cost")
    lines = house.read(proposal.Proposal).filter(action="NEW")
    raised = house.read(proposal.Proposal).filter(action="INCREASE")
    added = raised.select(value=(pl.col("qty") - pl.col("old_qty")) * pl.col("unit_cost"))
    ahead = house.read(plan.Projection).join(cost, on=NODE, how="left")
    wish = house.read(plan.Wish)
    money = ahead.select(
        stock=pl.col("closing_qty").clip(lower_bound=0) * pl.col("unit_cost"),
        waste=pl.col("expired_qty") * pl.col("unit_cost"),
    )
    lost, demand = _sum(ahead, "lost_qty"), _sum(ahead, "demand_qty")
    filled, wanted = wish.select(q=pl.col("promised_fill_rate") * pl.col("window_1_qty")), _sum(wish, "window_1_qty")
    return {
        "new orders": float(lines.height),
        "value ordered": _sum(lines, "value") + _sum(added, "value"),
        "mean projected stock value": _sum(money, "stock") / max(ahead["bucket_index"].n_unique(), 1),
        "projected lost units": lost,
        "projected share of demand served": 1 - lost / demand if demand > 0 else 1.0,
        "promised fill of first windows": _sum(filled, "q") / wanted if wanted > 0 else 1.0,
        "projected waste value": _sum(money, "waste"),
        "exceptions": float(house.read(proposal.Exception).height),
    }


def _sum(rows: pl.DataFrame, column: str) -> float:
    return float(rows[column].sum())


def _orders(house: Warehouse) -> pl.DataFrame:
    return house.read(plan.Order).select(*NODE, "qty", "reason_code", order_value=pl.col("qty") * pl.col("unit_cost"))


def _beside(first: dict[str, float], second: dict[str, float]) -> pl.DataFrame:
    rows = pl.DataFrame({"figure": list(first), "as_it_is": list(first.values()), "changed": list(second.values())})
    return rows.with_columns(difference=pl.col("changed") - pl.col("as_it_is"))


def _differing(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Nodes with another quantity, most money first."""
    both = before.join(after, on=NODE, how="full", coalesce=True, suffix="_changed")
    both = both.rename(
        {"qty": "qty_as_it_is", "reason_code": "reason_as_it_is", "reason_code_changed": "reason_changed"}
    )
    money = [pl.col(name).fill_null(0.0) for name in ("order_value_changed", "order_value")]
    quantities = [pl.col(name).fill_null(0.0) for name in ("qty_as_it_is", "qty_changed")]
    reasons = [pl.col(name).fill_null("no line") for name in ("reason_as_it_is", "reason_changed")]
    rows = both.select(*NODE, *quantities, *reasons, value_difference=money[0] - money[1])
    rows = rows.filter(pl.col("qty_as_it_is") != pl.col("qty_changed"))
    return rows.sort(pl.col("value_difference").abs(), *NODE, descending=[True, False, False])


def _shown(number: float) -> str:
    return f"{number:,.4f}" if abs(number) < 2 and number != int(number) else f"{number:,.0f}"
