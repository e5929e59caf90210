from __future__ import annotations

from datetime import date

import numpy as np

from replenish.steps.network import day_after


def test_days_become_dates_and_unknown_days_stay_empty():
    days = np.array([0.0, 1.2, 3.0, np.nan])
    assert day_after(date(2026, 11, 30), days).to_list() == [
        date(2026, 11, 30),
        date(2026, 12, 2),
        date(2026, 12, 3),
        None,
    ]
