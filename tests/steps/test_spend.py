"""Money and space are shared by value, suppliers' minimums are met or left, and the list says what comes next."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from replenish.steps import spend

DAY = date(2026, 3, 2)
KEY = ["item_id", "location_id"]


def tables(capacity: float | None = None, minimum: float = 0.0, fixed: float = 0.0) -> list[pl.DataFrame]:
    """Two items bought for one warehouse: A earns 5, 4, 2 a pack and B 6, 3, 1; costs are 2 and 3 a unit."""
    gains = {"A": [5.0, 4.0, 2.0], "B": [6.0, 3.0, 1.0]}
    cost = {"A": 2.0, "B": 3.0}
    orders = pl.DataFrame(
        [
            {
                "item_id": item,
                "location_id": "W",
                "source_id": "V",
                "kind": "buy",
                "qty": 2.0,
                "wish_qty": 2.0,
                "pack_count": 2.0,
                "unit_cost": cost[item],
                "value": sum(gains[item][:2]),
                "shadow_price": 0.0,
                "order_date": DAY,
                "receipt_date": DAY,
                "need_date": DAY,
                "reason_code": "value",
                "binding_limit": None,
                "is_release_past_due": True,
                "expected_waste_qty": 0.5,
                "expected_waste_value": 1.0,
            }
            for item in "AB"
        ]
    )
    curve = pl.DataFrame(
        [
            {
                "item_id": item,
                "location_id": "W",
                "pack_index": k + 1,
                "pack_qty": 1.0,
                "pack_value": gain,
                "pair_value": None,
                "served_qty": served,
            }
            for item, values in gains.items()
            for k, (gain, served) in enumerate(zip(values, _SERVED[item], strict=True))
        ]
    )
    wish = pl.DataFrame(
        {
            "item_id": ["A", "B"],
            "location_id": "W",
            "stock_at_arrival_qty": [1.0, -4.0],
            "method": "curve",
            "wait_value": None,
            "window_1_qty": 2.0,
            "expected_lost_without_qty": [1.6, 1.5],
        }
    )
    arc = pl.DataFrame(
        {
            "item_id": ["A", "B"],
            "location_id": "W",
            "arc_rank": 1,
            "min_qty": 0.0,
            "multiple_qty": 1.0,
            "max_qty": [None, None],
        }
    )
    item = pl.DataFrame({"item_id": ["A", "B"], "volume": [1.0, 2.0], "weight": [4.0, 1.0]})
    place = pl.DataFrame({"location_id": ["W"], "volume_capacity": [capacity]}, schema_overrides=_FLOAT)
    terms = {"supplier_id": ["V"], "order_cost": [fixed], "min_order_value": [minimum], "min_order_qty": [0.0]}
    terms |= {name: [None] for name in _TRUCK}
    return [orders, curve, wish, arc, item, place, pl.DataFrame(terms, schema_overrides=_FLOAT | _TRUCK)]


_SERVED = {"A": [0.9, 0.5, 0.1], "B": [0.8, 0.4, 0.2]}
_FLOAT = {"volume_capacity": pl.Float64}
_TRUCK = dict.fromkeys(("truck_volume", "truck_weight", "truck_cost"), pl.Float64) | {"full_truck_only": pl.Boolean}


def spent(budget: float | None, **told: float) -> tuple[dict[str, float], pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Quantities by item, and the tables."""
    order, limit, cut_line = spend(*tables(**told), budget=budget)
    return dict(order.select("item_id", "qty").iter_rows()), order, limit, cut_line


def test_without_limits_nothing_changes_and_the_list_says_what_comes_next() -> None:
    """All that was wished is bought; the next packs that earn follow."""
    qty, order, limit, cut_line = spent(None)
    assert qty == {"A": 2.0, "B": 2.0}
    assert limit.is_empty()
    assert order["reason_code"].to_list() == ["value", "value"]
    assert cut_line.filter(~pl.col("is_taken"))["item_id"].to_list() == ["A", "B"]
    assert cut_line["value_rate"].to_list() == [2.5, 2.0, 2.0, 1.0, 1.0, 1 / 3]


