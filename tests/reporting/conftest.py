"""One small report, written once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from replenish.reporting import write_report
from replenish.share import share_path
from tests.reporting.company import mart_tables, plan_tables


@pytest.fixture(scope="session")
def mart() -> dict[str, pl.DataFrame]:
    """The mart of 24 nodes planned by day."""
    return mart_tables(plan_tables(24))


@pytest.fixture(scope="session")
def report(mart: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the report over that mart."""
    folder = tmp_path_factory.mktemp("report")
    write_report(folder, mart, pages=share_path("reports"), company="Corner & <Co>")
    return folder
