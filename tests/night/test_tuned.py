"""The dial a backtest chose reaches the nights after it, and only those."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from replenish.night.facts import NightError
from replenish.night.previous import BACKTESTED
from replenish.night.tuned import newest_backtest
from replenish.numerics.simple_mode import COVER_SHARE
from replenish.pipeline.ordering import dials
from replenish.sections import START_DISPERSION
from replenish.settings import Settings
from replenish.tables import core
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

NOTHING = core.Tuned.create_empty()


def newest_tuned(runs: Path, as_of: date, carried: pl.DataFrame) -> pl.DataFrame:
    """The dials among the tables of the newest backtest, where the previous run had brought `carried`."""
    before = {table: table.create_empty() for table in BACKTESTED} | {core.Tuned: carried}
    return newest_backtest(runs, as_of, before)[core.Tuned]


def chosen(runs: Path, day: date, dial: float) -> pl.DataFrame:
    """Write what a backtest as of `day` chose, as `replenish backtest` does."""
    row = {"rule": "curve", "dial": f"{dial:g}", "as_of": day, "window_count": 6}
    table = core.Tuned.cast(pl.DataFrame([row]).select(core.Tuned.column_names()))
    folder = runs / "backtest" / day.isoformat()
    folder.mkdir(parents=True)
    table.write_parquet(folder / "tuned.parquet")
    return table


def test_the_newest_backtest_up_to_the_night_counts(tmp_path: Path) -> None:
    """A later one is not known yet; what lies beside backtests is no backtest."""
    early, late = (chosen(tmp_path, day, dial) for day, dial in ((date(2026, 1, 31), 0.55), (date(2026, 3, 31), 1.0)))
    (tmp_path / "backtest" / "notes").mkdir()
    (tmp_path / "backtest" / "notes" / "tuned.parquet").write_text("mine")
    assert newest_tuned(tmp_path, date(2026, 1, 30), NOTHING).is_empty()
    assert newest_tuned(tmp_path, date(2026, 3, 30), NOTHING).equals(early)
    assert newest_tuned(tmp_path, date(2026, 3, 31), NOTHING).equals(late)


def test_what_the_previous_run_had_stays_until_a_newer_one(tmp_path: Path) -> None:
    """A backtest folder may be cleared away; an older one does not come back."""
    carried = chosen(tmp_path / "elsewhere", date(2026, 2, 28), 0.85)
    chosen(tmp_path, date(2026, 1, 31), 0.55)
    assert newest_tuned(tmp_path, date(2026, 4, 1), carried).equals(carried)
    newer = chosen(tmp_path, date(2026, 3, 31), 1.0)
    assert newest_tuned(tmp_path, date(2026, 4, 1), carried).equals(newer)


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    """Nights do not fall back silently: that would change orders without a reason told."""
    chosen(tmp_path, date(2026, 1, 31), 0.55)
    (tmp_path / "backtest" / "2026-01-31" / "tuned.parquet").write_bytes(b"PAR1")
    with pytest.raises(NightError, match="replenish backtest"):
        newest_tuned(tmp_path, date(2026, 2, 1), NOTHING)


def test_all_tables_come_from_the_same_backtest(tmp_path: Path) -> None:
    """What an older one advised does not stand beside what a newer one chose; a damaged table is named."""
    chosen(tmp_path, date(2026, 1, 31), 0.55)
    file = tmp_path / "backtest" / "2026-01-31" / "advice.parquet"
    said = core.BacktestAdvice.cast(pl.DataFrame({"position": [1], "sentence": ["keep it"]}))
    said.write_parquet(file)
    nothing = {table: table.create_empty() for table in BACKTESTED}
    first = newest_backtest(tmp_path, date(2026, 2, 1), nothing)
    assert first[core.BacktestAdvice].equals(said)
    chosen(tmp_path, date(2026, 3, 31), 1.0)
    assert newest_backtest(tmp_path, date(2026, 3, 31), first)[core.BacktestAdvice].is_empty()
    file.write_bytes(b"PAR1")
    with pytest.raises(NightError, match=r"advice\.parquet is damaged"):
        newest_backtest(tmp_path, date(2026, 2, 1), nothing)


@pytest.mark.parametrize(("told", "expected"), [(0.0, 0.55), (0.9, 0.9)])
def test_the_night_uses_it_unless_the_settings_say_otherwise(tmp_path: Path, told: float, expected: float) -> None:
    """Settings before backtest before start value."""
    with Warehouse() as house:
        house.write(core.Tuned, chosen(tmp_path, date(2026, 1, 31), 0.55))
        settings = Settings.model_validate({"order": {"decision_dispersion": told}})
        found = dials(house, Tonight("run", date(2026, 2, 1), 7, settings))
        assert found == {"decision_dispersion": expected, "cover_share": COVER_SHARE}


def test_before_the_first_backtest_the_start_value_counts() -> None:
    """As on a first night."""
    with Warehouse() as house:
        house.write(core.Tuned, NOTHING)
        found = dials(house, Tonight("run", date(2026, 2, 1), 7, Settings()))
        assert found == {"decision_dispersion": START_DISPERSION, "cover_share": COVER_SHARE}


def test_simple_mode_has_a_dial_of_its_own() -> None:
    """Chosen by the same backtest, used where simple mode decides and beside every line."""
    rows = [
        {"rule": rule, "dial": dial, "as_of": date(2026, 1, 31), "window_count": 6}
        for rule, dial in (("curve", "1.2"), ("simple", "1.5"))
    ]
    with Warehouse() as house:
        house.write(core.Tuned, core.Tuned.cast(pl.DataFrame(rows).select(core.Tuned.column_names())))
        found = dials(house, Tonight("run", date(2026, 2, 1), 7, Settings()))
        assert found == {"decision_dispersion": 1.2, "cover_share": 1.5}
