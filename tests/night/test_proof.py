"""The proof: whatever published number is wrong, a law of sql/checks notices, and nothing is published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from replenish import cli, warehouse
from replenish.night.folder import Place
from replenish.night.run import Finished, run_folder
from replenish.publish.files import CSV_FILES
from replenish.share import share_path
from replenish.tables import proposal
from replenish.tables.table import Table
from replenish.warehouse import Warehouse, WarehouseError, quoted
from tests.night.small import frames, write_folder

PUBLISHED = {table.full_name(): table for table in (*CSV_FILES.values(), proposal.Promise)}
PLACES = 6  # rows tried, from the first to the last: one of them must be noticed

# by table and law: the columns whose wrong numbers or days it notices
NOTICED_BY: dict[str, dict[str, str]] = {
    "plan.proposal": {
        "order_date": "need_date receipt_date first_need_date",
        "proposal_date": "order_date start_at",
        "proposal_job": "finish_at",
        "proposal_level": "safety_stock_qty reorder_point_qty order_up_to_qty",
        "proposal_message": "old_qty old_date",
        "proposal_plant": "material_date load_hours promise_date",
        "proposal_rank": "priority expires_at",
        "proposal_risk": (
            "qty stockout_probability_without expected_lost_sales_value_without expected_waste_qty expected_waste_value"
        ),
        "proposal_value": "unit_cost value",
    },
    "plan.exception": {
        "exception_date": "date",
        "exception_rank": "rank value_at_stake",
        "exception_stake": "qty",
    },
    "plan.peg": {
        "peg_date": "supply_date",
        "peg_demand": "qty",
        "peg_index": "peg_index demand_date",
    },
    "plan.full_peg": {
        "full_peg": "qty",
        "full_peg_root": "peg_index supply_date root_qty",
    },
    "plan.projection": {
        "atp_identity": "sure_qty",
        "projection_bucket": "bucket_index bucket_start",
        "projection_continuity": "closing_qty",
        "projection_demand": "forecast_qty requirement_qty order_qty demand_qty",
        "projection_identity": (
            "opening_qty record_adjustment_qty receipt_qty moved_in_qty "
            "moved_out_qty proposed_qty planned_qty lost_qty expired_qty"
        ),
        "projection_range": "closing_q10_qty closing_q50_qty closing_q90_qty closing_without_qty",
        "projection_receipt": "undelivered_qty",
        "projection_without": "lost_without_qty",
    },
    "plan.target": {
        "target_levels": "reorder_point_qty shelf_floor_qty floor_cost_value",
        "target_node": (
            "service_target fill_target protection_buckets protection_qty "
            "safety_stock_qty order_up_to_qty min_qty max_qty cover_rate"
        ),
    },
    "plan.min_max": {
        "min_max_export": "min_qty max_qty",
        "min_max_pack": "multiple_qty",
    },
    "plan.atp": {
        "atp_bucket": "bucket_index bucket_start bucket_end promise_probability",
        "atp_identity": "supply_qty order_qty expired_qty atp_qty cumulative_atp_qty sure_qty",
    },
    "plan.supplier_order": {
        "supplier_order_total": "order_date line_count qty value min_order_value",
    },
    "plan.count_list": {
        "count_list_rank": "rank recorded_on_hand_qty ghost_probability value",
    },
    "plan.drift": {
        "drift_master": "old_days new_days observed_days observation_count low_days high_days",
        "supplier_review_drift": "effect_value",
    },
    "plan.cut_line": {
        "cut_line_sum": "rank pack_index qty cost gain_value value_rate cumulative_cost",
    },
    "plan.limit": {
        "limit_stated": "available",
        "supplier_minimum": "used",
    },
    "plan.job": {
        "schedule_hours": "setup_hours run_hours start_at end_at",
        "schedule_machine": "machine",
        "schedule_routing": "operation_seq step_seq",
    },
    "plan.plant_figure": {
        "plant_figure": "week_start planned_hours run_hours good_qty oee_rate adherence_share",
        "plant_rate": "down_hours scrap_qty availability_rate performance_rate quality_rate cycle_hours throughput_qty",
    },
    "plan.delta": {
        "delta": "qty order_date need_date receipt_date unit_cost value",
    },
    "plan.promise": {
        "promise_window": "window_start window_end stockout_probability expected_demand_qty expected_sales_qty",
    },
}

# what no law can tell right from wrong, each with the reason
UNNOTICED = {
    "plan.proposal.id_counter": "tells lines of equal need apart; any number does, as long as ids differ",
    "plan.full_peg.root_date": "a forecast is wanted on any day; of customer orders it is the day in the books",
    "plan.full_peg.way_days": "lead times of a way whose nodes are not told; full_peg_root where it decides lateness",
    "plan.target.own_safety_stock_qty": "level before the network's waits: an intermediate answer, told for comparison",
    "plan.target.fill_order_up_to_qty": "simulated; where it rules orders target_levels compares it with the level",
    "plan.target.economic_order_qty": "closed formula of ten kinds (lot_rule); its golden tests know the answers",
    "plan.target.upstream_delay_days": "METRIC's mean wait; its golden tests know the answers",
    "plan.target.supplied_cover_rate": "told beside cover_rate for comparison of two echelons",
    "plan.target.supplied_fill_rate": "METRIC's answer; its golden tests know it",
    "plan.limit.wanted": "what would be bought without the limit: a plan that was not made",
    "plan.limit.shadow_price": "price of one unit more; limit_stated knows its sign and when it must be 0",
}

# tables with columns that this company has no value for: their laws are shown by tests/sql/checks
ABSENT = {
    "plan.change": "a first night has none before it",
    "plan.delta": "nothing was acknowledged before a first night, and none of its lines is a message",
    "plan.min_max": "last night's export: a first night has none",
    "plan.drift": "packs and plant rates that drift: the factory's night has them",
    "plan.limit": "no trucks in this company",
    "plan.rebalance": "no lateral moves tonight",
    "plan.vmi": "no vendor-managed location in this company",
}


class UndoneError(Exception):
    """Ends a transaction that must leave nothing behind."""


@pytest.fixture(scope="module")
def house(retail: Finished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The retailer's warehouse after its night, a copy to spoil."""
    copy = tmp_path_factory.mktemp("proof") / "warehouse.duckdb"
    shutil.copy(Place.at(retail.folder.parent.parent).state / "warehouse.duckdb", copy)
    with Warehouse(copy, threads=2) as house:
        house._make_ready("checks")
        yield house


