from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from replenish.steps.audit import audit
from replenish.steps.learn_counts import learn_counts
from replenish.steps.season import season
from replenish.steps.unconstrain import sales_pools, seen_sales, unconstrain
from replenish.tables.core import CountLine, Node
from replenish.tables.plan import Demand
from tests.steps import demand_world as world
from tests.steps.demand_world import AS_OF, buckets, events, history, no_events, nodes, position

NO_COUNTS = CountLine.create_empty()


def inputs_of(past, node, bucket, stock=None, event=None):
    stock = position(node, [0.0] * node.height) if stock is None else stock
    record = audit(past, stock, Node.create_empty(), NO_COUNTS, learn_counts(NO_COUNTS), bucket)
    event = no_events() if event is None else event
    return past, node, record, season([(past, node, event)], record, bucket), event, bucket


def demand_of(past, node, bucket, stock=None, event=None, seed=1, as_of=AS_OF):
    found, _, _ = world.demand_of(*inputs_of(past, node, bucket, stock, event), seed=seed, as_of=as_of)
    Demand.validate(found)
    return found


def test_sold_out_demand_is_recovered():
    rng = np.random.default_rng(2)
    node, bucket = nodes([f"i{n:03d}" for n in range(200)], ["l"]), buckets(60, 2)
    wanted = rng.negative_binomial(3, 3 / 13, (200, 60)).astype(float)
    shelf = np.maximum(rng.poisson(12, wanted.shape), 1).astype(float)
    sold = np.minimum(wanted, shelf)
    found = demand_of(history(node, bucket, sold, opening_qty=shelf, closing_qty=shelf - sold), node, bucket)
    assert sold.mean() < 0.85 * wanted.mean()
    assert found["demand_qty"].mean() == pytest.approx(wanted.mean(), rel=0.04)
    hidden = found.filter(pl.col("state") == "censored")
    assert hidden["is_estimate"].all()
    assert (hidden["estimate_variance_qty2"] > 0).all()
    assert (hidden["lost_sales_qty"] - (hidden["demand_qty"] - hidden["sales_qty"])).abs().max() < 1e-9
    seen = found.filter(pl.col("state") == "full")
    assert (seen["demand_qty"] == seen["sales_qty"]).all()
    assert seen["lost_sales_qty"].sum() == 0


def test_each_state_and_what_becomes_of_it():
    node, bucket = nodes(["a"], ["l"], shortage_cost=3.0), buckets(5, 1)
    past = history(
        node, bucket, np.array([[4.0, 0.0, 6.0, 4.0, 3.0]]),
        opening_qty=np.array([[9.0, 0.0, 9.0, np.nan, 3.0]]), closing_qty=np.array([[5.0, 0.0, 3.0, np.nan, 0.0]]),
        in_stock_share=np.array([[np.nan, np.nan, np.nan, 0.5, np.nan]]),
    )  # fmt: skip
    found = demand_of(past, node, bucket)
    assert found["state"].to_list() == ["full", "missing", "full", "partial", "censored"]
    assert found["demand_qty"].to_list()[:3] == found["demand_sample_qty"].to_list()[:3] == [4.0, None, 6.0]
    # what the half bucket sold, and half of what a bucket of this node sells; the node sells about as much everywhere
    assert found["demand_qty"][3] == pytest.approx(4 + 5.4 / 2, abs=0.3)
    assert found["demand_qty"][4] > 5
    assert found["is_estimate"].to_list() == [False, False, False, True, True]
    assert found["exposure_rate"].to_list() == [1.0, 0.0, 1.0, 0.5, 1.0]
    assert found["lost_sales_qty"].to_list()[:3] == [0.0, 0.0, 0.0]
    assert (found["lost_sales_value"] - 3.0 * found["lost_sales_qty"]).abs().max() < 1e-9
    assert (found["lost_sales_low_value"] <= found["lost_sales_value"]).all()
    assert (found["lost_sales_high_value"].to_numpy()[3:] > found["lost_sales_value"].to_numpy()[3:]).all()


