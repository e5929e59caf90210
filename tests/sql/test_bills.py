"""Bills by day against a plain recursive explosion, over random small companies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from replenish.tables import core
from replenish.warehouse import Warehouse
from tests.sql.given_expect import AS_OF, NIGHT, Row, empty_warehouse, holding, result_of

ITEMS = "abcdef"
PLANTS = ("mill", "yard")
TONIGHT = AS_OF + timedelta(days=1)
DAYS = [TONIGHT + timedelta(days=ahead) for ahead in range(7 * NIGHT["horizon_weeks"])]


@dataclass(frozen=True)
class Business:
    """Everything a bill may depend on."""

    lines: list[Row]
    made: set[tuple[str, str]]
    bought: set[tuple[str, str]]
    lying: set[tuple[str, str]]
    sold: set[tuple[str, str]]
    yields: dict[tuple[str, str], float]
    cost: dict[str, int]
    heirs: dict[str, tuple[str, date | None]]

    def tables(self) -> dict[str, list[Row]]:
        """Rows for the warehouse."""

        def at(pairs: Any, **more: Any) -> list[Row]:
            return [{"item_id": item, "location_id": place} | more for item, place in sorted(pairs)]

        items = [{"item_id": item, "unit_cost": self.cost[item], "cost_source": "input"} for item in ITEMS]
        for row in items:
            row["successor_item_id"], row["end_date"] = self.heirs.get(str(row["item_id"]), (None, None))
        made = [row | {"kind": "make", "source_id": row["location_id"]} for row in at(self.made)]
        return {
            "staging.bom": self.lines,
            "staging.sourcing": made + at(self.bought, kind="buy", source_id="acme"),
            "staging.stock": at(self.lying, date=AS_OF, on_hand_qty=5),
            "staging.sales": at(self.sold, date=AS_OF, qty=1),
            "staging.routing": [
                {"item_id": item, "location_id": place, "operation_seq": 10, "yield_rate": rate}
                for (item, place), rate in sorted(self.yields.items())
            ],
            "core.item": items,
        }


class Explosion:
    """What one good unit takes on a day, worked out line by line."""

    def __init__(self, business: Business) -> None:
        self.of = business
        self.opened = set(business.made)
        while (
            more := {
                (line["component_item_id"], plant)
                for parent, plant in self.opened
                for day in DAYS
                for line in self.valid(parent, plant, day, chosen=False)
                if line["phantom"]
            }
            - self.opened
        ):
            self.opened |= more
        self.used: dict[tuple[str, str], bool] = {}
        for parent, plant in self.opened:
            for day in DAYS:
                for line in self.valid(parent, plant, day):
                    self.used[line["component_item_id"], plant] = line["phantom"]
        self.passing = self._passing()

    def valid(self, parent: str, plant: str, day: date, *, chosen: bool = True) -> list[Row]:
        """Sound lines of a day; the plant's own if it has any, the newest revision, one of each group."""
        found = [
            line
            for line in self.of.lines
            if line["parent_item_id"] == parent
            and line["location_id"] in (None, plant)
            and (line["valid_from"] or day) <= day <= (line["valid_to"] or day)
            and line["qty_per"] > 0
            and (line["scrap_rate"] or 0) < 1
        ]
        if not chosen:
            return found
        own = [line for line in found if line["location_id"]]
        newest: dict[Any, Row] = {}
        for line in sorted(own or found, key=lambda line: line["valid_from"] or date.min):
            newest[line["component_item_id"], line["alternate_group"]] = line
        kept = [line for line in newest.values() if not line["alternate_group"]]
        groups = defaultdict(list)
        for line in newest.values():
            if line["alternate_group"]:
                groups[line["alternate_group"]].append(line)
        return kept + [min(group, key=lambda line: self._rank(line, plant)) for group in groups.values()]

    def _rank(self, line: Row, plant: str) -> tuple[int, float, str]:
        node = (line["component_item_id"], plant)
        tier = 1 if node in self.of.made | self.of.bought else 2 if node in self.of.lying else 3
        return tier, units(line) * self.of.cost[node[0]], node[0]

    def _passing(self) -> dict[tuple[str, str], str | None]:
        found: dict[tuple[str, str], str | None] = {}
        queue = list(self.used)
        while queue:
            item, plant = queue.pop()
            heir, end = self.of.heirs.get(item, (None, None))
            free = (item, plant) not in self.of.sold and not any(
                (old, plant) in self.of.sold for old, (new, _) in self.of.heirs.items() if new == item
            )
            if heir and (end <= AS_OF if end else free):
                found[item, plant] = heir
                queue.append((heir, plant))
            elif (
                self.used.get((item, plant)) and free and (item, plant) in self.of.lying and self._has_bill(item, plant)
            ):
                found[item, plant] = None
        return found

    def _has_bill(self, item: str, plant: str) -> bool:
        return any(self.valid(item, plant, day) for day in DAYS)

    def needs(self, parent: str, plant: str, day: date) -> dict[str, float]:
        """Units of each component for one good unit whose production starts on the day."""
        found: dict[str, float] = defaultdict(float)
        rate = 1.0 if (parent, plant) in self.passing else self.of.yields.get((parent, plant), 1.0)

        def open_bill(item: str, qty: float) -> None:
            for line in self.valid(item, plant, day):
                component = line["component_item_id"]
                below = line["phantom"] and (component, plant) not in self.passing and self.valid(component, plant, day)
                if below:
                    open_bill(component, qty * units(line))
                else:
                    found[self._stands_for(component, day)] += qty * units(line)

        open_bill(parent, 1.0 / rate)
        return found

    def _stands_for(self, item: str, day: date) -> str:
        before = AS_OF
        while item in self.of.heirs:
            heir, end = self.of.heirs[item]
            if end is None or end <= before or day <= end:
                break
            item, before = heir, end
        return item


