"""Numbers in CSV files are without the noise of their last binary digits, large and small ones alike."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from replenish.publish.generic import write_csv


def test_binary_noise_is_not_written(tmp_path: Path) -> None:
    values = [0.1 + 0.2, 9.999999999999996, 1234567.89, 0.00000123456, -38.93333333333334, None]
    write_csv(tmp_path / "a.csv", pl.DataFrame({"qty": values}, schema={"qty": pl.Float64}))
    written = (tmp_path / "a.csv").read_text().splitlines()[1:]
    assert written[:2] == ["0.3", "10"] or written[:2] == ["0.3", "10.0"]
    assert written[2] == "1234567.89"
    assert float(written[3]) == 0.00000123456
    assert len(written[4]) <= 15


def test_nothing_is_written_without_a_sign(tmp_path: Path) -> None:
    """A database that knows a negative zero would otherwise be told one."""
    write_csv(tmp_path / "a.csv", pl.DataFrame({"qty": [-0.0, 0.0]}))
    assert {float(text).hex() for text in (tmp_path / "a.csv").read_text().split()[1:]} == {"0x0.0p+0"}