@pytest.mark.parametrize(
    ("budget", "expected", "price"),
    [
        (0.0, {"A": 0.0, "B": 0.0}, 2.5),
        (4.0, {"A": 2.0, "B": 0.0}, 2.0),
        (7.0, {"A": 2.0, "B": 1.0}, 1.0),
        (10.0, {"A": 2.0, "B": 2.0}, 0.0),
        (1e12, {"A": 2.0, "B": 2.0}, 0.0),
    ],
)
def test_a_budget_goes_to_what_earns_most(budget: float, expected: dict[str, float], price: float) -> None:
    """Packs by value per money while they fit; the price is that of the first refused."""
    qty, order, limit, _ = spent(budget)
    assert qty == expected
    assert limit["shadow_price"].to_list() == pytest.approx([price])
    assert limit["used"].item() <= budget
    for row in order.iter_rows(named=True):
        is_cut = row["qty"] < row["wish_qty"]
        assert row["reason_code"] == ("budget" if is_cut else "value")
        assert row["pack_count"] == row["qty"]
        assert row["is_release_past_due"] == (row["qty"] > 0)


@pytest.mark.parametrize(
    ("target", "expected", "reached", "price"),
    [
        (0.2, {"A": 0.0, "B": 0.0}, 0.23, 0.0),
        (0.5, {"A": 2.0, "B": 0.0}, 0.51, 2.0),
        (0.6, {"A": 2.0, "B": 1.0}, 0.75, 2.0),
        (0.87, {"A": 3.0, "B": 2.0}, 0.89, 1.0),
        (0.9, {"A": 3.0, "B": 3.0}, 0.95, 1 / 3),
        (0.99, {"A": 3.0, "B": 3.0}, 0.95, 1 / 3),
    ],
)
def test_a_fill_target_buys_what_earns_most_for_its_money_until_it_is_promised(
    target: float, expected: dict[str, float], reached: float, price: float
) -> None:
    """Demand is worth 10 at cost and 7.7 of it would be lost; the wishes serve 6.4 of that, every pack 7.2."""
    order, limit, cut_line = spend(*tables(), budget=None, fill_target=target)
    assert dict(order.select("item_id", "qty").iter_rows()) == expected
    row = limit.row(0, named=True)
    assert (row["kind"], row["scope_id"], row["available"]) == ("fill", "", target)
    assert (row["wanted"], row["used"], row["shadow_price"]) == pytest.approx((0.87, reached, price))
    for line in order.iter_rows(named=True):
        is_set = line["qty"] != line["wish_qty"]
        assert line["reason_code"] == ("fill_target" if is_set else "value")
        assert line["pack_count"] == line["qty"]
    assert cut_line.filter("is_taken")["qty"].sum() == order["qty"].sum()


def test_a_fill_target_beyond_what_pays_buys_what_loses_least_and_its_price_says_so() -> None:
    """The third packs lose 2 for 2 and 1 for 3 of money: B's is bought for a target that only it is needed for."""
    frames = tables()
    loss = pl.col("item_id").replace_strict({"A": -2.0, "B": -1.0})
    frames[1] = frames[1].with_columns(pack_value=pl.when(pl.col("pack_index") == 3).then(loss).otherwise("pack_value"))
    order, limit, _ = spend(*frames, budget=None, fill_target=0.92)
    assert order["qty"].to_list() == [2.0, 3.0]
    assert order["value"].to_list() == [9.0, 8.0]
    assert limit["shadow_price"].item() == pytest.approx(-1 / 3)


def test_a_fill_target_is_promised_after_what_minimums_leave_out() -> None:
    """A's two packs alone promise 0.5 but earn less than an order costs: with one of B the order is placed."""
    order, limit, _ = spend(*tables(fixed=10.0), budget=None, fill_target=0.5)
    assert order["qty"].to_list() == [2.0, 1.0]
    assert (limit["available"].item(), limit["used"].item()) == pytest.approx((0.5, 0.75))
    order, limit, _ = spend(*tables(fixed=1e6), budget=None, fill_target=0.5)
    assert order["qty"].to_list() == [0.0, 0.0]
    assert limit["used"].item() == pytest.approx(0.23)


def test_a_fill_target_leaves_what_a_shelf_asks_for_and_fits_the_space() -> None:
    """A's shelf is filled at any target; room for 3 beside the unit that stands there holds it and no B."""
    frames = tables(capacity=5.0)
    frames[0] = frames[0].with_columns(
        reason_code=pl.when(pl.col("item_id") == "A").then(pl.lit("shelf_floor")).otherwise("reason_code")
    )
    assert spend(*frames, budget=None, fill_target=0.1)[0]["qty"].to_list() == [2.0, 0.0]
    order, limit, _ = spend(*frames, budget=None, fill_target=0.9)
    used = (order["qty"] * pl.Series([1.0, 2.0])).sum()
    assert used <= 4.0
    assert limit["kind"].to_list() == ["fill", "volume"]
    assert limit["used"].to_list()[1] == used


