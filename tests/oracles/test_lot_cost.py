"""What other lots cost, against the textbook."""

from __future__ import annotations

from tests.golden_cases import assert_golden, case
from tests.oracles.lot_cost import lot_cost_rate, lot_cost_ratio


def test_cost_of_another_lot_and_flatness() -> None:
    known = case("economic_order", "eoq_example_3_1_Q250")
    got = lot_cost_rate(*(known["inputs"][name] for name in ("order_qty", "order_cost", "holding_cost", "demand_rate")))
    assert_golden(got, known["expected"]["cost_rate"], known["tolerance"])
    flat = case("economic_order", "eoq_flatness")
    assert_golden(lot_cost_ratio(flat["inputs"]["ratio"]), flat["expected"]["cost_ratio"], flat["tolerance"])
