"""Job shops of the literature (Fisher & Thompson, Lawrence, Adams, Balas & Zawack): how far from the best known.

python benchmarks/job_shop.py [NAME ...] --seconds 60 --workers 2; the instances lie in the folder that
REPLENISH_TEST_DATA names.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from replenish.numerics.schedule_search import best_schedule
from replenish.numerics.schedule_solve import Effort
from replenish.numerics.shop import Centre, Job, Option, Shop, Step, lay_out

FAR = 10**6  # no due date presses: the makespan is all


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Makespans of known job shops against the best known.")
    parser.add_argument("names", nargs="*", help="instances; all if left out")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    home = Path(os.environ.get("REPLENISH_TEST_DATA", "shared/data")) / "jobshop"
    if not home.is_dir():
        print(f"no job shops in {home}: name the folder that holds them in REPLENISH_TEST_DATA")
        return
    known = pl.read_parquet(home / "jsp_instances.parquet").sort("instance")
    operations = pl.read_parquet(home / "jsp_operations.parquet").sort("instance", "job", "op")
    chosen = known.filter(pl.col("instance").is_in(asked.names)) if asked.names else known
    measure(chosen, operations, asked.seconds, asked.workers)


def measure(known: pl.DataFrame, operations: pl.DataFrame, seconds: float, workers: int) -> None:
    """Print a row an instance, and the mean gap over the best known upper bounds."""
    gaps = []
    print("| instance | makespan | best known | gap | proven | seconds |\n|---|---|---|---|---|---|")
    for row in known.iter_rows(named=True):
        start = time.perf_counter()
        shop = shop_of(operations.filter(pl.col("instance") == row["instance"]))
        found = best_schedule(shop, Effort(work=1e6, seconds=seconds, workers=workers))
        makespan, took = int(found.schedule.finish.max()), time.perf_counter() - start
        gaps.append(makespan / row["best_ub"] - 1)
        cells: list[Any] = [
            row["instance"],
            makespan,
            row["best_ub"],
            f"{gaps[-1]:.2%}",
            found.is_proven,
            f"{took:.1f}",
        ]
        print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)
    print(f"mean gap of {len(gaps)} instances: {np.mean(gaps):.2%}")


def shop_of(operations: pl.DataFrame) -> Shop:
    """An instance as a shop: everything there at time 0."""
    jobs = [
        Job([Step([Option(machine, duration)]) for machine, duration in part.select("machine", "duration").iter_rows()],
            due=FAR)
        for part in operations.partition_by("job", maintain_order=True)
    ]  # fmt: skip
    return lay_out(jobs, [Centre()] * operations["machine"].n_unique())


if __name__ == "__main__":
    main()
