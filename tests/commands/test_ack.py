"""`replenish ack`: answers of an ERP or a person, whatever their file, are taken once or refused with a reason."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from replenish.night.run import run_folder
from tests.asked import asked
from tests.night.small import LAST_DAY, frames, write_folder

LIGHT = '[forecast]\nmembers = "light"\n'
MORNING = LAST_DAY + timedelta(days=1)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company after its first night."""
    company = write_folder(tmp_path_factory.mktemp("planned") / "company", frames(weeks=20), LIGHT)
    run_folder(company, as_of=LAST_DAY)
    return company


@pytest.fixture
def company(planned: Path, tmp_path: Path) -> Path:
    """The same company, to be answered to."""
    return Path(shutil.copytree(planned, tmp_path / "company", symlinks=True))


def lines(company: Path) -> pl.DataFrame:
    """What the night proposed."""
    return pl.read_csv(company / "runs" / "latest" / "proposals" / "proposals.csv").filter(pl.col("qty") > 2)


def told(company: Path, file: Path, capsys: pytest.CaptureFixture[str], code: int = 0) -> dict[str, Any]:
    """The command's summary."""
    assert asked("ack", file, "--folder", company, "--json") == code
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    parts = ("taken", "known_before", "without_answer", "repeated", "refused")
    assert data["rows"] == sum(data[part] for part in parts), "no row is lost"
    return data


def inputs(company: Path) -> pl.DataFrame:
    """Answers as the next night will read them, oldest first."""
    files = sorted((company / "inputs" / "acknowledge").glob("*.parquet"))
    return pl.concat([pl.read_parquet(file) for file in files])


def answer(company: Path, tmp_path: Path, rows: list[dict[str, Any]], name: str = "answers.csv") -> Path:
    """A file of answers."""
    file = tmp_path / name
    pl.DataFrame(rows, infer_schema_length=None).write_csv(file)
    return file