def test_a_shelf_that_ran_empty_early_says_what_it_sold():
    node, bucket = nodes(["a"], ["l"]), buckets(30, 1)
    share = np.full((1, 30), 1.0)
    share[0, -2:] = 0.2
    found = demand_of(history(node, bucket, np.array([[10.0] * 28 + [30.0, 0.0]]), in_stock_share=share), node, bucket)
    assert found["state"].to_list()[-3:] == ["full", "censored", "missing"]
    assert found["demand_qty"][-2] > 30
    assert found["exposure_rate"][-2] == pytest.approx(0.2)


def test_time_closed_is_not_lost():
    node, bucket = nodes(["a"], ["l"]), buckets(8, 1)
    share = np.ones((1, 8))
    share[0, 5] = 3 / 7
    found = demand_of(history(node, bucket, np.array([[7.0] * 5 + [3.0, 7.0, 7.0]]), open_share=share), node, bucket)
    assert found["demand_qty"][5] == pytest.approx(7.0)
    assert found["lost_sales_qty"].sum() == 0
    assert found["lost_sales_high_value"].sum() == 0
    assert found["demand_sample_qty"][5] >= 3
    assert found["demand_sample_qty"][5] % 1 == 0


def hidden_world(count=60, weights=False):
    """A year of days; four in ten sold out."""
    rng = np.random.default_rng(12)
    node, bucket = nodes([f"i{n:03d}" for n in range(count)], ["l"], is_continuous=weights), buckets(52, 1, days=1)
    shape = (count, 364)
    wanted = rng.gamma(3, 2.0, shape) if weights else rng.negative_binomial(2, 2 / 12, shape).astype(float)
    shelf = rng.gamma(5, 1.5, shape) if weights else np.maximum(rng.poisson(9, shape), 1).astype(float)
    sold = np.minimum(wanted, shelf)
    return wanted, history(node, bucket, sold, opening_qty=shelf, closing_qty=shelf - sold), node, bucket


@pytest.mark.parametrize("weights", [False, True])
def test_samples_restore_the_variance_that_means_shrink(weights):
    """Monte-Carlo over 22,000 days, four in ten of them sold out."""
    wanted, past, node, bucket = hidden_world(weights=weights)
    found = demand_of(past, node, bucket)
    sample, mean = found["demand_sample_qty"].to_numpy(), found["demand_qty"].to_numpy()
    assert (found["state"] == "censored").mean() > 0.3
    assert sample.mean() == pytest.approx(wanted.mean(), rel=0.02)
    assert sample.var() == pytest.approx(wanted.var(), rel=0.05)
    assert mean.var() < 0.88 * wanted.var()
    hidden = (found["state"] == "censored").to_numpy()
    assert (sample[~hidden] == mean[~hidden]).all()
    assert (sample[hidden] >= found["sales_qty"].to_numpy()[hidden]).all()
    assert weights or (sample % 1 == 0).all()


def test_the_interval_of_lost_sales_holds_nine_in_ten():
    wanted, past, node, bucket = hidden_world()
    found = demand_of(past, node, bucket)
    hidden = (found["state"] == "censored").to_numpy()
    lost = (wanted.ravel() - found["sales_qty"].to_numpy())[hidden]
    low, high = (found[f"lost_sales_{end}_value"].to_numpy()[hidden] for end in ("low", "high"))
    assert (lost <= high).mean() == pytest.approx(0.95, abs=0.02)
    assert (lost < low).mean() < 0.06
    assert found["lost_sales_value"].sum() == pytest.approx(lost.sum(), rel=0.08)


