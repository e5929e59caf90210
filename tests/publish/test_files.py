"""Proposal files, tables and manifest: their rules, their bytes, and what an independent reader makes of them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.publish import atomic, generic, manifest, tables
from replenish.publish.files import CSV_FILES
from replenish.tables import proposal
from tests.publish.published import FACTS, HOSTILE, RUN, filler, run_tables
from tests.steps.propose_frames import NODE, TABLES, frame, ordered, planned


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return atomic.publish(tmp_path_factory.mktemp("runs"), RUN, filler(run_tables('=1+1 "x",\ny')), FACTS)


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_files_of_the_contract(run: Path) -> None:
    names = sorted(file.name for file in (run / "proposals").iterdir())
    assert names == sorted([f"{name}.csv" for name in CSV_FILES] + ["proposals.parquet", "schemas"])
    described = {file.name for file in (run / "proposals" / "schemas").iterdir()}
    assert described == {f"{name}.schema.json" for name in CSV_FILES}
    for name, table in CSV_FILES.items():
        header = (run / "proposals" / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        assert header.split(",") == list(table.column_names())


def test_csv_says_what_parquet_says(run: Path) -> None:
    rows, frame_ = (
        read_csv(run / "proposals" / "proposals.csv"),
        pl.read_parquet(run / "proposals" / "proposals.parquet"),
    )
    assert len(rows) == frame_.height == 2
    for row, told in zip(rows, frame_.iter_rows(named=True), strict=True):
        assert row["explanation"] == told["explanation"]
        assert float(row["qty"]) == told["qty"]
        assert row["receipt_date"] == told["receipt_date"].isoformat()
        assert row["existing_order_id"] == (told["existing_order_id"] or "")
        assert row["hold"] == ("true" if told["hold"] else "false")


def test_hours_of_the_day_are_written_and_described(run: Path) -> None:
    row = read_csv(run / "proposals" / "schedule.csv")[0]
    assert (row["start_at"], row["end_at"]) == ("2026-11-09 06:00:00", "2026-11-09 09:15:00")
    told = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["resources"]
    fields = next(one["schema"]["fields"] for one in told if one["path"] == "proposals/schedule.csv")
    moment = next(field for field in fields if field["name"] == "start_at")
    assert (moment["type"], moment["format"], moment["unit"]) == ("datetime", "%Y-%m-%d %H:%M:%S", "time")


def test_no_carriage_return_ends_a_line(run: Path) -> None:
    for file in (run / "proposals").glob("*.csv"):
        content = file.read_bytes()
        assert b"\r" not in content
        assert content.endswith(b"\n")


def test_rows_are_in_the_order_of_the_contract(tmp_path: Path) -> None:
    orders = [ordered(item_id=item, source_id=source) for item, source in (("b", "S"), ("a", "T"), ("c", "S"))]
    lines = pl.concat([planned(order=[{**order, "location_id": "Y"}])["proposal"] for order in orders])
    assert lines.height == 3
    generic.write_proposals(tmp_path, {"plan.proposal": lines})
    rows = read_csv(tmp_path / "proposals" / "proposals.csv")
    assert [(row["source_id"], row["item_id"]) for row in rows] == [("S", "b"), ("S", "c"), ("T", "a")]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(tmp_path: Path, text: str) -> None:
    made = frame(proposal.CountList, [{**NODE, "item_id": text, "rank": 1, "recorded_on_hand_qty": -2.5}])
    generic.write_csv(tmp_path / "one.csv", made)
    row = read_csv(tmp_path / "one.csv")[0]
    assert row["item_id"] == (f"'{text}" if text[0] in "=+-@\t\r" else text)
    assert row["recorded_on_hand_qty"] == "-2.5"


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20),
        min_size=1,
        max_size=5,
    )
)
def test_every_text_is_read_back(texts: list[str]) -> None:
    file = io.BytesIO()
    generic.write_csv(file, pl.DataFrame({"text": texts, "last": [1.5] * len(texts)}))
    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8"), newline="")))
    assert rows[0] == ["text", "last"]
    assert [row[0].removeprefix("'") for row in rows[1:]] == [text.removeprefix("'") for text in texts]
    assert all(row[0][0] not in "=+-@\t\r" for row in rows[1:])


def test_small_numbers_are_written_out(tmp_path: Path) -> None:
    generic.write_csv(tmp_path / "one.csv", pl.DataFrame({"qty": [1e-7, 1e15, 0.1, 24.0, None]}))
    assert (tmp_path / "one.csv").read_text() == "qty\n0.0000001\n1000000000000000\n0.1\n24\n\n"


# --- bytes


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


WRITE = """
import sys
from pathlib import Path
import polars as pl
from replenish.publish import generic, tables

