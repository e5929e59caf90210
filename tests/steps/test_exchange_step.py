"""The whole company at one dial: what it counts, and where tonight's targets lie."""

from __future__ import annotations

import polars as pl
import pytest

from replenish.steps import exchange
from replenish.tables.plan import ExchangeCurve
from tests.steps.supply_world import Company, centre_and_stores, shop


def curve_of(made: Company) -> pl.DataFrame:
    frames = (made.node, made.arc, made.bom_line, made.bucket)
    found = exchange(made.forecast, made.parameter, made.lead_time, made.target(), *frames)
    assert ExchangeCurve.is_valid(found)
    return found


def test_more_stock_serves_more_along_either_rule() -> None:
    found = curve_of(shop(3, mean=6.0, phi=1.5, kappa=0.1))
    for rule in ("one_level", "by_cost"):
        line = found.filter(pl.col("rule") == rule).sort("dial_index")
        assert line["stock_value"].is_sorted(), rule
        assert line["fill_rate"].is_sorted(), rule
        assert line["fill_rate"][-1] > 0.99


def test_targets_of_one_service_level_lie_on_its_curve() -> None:
    """A shop whose targets are those of the dial stands where the dial does."""
    found = curve_of(shop(2, mean=6.0, phi=1.5, kappa=0.1, node={"service_target": 0.95}))
    dial = found.filter((pl.col("rule") == "one_level") & (pl.col("dial_rate") == 0.95))
    here = found.filter(pl.col("rule") == "targets")
    assert here["fill_rate"].item() == pytest.approx(dial["fill_rate"].item(), abs=0.005)
    assert here["stock_value"].item() == pytest.approx(dial["stock_value"].item(), rel=0.05)


def test_a_centre_adds_its_stock_and_no_demand() -> None:
    made = centre_and_stores(2)
    stores = {"node": made.node.with_columns(has_money=pl.col("level") == 0)}
    whole, without = curve_of(made), curve_of(made.with_(**stores))
    assert whole["fill_rate"].to_list() == pytest.approx(without["fill_rate"].to_list())
    assert (whole["stock_value"] > without["stock_value"]).all()
    assert set(whole["node_count"]) == {3}


def test_without_money_or_demand_there_is_no_curve() -> None:
    made = shop(2, mean=6.0, phi=1.5, kappa=0.1)
    assert curve_of(made.with_(node=made.node.with_columns(has_money=pl.lit(value=False)))).is_empty()
    silent = made.forecast.with_columns(forecast_qty=pl.lit(0.0), variance_qty2=pl.lit(0.0))
    assert curve_of(made.with_(forecast=silent)).is_empty()
