"""Whole nights on broken files: each publishes a plan that is proven, or says in one sentence what to mend."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import polars as pl
import pytest

from replenish.ingest import InputError
from replenish.night.facts import NightError
from replenish.night.run import run_folder
from replenish.publish import manifest
from tests.ingest.mutations import MUTATIONS, Rows
from tests.night import crashing, small

pytestmark = pytest.mark.slow
NIGHTS = 8
TABLES = ("sales", "stock", "item", "location", "sourcing", "bom")


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_night_on_a_broken_file_is_proven_or_told(name: str, tmp_path: Path) -> None:
    frames = small.frames(weeks=20)
    for number in range(NIGHTS):
        chance = random.Random(f"night {name} {number}")
        company = small.write_folder(tmp_path / str(number), frames, crashing.SETTINGS)
        table = chance.choice(TABLES)
        rows = _rows(frames[table])
        broken = MUTATIONS[name](rows, chance)
        (company / "inputs" / f"{table}.csv").unlink()
        (company / "inputs" / f"{table}{broken.ending}").write_bytes(broken.content)
        _check_outcome(company)
        shutil.rmtree(company)


def _check_outcome(company: Path) -> None:
    try:
        finished = run_folder(company)
    except (InputError, NightError):
        assert not (company / "runs" / "latest").exists()
        return
    assert manifest.verify(finished.folder) == []
    for load in finished.loads:
        assert load.status == "ignored" or load.row_count == load.loaded_count + load.rejected_count


def _rows(frame: pl.DataFrame) -> Rows:
    text = frame.with_columns(pl.all().cast(pl.String).fill_null(""))
    return [text.columns, *(list(row) for row in text.iter_rows())]
