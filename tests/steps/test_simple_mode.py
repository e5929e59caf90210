"""The simple rule beside every line, and in the place of the curve where history is short."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.steps.supply_world import TONIGHT, Company, shop, supply


def _one(some: Company) -> dict[str, Any]:
    return some.wish().row(0, named=True)


def _young(some: Company, buckets: int) -> Company:
    return some.with_(parameter=some.parameter.with_columns(history_buckets=pl.lit(buckets)))


def test_every_line_tells_what_the_simple_rule_would_order() -> None:
    """Lead time and review of a week: 10 + 10 / 4 - 0, ties to even; the curve decides all the same."""
    got = _one(shop(1, mean=10.0, on_hand=3.0))
    assert (got["method"], got["simple_qty"]) == ("curve", 12.0)
    due = shop(1, mean=10.0, on_hand=3.0).with_(
        open_supply=supply([("po", "i00", "store", 4.0, TONIGHT + timedelta(8))])
    )
    assert _one(due)["simple_qty"] == 8.0
    chosen = _one(shop(1, mean=10.0, on_hand=3.0, node={"method": "simple"}))
    assert (chosen["qty"], chosen["simple_qty"], chosen["reason_code"]) == (12.0, 12.0, "value")


def test_too_short_a_history_falls_back_on_the_simple_rule() -> None:
    plain = shop(1, mean=10.0, on_hand=3.0)
    young, older = _one(_young(plain, 3)), _one(_young(plain, 4))
    assert (young["method"], young["qty"], young["reason_code"]) == ("simple", 12.0, "short_history")
    assert young["expected_lost_without_qty"] > young["expected_lost_with_qty"]  # promises are sampled all the same
    assert (older["method"], older["reason_code"]) == ("curve", "value")


def test_a_rule_that_was_chosen_stays() -> None:
    some = shop(1, mean=10.0, on_hand=3.0, node={"method": "order_up_to"})
    assert _one(_young(some, 0))["method"] == "order_up_to"


def test_the_fallback_keeps_shelf_floor_caps_and_lots() -> None:
    floor = _one(_young(shop(1, mean=0.0, node={"min_stock_qty": 6.0}), 0))
    assert (floor["qty"], floor["method"]) == (6.0, "simple")
    capped = _one(_young(shop(1, mean=10.0, node={"max_stock_qty": 7.0}, arc={"multiple_qty": 2.0}), 0))
    assert capped["qty"] == 6.0
    least = _one(_young(shop(1, mean=1.0, arc={"multiple_qty": 5.0, "min_qty": 10.0}), 0))
    assert least["qty"] in (0.0, 10.0)


def test_what_earns_nothing_or_cannot_be_told_is_left_alone() -> None:
    poor = _one(_young(shop(1, mean=10.0, node={"shortage_cost": -1.0}), 0))
    assert (poor["method"], poor["qty"], poor["reason_code"]) == ("curve", 0.0, "no_margin")
    some = _young(shop(1, mean=10.0), 0)
    parameter = some.parameter.with_columns(reason=pl.lit("no analogue"), family=pl.lit(None, pl.String))
    unknown = _one(some.with_(parameter=parameter, forecast=some.forecast.clear()))
    assert (unknown["qty"], unknown["reason_code"], unknown["simple_qty"]) == (0.0, "manual", None)
    ended = _one(_young(shop(1, mean=10.0, node={"listed_to": TONIGHT}), 0))
    assert (ended["qty"], ended["simple_qty"]) == (0.0, 0.0)


@pytest.mark.parametrize("mean", [1e-12, 1e12])
def test_huge_and_tiny_demand(mean: float) -> None:
    got = _one(_young(shop(1, mean=mean), 0))
    assert np.isfinite([got["qty"], got["simple_qty"]]).all()
