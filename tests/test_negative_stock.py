"""Books below zero: what the plan starts from, and what of it is owed to customers."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from replenish.steps.audit import audit
from replenish.steps.learn_counts import learn_counts
from replenish.tables.core import CountLine, Node
from tests.golden_cases import golden
from tests.steps import demand_world as world
from tests.steps.supply_world import AS_OF, sales_orders, shop


@pytest.mark.parametrize("place", [0, 1])
def test_below_zero_counts_as_none_and_only_open_orders_are_owed(place: int) -> None:
    inputs, expected, _ = golden("records", "negative_on_hand")
    rule = inputs["rule"][place]
    node, bucket, counts = world.nodes(["i00"], ["store"]), world.buckets(4, 12), CountLine.create_empty()
    past = world.history(node, bucket, np.full((1, 4), 2.0))
    stock = world.position(node, [float(inputs["on_hand_qty"])])
    record = audit(past, stock, Node.create_empty(), counts, learn_counts(counts), bucket)
    assert record["on_hand_qty"].to_list() == [expected["on_hand_used"][place]]
    poor = shop(1, mean=2.0, node={"shortage_cost": 0.0, "shortage_rule": rule})  # nothing is stocked for its own sake
    alone = poor.with_(record=record)
    assert alone.wish()["qty"].to_list() == [0.0]  # a record below zero is an error, not a backlog
    ordered = sales_orders([("so", "i00", "store", float(inputs["open_sales_order_qty"]), AS_OF)])
    assert alone.with_(open_demand=ordered).wish()["qty"].to_list() == [expected["backorder_used"][place]]


def test_what_customers_ordered_for_after_the_arrival_is_ordered_where_sales_are_lost_too() -> None:
    poor = shop(1, mean=2.0, node={"shortage_cost": 0.0, "shortage_rule": "lost_sales"})
    lines = [("late", "i00", "store", 3.0, AS_OF), ("soon", "i00", "store", 4.0, AS_OF + timedelta(days=10))]
    assert poor.with_(open_demand=sales_orders(lines)).wish()["qty"].to_list() == [4.0]