rows = 300_000
wide = pl.DataFrame({"n": range(rows)}).with_columns(text=pl.format("item {}", pl.col("n") % 977), half=pl.col("n") / 7)
tables.write_tables(Path(sys.argv[1]), {"plan.wide": wide})
generic.write_csv(Path(sys.argv[1]) / "wide.csv", wide)
"""


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    made = run_tables()
    folders = [atomic.publish(tmp_path / name, RUN, filler(made), FACTS) for name in ("one", "two")]
    assert hashes(folders[0]) == hashes(folders[1])


def test_the_same_bytes_on_any_number_of_threads(tmp_path: Path) -> None:
    for threads in ("1", "7"):
        place = tmp_path / threads
        place.mkdir()
        env = {**os.environ, "POLARS_MAX_THREADS": threads, "PYTHONPATH": "src"}
        subprocess.run([sys.executable, "-c", WRITE, str(place)], check=True, env=env)
    assert hashes(tmp_path / "1") == hashes(tmp_path / "7")


def test_tables_come_back_as_they_were(tmp_path: Path) -> None:
    made = run_tables()
    tables.write_tables(tmp_path, made)
    for name, found in made.items():
        assert pl.read_parquet(tmp_path / f"{name.replace('.', '/')}.parquet").equals(found)


# --- manifest


def test_the_manifest_tells_the_run_and_every_file(run: Path) -> None:
    told = manifest.read(run)
    assert {key: told[key] for key in FACTS} == FACTS
    listed = {one["path"]: one for one in told["resources"]}
    on_disk = {str(file.relative_to(run)) for file in run.rglob("*") if file.is_file()} - {"manifest.json"}
    assert set(listed) == on_disk
    assert listed["proposals/proposals.csv"]["rows"] == 2
    assert listed["plan/projection.parquet"]["row_count"] == 182
    assert len({one["name"] for one in told["resources"]}) == len(listed)
    fields = {field["name"]: field for field in listed["proposals/proposals.csv"]["schema"]["fields"]}
    assert fields["qty"]["type"] == "number"
    assert fields["action"]["constraints"]["enum"][0] == "NEW"
    assert "single quote" in told["description"]


def test_the_manifest_knows_every_published_table(run: Path) -> None:
    told = {one["path"]: one for one in manifest.read(run)["resources"]}
    for name in run_tables():
        assert "columns" in told[f"{name.replace('.', '/')}.parquet"], name
    assert set(run_tables()) >= {table.full_name() for table in TABLES.values()}


def test_verify_names_what_is_wrong(tmp_path: Path) -> None:
    folder = atomic.publish(tmp_path, RUN, filler(run_tables()), FACTS)
    assert manifest.verify(folder) == []
    page = folder / "report" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"page", b"pagf"))
    (folder / "plan" / "order.parquet").unlink()
    (folder / "stray.txt").write_text("x")
    assert manifest.verify(folder) == [
        "plan/order.parquet is missing",
        "report/index.html was changed",
        "stray.txt is not in the manifest",
    ]


def frictionless(folder: Path) -> tuple[bool, set[str]]:
    """Whether the independent reader accepts the package, and the kinds of error it finds."""
    command = [str(Path(sys.executable).parent / "frictionless"), "validate", "manifest.json", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    kinds = {error["type"] for task in report["tasks"] for error in task["errors"]}
    return done.returncode == 0 and report["valid"], kinds


def test_an_independent_reader_accepts_the_package_and_catches_a_byte(tmp_path: Path) -> None:
    folder = atomic.publish(tmp_path, RUN, filler(run_tables(HOSTILE[0] + HOSTILE[6])), FACTS)
    assert frictionless(folder) == (True, set())
    file = folder / "proposals" / "proposals.csv"
    content = file.read_bytes()
    file.write_bytes(content.replace(b",NEW,", b",NEX,"))
    is_valid, kinds = frictionless(folder)
    assert not is_valid
    assert {"hash-count", "constraint-error"} <= kinds


def test_the_vendor_managed_file_is_escaped_and_only_there_where_it_has_lines(tmp_path: Path) -> None:
    lines = run_tables()["plan.vmi"].with_columns(item_name=pl.lit("=1+1"))
    generic.write_proposals(tmp_path / "some", {"plan.vmi": lines})
    rows = read_csv(tmp_path / "some" / "proposals" / "vmi.csv")
    assert [row["item_name"] for row in rows] == ["'=1+1"]
    generic.write_proposals(tmp_path / "none", {"plan.vmi": lines.clear()})
    assert not list((tmp_path / "none" / "proposals").iterdir())