def test_a_node_draws_the_same_whatever_lies_beside_it():
    _, past, node, bucket = hidden_world(count=12)
    event = events([(f"i{n:03d}", "l", -5, "promo", "promotion", None, 1.0) for n in range(12)])
    past, node, record, season_index, event, bucket = inputs_of(past, node, bucket, event=event)

    def run(size, seed):
        items = sorted(node["item_id"])
        blocks = [
            [frame.filter(pl.col("item_id").is_in(items[at : at + size])) for frame in (past, node, event)]
            for at in range(0, len(items), size)
        ]
        rest = (record, season_index, bucket)
        pools = sales_pools(seen_sales(*block, *rest) for block in blocks)
        parts = [unconstrain(*block, *rest, **pools, seed=seed, as_of=AS_OF) for block in blocks]
        return [pl.concat(tables) for tables in zip(*parts, strict=True)]

    one, effect = run(12, 1)
    for size in (1, 5):
        demand, part = run(size, 1)
        assert demand.equals(one)
        assert part.equals(effect)
    other, _ = run(12, 2)
    assert not other["demand_sample_qty"].equals(one["demand_sample_qty"])
    assert other["demand_qty"].equals(one["demand_qty"])


def gap_world(sales):
    node, bucket = nodes(["a"], ["l"]), buckets(len(sales), 1)
    return demand_of(history(node, bucket, np.array([sales], dtype=float)), node, bucket)["state"].to_list()


def test_a_gap_in_the_listing_is_missing_not_zero():
    assert gap_world([5.0, 6.0] * 20 + [0.0] * 12 + [4.0, 6.0] * 10) == ["full"] * 40 + ["missing"] * 12 + ["full"] * 20


def test_weeks_without_stock_are_missing_however_they_came_about():
    """Taken off the shelf for a quarter, and for good half a year ago: neither says that nobody wants it."""
    node, bucket = nodes(["a", "b"], ["l"]), buckets(60, 1)
    sales, stock = np.full((2, 60), 1.0), np.full((2, 60), 9.0)
    for row, off in ((0, slice(20, 33)), (1, slice(34, 60))):
        sales[row, off], stock[row, off] = 0.0, 0.0
    opening = np.where(sales > 0, stock + 1, 0.0)
    found = demand_of(history(node, bucket, sales, opening_qty=opening, closing_qty=stock), node, bucket)
    gone = found.filter(pl.col("demand_qty").is_null())
    assert gone["state"].unique().to_list() == ["missing"]
    assert gone.group_by("item_id").len().sort("item_id")["len"].to_list() == [13, 26]
    assert (found.drop_nulls("demand_qty")["demand_qty"] == 1).all()


@pytest.mark.parametrize(
    "sales",
    [
        [5.0, 6.0] * 20 + [0.0] * 12,  # the end: a dead item, or its end date
        [0.0] * 12 + [5.0, 6.0] * 20,  # listed, not yet wanted
        [5.0, 6.0] * 20 + [0.0] * 7 + [5.0, 6.0] * 10,  # too short
        ([1.0] + [0.0] * 9) * 10,  # a slow item
        [9.0] * 30 + [0.0] * 22 + [9.0] * 30 + [0.0] * 22 + [9.0] * 30,  # a season of its own
        [40.0] + [0.0] * 30 + [1.0] * 5 + [30.0] * 2,  # hardly sold before
        ([0.0] * 6 + [30.0]) * 4 + [0.0] * 9 + ([0.0] * 6 + [30.0]) * 4,  # lumpy
    ],
    ids=["end", "beginning", "short", "slow", "season", "rare", "lumpy"],
)  # fmt: skip
def test_zeros_that_the_rate_explains_stay_zeros(sales):
    assert set(gap_world(sales)) == {"full"}


def test_ghost_weeks_are_missing_not_zero():
    node, bucket = nodes(["a"], ["l"]), buckets(40, 1)
    sales = np.array([[5.0] * 30 + [0.0] * 10])
    stock = np.full(sales.shape, 8.0)
    past = history(node, bucket, sales, opening_qty=stock, closing_qty=stock)
    found = demand_of(past, node, bucket, position(node, [8.0]))
    assert found["state"].to_list() == ["full"] * 30 + ["missing"] * 10


