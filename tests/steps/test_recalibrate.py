"""An alarm over broken promises widens the law, nothing else does."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from replenish.steps import recalibrate
from replenish.tables.plan import Calibration, KeptPromise, PromiseLaw

AS_OF = date(2026, 3, 2)


def _calibration(*categories: str, width: float = 1.1) -> pl.DataFrame:
    rows = {"category": list(categories)}
    told = {"window": "protection", "level_share": 0.95, "achieved_share": 0.95, "window_count": 600}
    frame = pl.DataFrame(rows).with_columns(
        **{name: pl.lit(value) for name, value in told.items()},
        recalibrated_share=pl.lit(None, pl.Float64),
        width_rate=pl.lit(width),
    )
    return Calibration.cast(frame.select(Calibration.column_names()))


def _kept(category: str, count: int, promised: float, ran_out: int, width: float = 1.0) -> pl.DataFrame:
    rows = pl.DataFrame({"proposal_id": [f"{category} {at:05d}" for at in range(count)]})
    told = {"item_id": "a", "location_id": "l", "category": category, "window_start": AS_OF, "window_end": AS_OF}
    qty = dict.fromkeys(("expected_demand_qty", "expected_sales_qty", "achieved_demand_qty", "achieved_sales_qty"), 1.0)
    frame = rows.with_columns(
        **{name: pl.lit(value) for name, value in (told | qty).items()},
        stockout_probability=pl.lit(promised),
        width_rate=pl.lit(width),
        is_stockout=pl.int_range(pl.len()) < ran_out,
    )
    return KeptPromise.cast(frame.select(KeptPromise.column_names()))


def _widths(calibration: pl.DataFrame, *kept: pl.DataFrame) -> tuple[dict[str, float], pl.DataFrame]:
    mended, law = recalibrate(calibration, pl.concat(kept) if kept else KeptPromise.create_empty())
    assert Calibration.validate(mended).drop("width_rate").equals(calibration.drop("width_rate"))
    return dict(mended.select("category", "width_rate").rows()), PromiseLaw.validate(law)


def test_promises_broken_too_often_widen_their_category_and_its_children() -> None:
    loud = _kept("food", 2100, 0.05, 210)
    got, law = _widths(_calibration("all", "food", "food/milk", "tools"), loud, _kept("tools", 2100, 0.05, 105))
    assert got["food"] == got["food/milk"] > 1.1
    assert got["tools"] == 1.1
    every, food, tools = law.iter_rows(named=True)
    assert (every["category"], every["promise_count"], food["achieved_share"]) == ("all", 4200, 0.1)
    assert (tools["width_rate"], food["promised_share"]) == (1.0, pytest.approx(0.05))
    # the quantile of 5 % becomes one of 10 %: (1.6449 / 1.2816) squared
    assert food["width_rate"] == pytest.approx((1.644854 / 1.281552) ** 2, rel=1e-4)


@pytest.mark.parametrize(("count", "ran_out"), [(2000, 2000), (4000, 279), (4000, 121), (0, 0)])
def test_few_promises_or_a_difference_of_two_points_change_nothing(count: int, ran_out: int) -> None:
    kept = [_kept("food", count, 0.05, ran_out)] if count else []
    assert _widths(_calibration("all", "food"), *kept)[0] == {"all": 1.1, "food": 1.1}


def test_promises_kept_too_well_narrow_the_law() -> None:
    got, _ = _widths(_calibration("food"), _kept("food", 4000, 0.1, 200))
    assert got["food"] == pytest.approx(1.1 * (1.281552 / 1.644854) ** 2, rel=1e-4)


def test_a_law_that_was_mended_stays_mended_while_its_promises_hold() -> None:
    width = (1.644854 / 1.281552) ** 2
    got, law = _widths(_calibration("food"), _kept("food", 4000, 0.1, 400, width))
    assert got["food"] == pytest.approx(1.1 * width, rel=1e-4)
    assert law["promised_share"].to_list() == pytest.approx([0.05, 0.05], rel=1e-4)


def test_without_calibration_there_is_nothing_to_mend() -> None:
    mended, law = recalibrate(Calibration.create_empty(), _kept("food", 3000, 0.05, 600))
    assert mended.is_empty()
    assert np.isfinite(law["width_rate"].to_numpy()).all()
