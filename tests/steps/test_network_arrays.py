"""Tables laid out as arrays: calendars, lead-time laws, who supplies whom, demand and open orders."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from replenish.steps.demand_ahead import demand_ahead, open_lines
from replenish.steps.facts import end_buckets, engine_nodes
from replenish.steps.network import Network, calendar_of, network_of, only_components, window_sums
from replenish.tables import core, plan
from tests.steps import demand_world as world
from tests.steps.supply_world import (
    AS_OF,
    TONIGHT,
    Company,
    centre_and_stores,
    lead_times,
    plant,
    sales_orders,
    shop,
    supply,
)


def _network(company: Company) -> Network:
    return network_of(company.node, company.arc, company.lead_time, company.bom_line, company.bucket)


def test_dates_fall_into_buckets() -> None:
    calendar = calendar_of(world.buckets(2, 3))
    days = pl.Series([AS_OF, TONIGHT, TONIGHT + timedelta(6), TONIGHT + timedelta(7), TONIGHT + timedelta(21), None])
    assert calendar.bucket_of(days).tolist() == [0, 0, 0, 1, 3, -1]
    assert (calendar.horizon, calendar.bucket_days) == (3, 7)


def test_a_week_cut_by_as_of_is_a_short_first_bucket() -> None:
    bucket = pl.DataFrame(
        {
            "bucket_index": [0, 1],
            "bucket_start": [date(2024, 7, 4), date(2024, 7, 8)],
            "bucket_end": [date(2024, 7, 7), date(2024, 7, 14)],
            "bucket_days": [4, 7],
        }
    )
    calendar = calendar_of(bucket)
    assert calendar.bucket_days == 7
    assert calendar.bucket_after(np.array([0.0, 3.0, 4.0, 10.0, 11.0])).tolist() == [0, 0, 1, 1, 2]


def test_nothing_can_be_planned_without_a_bucket() -> None:
    with pytest.raises(ValueError, match="no open bucket"):
        calendar_of(world.buckets(2, 0))


def test_lead_time_law_in_buckets() -> None:
    pmf = [0.0] * 5 + [0.25, 0.0, 0.25, 0.0, 0.495] + [0.0] * 30 + [0.005]
    company = shop(2, lead_time_pmf=pmf)
    network = _network(company.with_(lead_time=company.lead_time.with_columns(lead_time_days=pl.lit(8.0))))
    # days 5 and 7 are bucket 1, day 9 is bucket 2; half a per cent beyond is added to it
    assert network.lead_law.tolist() == [[0.0, 0.5, 1.0]] * 2
    assert network.lead.tolist() == [2, 2]
    assert network.longest.tolist() == [2, 2]


def test_point_law_without_receipts() -> None:
    network = _network(shop(1, arc={"lead_time_days": 10.0}))
    assert network.lead.tolist() == [2]
    assert network.lead_law.tolist() == [[0.0, 0.0, 1.0]]


def test_arrays_reach_beyond_a_short_horizon() -> None:
    network = _network(shop(1, arc={"lead_time_days": 70.0}, horizon_weeks=5))
    assert network.width == 12
    demand = demand_ahead(network, *_demand_tables(shop(1, arc={"lead_time_days": 70.0}, horizon_weeks=5)), 2)
    assert demand.forecast.tolist() == [[10.0] * 12]


def _demand_tables(company: Company) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return company.forecast, company.parameter, company.open_demand


def test_moves_and_bills_make_edges() -> None:
    network = _network(centre_and_stores(2))
    assert network.nodes["location_id"].to_list() == ["store0", "store1", "centre"]
    assert (network.edges.dependant.tolist(), network.edges.source.tolist()) == ([0, 1], [2, 2])
    made = _network(plant(qty_per=3.0))
    assert (made.edges.dependant.tolist(), made.edges.source.tolist(), made.edges.factor.tolist()) == ([0], [1], [3.0])
    assert only_components(made).tolist() == [False, True]
    assert not only_components(network).any()


def test_nodes_on_a_cycle_are_left_out() -> None:
    company = shop(2)
    node = company.node.with_columns(is_cyclic=pl.Series([True, False]))
    assert _network(company.with_(node=node)).nodes["item_id"].to_list() == ["i01"]


def test_window_sums_go_on_at_the_average() -> None:
    mean = np.array([[1.0, 2.0, 3.0, 2.0]])
    assert window_sums(mean, np.array([1]), np.array([2])).tolist() == [5.0]
    assert window_sums(mean, np.array([3]), np.array([3])).tolist() == [6.0]


def test_customer_orders_consume_forecast_and_overdue_ones_do_not() -> None:
    company = shop(1, mean=20.0)
    orders = sales_orders(
        [
            ("a", "i00", "store", 35.0, TONIGHT + timedelta(9)),
            ("b", "i00", "store", 4.0, AS_OF - timedelta(3)),
            ("c", "nobody", "store", 99.0, TONIGHT),
        ]
    )
    demand = demand_ahead(_network(company), company.forecast, company.parameter, orders, 2)
    assert demand.unconsumed[0, :4].tolist() == [5.0, 0.0, 20.0, 20.0]
    assert demand.orders[0, :3].tolist() == [4.0, 35.0, 0.0]


def test_a_node_that_should_have_a_forecast_and_has_none_is_unknown() -> None:
    company = shop(2)
    parameter = company.parameter.with_columns(
        reason=pl.Series([None, "no analogue"], dtype=pl.String), method=pl.Series(["seasonal_sma", "none"])
    )
    forecast = company.forecast.filter(pl.col("item_id") == "i00")
    demand = demand_ahead(_network(company), forecast, plan.Parameter.cast(parameter), company.open_demand, 2)
    assert np.isfinite(demand.unconsumed[0]).all()
    assert np.isnan(demand.unconsumed[1]).all()


def test_open_lines_come_on_their_date_and_overdue_ones_by_what_is_left_of_the_law() -> None:
    # 7 days (60 %), 14 days (20 %) or 21 days (20 %); ordered 10 days before tonight's bucket opens
    pmf = [0.0] * 7 + [0.6] + [0.0] * 6 + [0.2] + [0.0] * 6 + [0.2]
    company = shop(1, lead_time_pmf=pmf)
    rows = [
        ("late", "i00", "store", 10.0, AS_OF - timedelta(2)),
        ("soon", "i00", "store", 6.0, TONIGHT + timedelta(15)),
        ("lost", "i00", "store", 50.0, AS_OF - timedelta(90)),
    ]
    frame = supply(rows, order_date=pl.lit(TONIGHT - timedelta(10)), is_lost=pl.col("order_id") == "lost")
    lines = open_lines(_network(company), frame)
    assert lines.lines["order_id"].to_list() == ["late", "soon"]
    # aged 9 full days: 14 or 21 days are left, day 4 or day 11 from tonight, both as likely
    assert lines.law[0, :3].tolist() == [0.5, 1.0, 1.0]
    assert lines.law[1, :4].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert lines.lines["arrival"][0] == TONIGHT + timedelta(8)
    assert lines.expected(1, 12)[0, :4].tolist() == [0.0, 10.0, 6.0, 0.0]
    assert lines.start.tolist() == [0, 2]


def test_some_overdue_lines_never_arrive() -> None:
    company = shop(1, lead_time_pmf=[0.0] * 7 + [0.5] + [0.0] * 6 + [0.5])
    company = company.with_(lead_time=company.lead_time.with_columns(never_share=pl.lit(0.2)))
    frame = supply([("late", "i00", "store", 10.0, AS_OF)], order_date=pl.lit(AS_OF - timedelta(9)))
    # half of those that come lie ahead: 0.4 of all, against 0.2 that never come
    assert open_lines(_network(company), frame).law[0, -1] == pytest.approx(2 / 3)


def _from_s(rows: list[tuple[str, str, str, float, date]]) -> pl.DataFrame:
    """Open orders from the source in use."""
    return supply(rows, source_id=pl.lit("s"))


def _late(company: Company, law: list[float], first: int, **columns: float | bool) -> Company:
    """The company with a law of lateness on every lane."""
    told = {"lateness_pmf": pl.lit(law, dtype=pl.List(pl.Float64)), "lateness_from_days": pl.lit(first)}
    lead_time = company.lead_time.with_columns(**told, **{name: pl.lit(value) for name, value in columns.items()})
    return company.with_(lead_time=plan.LeadTime.cast(lead_time))


def test_a_confirmed_line_comes_as_late_as_its_lane_is() -> None:
    company = _late(shop(1), [0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25], 0)
    rows = [("po", "i00", "store", 6.0, TONIGHT + timedelta(15)), ("late", "i00", "store", 6.0, TONIGHT - timedelta(3))]
    alone = [open_lines(_network(company), _from_s([row])) for row in rows]
    assert alone[0].law[0, :6].tolist() == pytest.approx([0.0, 0.0, 0.5, 0.75, 1.0, 1.0])
    # due 3 days ago and not come: 7 or 14 days late, day 4 or day 11 from tonight
    assert alone[1].law[0, :3].tolist() == [0.5, 1.0, 1.0]
    lines = open_lines(_network(company), _from_s(rows))
    assert lines.lines["order_id"].to_list() == ["late", "po"]
    assert lines.lines["arrival"].to_list() == [TONIGHT + timedelta(8), TONIGHT + timedelta(21)]  # 5.25 days late
    other = supply(rows, source_id=pl.lit("elsewhere"))
    assert open_lines(_network(company), other).law[1, :4].tolist() == [0.0, 0.0, 1.0, 1.0], "another lane: its date"


def test_lateness_that_is_used_up_leaves_the_age_to_speak() -> None:
    pmf = [0.0] * 7 + [0.6] + [0.0] * 6 + [0.2] + [0.0] * 6 + [0.2]
    company = _late(shop(1, lead_time_pmf=pmf), [1.0], 0)
    frame = supply([("late", "i00", "store", 10.0, AS_OF - timedelta(2))], order_date=pl.lit(TONIGHT - timedelta(10)))
    assert open_lines(_network(company), frame).law[0, :3].tolist() == [0.5, 1.0, 1.0]


def test_the_later_an_order_the_less_likely_it_comes_at_all() -> None:
    company = _late(shop(1), [0.75, 0.0, 0.25], 0, never_share=0.1)
    rows = [("due", "i00", "store", 6.0, TONIGHT), ("late", "i00", "store", 6.0, TONIGHT - timedelta(1))]
    alone = [open_lines(_network(company), _from_s([row])).law[0, -1] for row in rows]
    assert alone == pytest.approx([0.9, 0.9 * 0.25 / (0.9 * 0.25 + 0.1)])
    due, late = open_lines(_network(company), _from_s(rows)).law[:, -1]
    assert late + due == pytest.approx(sum(alone)), "in order: as many come"
    assert late > due


def test_lines_of_a_source_arrive_in_the_order_of_their_dates_unless_the_lane_crosses() -> None:
    rows = [(f"po{k}", "i00", "store", 5.0, TONIGHT + timedelta(7 * k)) for k in range(4)]
    crossing = open_lines(_network(_late(shop(1), [1 / 35] * 35, 0, is_crossing=True)), _from_s(rows))
    lines = open_lines(_network(_late(shop(1), [1 / 35] * 35, 0)), _from_s(rows))
    assert (np.diff(lines.law, axis=0) <= 1e-12).all(), "none before the one due earlier"
    assert (lines.law[0] > crossing.law[0] + 1e-9).any()
    np.testing.assert_allclose(lines.law.sum(axis=0), crossing.law.sum(axis=0))
    several = open_lines(_network(_late(shop(2), [1 / 35] * 35, 0)), _from_s([rows[0], ("x", "i01", *rows[1][2:])]))
    np.testing.assert_allclose(several.law, crossing.law[:2], err_msg="items do not wait for each other")


def test_short_deliveries_lessen_what_an_order_counts_on_but_not_the_books() -> None:
    company = shop(1)
    lead_time = plan.LeadTime.cast(company.lead_time.with_columns(delivered_share=pl.lit(0.8)))
    company = company.with_(lead_time=lead_time, open_supply=_from_s([("po", "i00", "store", 10.0, TONIGHT)]))
    network = _network(company)
    lines = open_lines(network, company.open_supply)
    demand = demand_ahead(network, *_demand_tables(company), 2)
    assert engine_nodes(network, demand, lines, company.record, company.target(), company.lot, 1).line_qty.tolist() == [
        8.0
    ]
    assert lines.lines["open_qty"].to_list() == [10.0]
    assert (lines.expected(1, 3)[0, 0], lines.undelivered(1, 3)[0, 0]) == (8.0, 2.0)
    other = open_lines(network, supply([("po", "i00", "store", 10.0, TONIGHT)]))
    assert other.qty.tolist() == [10.0], "another source taught nothing"


def test_overdue_line_without_a_law_is_expected_soon() -> None:
    company = shop(1)
    frame = supply([("late", "i00", "store", 10.0, AS_OF)], order_date=pl.lit(None, dtype=pl.Date))
    lines = open_lines(_network(company), frame)
    assert lines.law[0, 0] == 1.0
    assert lines.lines["arrival"][0] == TONIGHT + timedelta(1)


def test_end_of_sale_in_buckets() -> None:
    company = shop(3, node={"listed_to": [None, AS_OF - timedelta(4), TONIGHT + timedelta(8)]})
    assert end_buckets(_network(company)).tolist() == [10**6, 0, 2]


def test_dependants_sample_as_far_as_their_source_looks() -> None:
    company = centre_and_stores(2)
    network = _network(company)
    demand = demand_ahead(network, *_demand_tables(company), 2)
    nodes = engine_nodes(
        network, demand, open_lines(network, company.open_supply), company.record, company.target(), company.lot, 1
    )
    # the centre: two weeks of lead time and two reviews; a store alone would need three
    assert nodes.fact["sampled"].tolist() == [4, 4, 4]
    assert len(set(nodes.fact["seed"])) == 3
    assert lead_times(company.arc).height == 3
    assert core.Node.validate(company.node) is not None
