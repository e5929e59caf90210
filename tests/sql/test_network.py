"""Levels and cycles of the network against the worked answers, and on networks of full size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from replenish.warehouse import Warehouse
from tests.golden_cases import golden
from tests.sql.given_expect import Row, empty_warehouse, holding, result_of

PLANT = "plant"


@pytest.fixture(scope="module")
def house() -> Iterator[Warehouse]:
    with empty_warehouse() as house:
        yield house


def levels(house: Warehouse, bills: Sequence[tuple[str, str]]) -> dict[str, tuple[int, bool]]:
    """Level and cyclic mark of every item of these (parent, component) pairs, all made or bought at one plant."""
    items = sorted({item for bill in bills for item in bill})
    made = sorted({parent for parent, _ in bills})
    make = {"location_id": PLANT, "kind": "make", "source_id": PLANT, "arc_rank": 1}
    line = {"location_id": PLANT, "qty_per": 1}
    given: dict[str, list[Row]] = {
        "core.node_key": [{"item_id": item, "location_id": PLANT, "node_index": i} for i, item in enumerate(items)],
        "core.arc": [{"item_id": item, **make} for item in made],
        "core.bom_line": [{"parent_item_id": parent, "component_item_id": part, **line} for parent, part in bills],
    }
    with holding(house, given):
        rows = result_of(house, "core.node_level").to_dicts()
    return {row["item_id"]: (row["level"], row["is_cyclic"]) for row in rows}


def test_low_level_codes_are_longest_paths_from_end_items(house: Warehouse) -> None:
    inputs, expected, _ = golden("material_plan", "low_level_code")
    got = levels(house, [(parent, component) for parent, component, _ in inputs["bom"]])
    assert {item: level for item, (level, _) in got.items()} == expected["level"]
    assert [item for item, (_, is_cyclic) in got.items() if is_cyclic] == expected["cycle"]


def test_a_cycle_names_its_members_and_leaves_the_rest(house: Warehouse) -> None:
    inputs, expected, _ = golden("material_plan", "low_level_code_cycle")
    got = levels(house, [(parent, component) for parent, component, _ in inputs["bom"]])
    assert [item for item, (_, is_cyclic) in got.items() if is_cyclic] == expected["cycle_items"]
    assert {item: level for item, (level, is_cyclic) in got.items() if not is_cyclic} == expected["level_outside"]


def test_two_items_that_need_each_other(house: Warehouse) -> None:
    inputs, expected, _ = golden("edge_cases", "bom_cycle")
    got = levels(house, [(parent, component) for parent, component in inputs["bom"]])
    assert [item for item, (_, is_cyclic) in got.items() if is_cyclic] == expected["exception_items"]
    assert [item for item, (_, is_cyclic) in got.items() if not is_cyclic] == expected["planned_items"]


def test_a_chain_longer_than_any_product_is_still_exact(house: Warehouse) -> None:
    chain = [f"part{step:03d}" for step in range(101)]
    got = levels(house, list(pairwise(chain)))
    assert [got[item] for item in chain] == [(step, False) for step in range(101)]


def test_nodes_between_two_cycles_are_on_neither(house: Warehouse) -> None:
    bills = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "d"), ("self", "self"), ("self", "e")]
    got = levels(house, bills)
    assert {item for item, (_, is_cyclic) in got.items() if is_cyclic} == {"a", "b", "d", "e", "self"}
    assert got["c"] == (0, False)
