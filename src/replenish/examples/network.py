"""The nodes of a generated company as flat arrays, with the imperfect min/max levels its planners keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.examples.company import Company, Lateness
from replenish.examples.days import DAY_COUNT, index_of

# planners set levels by feel: too low for some nodes, too high for others
_FEEL_AT_SHOPS = (0.75, 1.5)
_FEEL_UPSTREAM = (0.9, 1.6)
_COVER_AT_SHOPS_DAYS = 7.0
_COVER_UPSTREAM_DAYS = 21.0
_READY_DAYS_AT_SHOPS = 6
_READY_DAYS_UPSTREAM = 45
_LAST_ORDER_DAYS = 40


@dataclass(frozen=True)
class Network:
    """One entry a node; days are days of the walk, quantities base units."""

    nodes: pl.DataFrame  # item_id, location_id and the first-choice sourcing row
    stage: np.ndarray  # 0 serves customers; a node is later than every node it supplies
    source: np.ndarray  # node that ships to this one, -1 where bought or made
    demand_column: np.ndarray  # column of the demand arrays, -1 without customers
    order_days: np.ndarray  # node x weekday: orders are taken
    reorder: np.ndarray
    upto: np.ndarray
    first_day: np.ndarray  # first and last day on which orders are placed
    last_day: np.ndarray
    shelf_life: np.ndarray  # days, 0 where it keeps
    keeps_backorders: np.ndarray
    closed_on_sunday: np.ndarray
    bills: dict[int, tuple[np.ndarray, np.ndarray]]  # node made: component nodes, quantity for one unit
    lateness: list[Lateness]


def network(company: Company, rng: np.random.Generator) -> Network:
    """Arrays of every node that has a source, sorted by item and location."""
    nodes = _nodes(company)
    keys = {key: place for place, key in enumerate(nodes.select("item_id", "location_id").iter_rows())}
    source = np.array([keys.get((row["item_id"], row["source_id"]), -1) if row["kind"] == "move" else -1
                       for row in nodes.iter_rows(named=True)])  # fmt: skip
    bills = _bills(company, nodes, keys)
    stage = _stages(source, bills, nodes.height)
    profile = {key: place for place, key in enumerate(company.profile.select("item_id", "location_id").iter_rows())}
    column = np.array([profile.get(key, -1) for key in keys])
    order_days = _order_days(company, nodes)
    mean = _means(company, column, stage, source, bills)
    reorder, upto = _levels(nodes, mean, order_days, column >= 0, rng)
    first, last = _active(nodes, column >= 0)
    return Network(
        nodes=nodes,
        stage=stage,
        source=source,
        demand_column=column,
        order_days=order_days,
        reorder=reorder,
        upto=upto,
        first_day=first,
        last_day=last,
        shelf_life=nodes["shelf_life_days"].fill_null(0).cast(pl.Int64).to_numpy(),
        keeps_backorders=(nodes["shortage_rule"] == "backorder").fill_null(False).to_numpy(),
        closed_on_sunday=(nodes["location_kind"] == "store").to_numpy(),
        bills=bills,
        lateness=[company.lateness[one] for one in nodes["source_id"]],
    )


def _nodes(company: Company) -> pl.DataFrame:
    tables = company.tables
    items = tables["item"].select("item_id", "shelf_life_days", "launch_date", "end_date", "unit_cost")
    kinds = tables["location"].select("location_id", "shortage_rule", location_kind="kind")
    sourcing = tables["sourcing"].drop("unit_cost")
    first_choice = sourcing.filter(pl.col("priority").fill_null(1) == 1).sort("item_id", "location_id")
    return first_choice.join(items, on="item_id", how="left").join(kinds, on="location_id", how="left")


def _bills(
    company: Company, nodes: pl.DataFrame, keys: dict[tuple[str, str], int]
) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    made = nodes.with_row_index("place").filter(pl.col("kind") == "make")
    bills = {}
    for place, item_id, location_id in made.select("place", "item_id", "location_id").iter_rows():
        lines = company.tables["bom"].filter(pl.col("parent_item_id") == item_id)
        components = np.array([keys[one, location_id] for one in lines["component_item_id"]])
        per = (lines["qty_per"] / lines["base_qty"].fill_null(1.0)).to_numpy()
        bills[place] = (components, per * (1.0 + lines["scrap_rate"].fill_null(0.0).to_numpy()))
    return bills


def _stages(source: np.ndarray, bills: dict[int, tuple[np.ndarray, np.ndarray]], node_count: int) -> np.ndarray:
    stage = np.zeros(node_count, dtype=np.int64)
    for _ in range(node_count):
        before = stage.copy()
        moved = source >= 0
        np.maximum.at(stage, source[moved], stage[moved] + 1)
        for parent, (components, _per) in bills.items():
            np.maximum.at(stage, components, stage[parent] + 1)
        if (stage == before).all():
            return stage
    raise ValueError("the example's network has a cycle")


def _order_days(company: Company, nodes: pl.DataFrame) -> np.ndarray:
    order_days = np.zeros((nodes.height, 7), dtype=bool)
    for place, source_id in enumerate(nodes["source_id"]):
        order_days[place, list(company.order_weekdays[source_id])] = True
    return order_days


def _means(
    company: Company,
    column: np.ndarray,
    stage: np.ndarray,
    source: np.ndarray,
    bills: dict[int, tuple[np.ndarray, np.ndarray]],
) -> np.ndarray:
    """Demand a day at every node: its customers' and what it ships or hands to production."""
    own = company.profile["mean_per_day"].to_numpy()
    mean = np.where(column >= 0, own[column], 0.0)
    for node in np.argsort(stage, kind="stable"):
        if source[node] >= 0:
            mean[source[node]] += mean[node]
        if node in bills:
            components, per = bills[node]
            np.add.at(mean, components, per * mean[node])
    return mean


def _levels(
    nodes: pl.DataFrame, mean: np.ndarray, order_days: np.ndarray, at_shop: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    gap = 7.0 / order_days.sum(axis=1)
    low, high = (np.where(at_shop, shop, up) for shop, up in zip(_FEEL_AT_SHOPS, _FEEL_UPSTREAM, strict=True))
    feel = low + (high - low) * rng.random(nodes.height)
    reorder = np.ceil(feel * mean * (nodes["lead_time_days"].to_numpy() + gap))
    cover = np.where(at_shop, _COVER_AT_SHOPS_DAYS, _COVER_UPSTREAM_DAYS)
    life = nodes["shelf_life_days"].fill_null(1e9).to_numpy()
    upto = reorder + np.maximum(1.0, np.ceil(mean * np.minimum(cover, 0.4 * life)))
    return reorder, upto


def _active(nodes: pl.DataFrame, at_shop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ready = np.where(at_shop, _READY_DAYS_AT_SHOPS, _READY_DAYS_UPSTREAM)
    first = [0 if day is None else index_of(day) for day in nodes["launch_date"]]
    last = [DAY_COUNT if day is None else index_of(day) - _LAST_ORDER_DAYS for day in nodes["end_date"]]
    return np.maximum(0, np.array(first) - ready), np.array(last)
