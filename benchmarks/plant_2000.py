"""A plant of 2,000 open operations: set-ups by sequence, alternates, machines side by side, shift calendars.

python benchmarks/plant_2000.py [--work N]: tardiness and set-ups against plain dispatch, and seconds with compiled code
warm.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from replenish.numerics.schedule_goals import cost_of
from replenish.numerics.schedule_search import best_dispatch, best_schedule
from replenish.numerics.schedule_solve import Effort
from replenish.numerics.shop import Centre, Job, Option, Shop, Step, lay_out
from replenish.sections import ProductionSettings

JOBS, STEPS, CENTRES, DAY = 500, 4, 20, 1440
FAMILIES = ("red", "blue", "green", "white", "black")


def plant(seed: int = 7) -> Shop:
    """500 jobs of four steps on 20 centres, due over some three weeks; a third of the steps has an alternate."""
    rng = np.random.default_rng(seed)
    centres = [_centre(rng, n) for n in range(CENTRES)]
    jobs = []
    for _ in range(JOBS):
        family = str(rng.choice(FAMILIES))
        path = rng.choice(CENTRES, STEPS, replace=False)
        steps = [Step(_options(rng, int(centre), family), queue=int(rng.choice([0, 30, 120]))) for centre in path]
        release = int(rng.integers(0, 8)) * DAY
        due = release + int(rng.integers(3, 14)) * DAY
        jobs.append(Job(steps, release, due, int(rng.integers(1, 20))))
    links = [(n, n + 1) for n in range(0, JOBS - 1, 10)]  # a part for the next job
    return lay_out(jobs, centres, links)


def _options(rng: np.random.Generator, centre: int, family: str) -> list[Option]:
    minutes = int(rng.integers(30, 300))
    first = Option(centre, minutes, 20, family, bool(rng.random() < 0.8))
    other = Option((centre + 1) % CENTRES, round(minutes * 1.3), 20, family)
    return [first, other] if rng.random() < 1 / 3 else [first]


def _centre(rng: np.random.Generator, number: int) -> Centre:
    """One to three machines; two shifts, one shift or around the clock; half change by sequence."""
    hours = (16, 8, 24)[number % 3]
    opens = [(day * DAY + 360 * (hours < 24), day * DAY + 360 * (hours < 24) + 60 * hours) for day in range(90)]
    spans: list[tuple[int, int | None]] = [(a, b) for n, (a, b) in enumerate(opens) if n % 7 < 5]
    last = ((spans[-1][0], None),) if hours == 24 else ((90 * DAY, None),)
    change = {(a, b): int(rng.integers(15, 90)) for a in FAMILIES for b in FAMILIES if a != b and number % 2 == 0}
    kept = ((0, None),) if hours == 24 else (*spans, *last)
    return Centre(1 + (number % 3 == 1) + (number % 5 == 1), kept, change)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="A plant of 2,000 operations against plain dispatch.")
    parser.add_argument("--work", type=float, default=ProductionSettings().work_limit)
    asked = parser.parse_args()
    best_schedule(lay_out([Job([Step([Option(0, 10)])])], [Centre()]), Effort(0.1, 10.0))
    shop = plant()
    start = time.perf_counter()
    plain = cost_of(shop, best_dispatch(shop))
    dispatched = time.perf_counter() - start
    found = best_schedule(shop, Effort(asked.work, 600.0))
    took, cost = time.perf_counter() - start - dispatched, cost_of(shop, found.schedule)
    for name, (late, setups, end), seconds in (("dispatch", plain, dispatched), ("with repair", cost, took)):
        print(
            f"{name}: weighted days late {late / DAY:,.0f}, set-up hours {setups / 60:,.0f}, "
            f"done after {end / DAY:.1f} days, {seconds:.1f} s"
        )
    print(f"{shop.step_count} operations; tardiness {1 - cost[0] / max(plain[0], 1):.1%} below dispatch")


if __name__ == "__main__":
    main()
