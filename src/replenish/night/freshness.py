"""How far the inputs reach, and the position they give: what an ingest between two nights tells."""

from __future__ import annotations

from replenish.night import folder as stages
from replenish.night.facts import NightError
from replenish.tables.inputs import INPUT_TABLES
from replenish.tables.table import Table
from replenish.warehouse import Warehouse, quoted

_POSITION = """
    select
        count(*) as nodes,
        coalesce(sum(recorded_on_hand_qty), 0) as on_hand,
        coalesce(sum(on_order_qty), 0) as on_order,
        min(snapshot_date) as oldest,
        max(snapshot_date) as newest
    from core.position
"""


def freshness(place: stages.Place) -> list[str]:
    """A line a table with rows, and one on the position, whose core tables are built anew on the way."""
    try:
        tonight = stages.prepare(place)
    except NightError as error:
        return [f"no position: {error}"]
    with place.open() as house:
        lines = [line for table in INPUT_TABLES if (line := _reach(house, table))]
        found = house.query(_POSITION).row(0, named=True)
    days = sorted({str(found[one]) for one in ("oldest", "newest") if found[one]})
    seen = f"snapshots of {' to '.join(days)}" if days else "no snapshot"
    told = f"{found['nodes']:,} nodes, {found['on_hand']:,.10g} on hand, {found['on_order']:,.10g} on order; {seen}"
    return [*lines, f"position as of {tonight.as_of}: {told}"]


def _reach(house: Warehouse, table: type[Table]) -> str:
    name = table.full_name()
    days = "min(date) as first, max(date) as last" if "date" in table.columns() else "null as first, null as last"
    row = house.query(f"select count(*) as n, {days} from {quoted(name)}").row(0, named=True)
    reach = f", {row['first']} to {row['last']}" if row["last"] else ""
    return f"{name.removeprefix('raw.')}: {row['n']:,} rows{reach}" if row["n"] else ""
