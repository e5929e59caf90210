"""Items without a history, those that take over, and those that end."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tests.steps.demand_world import AS_OF, buckets, history, nodes, run

WEEKS = 60


def week_day(week):
    """First day of a week counted from tonight."""
    return AS_OF + timedelta(days=1 + 7 * week)


def company(sales, ahead=20, **columns):
    node = nodes([f"i{n:03d}" for n in range(len(sales))], ["l"], **columns)
    bucket = buckets(WEEKS, ahead)
    return run(history(node, bucket, np.asarray(sales, dtype=float)), node, bucket)


def weekly(plan, item):
    return plan.forecast.filter(pl.col("item_id") == item).sort("bucket_index")["forecast_qty"].to_numpy()


def method(plan, item):
    return plan.parameter.filter(pl.col("item_id") == item)["method"].item()


@pytest.mark.parametrize(
    ("attribute", "alike", "other"), [("brand", "a", "b"), ("size", "1l", "2l"), ("unit_price", 2.0, 64.0)]
)
def test_items_that_match_in_more_attributes_are_nearer(attribute, alike, other):
    rng = np.random.default_rng(1)
    sales = rng.poisson(np.repeat([5.0, 50.0], 40)[:, None], (80, WEEKS)).astype(float)
    sales = np.concatenate([sales, np.full((2, WEEKS), np.nan)])
    plan = company(sales, **{attribute: [alike] * 40 + [other] * 40 + [alike, other]})
    assert weekly(plan, "i080").mean() == pytest.approx(5, rel=0.1)
    assert weekly(plan, "i081").mean() == pytest.approx(50, rel=0.1)


def test_unknown_attributes_match_nothing():
    rng = np.random.default_rng(2)
    sales = rng.poisson(np.repeat([5.0, 50.0], 40)[:, None], (80, WEEKS)).astype(float)
    sales = np.concatenate([sales, np.full((1, WEEKS), np.nan)])
    plan = company(sales, brand=["a"] * 40 + [None] * 41)
    assert weekly(plan, "i080").mean() == pytest.approx(27.5, rel=0.1)


def test_an_item_new_to_a_place_sells_as_it_does_elsewhere():
    rng = np.random.default_rng(8)
    sold = rng.poisson(np.repeat(rng.gamma(2, 10, 40), 6)[:, None], (240, WEEKS)).astype(float)
    level = sold[:5].mean()
    sold[5] = np.nan
    node = nodes([f"i{n:03d}" for n in range(40)], list("abcdef"))
    bucket = buckets(WEEKS, 6)
    plan = run(history(node, bucket, sold), node, bucket)
    mine = plan.forecast.filter((pl.col("item_id") == "i000") & (pl.col("location_id") == "f"))
    assert mine["forecast_qty"].mean() == pytest.approx(level, rel=0.25)


def launches(rng, count, level, shape):
    """Sales of items launched at odd weeks, each with the launch curve `shape` and then its settled level."""
    sales = np.full((count, WEEKS), np.nan)
    for n in range(count):
        start = int(rng.integers(8, 30))
        curve = np.full(WEEKS - start, shape[-4:].mean())
        curve[:13] = shape
        sales[n, start:] = rng.poisson(level * curve)
    return sales


def test_a_launch_curve_is_divided_out_and_multiplied_back():
    rng = np.random.default_rng(3)
    shape = np.linspace(2.0, 0.5, 13)
    shape /= shape.mean()
    young = np.full((1, WEEKS), np.nan)
    young[0, -3:] = rng.poisson(200 * shape[:3])
    sales = np.concatenate([launches(rng, 40, 200.0, shape), young, np.full((1, WEEKS), np.nan)])
    starts = [None] * 40 + [week_day(-3), week_day(2)]
    plan = company(sales, listed_from=starts)
    np.testing.assert_allclose(weekly(plan, "i040")[:10], 200 * shape[3:], rtol=0.08)
    np.testing.assert_allclose(weekly(plan, "i040")[10:], 200 * shape[-4:].mean(), rtol=0.08)
    np.testing.assert_array_equal(weekly(plan, "i041")[:2], 0.0)
    np.testing.assert_allclose(weekly(plan, "i041")[2:15], 200 * shape, rtol=0.08)


def test_items_that_were_always_there_teach_no_launch_curve():
    rng = np.random.default_rng(4)
    falling = rng.poisson(np.linspace(60, 20, WEEKS), (40, WEEKS)).astype(float)
    plan = company(np.concatenate([falling, np.full((1, WEEKS), np.nan)]))
    ahead = weekly(plan, "i040")
    np.testing.assert_allclose(ahead, ahead[0], rtol=1e-9)


def test_hand_over_to_own_members_between_eight_and_thirteen_weeks():
    rng = np.random.default_rng(5)
    sales = rng.poisson(10.0, (45, WEEKS)).astype(float)
    for row, weeks in enumerate((3, 8, 10, 13)):
        sales[row, :-weeks] = np.nan
        sales[row, -weeks:] = 40.0
    plan = company(sales)
    assert [method(plan, f"i00{n}") for n in range(4)] == ["new_item", "new_item", "new_item", "seasonal_sma"]
    posterior = [weekly(plan, f"i00{n}")[0] for n in range(4)]
    assert 10 < posterior[0] < posterior[1] < posterior[2] < posterior[3] == pytest.approx(40)


def test_a_successor_inherits_the_level_of_its_predecessor_from_the_changeover():
    rng = np.random.default_rng(6)
    sales = rng.poisson(5.0, (42, WEEKS)).astype(float)
    sales[0] = rng.poisson(np.where(np.arange(WEEKS) < 30, 20.0, 80.0))
    sales[1] = np.nan
    successor = ["i001", *[None] * 41]
    end = week_day(6) - timedelta(days=1)
    plan = company(sales, successor_item_id=successor, listed_to=[end, *[None] * 41])
    old, new = weekly(plan, "i000"), weekly(plan, "i001")
    np.testing.assert_allclose(old[:6], 80, rtol=0.05)
    np.testing.assert_array_equal(old[6:], 0.0)
    np.testing.assert_array_equal(new[:6], 0.0)
    np.testing.assert_allclose(new[6:], 80, rtol=0.05)
    assert method(plan, "i001") == "new_item"
    size = (new[6:].sum() ** 2) / plan.forecast.filter(pl.col("item_id") == "i001")["variance_qty2"][-1]
    assert size == pytest.approx(10, rel=0.1)


def test_own_sales_move_a_successor_off_what_it_inherited():
    sales = np.full((8, WEEKS), 5.0)
    sales[0, -4:] = np.nan
    sales[0, :-4] = 20.0
    sales[1, :-4] = np.nan
    sales[1, -4:] = 40.0
    plan = company(
        sales,
        successor_item_id=["i001", *[None] * 7],
        listed_from=[None, week_day(-4), *[None] * 6],
        listed_to=[week_day(-4) - timedelta(days=1), *[None] * 7],
    )
    expected = (10 + 160) / (10 / 20 + 4)
    np.testing.assert_allclose(weekly(plan, "i001"), expected, rtol=1e-6)
    assert weekly(plan, "i000").sum() == 0


def test_predecessors_add_up_and_chains_reach_the_first_with_a_history():
    sales = np.full((8, WEEKS), 5.0)
    sales[2:5] = np.nan
    sales[0], sales[1] = 20.0, 10.0
    end = AS_OF
    plan = company(
        sales,
        successor_item_id=["i002", "i002", "i003", None, None, None, None, None],
        listed_to=[end, end, end, *[None] * 5],
    )
    np.testing.assert_allclose(weekly(plan, "i003"), 30.0, rtol=1e-6)
    assert weekly(plan, "i002").sum() == 0


def test_an_item_fades_with_what_it_sells_since_its_successor_came():
    sales = np.full((8, WEEKS), 5.0)
    sales[0], sales[0, -3:] = 20.0, 2.0
    sales[1, :-3] = np.nan
    sales[1, -3:] = 18.0
    plan = company(sales, successor_item_id=["i001", *[None] * 7], listed_from=[None, week_day(-3), *[None] * 6])
    np.testing.assert_allclose(weekly(plan, "i000"), 2.0, rtol=1e-6)


def test_an_item_that_succeeds_itself_or_nobody_known_is_an_ordinary_one():
    sales = np.full((6, WEEKS), 5.0)
    plan = company(sales, successor_item_id=["i000", "gone", "i001", "i002", None, None])
    assert set(plan.parameter["method"]) == {"seasonal_sma"}
    np.testing.assert_allclose(plan.forecast["forecast_qty"].to_numpy(), 5.0, rtol=1e-6)


def test_the_week_of_the_last_day_counts_its_selling_days():
    sales = np.full((6, WEEKS), 7.0)
    plan = company(sales, listed_to=[week_day(2) + timedelta(days=2), *[None] * 5])
    np.testing.assert_allclose(weekly(plan, "i000")[:4], [7.0, 7.0, 3.0, 0.0])


def test_thousands_of_new_items_among_thousands_take_seconds():
    import time

    from replenish.steps.forecast.new_items import new_items

    rng = np.random.default_rng(7)
    count = 12_000
    sold = rng.poisson(5.0, (count, WEEKS)).astype(float)
    sold[::5] = np.nan
    many = nodes([f"i{n:05d}" for n in range(count)], ["l"], category=[f"c/{n % 40}" for n in range(count)],
                 brand=[f"b{n % 97}" for n in range(count)], size=[f"s{n % 11}" for n in range(count)])  # fmt: skip
    many = many.with_columns(launch_week=pl.lit(None, pl.Int64), handover_week=pl.lit(None, pl.Int64))
    begun = time.perf_counter()
    found = new_items(many, sold, 26)
    assert time.perf_counter() - begun < 30
    np.testing.assert_allclose(found.weekly_qty[::5, 0], 5.0, rtol=0.3)
