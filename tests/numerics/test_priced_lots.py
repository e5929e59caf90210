"""Lots at prices: exact where hours are free, calm where they are dear."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.capacitated_lots import capacitated_lots, with_setups
from replenish.numerics.priced_lots import lots_at_prices, priced_lots
from tests.numerics.lot_problems import broken, lot_problem

DEMAND = st.lists(st.lists(st.integers(0, 40).map(float), min_size=6, max_size=6), min_size=1, max_size=3)


@settings(max_examples=15, deadline=None)
@given(DEMAND, st.integers(0, 90))
def test_without_limits_no_plan_costs_less(demand: list[list[float]], setup_cost: int) -> None:
    free = lot_problem(demand, setup_cost=float(setup_cost), backlog_cost=1e4)
    set_up, made = lots_at_prices(free, np.zeros((1, 6)))
    plan = with_setups(free, set_up)
    assert plan.cost <= capacitated_lots(free).bound * (1 + 1.1e-3) + 1e-6
    assert made.sum() == free.demand.sum()


def test_dear_hours_ask_for_fewer_set_ups() -> None:
    plant = lot_problem([[10.0] * 6], setup_hours=5.0, setup_cost=1.0)
    cheap, dear = (lots_at_prices(plant, np.full((1, 6), price))[0].sum() for price in (0.0, 20.0))
    assert dear < cheap


def test_nothing_is_planned_where_nothing_can_be_made() -> None:
    shut = lot_problem([[10.0, 10.0]], capacity_hours=[0.0, 0.0])
    for set_up in priced_lots(shut, np.ones((1, 2))):
        assert not broken(shut, with_setups(shut, set_up))
        assert not set_up.any()
