"""`rp.run` on frames in memory: 500 nodes x 104 weeks with light members after import, and the full ensemble."""

from __future__ import annotations

import time

import companies
from forecast_ratio import bare
from measure import cpu_of, row

import replenish as rp

NODES, WEEKS, TRIES = 500, 104, 3
HORIZON_WEEKS = rp.Settings().calendar.horizon_weeks


SOURCES = companies.weekly_company(NODES, WEEKS)


def plan(members: str) -> rp.Run:
    """One run in this process alone, so that its CPU time is all there is."""
    settings = rp.Settings.model_validate({"forecast": {"members": members}, "compute": {"workers": 1}})
    return rp.run(sources=SOURCES, settings=settings, as_of=companies.AS_OF)


def seconds(members: str) -> float:
    """Wall seconds of one run."""
    start = time.perf_counter()
    plan(members)
    return time.perf_counter() - start


if __name__ == "__main__":
    first, *later = [seconds("light") for _ in range(TRIES)]
    row(f"`rp.run`, {NODES} nodes x {WEEKS} weeks, light members", f"{min(later):.1f} s ({first:.1f} s the first time)")
    full, run = cpu_of(lambda: plan("full"))
    alone, _ = cpu_of(lambda: bare(run.table("plan.baseline"), run.table("plan.member"), HORIZON_WEEKS + 1))
    row(f"`rp.run`, {NODES} nodes x {WEEKS} weeks, full ensemble, beside bare statsforecast", f"{full / alone:.2f} x")
