"""What the newest backtest of the made-up company found."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from replenish.tables import core
from tests.reporting.rows import AS_OF, filled

RULES = ("curve", "simple", "yours")


def backtest_tables(verdict: str = "even") -> dict[str, pl.DataFrame]:
    """Three rules over two windows; the rule of the nights beside the company's own has this verdict."""
    starts = [AS_OF - timedelta(days=112), AS_OF - timedelta(days=56)]
    windows = [(rule, number, start) for number, start in enumerate(starts) for rule in RULES]
    return {
        "core.tuned": filled(core.Tuned, rule=["curve"], dial=["0.7"], as_of=[AS_OF], window_count=[2]),
        "core.backtest_replay": filled(core.BacktestReplay, as_of=[AS_OF], node_count=[24]),
        "core.backtest_advice": filled(
            core.BacktestAdvice, position=[1, 2], sentence=["keep <your> rule", "nights use a dispersion of 0.7"]
        ),
        "core.backtest_outcome": filled(
            core.BacktestOutcome,
            rule=[rule for rule, _, _ in windows],
            dial=["1"] * len(windows),
            window_index=[number for _, number, _ in windows],
            phase="test",
            window_start=[start for _, _, start in windows],
            window_end=[start + timedelta(days=55) for _, _, start in windows],
            stock_value=[100.0] * len(windows),
            cost=[float(50 + place) for place in range(len(windows))],
        ),
        "core.backtest_contest": filled(
            core.BacktestContest,
            rule=list(RULES),
            dial=["1"] * 3,
            cost=[100.0, 120.0, 101.0],
            fill_rate=[0.97, 0.95, 0.96],
            fill_low_rate=[0.96, 0.94, 0.95],
            fill_high_rate=[0.98, 0.96, 0.97],
            stock_value=[1000.0, 1100.0, 1200.0],
            saved_rate=[0.0, 0.2, 0.005],
            saved_low_rate=[0.0, 0.1, -0.02],
            saved_high_rate=[0.0, 0.3, 0.03],
            won_count=[0, 2, 1],
            window_count=[2, 2, 2],
            verdict=["even", "cheaper", verdict],
        ),
        "core.backtest_exchange": filled(
            core.BacktestExchange,
            rule=["curve", "curve", "simple", "yours", "today"],
            dial=["0.7", "1", "0.5", "1", ""],
            stock_value=[900.0, 1000.0, 1100.0, 1200.0, 1500.0],
            fill_rate=[0.95, 0.97, 0.95, 0.96, 0.94],
            fill_low_rate=[0.94, 0.96, 0.94, 0.95, None],
            fill_high_rate=[0.96, 0.98, 0.96, 0.97, None],
        ),
        "core.backtest_kept": filled(
            core.BacktestKept, decile=[0, 1], window_count=[40, 4], promised_rate=[0.97, 0.8], achieved_rate=[0.96, 0.7]
        ),
    }
