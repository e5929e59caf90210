"""However many nodes are handled at a time, the night is the same to the last bit."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

import replenish as rp
from replenish.tables import plan, proposal
from tests.night.small import LAST_DAY, frames

SHOPS = ("north", "south", "west")
KINDS = ("food/dairy", "food/bread", "toys")


def daily(days: int = 420) -> dict[str, pl.DataFrame]:
    """Fifteen items at three shops by the day: shelves run empty, promotions and a fair come, one item is weighed."""
    rng = np.random.default_rng(11)
    items = [f"item {number:02d}" for number in range(15)]
    calendar = [LAST_DAY - timedelta(days=days - 1 - day) for day in range(days)]
    grid = pl.DataFrame({"item_id": items}).join(pl.DataFrame({"location_id": SHOPS}), how="cross")
    grid = grid.join(pl.DataFrame({"date": calendar}), how="cross")
    level = np.repeat(rng.lognormal(0.5, 1.0, len(items) * len(SHOPS)), days)
    demand = rng.poisson(level) * np.where(np.arange(grid.height) < 3 * days, 0.731, 1.0)
    shelf = np.where(rng.random(grid.height) < 0.15, np.floor(demand / 2), demand + 5)
    sold = np.minimum(demand, shelf)
    grid = grid.with_columns(qty=pl.Series(sold), on_hand_qty=pl.Series(shelf - sold))
    prices = {"unit_cost": 2.0, "unit_price": 3.3, "uom": ["kg", *["each"] * 14]}
    return {
        "sales": grid.filter(pl.col("qty") > 0).drop("on_hand_qty"),
        "stock": grid.drop("qty"),
        "item": pl.DataFrame({"item_id": items, "category": [KINDS[n % 3] for n in range(15)], **prices}),
        "location": pl.DataFrame({"location_id": SHOPS, "kind": "store", "cluster": ["city", "city", "coast"]}),
        "event": pl.DataFrame([*promotions(), event("next", "food", 9), event("fair", None, -100, "holiday")]),
    }


def promotions() -> list[dict[str, object]]:
    """Every six weeks one of dairy and one of bread."""
    return [event(f"promotion {k}", f"food/{name}", -30 - 45 * k) for k in range(8) for name in ("dairy", "bread")]


def event(name: str, category: str | None, day: int, kind: str = "promotion") -> dict[str, object]:
    """Four days from a day counted from the last."""
    start = LAST_DAY + timedelta(days=day)
    days = {"start_date": start, "end_date": start + timedelta(days=3)}
    return {"event_id": f"{name} {category}", "kind": kind, "category": category, **days}


def night(sources: dict[str, pl.DataFrame], block_nodes: int) -> dict[str, pl.DataFrame]:
    """Every table of the plan."""
    settings = rp.Settings.model_validate(
        {"forecast": {"members": "light"}, "compute": {"block_nodes": block_nodes, "workers": 1}}
    )
    run = rp.run(sources, settings)
    return {table.full_name(): run.table(table.full_name()) for table in (*plan.PLAN_TABLES, *proposal.PROPOSAL_TABLES)}


@pytest.mark.parametrize(("sources", "sizes"), [(daily(), (7, 49)), (frames(70), (1, 7))], ids=["days", "weeks"])
def test_the_night_does_not_depend_on_the_blocks(sources: dict[str, pl.DataFrame], sizes: tuple[int, ...]) -> None:
    """One node at a time, seven at a time, and all at once; a block of days holds a seventh as many nodes."""
    whole = night(sources, 14_000)
    assert whole["plan.demand"]["is_estimate"].any() or "event" not in sources
    assert whole["plan.event_uplift"].height > 0 or "event" not in sources
    for size in sizes:
        part = night(sources, size)
        assert [name for name, table in whole.items() if not table.equals(part[name])] == []
