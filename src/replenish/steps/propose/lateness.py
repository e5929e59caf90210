"""Who is served late, what is made late, and why: its parts in the order in which they need each other."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose.causes import causes, trails
from replenish.steps.propose.demand_conditions import late_demand, late_lines
from replenish.steps.propose.risks import at_risk, late_jobs, late_supplies, with_root
from replenish.steps.propose.terms import Terms


def lateness(
    open_demand: pl.DataFrame,
    peg: pl.DataFrame,
    full_peg: pl.DataFrame,
    jobs: pl.DataFrame,
    waiting: pl.DataFrame,
    open_supply: pl.DataFrame,
    fresh: pl.DataFrame,
    nodes: pl.DataFrame,
    terms: Terms,
) -> list[pl.DataFrame]:
    """LATE_DEMAND and AT_RISK_*: customers served late and production done late, each with its causes.

    `jobs` and `waiting` are those of plant.py, `fresh` the NEW lines of tonight.
    """
    ways = trails(full_peg, peg, jobs, nodes, terms)
    why = causes(ways, jobs, waiting, open_supply, fresh, nodes, terms)
    late = late_lines(open_demand, peg, ways, nodes, terms)
    supplies = late_supplies(late, ways, why)
    return [
        late_demand(with_root(late, supplies), terms),
        at_risk(supplies, terms),
        late_jobs(jobs, why, supplies, nodes, terms),
    ]
