"""A night in a folder: published once, the same on any number of cores, replayed to the byte, proven first."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from replenish.night import folder as stages
from replenish.night.facts import NightError
from replenish.night.folder import Place
from replenish.night.lock import BusyError
from replenish.night.outcome import ProofError
from replenish.night.replay import differing, replay
from replenish.night.run import Finished, run_folder
from replenish.pipeline import STATIONS
from tests.night.small import frames, write_folder

LIGHT = '[forecast]\nmembers = "light"\n'


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "company", frames(), LIGHT)


def command(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line as a user types it."""
    line = [sys.executable, "-c", "from replenish.cli import main; main()", *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, env=os.environ | environment, check=False)


def test_the_retailer_has_its_folder_report_and_proposals(retail: Finished) -> None:
    assert retail.report.is_file()
    assert retail.proposals.is_file()
    assert (retail.folder.parent / "latest").resolve() == retail.folder.resolve()
    assert retail.headline["new_orders"] > 20


def test_rows_in_are_rows_loaded_plus_rows_rejected(retail: Finished) -> None:
    assert sum(load.rejected_count for load in retail.loads) > 0
    for load in retail.loads:
        assert load.row_count == load.loaded_count + load.rejected_count


def test_the_same_night_again_is_not_published_twice(company: Path) -> None:
    first, second = run_folder(company), run_folder(company)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.run_id == second.run_id


def test_one_and_two_workers_give_the_same_bytes(tmp_path: Path, retail: Finished) -> None:
    source = retail.folder.parent.parent
    copy = tmp_path / "copy"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("runs", ".replenish"))
    with (copy / "replenish.toml").open("a") as file:
        file.write("\n[compute]\nworkers = 1\nblock_nodes = 37\n")
    assert differing(retail.folder, run_folder(copy).folder) == []


def test_a_published_run_is_replayed_to_the_byte(retail: Finished) -> None:
    assert replay(Place.at(retail.folder.parent.parent), retail.run_id) == []


def test_a_changed_run_is_not_replayed(company: Path) -> None:
    done = run_folder(company)
    with done.proposals.open("a") as file:
        file.write("one more line\n")
    with pytest.raises(NightError, match=r"proposals\.csv"):
        replay(Place.at(company), done.run_id)


def test_a_plan_that_does_not_add_up_is_not_published(company: Path) -> None:
    before = run_folder(company)
    place = Place.at(company)
    with (company / "inputs" / "stock.csv").open("a") as file:
        file.write("2026-11-15,tea,elsewhere,5.0\n")
    stages.ingest(place)
    tonight = stages.prepare(place)
    for name in STATIONS:
        stages.station(place, tonight, name)
    with place.open() as house:
        house.execute("update plan.projection set closing_qty = closing_qty + 1 where bucket_index = 3")
    with pytest.raises(ProofError, match="nothing is published"):
        stages.prove(place, tonight)
    assert (place.runs / "latest").resolve() == before.folder.resolve()
    with place.open() as house:
        assert house.query("select status from meta.run where run_id = ?", [tonight.run_id]).item() == "failed"


def test_two_nights_at_once_are_one_too_many(company: Path) -> None:
    with Place.at(company).lock(), pytest.raises(BusyError, match="another run"):
        run_folder(company)


def test_the_command_prints_one_json_object(company: Path) -> None:
    done = command("run", company, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert Path(told["report"]).is_file()
    assert told["loads"]


def test_a_broken_input_stops_with_one_message_and_yesterday_stays(company: Path) -> None:
    first = run_folder(company)
    (company / "inputs" / "sales.csv").write_text("when,what\n2026-01-01,tea\n")
    done = command("run", company)
    assert done.returncode == 2
    assert "sales.csv" in done.stderr
    assert "Traceback" not in done.stderr
    assert (company / "runs" / "latest").resolve() == first.folder.resolve()
    with Place.at(company).open() as house:
        assert house.query("select count(*) from raw.sales").item() == frames()["sales"].height


def test_the_jobs_of_a_node_are_on_its_trace(company: Path) -> None:
    """Operations name no item: they are found by their production orders."""
    folder = run_folder(company).folder
    node = pl.read_parquet(folder / "core" / "node.parquet").row(0, named=True)
    here = {name: node[name] for name in ("item_id", "location_id")}
    orders = [{**here, "job_id": "MO1/1"}, {"item_id": "another", "location_id": "north", "job_id": "MO2/1"}]
    jobs = [{"job_id": name, "work_center_id": f"PAINT {name}"} for name in ("MO1/1", "MO2/1")]
    for name, rows in (("job_order", orders), ("job", jobs)):
        file = folder / "plan" / f"{name}.parquet"
        pl.DataFrame(rows, schema=pl.read_parquet_schema(file)).write_parquet(file)
    walked = command("trace", *here.values(), "--folder", company)
    assert "PAINT MO1/1" in walked.stdout
    assert "PAINT MO2/1" not in walked.stdout


def test_trace_explain_and_doctor_answer(company: Path) -> None:
    done = run_folder(company)
    line = pl.read_parquet(done.folder / "plan" / "proposal.parquet").row(0, named=True)
    walked = command("trace", line["item_id"], line["location_id"], "--folder", company)
    assert walked.returncode == 0, walked.stderr
    for station in ("raw.stock", "core.node", "core.position", "plan.wish", "plan.proposal"):
        assert station in walked.stdout
    explained = command("explain", line["proposal_id"], "--folder", company)
    assert line["explanation"] in explained.stdout
    looked = command("doctor", company)
    assert looked.returncode == 0, looked.stdout
    assert not [line for line in looked.stdout.splitlines() if line.startswith("fail")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("trace", "no such", "north"), "no node"),
        (("explain", "P-000000000000"), "no proposal"),
        (("run", "--replay", "2026-01-01-00000000"), "no run"),
    ],
)
def test_a_name_nobody_knows_is_a_clear_error(company: Path, words: tuple[str, ...], told: str) -> None:
    run_folder(company)
    where = (company,) if words[0] == "run" else ("--folder", company)
    done = command(*words[:1], *words[1:], *where)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_folder_without_a_company_is_a_clear_error(tmp_path: Path) -> None:
    done = command("run", tmp_path)
    assert done.returncode == 2
    assert "replenish init" in done.stderr


def test_hostile_names_come_through_as_plain_text(tmp_path: Path) -> None:
    names = ("<script>alert(1)</script>", "=1+1", "'; drop table raw.sales; --", "../../x", "🍵" + "é" * 250)
    company = write_folder(tmp_path / "hostile", frames(items=names), LIGHT)
    done = run_folder(company)
    items = set(pl.read_parquet(done.folder / "core" / "node.parquet")["item_id"])
    assert set(names) <= items
    assert "<script>alert(1)" not in done.report.read_text()
    proposals = pl.read_parquet(done.folder / "proposals" / "proposals.parquet")
    assert set(names) & set(proposals["item_id"])
    assert not (company.parent / "x").exists()
    with done.proposals.open() as file:
        assert not any(line.split(",")[5].strip('"').startswith("=") for line in file)
