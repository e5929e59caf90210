"""What only the generator knows: true demand, uplifts and lead-time laws, for tests; never an input."""

from __future__ import annotations

import polars as pl

from replenish.examples.company import Company
from replenish.examples.demand import Demand
from replenish.examples.documents import long
from replenish.examples.network import Network
from replenish.examples.stock_walk import Ledger


def truth(company: Company, network: Network, demand: Demand, ledger: Ledger) -> dict[str, pl.DataFrame]:
    """Tables `truth.demand`, `truth.uplift`, `truth.lead_time`, `truth.record`, and `truth.plant` of a factory."""
    known = long(company.profile, demand_qty=demand.drawn, served_qty=ledger.served, mean_qty=demand.mean.round(4))
    return {
        "truth.demand": known.filter(pl.col("mean_qty") > 0).sort("date", "location_id", "item_id"),
        "truth.uplift": pl.DataFrame(sorted(company.uplifts.items()), schema=["event_id", "uplift_rate"], orient="row"),
        "truth.lead_time": _lead_times(network),
        "truth.record": _records(company),
        **({"truth.plant": _plant(company)} if company.shopfloor.slowness else {}),
    }


def _lead_times(network: Network) -> pl.DataFrame:
    """Law of the days from order to first receipt: stated days, plus with a chance 1 + Poisson(mean - 1) days.

    A shop's Sunday arrival moves on to Monday, which the law leaves out.
    """
    laws = pl.DataFrame([vars(one) for one in network.lateness])
    late, size = pl.col("late_share"), pl.col("mean_late_days")
    arcs = network.nodes.select("item_id", "location_id", "kind", "source_id", stated_days="lead_time_days").hstack(
        laws
    )
    return arcs.with_columns(
        mean_days=pl.col("stated_days") + late * size,
        variance_days2=late * (size - 1.0 + size**2) - (late * size) ** 2,
    )


def _records(company: Company) -> pl.DataFrame:
    """Nodes whose books are wrong, and how."""
    mishaps = company.mishaps
    wrong = [(*mishaps.ghost, "ghost", mishaps.ghost_from), (*mishaps.negative, "negative", None)]
    return pl.DataFrame(wrong, schema=["item_id", "location_id", "what", "since"], orient="row")


def _plant(company: Company) -> pl.DataFrame:
    """Times as slow as the routing says, and true yields, of the items that differ from it."""
    floor = company.shopfloor
    slow = [(*key, "slowness", rate) for key, rate in sorted(floor.slowness.items())]
    poor = [(*key, "yield", rate) for key, rate in sorted(floor.yields.items())]
    return pl.DataFrame([*slow, *poor], schema=["item_id", "work_center_id", "what", "rate"], orient="row")
