"""`replenish whatif`: two complete plans side by side, and a company that is as it was."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.asked import asked
from tests.night.small import frames, write_folder

LIGHT = '[forecast]\nmembers = "light"\n'


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "company", frames(weeks=20), LIGHT)


def test_a_change_is_compared_and_the_company_stays_as_it_was(
    company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file: file.read_bytes() for file in company.rglob("*") if file.is_file()}
    words = ("--set", "defaults.holding_rate=8", "--set", "order.windows=1", "--out", tmp_path / "out", "--json")
    assert asked("whatif", company, *words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["set"] == ["defaults.holding_rate=8", "order.windows=1"]
    figures = {row["figure"]: row for row in told["figures"]}
    assert figures["value ordered"]["difference"] != 0
    assert 0 < figures["promised fill of first windows"]["as_it_is"] <= 1
    nodes = pl.read_csv(tmp_path / "out" / "nodes.csv")
    assert nodes.height
    assert (nodes["qty_as_it_is"] != nodes["qty_changed"]).all()
    assert {file: file.read_bytes() for file in company.rglob("*") if file.is_file()} == before


def test_the_first_plan_is_what_a_night_orders(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("whatif", company, "--set", "seed=2", "--json") == 0
    figures = {row["figure"]: row for row in json.loads(capsys.readouterr().out)["figures"]}
    assert asked("run", company, "--json") == 0
    headline = json.loads(capsys.readouterr().out)["headline"]
    assert figures["new orders"]["as_it_is"] == headline["new_orders"]
    assert figures["value ordered"]["as_it_is"] == pytest.approx(headline["new_order_value"])


def test_a_change_without_effect_differs_nowhere(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("whatif", company, "--set", "company.name=Other") == 0
    assert "0 nodes are ordered differently" in capsys.readouterr().out


def test_an_unknown_key_names_the_nearest(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("whatif", company, "--set", "order.pths=200") == 2
    assert "did you mean 'paths'" in capsys.readouterr().err
