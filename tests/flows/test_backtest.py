"""The backtest flow: history replayed under Prefect, and its dial in the night that follows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from replenish.night import attempts
from replenish.night.run import run_folder
from tests.flows.company import write_company
from tests.flows.conftest import run_flow
from tests.night.small import write_folder
from tests.night.test_backtest import company as history

SETTINGS = """
forecast.members = "light"
order.paths = 40
calendar.horizon_weeks = 6
compute.workers = 1
"""


@pytest.mark.prefect
@pytest.mark.slow
def test_a_backtest_under_prefect_chooses_the_dial_of_the_next_night(server: str, tmp_path: Path) -> None:
    """It says how far it is, tells its result, and the night after it decides with what it chose."""
    company = write_folder(tmp_path / "shop", history(), SETTINGS)
    done = run_flow("backtest.py", company, "--weeks", "24", PREFECT_API_URL=server)
    assert done.returncode == 0, done.stderr
    assert "does not work" not in done.stderr
    assert "page       " in done.stdout
    assert [(one.kind, one.outcome) for one in attempts.read(company / ".replenish")] == [("backtest", "done")]
    (chosen,) = (company / "runs" / "backtest").glob("*/tuned.parquet")
    told = pl.read_parquet(chosen)
    assert told.height
    tuned = pl.read_parquet(run_folder(company).folder / "core" / "tuned.parquet")
    assert_frame_equal(tuned, told.select(tuned.columns), check_row_order=False, check_dtypes=False)


@pytest.mark.prefect
def test_too_short_a_history_is_told_plainly(server: str, tmp_path: Path) -> None:
    """The message of the night, exit code 2, no traceback and no second try."""
    company = write_company(tmp_path / "shop")
    done = run_flow("backtest.py", company, PREFECT_API_URL=server)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("replenish: ")]
    assert [(one.kind, one.outcome) for one in attempts.read(company / ".replenish")] == [("backtest", "failed")]
