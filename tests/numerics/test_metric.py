"""METRIC: worked answers, and the simulated ones within what the approximation is known to miss."""

from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.metric import centre_backorders, extra_delay, store_fill
from tests.golden_cases import assert_golden, golden


@pytest.mark.parametrize("stock", [15, 20, 24])
def test_worked_answers(stock: int) -> None:
    inputs, expected, tolerance = golden("network", f"metric_S0_{stock}")
    rate = inputs["stores"] * inputs["store_rate"]
    over_lead = rate * inputs["dc_lead_time"]
    owed = centre_backorders(float(stock), over_lead, over_lead)
    delay = extra_delay(owed, rate)
    mean = inputs["store_rate"] * (inputs["store_lead_time"] + delay)
    fill = store_fill(np.array(inputs["store_stock"], float), mean, mean)
    assert_golden(owed, expected["expected_backorders"], tolerance)
    assert_golden(delay, expected["extra_delay"], tolerance)
    assert_golden(fill, [expected[f"store_fill_S{k}"] for k in (2, 3, 4)], tolerance)
    _, simulated, _ = golden("network", f"metric_simulated_S0_{stock}")
    assert np.abs(fill - [simulated[f"store_fill_S{k}"] for k in (2, 3, 4)]).max() < 0.045


def test_nobody_waits_for_what_nobody_wants() -> None:
    assert extra_delay(centre_backorders(0.0, 0.0, 0.0), 0.0) == 0.0