def test_a_weekly_closing_day_is_usual_and_a_holiday_is_not():
    node, bucket = nodes(["a"], ["l"]), buckets(8, 1)
    share = np.full((1, 8), 6 / 7)
    share[0, 5], share[0, 6] = 3 / 7, 0.0
    found = demand_of(history(node, bucket, np.array([[6.0] * 5 + [3.0, 0.0, 6.0]]), open_share=share), node, bucket)
    assert found["state"].to_list() == ["full"] * 5 + ["partial", "missing", "full"]
    assert found["demand_qty"].to_list() == [6.0] * 6 + [None, 6.0]


def test_closure_events_empty_their_buckets():
    node, bucket = nodes(["a"], ["l"]), buckets(6, 1)
    closed = events([("a", "l", -2, "works", "closure", None, 1.0), ("a", "l", -1, "works", "closure", None, 0.5)])
    found = demand_of(history(node, bucket, np.array([[4.0, 4.0, 4.0, 4.0, 0.0, 2.0]])), node, bucket, event=closed)
    assert found["state"].to_list()[-2:] == ["missing", "partial"]
    assert found["demand_qty"][-1] == 4.0
    assert found["uplift_rate"].to_list() == [1.0] * 6


def test_past_promotions_get_their_uplift():
    rng = np.random.default_rng(4)
    node, bucket = nodes([f"i{n:02d}" for n in range(50)], ["l"]), buckets(60, 1)
    weeks = [10, 25, 40]
    mean = np.full(60, 20.0)
    mean[weeks] *= 3
    rows = [(f"i{n:02d}", "l", w - 60, f"promo{w}", "promotion", None, 1.0) for n in range(50) for w in weeks]
    found = demand_of(
        history(node, bucket, rng.poisson(mean, (50, 60)).astype(float)), node, bucket, event=events(rows)
    )
    lifted = found.filter(pl.col("bucket_index").is_in([w - 60 for w in weeks]))
    assert lifted["uplift_rate"].mean() == pytest.approx(3, rel=0.05)
    assert lifted["uplift_rate"].std() < 0.35
    assert (found.filter(~pl.col("bucket_index").is_in([w - 60 for w in weeks]))["uplift_rate"] == 1).all()


def test_a_node_that_was_always_sold_out_gets_half_as_much_again():
    node, bucket = nodes(["a"], ["l"]), buckets(4, 1)
    sold = np.array([[2.0, 3.0, 1.0, 2.0]])
    found = demand_of(history(node, bucket, sold, opening_qty=sold, closing_qty=sold * 0), node, bucket)
    assert set(found["state"]) == {"censored"}
    assert (found["demand_qty"] > found["sales_qty"]).all()


def test_weights_follow_a_gamma_law():
    rng = np.random.default_rng(8)
    node, bucket = nodes([f"i{n:03d}" for n in range(150)], ["l"], is_continuous=True), buckets(60, 1)
    wanted = rng.gamma(4, 0.5, (150, 60))
    shelf = rng.gamma(6, 0.4, wanted.shape)
    sold = np.minimum(wanted, shelf)
    found = demand_of(history(node, bucket, sold, opening_qty=shelf, closing_qty=shelf - sold), node, bucket)
    assert found["demand_qty"].mean() == pytest.approx(2.0, rel=0.04)
    assert sold.mean() < 1.75


def test_the_order_of_nodes_does_not_matter():
    rng = np.random.default_rng(9)
    node, bucket = nodes([f"i{n}" for n in range(6)], ["l"]), buckets(30, 1)
    sold = rng.poisson(4, (6, 30)).astype(float)
    shelf = np.maximum(sold, rng.poisson(6, sold.shape))
    past = history(node, bucket, sold, opening_qty=shelf, closing_qty=shelf - sold)
    whole = demand_of(past, node, bucket)
    part = demand_of(past.filter(pl.col("item_id") == "i3"), node.filter(pl.col("item_id") == "i3"), bucket)
    same = whole.filter(pl.col("item_id") == "i3")
    assert same.filter(pl.col("state") == "full").equals(part.filter(pl.col("state") == "full"))


def test_no_history_no_demand():
    node, bucket = nodes(["a"], ["l"]), buckets(4, 1)
    empty = history(node, bucket, np.ones((1, 4))).clear()
    assert demand_of(empty, node, bucket).height == 0
