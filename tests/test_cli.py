"""The command line as a user types it: every trouble a user can mend is one message and an exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from replenish import executors, terminal
from replenish.night.folder import Place
from replenish.night.run import Finished, run_folder
from replenish.warehouse import WarehouseError
from tests.asked import asked
from tests.night.small import LAST_DAY, frames, write_folder

LIGHT = '[forecast]\nmembers = "light"\n'
LINE = [sys.executable, "-c", "from replenish.cli import main; main()"]


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "company", frames(weeks=20), LIGHT)


def test_a_folder_that_cannot_be_written_is_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert asked("init", tmp_path / "file" / "shop") == 1
    assert f"{tmp_path / 'file' / 'shop'}: Not a directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("as_of", "told"), [("2001-01-01", "the data begin on"), ("2031-01-01", f"the data end on {LAST_DAY}")]
)
def test_a_night_the_data_know_nothing_of_is_not_planned(
    company: Path, capsys: pytest.CaptureFixture[str], as_of: str, told: str
) -> None:
    assert asked("run", company, "--as-of", as_of) == 2
    assert told in capsys.readouterr().err
    assert not (company / "runs").exists()


def test_a_night_some_days_after_the_data_warns(company: Path) -> None:
    lines: list[str] = []
    run_folder(company, as_of=date(2026, 11, 30), progress=lines.append)
    assert any("15 days before as-of 2026-11-30" in line for line in lines)


def test_json_tells_the_file_and_the_numbers(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("run", company, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["proposals"]).is_file()
    assert told["headline"]["proposals"] > 0
    assert asked("run", company, "--replay", told["run_id"], "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"run_id": told["run_id"], "is_same": True, "different": []}


def test_a_reader_that_goes_away_does_not_end_the_night(company: Path) -> None:
    with subprocess.Popen([*LINE, "run", company], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as night:
        assert night.stdout
        assert night.stderr
        night.stdout.close()
        night.stderr.close()
    assert night.returncode == 0
    assert (company / "runs" / "latest" / "manifest.json").is_file()


def test_ctrl_c_ends_a_night_quietly_and_the_next_one_works(company: Path) -> None:
    with subprocess.Popen([*LINE, "run", company], stderr=subprocess.PIPE, text=True) as night:
        assert night.stderr
        while "core ..." not in (said := night.stderr.readline()):
            assert said
        time.sleep(0.2)
        night.send_signal(signal.SIGINT)
        rest = night.stderr.read()
    assert night.returncode == 130, rest
    assert "Traceback" not in rest
    assert not list(company.glob("runs/*"))
    assert not list(company.glob("runs/*"))
    assert run_folder(company).is_new


def _interrupted_inside_a_library() -> None:
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise RuntimeError("what the library makes of it") from None


def test_whatever_a_library_makes_of_ctrl_c_is_an_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt), terminal.told():
        _interrupted_inside_a_library()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_damaged_previous_run_is_named_and_moving_it_away_helps(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run_folder(company)
    (first.folder / "plan" / "proposal.parquet").write_bytes(b"PAR1")
    later = ("run", company, "--as-of", "2026-11-16")
    assert asked(*later) == 2
    assert f"move the folder {first.folder} away" in capsys.readouterr().err
    first.folder.rename(company / "away")
    assert asked(*later) == 0


def test_a_broken_manifest_is_told_as_damage(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_folder(company)
    (done.folder / "manifest.json").write_text("{")
    assert asked("run", company, "--replay", done.run_id) == 2
    assert "manifest.json cannot be read" in capsys.readouterr().err


def test_a_lost_warehouse_costs_neither_the_previous_run_nor_the_ids(company: Path) -> None:
    first = run_folder(company)
    (company / ".replenish" / "warehouse.duckdb").write_bytes(b"no database" * 99)
    assert asked("doctor", company) == 2
    assert asked("run", company) == 0
    (company / ".replenish" / "warehouse.duckdb").unlink()
    second = run_folder(company, as_of=date(2026, 11, 16))
    assert json.loads((second.folder / "manifest.json").read_text())["previous_run_id"] == first.run_id


def test_an_accepted_proposal_is_on_order_until_it_would_arrive(company: Path) -> None:
    first = _proposals(run_folder(company)).filter(pl.col("action") == "NEW")
    line = first.sort("receipt_date").row(-1, named=True)
    told = f"proposal_id,status\n{line['proposal_id']},accepted\n"
    (company / "inputs" / "acknowledge.csv").write_text(told)
    second = run_folder(company, as_of=date(2026, 11, 16))
    supply = pl.read_parquet(second.folder / "core" / "open_supply.parquet")
    held = supply.filter(pl.col("line_id") == line["proposal_id"]).row(0, named=True)
    assert (held["open_qty"], held["due_date"]) == (line["qty"], line["receipt_date"])
    assert line["proposal_id"] not in set(_proposals(second).filter(pl.col("action") == "NEW")["proposal_id"])


def test_one_enormous_sale_does_not_end_the_night(company: Path) -> None:
    with (company / "inputs" / "sales.csv").open("a") as file:
        file.write("2026-11-10,tea,north,900000000000000\n")
    assert asked("run", company) == 0


def test_a_full_disk_is_a_message(company: Path) -> None:
    with pytest.raises(WarehouseError, match=r"is full.*Earlier runs are as they were"), Place.at(company).open():
        raise duckdb.TransactionException("Failed to commit: No space left on device")


def test_explain_names_the_run_and_trace_takes_names_as_files_hold_them(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = run_folder(company)
    assert asked("explain", _proposals(done)["proposal_id"][0], "--folder", company) == 0
    assert f"in run {done.run_id}" in capsys.readouterr().out
    assert asked("trace", " tea\n", "north", "--folder", company) == 0


def test_files_nobody_reads_are_named_where_a_required_table_is_empty(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (company / "inputs" / "sales.csv").rename(company / "inputs" / "verkauf.csv")
    assert asked("run", company) == 2
    assert "verkauf.csv is not read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('[source.x]\ntable = "sale"\nfiles = "none.csv"\n', "'sale' is no input table"),
        ('[source.x]\ntable = "sales"\nfiles = "sales.csv"\nonly = "1; drop"\n', "is no SQL condition"),
        ('[source.x]\ntable = "sales"\nfiles = "sales.csv"\ncolumns = { what = "item" }\n', "no column 'what'"),
    ],
)
def test_doctor_sees_a_mapping_that_cannot_work(
    company: Path, capsys: pytest.CaptureFixture[str], settings: str, told: str
) -> None:
    (company / "replenish.toml").write_text(settings)
    assert asked("doctor", company) == 2
    assert told in capsys.readouterr().out


def test_doctor_sees_a_required_file_without_rows(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (company / "inputs" / "sales.csv").write_text("date,item_id,location_id,qty\n")
    assert asked("doctor", company) == 2
    assert "there is no row in it" in capsys.readouterr().out


DASK = '[compute]\nexecutor = "dask"\naddress = "tcp://127.0.0.1:9"\n'


def test_a_scheduler_that_does_not_answer_ends_the_night_with_a_message(
    company: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "ANSWER_SECONDS", 1)
    (company / "replenish.toml").write_text(DASK)
    assert asked("run", company) == 2
    assert "replenish: no Dask scheduler answers at compute.address = 'tcp://127.0.0.1:9'" in capsys.readouterr().err
    assert not list((company / "runs").glob("*"))


def test_doctor_sees_a_missing_extra(
    company: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (company / "replenish.toml").write_text(DASK)
    asked("doctor", company)
    assert "blocks are computed by dask at tcp://127.0.0.1:9" in capsys.readouterr().out
    monkeypatch.setattr(executors, "find_spec", lambda name: None)
    assert asked("doctor", company) == 2
    assert "pip install 'replenish[dask]'" in capsys.readouterr().out


def test_a_rejected_file_leaves_the_raw_tables_as_they_were(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run_folder(company)
    with (company / "inputs" / "sales.csv").open("a") as file:
        file.write("someday,tea,north,1\n" * 50)
    assert asked("run", company) == 2
    assert "max_reject_share" in capsys.readouterr().err
    assert (company / "runs" / "latest").resolve() == done.folder.resolve()
    with duckdb.connect(str(company / ".replenish" / "warehouse.duckdb"), read_only=True) as house:
        assert house.sql("select count(*) from raw.sales").fetchall() == [(frames(weeks=20)["sales"].height,)]


def _proposals(done: Finished) -> pl.DataFrame:
    return pl.read_parquet(done.folder / "plan" / "proposal.parquet")


def test_what_a_library_prints_does_not_stand_in_the_answer() -> None:
    """Lines that compiled code writes, buffered or at once, go to standard error; the answer stays what it is."""
    code = (
        "import ctypes, os\n"
        "from replenish.terminal import say, told\n"
        "with told():\n"
        "    ctypes.CDLL(None).printf(b'stray\\n')\n"
        "    os.write(1, b'and another\\n')\n"
        "    say('{}')\n"
        "print('after')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "{}\nafter\n"
    assert sorted(done.stderr.split("\n")) == ["", "and another", "stray"]