def units(line: Row) -> float:
    """Of the component for one unit of the parent started."""
    qty: float = line["qty_per"] / (line["base_qty"] or 1) / (1 - (line["scrap_rate"] or 0))
    return qty


def _pairs(*, most: int) -> st.SearchStrategy[set[tuple[str, str]]]:
    return st.sets(st.tuples(st.sampled_from(ITEMS), st.sampled_from(("mill", *PLANTS))), max_size=most)


@st.composite
def businesses(draw: st.DrawFn) -> Business:
    """Bills run from earlier to later letters, so does succession: nothing goes round in a circle."""
    phantoms = draw(st.sets(st.sampled_from("bcd"), min_size=1))
    day = st.sampled_from([None, -9, 2, 5, 11, 30]).map(lambda n: n if n is None else TONIGHT + timedelta(days=n))
    lines: dict[Any, Row] = {}
    for _ in range(draw(st.integers(6, 18))):
        parent, component = sorted(draw(st.lists(st.sampled_from(ITEMS), min_size=2, max_size=2, unique=True)))
        line = {
            "parent_item_id": parent,
            "component_item_id": component,
            "location_id": draw(st.sampled_from([None, None, None, "mill"])),
            "alternate_group": draw(st.sampled_from([None, None, "x"])),
            "valid_from": draw(day),
            "valid_to": draw(st.none() | day),
            "qty_per": draw(st.sampled_from([1.0, 2.0, 3.0, 5.0, 7.0, 0.0])),
            "base_qty": draw(st.sampled_from([None, 1.0, 10.0])),
            "scrap_rate": draw(st.sampled_from([None, None, 0.2, 0.5, 1.0])),
            "phantom": component in phantoms,
        }
        lines[tuple(list(line.values())[:5])] = line
    heirs = {}
    for old in draw(st.sets(st.sampled_from("cde"))):
        heir = draw(st.sampled_from([item for item in ITEMS if item > old]))
        heirs[old] = heir, draw(st.sampled_from([None, AS_OF, TONIGHT, DAYS[4], DAYS[9]]))
    yields = {pair: draw(st.sampled_from([0.5, 0.9])) for pair in sorted(draw(_pairs(most=4)))}
    cost = {item: draw(st.integers(1, 4)) for item in ITEMS}
    made = draw(_pairs(most=3)) | {("a", "mill"), ("b", "mill")}
    return Business(
        list(lines.values()), made, draw(_pairs(most=5)) - made, draw(_pairs(most=6)), draw(_pairs(most=3)),
        yields, cost, heirs,
    )  # fmt: skip


@pytest.fixture(scope="module")
def house() -> Iterator[Warehouse]:
    with empty_warehouse() as house:
        yield house


def lines_of(house: Warehouse, business: Business) -> list[Row]:
    """core.bom_line, by the three selects that make it."""
    rows: dict[str, list[Row]] = {}
    with holding(house, business.tables()):
        for name in ("core.plant_bill", "core.pass_through", "core.bom_line"):
            with holding(house, rows):
                rows[name] = result_of(house, name).to_dicts()
    return rows["core.bom_line"]


@settings(
    max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(businesses())
def test_every_day_of_every_bill_is_what_a_plain_explosion_says(house: Warehouse, business: Business) -> None:
    explosion, got = Explosion(business), defaultdict(dict)
    rows = lines_of(house, business)
    for row in rows:
        for day in DAYS:
            if row["first_date"] <= day <= (row["last_date"] or day):
                needs = got[row["parent_item_id"], row["location_id"], day]
                assert row["component_item_id"] not in needs, "one line a component and day"
                needs[row["component_item_id"]] = row["qty_per"]
    assert {row["location_id"] for row in rows} <= set(PLANTS)
    for item, plant in business.made | set(explosion.passing):
        for day in DAYS:
            heir = explosion.passing.get((item, plant))
            wanted = {heir: 1.0} if heir else explosion.needs(item, plant, day)
            assert got[item, plant, day] == pytest.approx(dict(wanted)), (item, plant, day)
    assert {key[:2] for key in got if got[key]} <= business.made | set(explosion.passing)
    assert rows == sorted(rows, key=lambda row: [row[name] for name in core.BomLine.primary_key()])