def test_space_is_shared_by_value_per_volume() -> None:
    """Room for 3 after the unit that stands there: two of A and none of B (3 a unit of volume against 5 and 4)."""
    qty, _, limit, _ = spent(None, capacity=4.0)
    assert qty == {"A": 2.0, "B": 0.0}
    row = limit.row(0, named=True)
    assert (row["kind"], row["scope_id"], row["available"], row["used"]) == ("volume", "W", 3.0, 2.0)


def test_a_supplier_minimum_is_met_with_the_next_best_packs() -> None:
    """10 of money are wished, 12 are asked: the packs that still earn are added."""
    qty, order, _, cut_line = spent(None, minimum=12.0)
    assert qty == {"A": 3.0, "B": 3.0}
    assert order.filter(item_id="A")["reason_code"].item() == "supplier_minimum"
    assert order.filter(item_id="A")["value"].item() == 11.0
    assert cut_line["is_taken"].all()


def test_packs_that_fill_a_minimum_fit_the_space_that_is_left() -> None:
    """6 of volume are wished beside the unit that stands there, the third packs take 3 more: 9 are enough.

    With 8 the order waits: its supplier would refuse it.
    """
    qty, _, limit, _ = spent(None, minimum=12.0, capacity=10.0)
    assert qty == {"A": 3.0, "B": 3.0}
    assert limit.filter(kind="volume").select("wanted", "used").rows() == [(6.0, 9.0)]
    qty, _, limit, _ = spent(None, minimum=14.0, capacity=9.0)
    assert qty == {"A": 0.0, "B": 0.0}
    assert limit["used"].to_list() == [0.0, 0.0]


def test_an_order_that_earns_less_than_its_fixed_cost_is_left_out() -> None:
    """18 of gain against 20 of order cost; against 17 it is placed."""
    qty, order, _, _ = spent(None, fixed=20.0)
    assert qty == {"A": 0.0, "B": 0.0}
    assert set(order["reason_code"]) == {"supplier_minimum"}
    assert spent(None, fixed=17.0)[0] == {"A": 2.0, "B": 2.0}


def test_an_order_that_is_left_out_uses_nothing_and_is_not_listed_as_bought() -> None:
    """Its money and its space are free again, and all six packs are on the list of what was not bought."""
    _, _, limit, cut_line = spent(100.0, fixed=20.0, capacity=50.0)
    assert limit.select("kind", "wanted", "used").rows() == [("budget", 10.0, 0.0), ("volume", 6.0, 0.0)]
    assert cut_line["is_taken"].to_list() == [False] * 6


@pytest.mark.parametrize(
    ("minimum", "budget", "used", "price"),
    [
        (10.0, None, 10.0, 0.0),  # met without help
        (14.0, 10.0, 0.0, 18.0 / 4.0),  # waits: 18 are not earned for want of 4
        (1000.0, None, 10.0, 0.0),  # out of reach: easing it by one changes nothing
    ],
)
def test_a_minimum_has_its_price(minimum: float, budget: float | None, used: float, price: float) -> None:
    """What one unit less would earn: of an order that waits its gain, for each unit it is short of."""
    row = spent(budget, minimum=minimum)[2].filter(kind="supplier_value").row(0, named=True)
    assert (row["available"], row["wanted"], row["used"]) == (minimum, 10.0, used)
    assert row["shadow_price"] == pytest.approx(price)


def test_the_price_of_a_minimum_that_was_filled_up_is_what_its_worst_pack_loses() -> None:
    """The third packs lose 1 and 3 where 12 of money are asked: the dearer loses more for each unit."""
    frames = tables(minimum=12.0)
    losing = pl.when(pl.col("pack_index") == 3).then(-pl.col("pack_value")).otherwise("pack_value")
    frames[1] = frames[1].with_columns(pack_value=losing)
    order, limit, _ = spend(*frames, budget=None)
    added = {item: (gain, cost) for item, gain, cost in frames[1].join(order, on="item_id").filter(
        pl.col("pack_index") == 3, pl.col("qty") > 2.0
    ).select("item_id", "pack_value", "unit_cost").iter_rows()}  # fmt: skip
    assert added
    worst = max(-gain / cost for gain, cost in added.values())
    assert limit.filter(kind="supplier_value")["shadow_price"].item() == pytest.approx(worst)


def test_a_minimum_out_of_reach_leaves_the_order_as_it_is() -> None:
    """All packs together do not reach 1,000: waiting would change nothing, and the shortfall is shown."""
    assert spent(None, minimum=1000.0)[0] == {"A": 2.0, "B": 2.0}
    assert spent(7.0, minimum=1000.0)[0] == {"A": 2.0, "B": 1.0}


