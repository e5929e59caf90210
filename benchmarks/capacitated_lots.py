"""Published instances of capacitated lot sizing with set-up times (Trigeiro, Thomas & McClain 1989): cost and seconds.

Beside the optimum that is proven for each. Their cost counts set-ups and closing stock; backlog and overtime are priced
out of reach.
"""

from __future__ import annotations

import time

import numpy as np
import polars as pl
from measure import row
from resampled import DATA

from replenish.numerics.capacitated_lots import capacitated_lots
from replenish.numerics.lot_problem import Families, LotProblem
from replenish.numerics.rough_cut import Routing

FOLDER = DATA / "clsp_trigeiro"
OUT_OF_REACH = 1e5


def problem(instance: dict[str, float], items: pl.DataFrame, demand: pl.DataFrame) -> LotProblem:
    """One instance as the plant's lot problem: one centre, no stock."""
    shape = (int(instance["items"]), int(instance["periods"]))
    one, grid = np.zeros(shape[0], dtype=np.int64), np.ones(shape)
    hours = (items["unit_time"].to_numpy().astype(float), items["setup_time"].to_numpy().astype(float))
    return LotProblem(
        demand=demand["demand"].to_numpy().astype(float).reshape(shape),
        stock=np.zeros(shape[0]),
        setup_cost=items["setup_cost"].to_numpy()[:, None] * grid,
        holding_cost=items["holding_cost"].to_numpy()[:, None] * grid,
        backlog_cost=OUT_OF_REACH * grid,
        routing=Routing(np.arange(shape[0]), one, *hours, one),
        families=Families(np.full(shape[0], -1)),
        capacity=np.full((1, shape[1]), float(instance["capacity"])),
        overtime_limit=np.zeros((1, shape[1])),
        overtime_cost=np.zeros(1),
    )


if __name__ == "__main__":
    if FOLDER.is_dir():
        table = {name: pl.read_parquet(FOLDER / f"{name}.parquet") for name in ("instances", "items", "demand")}
        gaps, seconds = [], []
        for instance in table["instances"].iter_rows(named=True):
            name, best = instance["instance"], instance["highs_objective"]
            of_instance = [table[part].filter(instance=name) for part in ("items", "demand")]
            start = time.perf_counter()
            plan = capacitated_lots(problem(instance, *of_instance))
            seconds.append(time.perf_counter() - start)
            gaps.append(plan.cost / best - 1.0)
            told = f"{plan.cost:,.0f}, optimum {best:,.0f}, {gaps[-1]:.3%} above, {seconds[-1]:.1f} s"
            row(f"lot sizing {name}, {instance['items']} items x {instance['periods']} periods", told)
        row(f"lot sizing, {len(gaps)} published instances", f"at most {max(gaps):.3%} above, {max(seconds):.1f} s")
    else:
        print(f"skipped: {FOLDER} is not here; name the folder that holds clsp_trigeiro in REPLENISH_TEST_DATA")
