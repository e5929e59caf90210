"""Laws of the demand side, whatever the company: every table of forecasts and scores keeps them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest

import replenish as rp
from tests.night.small import LAST_DAY
from tests.night.test_blocks import daily, event

NODE = ["item_id", "location_id"]
Company = dict[str, pl.DataFrame]
Change = Callable[[Company], Company]


def with_events(*rows: dict[str, object]) -> Change:
    return lambda company: company | {"event": pl.DataFrame(rows)}


def with_item(**columns: pl.Expr) -> Change:
    return lambda company: company | {"item": company["item"].with_columns(**columns)}


def with_sales(change: pl.Expr) -> Change:
    return lambda company: company | {"sales": company["sales"].with_columns(qty=change)}


def ago(days: int) -> date:
    return LAST_DAY - timedelta(days=days)


def lasting(kind: str, first: int, last: int) -> dict[str, object]:
    """An event from so many days ago to so many days ago, over all items."""
    return event("long", None, 0, kind) | {"start_date": ago(first), "end_date": ago(last)}


def monthly(company: Company) -> Company:
    """Sales by the first of the month."""
    sold = company["sales"].group_by(*NODE, pl.col("date").dt.truncate("1mo")).agg(pl.col("qty").sum())
    return company | {"sales": sold.filter(pl.col("date") < LAST_DAY.replace(day=1)).sort(*NODE, "date")}


CHANGES: dict[str, Change] = {
    "as it is": lambda company: company,
    "nothing but sales and stock": lambda company: {name: company[name] for name in ("sales", "stock")},
    "two weeks": lambda company: company | {"sales": company["sales"].filter(pl.col("date") > ago(14))},
    "by the month": monthly,
    "one node": lambda company: company | {n: company[n].filter(item_id="item 03") for n in ("sales", "stock", "item")},
    "events to come alone": with_events(event("next", None, 9)),
    "every day in an event": with_events(lasting("promotion", 500, -400)),
    "closed for months": with_events(lasting("closure", 200, 140), lasting("closure", -10, -60) | {"event_id": "b"}),
    "closed for ever": with_events(lasting("closure", 500, -400)),
    "ended": with_item(end_date=pl.lit(ago(40))),
    "not launched": with_item(launch_date=pl.lit(ago(-40))),
    "a successor that is not there": with_item(successor_item_id=pl.lit("ghost"), end_date=pl.lit(ago(-20))),
    "its own successor": with_item(successor_item_id=pl.col("item_id")),
    "a category called all": with_item(category=pl.lit("all")),
    "returns alone": with_sales(-pl.col("qty")),
}


def settings() -> rp.Settings:
    return rp.Settings.model_validate({"forecast": {"members": "light"}, "compute": {"workers": 1}})


@pytest.mark.parametrize("case", CHANGES)
def test_the_laws_hold(case: str) -> None:
    run = rp.run(CHANGES[case](daily()), settings())
    assert_forecast(run)
    assert_parameter(run)
    assert_score(run)


def assert_forecast(run: rp.Run) -> None:
    """No forecast below zero or missing, events as their own part, sums never surer than parts, totals add up."""
    told = run.table("plan.forecast").sort(*NODE, "bucket_index")
    assert told.null_count().sum_horizontal().item() == 0
    assert told.select(pl.selectors.float().is_finite().all()).row(0).count(True) == len(
        told.select(pl.selectors.float()).columns
    )
    assert (told["forecast_qty"] >= 0).all()
    gap = told["forecast_qty"] - told["baseline_qty"] - told["event_qty"]
    assert (gap.abs() <= 1e-9 * (1 + told["forecast_qty"])).all()
    step = told.select(pl.col("variance_qty2").diff().over(NODE)).to_series()
    assert (step.drop_nulls() >= 0).all()
    whole = run.table("plan.total").filter(category="all", location_id="all")["forecast_qty"].sum()
    several = set(run.table("core.node")["category"].drop_nulls()) - {"all"}
    assert not several or whole == pytest.approx(told["forecast_qty"].sum())


def assert_parameter(run: rp.Run) -> None:
    """One row for every node with demand, its numbers within what they mean."""
    told = run.table("plan.parameter")
    nodes = run.table("core.node").filter("has_demand")
    assert told.select(NODE).sort(NODE).equals(nodes.select(NODE).sort(NODE))
    assert (told["phi"] >= 1).all()
    assert (told["kappa"] >= 0).all()
    assert told["rho"].is_between(0, 1).all()


def assert_score(run: rp.Run) -> None:
    """Some member is in use for every kind of demand there is, and shares are shares."""
    there = run.table("plan.segment").join(run.table("core.node").filter("has_demand"), on=NODE, how="semi")
    used = run.table("plan.score").filter("is_used", window="protection")
    assert set(there["demand_class"]) <= set(used["demand_class"])
    calibration = run.table("plan.calibration")
    for name in ("achieved_share", "recalibrated_share"):
        assert calibration[name].drop_nulls().is_between(0, 1).all()
