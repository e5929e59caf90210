"""`replenish backtest` at the terminal: the contest in words or as JSON, files of its own, and clear refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from replenish.steps import simulate
from tests.asked import asked
from tests.night.small import frames, write_folder

LIGHT = '[forecast]\nmembers = "light"\n[order]\npaths = 20\n[calendar]\nhorizon_weeks = 4\n'


def test_a_short_history_is_refused_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    company = write_folder(tmp_path / "company", frames(weeks=20), LIGHT)
    assert asked("backtest", company, "--weeks", "12") == 2
    assert "longer history" in capsys.readouterr().err
    assert not (company / "runs").exists()


@pytest.mark.slow
def test_a_folder_is_replayed_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for rule, dials in (("curve", (0.7,)), ("simple", (1.0,)), ("weeks_of_cover", (2.0,)), ("z_sigma", (0.95,))):
        monkeypatch.setitem(simulate.DIALS, rule, dials)
    company = write_folder(tmp_path / "company", frames(weeks=44), LIGHT)
    before = {file: file.read_bytes() for file in company.rglob("*") if file.is_file()}
    out = tmp_path / "out"
    assert asked("backtest", company, "--weeks", "24", "--items", "1", "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {"curve", "simple", "weeks_of_cover", "min_max", "z_sigma"} <= {row["rule"] for row in told["contest"]}
    assert told["nodes"] >= 1
    assert {row["rule"] for row in told["tuned"]} == {"curve", "simple"}
    assert Path(told["folder"]).parent == out
    assert (Path(told["folder"]) / "index.html").is_file()
    books = {company / ".replenish" / name for name in ("attempts.jsonl", "backtest.lock")}  # who worked here, and when
    after = {file: file.read_bytes() for file in company.rglob("*") if file.is_file() and file not in books}
    assert after == before


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("backtest", "--help") == 0
    told = capsys.readouterr().out
    assert "your own rule is not" in " ".join(told.split())