def test_an_order_whose_minimum_the_budget_does_not_hold_waits() -> None:
    """12 of money are asked and 10 are there, or 4 and packs refused: its supplier would not take less."""
    for budget in (10.0, 4.0):
        qty, order, limit, _ = spent(budget, minimum=12.0)
        assert qty == {"A": 0.0, "B": 0.0}
        assert order.filter(item_id="A")["reason_code"].item() == "supplier_minimum"
        assert limit.filter(kind="budget")["used"].item() == 0.0


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [(0.0, {"A": 3.0, "B": 3.0}), (20.9, {"A": 3.0, "B": 3.0}), (21.1, {"A": 0.0, "B": 0.0})],
)
def test_an_order_that_must_be_lifted_waits_where_the_next_review_earns_more(
    waiting: float, expected: dict[str, float]
) -> None:
    """18 wished and 3 added, all that is sold over two reviews, against an order one review later; its cost cancels."""
    frames = tables(minimum=12.0, fixed=5.0)
    frames[1] = frames[1].with_columns(pair_value=pl.col("pack_value"))
    frames[2] = frames[2].with_columns(wait_value=pl.lit(waiting / 2))
    order, _, _ = spend(*frames, budget=None)
    assert dict(order.select("item_id", "qty").iter_rows()) == expected
    unbound = tables(minimum=10.0, fixed=5.0)
    unbound[2] = unbound[2].with_columns(wait_value=pl.lit(waiting / 2))
    assert spend(*unbound, budget=None)[0]["qty"].to_list() == [2.0, 2.0]


def test_what_is_left_over_tonight_and_sold_later_counts_for_an_order_that_takes_the_place_of_the_next() -> None:
    """The packs that fill the minimum lose 1 each by themselves and earn 4 once no other order follows."""
    frames = tables(minimum=12.0)
    losing = pl.when(pl.col("pack_index") == 3).then(-1.0).otherwise("pack_value")
    frames[1] = frames[1].with_columns(
        pack_value=losing, pair_value=pl.when(pl.col("pack_index") == 3).then(4.0).otherwise("pack_value")
    )
    frames[2] = frames[2].with_columns(wait_value=pl.lit(10.9))
    assert spend(*frames, budget=None)[0]["qty"].sum() > 4.0
    frames[2] = frames[2].with_columns(wait_value=pl.lit(13.1))
    assert spend(*frames, budget=None)[0]["qty"].sum() == 0.0


def changed(**columns: object) -> list[pl.DataFrame]:
    """The tables with columns of item A's order changed."""
    frames = tables(fixed=20.0, minimum=12.0)
    is_a = pl.col("item_id") == "A"
    new = {name: pl.when(is_a).then(pl.lit(value)).otherwise(pl.col(name)) for name, value in columns.items()}
    return [frames[0].with_columns(**new), *frames[1:]]


def test_what_a_shelf_or_a_customer_asks_for_is_not_left_out_for_a_fixed_cost() -> None:
    """The curve sees a loss in it: that is no reason not to fill the shelf, even where a supplier's order costs 20."""
    order, _, _ = spend(*changed(reason_code="shelf_floor", value=-3.0), budget=None)
    assert order.filter(item_id="A")["qty"].item() >= 2.0


def test_an_item_that_may_not_be_ordered_has_no_next_pack() -> None:
    """Nothing of A may be ordered tonight: its curve still earns, but no minimum is filled with it."""
    frames = changed(qty=0.0, wish_qty=0.0, value=0.0, reason_code="not_approved")
    frames[6] = frames[6].with_columns(order_cost=pl.lit(0.0), min_order_value=pl.lit(8.0))
    order, _, cut_line = spend(*frames, budget=None)
    assert order.filter(item_id="A")["qty"].item() == 0.0
    assert set(cut_line["item_id"]) == {"B"}


def test_an_order_of_several_lines_is_bought_whole_or_not_at_all() -> None:
    """Lines between a least and a largest do not add up to every quantity."""
    frames = tables()
    frames[3] = frames[3].with_columns(max_qty=pl.lit(1.0))
    order, _, cut_line = spend(*frames, budget=5.0)
    assert dict(order.select("item_id", "qty").iter_rows()) == {"A": 2.0, "B": 0.0}
    assert cut_line["is_taken"].to_list() == [True, False]


def test_a_company_without_orders_has_empty_tables() -> None:
    """Nothing ordered, nothing cut."""
    frames = tables()
    empty = [frame.clear() for frame in frames[:3]] + frames[3:]
    assert spend(*empty, budget=None, fill_target=0.9)[1]["used"].to_list() == [1.0]
    order, limit, cut_line = spend(*empty, budget=5.0)
    assert order.is_empty()
    assert limit["used"].item() == 0.0
    assert cut_line.is_empty()