def columns_of(table: type[Table]) -> dict[str, Any]:
    """Numbers, days and moments of a table; not its place in the key."""
    kinds = (pl.Float64, pl.Int32, pl.Int64, pl.Date, pl.Datetime)
    return {name: column for name, column in table.columns().items() if column.dtype.base_type() in kinds}


def wrong(name: str, column: Any) -> str:
    """SQL of a visibly wrong value."""
    if column.dtype == pl.Date:
        return f'"{name}" + 40'
    if column.dtype.base_type() == pl.Datetime:
        return f'"{name}" + interval 3 hour'
    if (column.metadata or {}).get("unit") == "share" or "share" in name or "probability" in name:
        return f'case when "{name}" > 0.5 then "{name}" - 0.25 else "{name}" + 0.25 end'
    more = f'"{name}" + greatest(7, abs("{name}"))'
    return f"({more})::integer" if column.dtype in (pl.Int32, pl.Int64) else more


def rows_with(house: Warehouse, table: type[Table], column: str) -> list[int]:
    """A few rows that have a value there, spread over the table."""
    order = ", ".join(f'"{name}"' for name in table.primary_key() or table.columns())
    text = f'select rowid from {quoted(table.full_name())} where "{column}" is not null order by {order}'
    rows = house.query(text).to_series().to_list()
    return [rows[place * (len(rows) - 1) // (PLACES - 1)] for place in range(PLACES)] if rows else []


def notices(house: Warehouse, check: str, table: str, column: str, value: str, row: int) -> bool:
    """Whether one wrong value in one row makes a check fail."""
    text = (share_path("sql") / "checks" / f"{check}.sql").read_text(encoding="utf-8")
    found = False
    try:
        with house.transaction():
            house.execute(f'update {quoted(table)} set "{column}" = {value} where rowid = {row}')
            found = not house.query(text).is_empty()
            raise UndoneError
    except UndoneError:
        return found


def test_every_published_number_has_a_law_that_notices_it_or_a_reason_why_none_can(house: Warehouse) -> None:
    laws = [(table, names.split()) for table, told in NOTICED_BY.items() for names in told.values()]
    noticed = {f"{table}.{name}" for table, names in laws for name in names}
    published = {f"{name}.{column}" for name, table in PUBLISHED.items() for column in columns_of(table)}
    assert noticed | set(UNNOTICED) <= published
    assert not noticed & set(UNNOTICED)
    for column in published - noticed - set(UNNOTICED):
        table = column.rsplit(".", 1)[0]
        assert table in ABSENT, f"{column}: no law notices it"
        assert not rows_with(house, PUBLISHED[table], column.rsplit(".", 1)[1]), f"{column}: no law notices it"


@pytest.mark.parametrize("table", NOTICED_BY)
def test_one_wrong_number_is_noticed(house: Warehouse, table: str) -> None:
    columns = columns_of(PUBLISHED[table])
    missed = [
        f"{column} by {check}"
        for check, names in NOTICED_BY[table].items()
        for column in names.split()
        if not any(
            notices(house, check, table, column, wrong(column, columns[column]), row)
            for row in dict.fromkeys(rows_with(house, PUBLISHED[table], column))
        )
    ]
    assert missed == []


@pytest.fixture
def with_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of sql/ to add a law to, read instead of the checkout's."""
    copy = tmp_path / "sql"
    shutil.copytree(share_path("sql"), copy)
    monkeypatch.setattr(warehouse, "share_path", lambda _: copy)
    warehouse._selects.cache_clear()
    yield copy / "checks"
    warehouse._selects.cache_clear()


def how_to_check() -> str:
    """The select that docs/how_to/add_a_check.md tells the reader to save."""
    page = share_path("sql").parent / "docs" / "how_to" / "add_a_check.md"
    text = page.read_text(encoding="utf-8").split("```sql")[1].split("```")[0]
    return "\n".join(line.removeprefix("   ") for line in text.splitlines()).strip() + "\n"


def test_a_law_added_as_the_how_to_says_stops_the_night_and_yesterday_stays(
    tmp_path: Path, with_a_check: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    company = write_folder(tmp_path / "company", frames(), '[forecast]\nmembers = "light"\n')
    first = run_folder(company)
    (with_a_check / "line_value.sql").write_text(how_to_check().replace("10000", "20"))
    warehouse._selects.cache_clear()
    with (company / "inputs" / "stock.csv").open("a") as file:
        file.write("2026-11-15,tea,elsewhere,5.0\n")
    with pytest.raises(SystemExit) as ended:
        cli.app(["run", str(company)])
    assert ended.value.code == 3
    told = capsys.readouterr().err
    assert "line_value: " in told
    assert "No line costs more than 10,000" in told
    dear = pl.read_parquet(first.folder / "plan" / "proposal.parquet").filter(pl.col("value") > 20)
    shown = [one for one in dear["proposal_id"] if f"proposal_id={one}" in told]
    assert len(shown) == min(5, dear.height) > 1
    assert (f"and {dear.height - 5} more" in told) == (dear.height > 5)
    place = Place.at(company)
    assert (place.runs / "latest").resolve() == first.folder.resolve()
    assert [one.name for one in place.runs.iterdir() if one.is_dir() and not one.is_symlink()] == [first.run_id]
    with place.open() as house:
        failed = house.query("select run_id, folder, message from meta.run where status = 'failed'").row(0, named=True)
    assert failed["run_id"] != first.run_id
    assert failed["folder"] is None
    assert "line_value" in failed["message"]


def test_a_law_that_is_no_sql_names_its_file(with_a_check: Path) -> None:
    for file in with_a_check.glob("*.sql"):
        file.unlink()
    (with_a_check / "typo.sql").write_text("-- A law with a typing error.\nselect * from plan.proposals\n")
    with Warehouse() as empty, pytest.raises(WarehouseError, match=r"sql/checks/typo\.sql.*proposals"):
        empty.check()


@pytest.mark.parametrize(
    ("table", "column", "check"),
    [
        ("mart.overview", "new_count", "mart_overview"),
        ("mart.overview", "purchase_value", "mart_overview"),
        ("mart.action", "line_count", "mart_rows"),
        ("mart.proposal", "qty", "mart_rows"),
    ],
)
def test_totals_of_the_report_are_laws_too(house: Warehouse, table: str, column: str, check: str) -> None:
    row = house.query(f"select min(rowid) from {table}").item()
    assert notices(house, check, table, column, f"{column} + 1", row)


def test_the_proof_of_a_sound_night_is_empty(house: Warehouse) -> None:
    assert house.check() == []
