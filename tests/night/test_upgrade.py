"""Nights in a folder that an older version, one without production, has worked in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from replenish.night.folder import Place
from replenish.night.run import Finished, run_folder
from tests.night.small import LAST_DAY, frames, write_folder

NEW_INPUTS = {"policy": ("lot_rule", "lot_qty")}
NEW_TABLES = ("job", "job_order", "load", "levelled_make", "relaxation", "full_peg", "planned_make", "plant_figure")
NEW_COLUMNS = ("start_at", "finish_at", "material_date", "short_item_id", "load_hours", "bottleneck_id")
PAST_COLUMNS = ("existing_order_id", "existing_line_id", "old_qty", "old_date")


def _older(company: Path, night: Finished) -> None:
    """Take out of the folder what the version before production did not write."""
    with duckdb.connect(str(Place.at(company).state / "warehouse.duckdb")) as house:
        for table, columns in NEW_INPUTS.items():
            for column in columns:
                house.execute(f"alter table raw.{table} drop column {column}")
        house.execute("alter table meta.setting drop column lot_rule")
    for name in NEW_TABLES:
        (night.folder / "plan" / f"{name}.parquet").unlink()
    for file, columns in (("plan/proposal", NEW_COLUMNS), ("core/previous_proposal", PAST_COLUMNS)):
        path = night.folder / f"{file}.parquet"
        pl.read_parquet(path).drop(columns).write_parquet(path)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    policy = pl.DataFrame([{"item_id": "jam", "location_id": "north", "min_stock_qty": 3.0}])
    given = frames() | {"policy": policy}
    return write_folder(tmp_path_factory.mktemp("older") / "company", given, '[forecast]\nmembers = "light"\n')


def test_the_night_after_an_older_version_goes_on_from_its_night(company: Path) -> None:
    before = run_folder(company, as_of=LAST_DAY)
    _older(company, before)
    after = run_folder(company, as_of=LAST_DAY + timedelta(days=1))
    assert all(load.status == "unchanged" for load in after.loads)
    old, new = (pl.read_parquet(night.folder / "plan" / "proposal.parquet") for night in (before, after))
    assert set(old["proposal_id"]) & set(new["proposal_id"])
    assert (after.folder / "plan" / "job.parquet").is_file()


def test_a_column_that_is_new_to_the_contract_is_read_from_files_loaded_before(company: Path) -> None:
    """An older version kept the column out: the file is the same, what it says is not."""
    run_folder(company, as_of=LAST_DAY)
    file = company / "inputs" / "policy.csv"
    pl.read_csv(file).with_columns(lot_rule=pl.lit("lot_for_lot")).write_csv(file)
    run_folder(company, as_of=LAST_DAY)
    with duckdb.connect(str(Place.at(company).state / "warehouse.duckdb")) as house:
        house.execute("alter table raw.policy drop column lot_rule")
        house.execute("update meta.load set ignored_columns = 'lot_rule' where table_name = 'policy'")
    run_folder(company, as_of=LAST_DAY + timedelta(days=2))
    with duckdb.connect(str(Place.at(company).state / "warehouse.duckdb"), read_only=True) as house:
        assert house.execute("select distinct lot_rule from raw.policy").fetchall() == [("lot_for_lot",)]
