from __future__ import annotations

import numpy as np
import pytest

from replenish.tables.plan import Segment
from tests.steps.demand_world import buckets, history, nodes, run


def test_labels_by_pattern_value_and_variation():
    bucket = buckets(60, 2)
    node = nodes(["fast", "lumpy", "slow", "silent"], ["l"], unit_cost=[1.0, 10.0, 1.0, 1.0])
    order = node["item_id"].to_list()
    pattern = {"fast": [9.0, 11.0], "lumpy": [0.0, 0.0, 0.0, 1.0, 0.0, 30.0], "slow": [0.0, 0.0, 2.0], "silent": [0.0]}
    sales = np.stack([np.resize(pattern[item], 60) for item in order])
    found = run(history(node, bucket, sales), node, bucket).segment
    Segment.validate(found)
    by = {row["item_id"]: row for row in found.to_dicts()}
    assert [by[item]["demand_class"] for item in ("fast", "lumpy", "slow", "silent")] == [
        "smooth", "lumpy", "intermittent", "no_demand",
    ]  # fmt: skip
    assert by["slow"]["average_interval"] == pytest.approx(3.0)
    assert by["silent"]["average_interval"] is None
    assert by["fast"]["value_year"] == pytest.approx(10 * 365 / 7, rel=0.01)
    assert by["lumpy"]["abc_class"] == "A"
    assert by["silent"]["abc_class"] == "C"
    assert by["fast"]["xyz_class"] == "X"
    assert by["lumpy"]["xyz_class"] == "Z"
    assert by["silent"]["xyz_class"] is None


def test_days_are_judged_by_the_week():
    bucket = buckets(20, 2, days=1)
    node = nodes(["a"], ["l"])
    sales = np.resize([3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], (1, 140))
    found = run(history(node, bucket, sales), node, bucket).segment
    assert found["average_interval"][0] == 1.0
    assert found["demand_class"][0] == "smooth"
    assert found["available_buckets"][0] == 140
    assert found["value_year"][0] == pytest.approx(3 / 7 * 365)


def test_empty_shelves_do_not_make_demand_look_seldom():
    bucket, node = buckets(20, 2), nodes(["a"], ["l"])
    stock = np.resize([9.0, 0.0], (1, 20))
    sales = np.where(stock > 0, 2.0, 0.0)
    found = run(history(node, bucket, sales, opening_qty=stock, closing_qty=stock), node, bucket).segment
    assert found["average_interval"][0] == 1.0
    assert found["available_buckets"][0] == 10
