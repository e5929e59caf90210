"""frePPLe's distribution demo, a centre and shops, replayed: the nightly rule beside rules of one location each."""

from __future__ import annotations

import importlib.util
import os
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from measure import row, scratch

from replenish.night.backtest_files import replay_folder

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("REPLENISH_TEST_DATA", ROOT.parent / "shared" / "data"))
FIXTURES = DATA / "frepple" / "distribution_demo.json.gz"
WEEKS, AS_OF = 104, date(2021, 1, 31)


def converted(folder: Path) -> Path:
    """The demo as a company folder."""
    spec = importlib.util.spec_from_file_location("convert", ROOT / "examples" / "frepple_distribution" / "convert.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.convert(FIXTURES, folder)
    return folder


def stock_at(exchange: pl.DataFrame, rule: str, fill: float) -> float:
    """Stock value a rule needs for a fill, between its dials; the most it was tried with where it never reaches it."""
    points = exchange.filter(pl.col("rule") == rule).sort("fill_rate")
    return float(np.interp(fill, points["fill_rate"].to_numpy(), points["stock_value"].to_numpy()))


def measure() -> None:
    """Print a row for the nightly rule and one for each rule beside it."""
    with scratch() as home:
        company = converted(home / "company")
        told = replay_folder(company, weeks=WEEKS, as_of=AS_OF, items=0, out=home / "out", progress=lambda _: None).told
    ours = told.tables["contest"].row(by_predicate=pl.col("rule") == "curve", named=True)
    row("distribution demo: nightly rule", f"{ours['fill_rate']:.1%} served, stock {ours['stock_value']:,.0f}")
    for rule in ("z_sigma", "weeks_of_cover"):
        needed = stock_at(told.tables["exchange"], rule, ours["fill_rate"])
        saved = 1.0 - ours["stock_value"] / needed
        row(f"- stock against {rule} at the same fill", f"{saved:+.1%} less than {needed:,.0f}")


if __name__ == "__main__":
    if FIXTURES.is_file():
        measure()
    else:
        print(f"skipped: {FIXTURES} is not here; name the folder that holds frepple in REPLENISH_TEST_DATA")
