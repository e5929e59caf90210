"""Bills in the plan: lines that change by date, items that are used up, components of production in the books."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from replenish.numerics.dependent_demand import add_releases
from replenish.numerics.guaranteed_service import longest_times
from replenish.steps.network import network_of
from replenish.steps.target import demand_seen
from replenish.tables import core
from tests.golden_cases import case, golden
from tests.steps import demand_world as world
from tests.steps.supply_world import KEY, TONIGHT, Company, bill, company, plant

CERTAIN = {"phi": 0.0, "kappa": 0.0, "horizon_weeks": 20}


def _day(weeks: int, days: int = 0) -> date:
    return TONIGHT + timedelta(days=7 * weeks + days)


def _parts(*, used_up: bool = True, stock: tuple[float, float, float] = (0.0, 0.0, 0.0), mean: float = 10.0) -> Company:
    """A product made from an old part, which passes its need on to a new one, or is bought like it."""
    nodes = world.nodes(
        ["new", "old", "product"],
        ["plant"],
        level=[2, 1, 0],
        has_demand=[False, False, True],
        is_component=[True, True, False],
        location_kind="plant",
        shortage_rule="backorder",
    )
    old = ("pass", "plant", 0.0, 0.0) if used_up else ("buy", "supplier", 14.0, 7.0)
    kind, source, lead, review = zip(("buy", "supplier", 14.0, 7.0), old, ("make", "plant", 7.0, 7.0), strict=True)
    arcs = world.arcs(nodes, kind=[*kind], source_id=[*source], lead_time_days=[*lead], review_days=[*review])
    both = company(nodes, arcs, mean=mean, on_hand=[*stock], **CERTAIN)
    lines = [("product", "old", 2.0), ("old", "new", 1.0)] if used_up else [("product", "old", 2.0)]
    return both.with_(bom_line=bill(*lines))


def _of(frame: pl.DataFrame, item: str, column: str) -> np.ndarray:
    return frame.filter(pl.col("item_id") == item)[column].to_numpy()


def test_lines_hold_in_the_buckets_that_begin_within_their_days() -> None:
    lines = [
        ("product", "part", 1.0, _day(0), _day(2, -1)),  # two whole weeks
        ("product", "part", 2.0, _day(2), _day(3)),  # the day on which a week begins, and the week before it
        ("product", "part", 3.0, _day(3, 1), _day(4, -1)),  # no week begins here
        ("product", "part", 4.0, _day(30), None),  # beyond the horizon
    ]
    here = plant().with_(bom_line=bill(*lines))
    edges = network_of(here.node, here.arc, here.lead_time, here.bom_line, here.bucket).edges
    assert edges.factors(40)[:, [0, 1, 2, 3, 4, 29, 30, 39]].sum(axis=0).tolist() == [1, 1, 2, 2, 0, 0, 4, 4]
    assert edges.factor.tolist() == [1.0, 2.0, 4.0]


def test_releases_take_by_the_line_of_their_bucket() -> None:
    trumpet = case("material_plan", "explosion_trumpet")
    release = np.array([trumpet["inputs"]["parent_release_qty"]], dtype=float)
    paths, mean = np.zeros((1, 1, 10), dtype=np.float32), np.zeros((1, 10))
    edges = np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64), np.array([3.0, 5.0])
    days = np.array([0, 4]), np.array([4, 99])
    single = release[:, None, :].astype(np.float32)
    add_releases(*edges, *days, 0, single, release, np.zeros(1, dtype=np.int64), paths, mean)
    assert mean[0, :4].tolist() == trumpet["expected"]["child_gross_qty"][:4]
    assert mean[0, 4:].tolist() == (5 * release[0, 4:]).tolist()
    assert paths[0, 0].tolist() == mean[0].tolist()
    later = np.zeros((1, 1, 10), dtype=np.float32), np.zeros((1, 10))
    add_releases(*edges, *days, 0, single, release, np.array([2]), *later)
    assert later[1][0, 2:4].tolist() == (3 * release[0, :2]).tolist(), "a node that waits takes later"
    assert later[1][0, 4:].tolist() == (5 * release[0, 2:8]).tolist(), "by the bill of the day on which it takes"


def test_a_change_inside_the_horizon_is_seen_by_targets_and_orders() -> None:
    lines = bill(("product", "part", 3.0, TONIGHT, _day(6, -1)), ("product", "part", 1.0, _day(6), None))
    here = plant(mean=10.0, **CERTAIN).with_(bom_line=lines)
    network = network_of(here.node, here.arc, here.lead_time, lines, here.bucket)
    mean, variance, _ = demand_seen(network, here.forecast, here.parameter)
    part = network.nodes["item_id"].to_list().index("part")
    assert mean[part, [0, 5, 6, 12]].tolist() == [30.0, 30.0, 10.0, 10.0]
    assert (np.diff(variance[part]) >= 0).all()
    _, _, requirement = here.order()
    product = here.project()[1].filter(pl.col("item_id") == "product")
    asked = dict(requirement.select("bucket_index", "qty").iter_rows())
    assert asked[3] == pytest.approx(30.0, abs=3.0)
    assert asked[8] == pytest.approx(10.0, abs=1.0)
    assert product.height


def test_nothing_is_made_before_there_is_a_bill_and_its_components_are_wanted_then() -> None:
    late = plant(mean=10.0, **CERTAIN).with_(bom_line=bill(("product", "part", 3.0, _day(3), None)))
    _, wish, requirement = late.order()
    product = wish.row(by_predicate=pl.col("item_id") == "product", named=True)
    assert (product["qty"], product["reason_code"]) == (0.0, "no_bill")
    asked = dict(requirement.select("bucket_index", "qty").iter_rows())
    assert min(asked) == 3
    assert asked[3] > 2 * asked[5] > 0


def test_what_falls_into_a_pause_of_the_bill_is_made_after_it() -> None:
    lines = [("product", "part", 3.0, TONIGHT, _day(3, -1)), ("product", "part", 3.0, _day(6), None)]
    steady = plant(mean=10.0, **CERTAIN)
    asked, usual = (
        dict(here.order()[2].select("bucket_index", "qty").iter_rows())
        for here in (steady.with_(bom_line=bill(*lines)), steady)
    )
    assert not {3, 4, 5} & set(asked)
    assert asked[6] == pytest.approx(sum(usual[week] for week in (3, 4, 5, 6)))
    assert [asked[week] for week in (1, 2, 7, 8)] == pytest.approx([usual[week] for week in (1, 2, 7, 8)])


def test_what_is_used_up_goes_first_and_the_rest_passes_to_the_successor() -> None:
    both = _parts(stock=(0.0, 70.0, 0.0))
    orders, projection, peg = both.project()
    bought = _parts(used_up=False, stock=(0.0, 70.0, 0.0)).project()[1]
    old, new = _of(projection, "old", "requirement_qty"), _of(projection, "new", "requirement_qty")
    assert old[:15].sum() == pytest.approx(_of(bought, "old", "requirement_qty")[:15].sum(), abs=1.0)
    assert new[:15].sum() == pytest.approx(old[:15].sum() - 70.0, abs=2.0)
    assert (np.cumsum(new) <= np.maximum(np.cumsum(old) - 70.0, 0.0) + 1.0).all()
    assert _of(both.target(), "old", "safety_stock_qty").tolist() == [0.0]
    assert dict(both.wish().select("item_id", "method").iter_rows())["old"] == "mrp"
    assert (_of(projection, "old", "closing_qty")[8:15] < 1.0).all()
    assert set(_of(peg, "new", "demand_id")) >= {"old@plant"}
    assert _of(orders, "old", "kind").tolist() == ["pass"]


def test_what_is_used_up_is_no_longer_sold() -> None:
    both, is_old = _parts(stock=(0.0, 70.0, 0.0)), pl.col("item_id") == "old"
    last = pl.when(is_old).then(pl.lit(TONIGHT - timedelta(days=30))).otherwise("listed_to")
    node = both.node.with_columns(has_demand=pl.col("has_demand") | is_old, listed_to=last)
    reason = pl.when(is_old).then(pl.lit("no history")).otherwise("reason")
    sold = both.with_(node=node, parameter=both.parameter.with_columns(reason=reason))
    asked, wanted = (_of(each.project()[1], "old", "demand_qty") for each in (sold, both))
    assert asked.tolist() == wanted.tolist()
    assert asked.sum() > 0


@pytest.mark.parametrize(("new", "old"), [(0.0, 0.0), (11.0, 0.0), (11.0, 4.0), (500.0, 0.0), (0.0, 500.0)])
def test_a_product_is_granted_what_the_old_and_the_new_part_have_together(new: float, old: float) -> None:
    orders = _parts(stock=(new, old, 0.0)).project()[0]
    product = orders.row(by_predicate=pl.col("item_id") == "product", named=True)
    assert product["qty"] == min(product["wish_qty"], (new + old) // 2)


def _needs(rows: list[tuple[str, str, float, date]]) -> pl.DataFrame:
    names = ["order_id", "item_id", "open_qty", "due_date"]
    more = {"line_id": pl.lit("1"), "location_id": pl.lit("plant"), "parent_item_id": pl.lit("product")}
    return core.FirmNeed.cast(pl.DataFrame(rows, schema=names, orient="row").with_columns(**more))


def test_components_of_production_in_the_books_are_demand_once() -> None:
    inputs, expected, _ = golden("traps", "component_consumption_is_demand")
    sold, consumed = float(inputs["sales_qty"]), float(inputs["consumed_by_production_qty"])
    nodes = world.nodes(["part", "product"], ["plant"], level=[1, 0], is_component=[True, False])
    arcs = world.arcs(nodes, kind=["buy", "make"], source_id=["supplier", "plant"], lead_time_days=7.0)
    both = company(nodes, arcs, mean=[sold, 0.0], on_hand=[50.0, 0.0], **CERTAIN)
    both = both.with_(firm_need=_needs([("mo", "part", consumed, _day(2, 3))]), bom_line=bill(("product", "part", 3.0)))
    _, projection, peg = both.project()
    assert _of(projection, "part", "demand_qty")[2] == expected["demand_qty"]
    assert _of(projection, "part", "forecast_qty")[2] == sold  # production takes the place of no customer
    assert _of(projection, "part", "requirement_qty").sum() == consumed
    taken = peg.filter(pl.col("demand_kind") == "production_order")
    assert taken.select("demand_id", "demand_date", "qty").rows() == [("mo/1", _day(2, 3), consumed)]


def test_they_raise_the_order_of_the_component_and_are_kept_back_from_new_production() -> None:
    free = plant(stock=(100.0, 0.0), mean=10.0, **CERTAIN)
    promised = free.with_(firm_need=_needs([("mo", "part", 94.0, TONIGHT)]))

    def ordered(here: Company) -> dict[str, float]:
        return dict(here.project()[0].select("item_id", "qty").iter_rows())

    before, after = ordered(free), ordered(promised)
    assert after["part"] > before["part"]
    assert before["product"] > 2.0
    assert after["product"] == 2.0  # of 100 units 6 are free, for 2 products


def test_components_are_bought_side_by_side() -> None:
    inputs, expected, _ = golden("traps", "cumulative_lead_time_longest_path")
    work = np.array([inputs["parent_lead_time_days"], *inputs["component_lead_time_days"]], dtype=np.int64)
    parent = np.zeros(2, dtype=np.int64)
    longest = longest_times(work, np.zeros_like(work), np.array([1, 2]), parent)
    assert longest[0] == expected["cumulative_days"] != expected["wrong_days"]


def test_keys_of_requirements_stay_unique_when_a_line_changes() -> None:
    lines = bill(("product", "part", 3.0, TONIGHT, _day(6, -1)), ("product", "part", 1.0, _day(6), None))
    requirement = plant(mean=10.0, **CERTAIN).with_(bom_line=lines).order()[2]
    assert requirement.select(*KEY, "dependant_item_id", "dependant_location_id", "bucket_index").is_unique().all()