def test_every_kind_of_row_is_counted_and_the_same_file_twice_changes_nothing(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, three, four = lines(company)["proposal_id"][:4]
    rows = [
        {"proposal_id": one, "status": "accepted", "erp_order_id": "PO-1", "user": "ann"},
        {"proposal_id": two, "status": "Edited", "qty": 2, "user": "ann", "reason": "=SUM(A1)"},
        {"proposal_id": three, "status": "rejected", "reason": "too much"},
        {"proposal_id": three, "status": "rejected", "reason": "too much"},
        {"proposal_id": four, "status": "edited"},
        {"proposal_id": four[:-1] + "z", "status": "accepted"},
        {"proposal_id": None, "status": "accepted"},
        {"proposal_id": "P-other", "status": "perhaps"},
        {"proposal_id": "P-open", "status": None},
    ]
    file = answer(company, tmp_path, rows)
    data = told(company, file, capsys, code=2)
    assert data["taken_by_status"] == {"accepted": 1, "edited": 1, "rejected": 1}
    assert (data["repeated"], data["without_answer"], data["refused"]) == (1, 1, 4)
    reasons = {row["row"]: row["reason"] for row in data["refused_rows"]}
    assert reasons[6] == "edited to what? give qty, date or both"
    assert f"did you mean {four}?" in reasons[7]
    assert "proposal_id is missing" in reasons[8]
    assert "accepted, edited, rejected or expired (perhaps)" in reasons[9]
    assert pl.read_csv(data["refused_file"])["row"].to_list() == [6, 7, 8, 9]
    (run,) = data["runs"]
    value = dict(lines(company).select("proposal_id", "value").iter_rows())
    assert run["accepted"] == {"lines": 1, "value": round(value[one], 2)}
    assert run["adoption_rate"] == pytest.approx(value[one] / (value[one] + value[two] + value[three]))
    taken = inputs(company).filter(proposal_id=two).row(0, named=True)
    assert (taken["qty"], taken["reason"], taken["at"], taken["run_id"]) == (2.0, "=SUM(A1)", MORNING, run["run_id"])
    again = told(company, file, capsys, code=2)
    assert (again["taken"], again["known_before"], again["written"]) == (0, 3, None)
    assert inputs(company).height == 3


def test_the_proposal_file_itself_may_come_back_from_a_german_spreadsheet(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = lines(company)
    halves = given["qty"].cast(pl.Float64) + pl.Series([0.5 * (i == 1) for i in range(given.height)])
    status = pl.Series(["accepted", "accepted", "rejected"] + [None] * (given.height - 3), dtype=pl.String)
    written = given.with_columns(qty=halves.cast(pl.String).str.replace(".", ",", literal=True), status=status)
    file = tmp_path / "Vorschläge.csv"
    file.write_bytes(written.write_csv(separator=";").encode("cp1252"))
    data = told(company, file, capsys)
    assert data["without_answer"] == given.height - 3
    assert data["taken_by_status"] == {"accepted": 1, "edited": 1, "rejected": 1}
    assert any("accepted rows with another quantity" in note for note in data["notes"])
    assert any("no part of an answer" in note for note in data["notes"])
    assert inputs(company).filter(proposal_id=given["proposal_id"][1])["qty"].item() == given["qty"][1] + 0.5


@pytest.mark.parametrize("name", ["answers.xlsx", "answers.parquet"])
def test_workbooks_and_parquet_files_are_read(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    frame = lines(company).head(2).select("proposal_id", status=pl.lit("accepted"))
    file = tmp_path / name
    frame.write_excel(file) if name.endswith("xlsx") else frame.write_parquet(file)
    assert told(company, file, capsys)["taken"] == 2


def test_the_example_of_the_documentation_is_taken(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "acknowledge.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    named, real = re.findall(r"P-[0-9a-f]{12}", example), lines(company)["proposal_id"][:3].to_list()
    for one, other in zip(named, real, strict=True):
        example = example.replace(one, other)
    first, second, third = real
    file = tmp_path / "answers.csv"
    file.write_text(example)
    assert told(company, file, capsys)["taken_by_status"] == {"accepted": 1, "edited": 1, "rejected": 1}
    taken = {row["proposal_id"]: row for row in inputs(company).iter_rows(named=True)}
    assert (taken[first]["erp_order_id"], taken[second]["qty"]) == ("PO-4711", 7.5)
    assert (taken[third]["user"], taken[third]["reason"]) == ("bob", "shelf is being rebuilt")
    for name in inputs(company).columns:
        assert f"{name}" in page, "every column is explained"


def test_answers_that_contradict_each_other_are_refused_both(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = lines(company)["proposal_id"][:2]
    rows = [(one, "accepted"), (two, "accepted"), (one, "rejected")]
    file = answer(company, tmp_path, [{"proposal_id": name, "status": status} for name, status in rows])
    data = told(company, file, capsys, code=2)
    assert [row["row"] for row in data["refused_rows"]] == [2, 4]
    assert all("rows 2, 4 give different answers" in row["reason"] for row in data["refused_rows"])
    assert data["taken_by_status"] == {"accepted": 1}


def test_a_later_answer_replaces_an_earlier_one_and_says_so(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = lines(company)["proposal_id"][0]
    for number, status in enumerate(("accepted", "rejected", "accepted")):
        file = answer(company, tmp_path, [{"proposal_id": one, "status": status}], f"{number}.csv")
        notes = told(company, file, capsys)["notes"]
        assert any("replace an earlier answer" in note for note in notes) == (number > 0)
        left_over = company / "inputs" / "acknowledge" / ".killed.unfinished"
        left_over.write_text("half a file")
    assert inputs(company)["status"].to_list() == ["accepted", "rejected", "accepted"]
    dated = answer(company, tmp_path, [{"proposal_id": one, "status": "accepted", "at": "2026-12-24"}], "late.csv")
    assert any("do not know of them" in note for note in told(company, dated, capsys)["notes"])


def test_troubles_are_one_message(company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = answer(company, tmp_path, [{"proposal_id": "P-1"}])
    assert asked("ack", file, "--folder", company) == 2
    assert "has no column status" in capsys.readouterr().err
    assert asked("ack", tmp_path / "none.csv", "--folder", company) == 2
    assert "is not there" in capsys.readouterr().err
    inside = company / "inputs" / "acknowledge.csv"
    inside.write_text("proposal_id,status\n")
    assert asked("ack", inside, "--folder", company) == 2
    assert "lies in the inputs folder" in capsys.readouterr().err
    with (company / ".replenish" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert asked("ack", file, "--folder", company) == 4
    assert "another run is working" in capsys.readouterr().err


def test_nothing_can_be_answered_before_the_first_night(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fresh = write_folder(tmp_path / "fresh", frames(weeks=20), LIGHT)
    file = answer(fresh, tmp_path, [{"proposal_id": "P-1", "status": "accepted"}])
    assert asked("ack", file, "--folder", fresh) == 2
    assert "no published run" in capsys.readouterr().err
    assert not (fresh / "inputs" / "acknowledge").exists()


def test_what_a_file_brings_along_is_shown_and_does_not_steer_the_terminal(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = answer(company, tmp_path, [{"proposal_id": "P-\x1b[2J\u202e" + "x" * 5000, "status": "accepted"}])
    assert asked("ack", file, "--folder", company) == 2
    said = capsys.readouterr().out
    assert "(P-\\x1b[2J\\u202ex" in said
    assert len(said) < 2000
    assert asked("ack", tmp_path, "--folder", company) == 2
    assert "is a folder" in capsys.readouterr().err
