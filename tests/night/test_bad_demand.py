"""Bad demand never breaks a night: one node sells what nobody can sell, and the innocent rest is planned as ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest

import replenish as rp
from replenish.ingest import InputError
from tests.night.small import LAST_DAY, frames

SETTINGS = rp.Settings.model_validate({"forecast": {"members": "light"}, "compute": {"workers": 1}})
NODE = ["item_id", "location_id"]
PACK = 6.0
USUAL = np.random.default_rng(1).poisson(5, 60).astype(float)


def mondays(count: int) -> list[date]:
    return [LAST_DAY - timedelta(days=7 * back + 6) for back in range(count - 1, -1, -1)]


def changed(place: int, qty: float, sales: np.ndarray = USUAL) -> np.ndarray:
    out = sales.copy()
    out[place] = qty
    return out


CASES: dict[str, tuple[Sequence[date], np.ndarray]] = {
    "all zero": (mondays(60), 0 * USUAL),
    "one observation": (mondays(60)[-3:-2], np.array([4.0])),
    "one huge observation": (mondays(60)[-3:-2], np.array([1e12])),
    "not a number": (mondays(60), changed(40, np.nan)),
    "infinite": (mondays(60), changed(40, np.inf)),
    "negative totals": (mondays(60), -USUAL),
    "a huge return": (mondays(60), changed(50, -1e12)),
    "constant": (mondays(60), 0 * USUAL + 7),
    "a huge spike": (mondays(60), changed(50, 1e12)),
    "a spike tonight": (mondays(60), changed(59, 1e12)),
    "two huge spikes": (mondays(60), changed(20, 1e9, changed(50, 1e12))),
    "the same spike twice": (mondays(60), changed(51, 1e12, changed(50, 1e12))),
    "tiny quantities": (mondays(60), USUAL * 1e-9),
    "one bucket": (mondays(1), np.array([3.0])),
    "duplicated dates": (mondays(60) * 3, np.tile(USUAL, 3)),
}
WILD = {"one huge observation", "a huge spike", "a spike tonight", "two huge spikes", "the same spike twice"}


def company(dates: Sequence[date], qty: np.ndarray) -> dict[str, pl.DataFrame]:
    """The small company, and an odd item at one shop."""
    tables = frames()
    sold = pl.DataFrame({"date": dates, "item_id": "odd", "location_id": "north", "qty": qty.astype(float)})
    rows = {
        "sales": sold,
        "item": {"item_id": "odd", "category": "goods", "unit_cost": 2.0, "unit_price": 3.2},
        "stock": {"date": LAST_DAY, "item_id": "odd", "location_id": "north", "on_hand_qty": 6.0},
        "sourcing": {
            "item_id": "odd", "location_id": "north", "kind": "buy", "source_id": "grower", "lead_time_days": 7.0
        },
    }  # fmt: skip
    more = {name: row if isinstance(row, pl.DataFrame) else pl.DataFrame([row]) for name, row in rows.items()}
    return tables | {name: pl.concat([tables[name], row], how="diagonal") for name, row in more.items()}


@cache
def planned(case: str) -> rp.Run:
    return rp.run(company(*CASES.get(case, (mondays(60), USUAL))), SETTINGS)


def innocent(run: rp.Run, table: str, *columns: str) -> pl.DataFrame:
    return run.table(table).filter(pl.col("item_id") != "odd").select(*NODE, *columns).sort(pl.all())


@pytest.mark.parametrize("case", CASES)
def test_the_night_is_planned_and_the_rest_is_as_ever(case: str) -> None:
    """Demand and forecast of all other nodes are the same number for number; orders share one pooled law of errors."""
    run, usual = planned(case), planned("usual")
    for table, columns in (
        ("plan.demand", ("bucket_index", "demand_qty", "demand_sample_qty", "state")),
        ("plan.forecast", ("bucket_index", "forecast_qty")),
    ):
        assert innocent(run, table, *columns).equals(innocent(usual, table, *columns))
    wishes = innocent(run, "plan.wish", "qty").join(innocent(usual, "plan.wish", "qty"), on=NODE, suffix="_usual")
    moved = (wishes["qty"] - wishes["qty_usual"]).abs()
    assert wishes.height > 5
    assert (moved <= (0.15 * wishes["qty_usual"]).clip(PACK)).all()
    assert not innocent(run, "plan.proposal", "hold")["hold"].any()


@pytest.mark.parametrize("case", CASES)
def test_the_odd_node_is_planned_told_of_or_held(case: str) -> None:
    run = planned(case)
    known = run.table("plan.parameter").filter(item_id="odd")
    assert known.height == 1
    demand = run.table("plan.demand").filter(item_id="odd")
    assert demand["demand_qty"].is_finite().all()
    lines = run.table("plan.proposal").filter(item_id="odd")
    outliers = run.table("plan.exception").filter(item_id="odd", code="OUTLIER")
    assert (outliers.height > 0) == (case in WILD)
    assert lines["hold"].all() == (case in WILD) or lines.height == 0
    assert (outliers["value_at_stake"] > 0).all()


def test_a_spike_stays_in_the_demand() -> None:
    told = planned("a huge spike").table("plan.demand").filter(item_id="odd")
    assert told["demand_qty"].max() == told["sales_qty"].max() == 1e12
    assert (told["state"] == "full").all()


def test_zeros_are_demand_and_returns_are_not() -> None:
    zero = planned("all zero").table("plan.demand").filter(item_id="odd")
    assert zero.height == 60
    assert (zero["demand_qty"] == 0).all()
    assert planned("all zero").table("plan.forecast").filter(item_id="odd")["forecast_qty"].sum() == 0
    assert (planned("negative totals").table("plan.demand").filter(item_id="odd")["demand_qty"] >= 0).all()


def test_rows_that_are_no_numbers_are_set_aside_each_with_its_reason() -> None:
    reject = planned("not a number").loads[0]
    assert planned("not a number").table("plan.demand").filter(item_id="odd")["demand_qty"].max() < 20
    assert reject is not None
    with pytest.raises(InputError, match="break the contract of sales"):
        rp.run(company(mondays(60), USUAL * np.nan), SETTINGS)


def test_twenty_thousand_days_of_one_item_and_a_week_of_another() -> None:
    days = pl.DataFrame({"date": [LAST_DAY - timedelta(days=back) for back in range(20_000)]})
    long = days.with_columns(
        item_id=pl.lit("old"), location_id=pl.lit("north"), qty=pl.Series(np.resize(USUAL, 20_000))
    )
    short = long.head(7).with_columns(item_id=pl.lit("young"))
    stock = short.tail(1).with_columns(date=pl.lit(LAST_DAY), on_hand_qty=pl.lit(3.0)).drop("qty")
    stock = pl.concat([stock, stock.with_columns(item_id=pl.lit("old"))])
    # far more than the settings allow, which end at ten years
    settings = SETTINGS.model_copy(
        update={"calendar": SETTINGS.calendar.model_copy(update={"history_weeks": 20_000 // 7 + 1})}
    )
    run = rp.run({"sales": pl.concat([long, short]), "stock": stock}, settings)
    assert run.table("plan.demand").filter(item_id="old").height == 20_000
    forecast = run.table("plan.forecast").group_by("item_id").agg(pl.col("forecast_qty").sum())
    assert forecast.height == 2
    assert (forecast["forecast_qty"] > 0).all()


def test_a_spike_at_a_shop_holds_what_feeds_the_shop_and_nothing_else() -> None:
    tables = frames()
    wild = pl.DataFrame([{"date": mondays(60)[50], "item_id": "soap", "location_id": "south", "qty": 1e9}])
    tables["sales"] = pl.concat([tables["sales"], wild])
    lines = rp.run(tables, SETTINGS).table("plan.proposal").filter(action="NEW")
    held = set(lines.filter("hold").select(NODE).iter_rows())
    assert held == {("soap", "south"), ("soap", "depot")} & set(lines.select(NODE).iter_rows())
    assert ("soap", "depot") in held
    assert lines.filter("hold")["hold_cause"].str.starts_with("OUTLIER: ").all()


def test_a_project_of_one_customer_leaves_the_forecast_alone() -> None:
    """Three hundred lines of one to nine units, and one order of 900: planned as if it had not been."""
    rng = np.random.default_rng(3)
    days = np.repeat(mondays(60), 5)
    lines = pl.DataFrame(
        {
            "date": days.tolist(), "item_id": "odd", "location_id": "north",
            "qty": rng.integers(1, 10, 300).astype(float),
            "customer_id": [f"c{n % 40}" for n in range(300)], "order_id": [f"o{n}" for n in range(300)],
        }
    )  # fmt: skip
    project = lines.tail(1).with_columns(qty=pl.lit(900.0), order_id=pl.lit("big"), customer_id=pl.lit("builder"))
    tables = company(mondays(60), USUAL)
    without = tables | {"sales": pl.concat([frames()["sales"], lines], how="diagonal")}
    runs = [
        rp.run(one, SETTINGS)
        for one in (without, without | {"sales": pl.concat([without["sales"], project], how="diagonal")})
    ]
    plain, busy = (run.table("plan.forecast").filter(item_id="odd")["forecast_qty"] for run in runs)
    assert busy.equals(plain)
    told = runs[1].table("plan.exception").filter(code="OUTLIER")
    assert told["order_id"].to_list() == ["big"]
    assert told["qty"].to_list() == [900.0]
    assert not told["hold"].any()
    assert not runs[1].table("plan.proposal").filter(item_id="odd")["hold"].any()
