"""Frames in memory go through the same quarantine as files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import polars as pl
import pytest

from replenish.ingest import InputError, load_frames
from replenish.settings import Settings
from replenish.warehouse import Warehouse

SALES = {
    "date": [date(2026, 1, 1), date(2026, 1, 2)],
    "item_id": ["a", "b"],
    "location_id": ["x", "x"],
    "qty": [1.0, None],
}
STOCK = pl.DataFrame({"date": ["2026-01-01"], "item_id": [7], "location_id": ["x"], "on_hand_qty": [5]})
MAKERS: list[Callable[[], Any]] = [
    lambda: pl.DataFrame(SALES),
    lambda: pl.LazyFrame(SALES),
    lambda: pl.DataFrame(SALES).to_arrow(),
    lambda: pd.DataFrame(SALES),
    lambda: pl.DataFrame(SALES).to_dicts(),
]


@pytest.mark.parametrize("maker", MAKERS)
def test_any_frame_is_read(maker: Callable[[], Any]) -> None:
    with Warehouse() as warehouse:
        lenient = Settings.model_validate({"ingest": {"max_reject_share": 0.5}})
        results = load_frames(warehouse, {"sales": maker(), "stock": STOCK}, lenient)
        assert results[0].text == "<frame sales> -> sales: 2 rows in = 1 loaded + 1 rejected"
        assert warehouse.query("select date, item_id, qty from raw.sales").rows() == [(date(2026, 1, 1), "a", 1.0)]
        assert warehouse.query("select row, rule from raw.reject").rows() == [(3, "required")]
        assert warehouse.query("select item_id from raw.stock").item() == "7"


def test_the_same_frames_are_not_loaded_twice() -> None:
    sales = pl.DataFrame(SALES).drop_nulls()
    with Warehouse() as warehouse:
        load_frames(warehouse, {"sales": sales, "stock": STOCK}, Settings())
        again = load_frames(warehouse, {"sales": sales.clone(), "stock": STOCK}, Settings())
        assert {one.status for one in again} == {"unchanged"}
        changed = load_frames(warehouse, {"sales": sales.with_columns(qty=pl.lit(2.0)), "stock": STOCK}, Settings())
        assert [one.status for one in changed] == ["loaded", "unchanged"]
        assert warehouse.query("select qty from raw.sales").rows() == [(2.0,)]


def test_errors_name_the_frame() -> None:
    with Warehouse() as warehouse:
        with pytest.raises(InputError, match=r"'sale' is no input table\. Choose one of: sales, stock"):
            load_frames(warehouse, {"sale": STOCK}, Settings())
        with pytest.raises(InputError, match="<frame stock> is no table"):
            load_frames(warehouse, {"stock": 5}, Settings())
        with pytest.raises(InputError, match="<frame sales>: sales needs date"):
            load_frames(warehouse, {"sales": pl.DataFrame({"item_id": ["a"]})}, Settings())
        with pytest.raises(InputError, match="required table sales"):
            load_frames(warehouse, {"stock": STOCK}, Settings())
