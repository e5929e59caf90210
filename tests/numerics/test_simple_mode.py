"""The challenger's one formula, and orders handed up to a source."""

from __future__ import annotations

import numpy as np

from replenish.numerics.dependent_demand import add_releases, spread_mean
from replenish.numerics.projection import mean_stock_at
from replenish.numerics.simple_mode import simple_quantity
from tests.golden_cases import assert_golden, case


def test_simple_mode() -> None:
    known = case("order_engine", "simple_mode")
    given, expected = known["inputs"], known["expected"]
    forecast, receipts = (np.array([given[name]], dtype=float) for name in ("forecast_qty", "receipt_qty"))
    lead = given["lead_time_buckets"]
    stock, _ = mean_stock_at(np.array([float(given["on_hand_qty"])]), forecast, receipts, np.array([lead]), np.ones(1))
    assert stock[0] == expected["projected_stock"]
    window = (forecast[0, lead], forecast[0, lead + 1], stock[0], receipts[0, lead])
    raw = simple_quantity(*window, 1e-9, given["cover_share"])
    assert_golden(raw, expected["raw_qty"], 1e-6)
    assert_golden(simple_quantity(*window, given["pack"], given["cover_share"]), expected["order_qty"], 0)


def test_releases_add_up_at_their_source_whatever_the_blocks() -> None:
    rng = np.random.default_rng(3)
    release = rng.integers(0, 9, (4, 6, 3)).astype(np.float32)
    mean = release.mean(axis=1).astype(float)
    dependant, source, factor = np.array([0, 1, 1, 3]), np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 3.0, 0.5])
    nobody_waits = np.zeros(4, dtype=np.int64)
    whole = np.zeros((2, 6, 3), dtype=np.float32), np.zeros((2, 3))
    always = np.zeros(4, dtype=np.int64), np.full(4, 99)
    add_releases(dependant, source, factor, *always, 0, release, mean, nobody_waits, *whole)
    assert (whole[0][0] == release[0] + 2 * release[1]).all()
    assert (whole[0][1] == 3 * release[1] + np.float32(0.5) * release[3]).all()
    assert np.allclose(whole[1], whole[0].mean(axis=1))
    parts = np.zeros((2, 6, 3), dtype=np.float32), np.zeros((2, 3))
    for first in (0, 2):
        here = (dependant >= first) & (dependant < first + 2)
        block = slice(first, first + 2)
        edges = (each[here] for each in (dependant, source, factor, *always))
        add_releases(*edges, first, release[block], mean[block], nobody_waits, *parts)
    assert parts[0].tobytes() == whole[0].tobytes()
    assert parts[1].tobytes() == whole[1].tobytes()


def test_an_order_that_waits_is_taken_when_it_is_placed() -> None:
    rng = np.random.default_rng(4)
    release = rng.integers(0, 9, (1, 6, 4)).astype(np.float32)
    one, paths, mean = np.array([0]), np.zeros((1, 6, 4), dtype=np.float32), np.zeros((1, 4))
    orders = (release, release.mean(axis=1).astype(float), np.array([2]))
    add_releases(one, one, np.ones(1), one, np.array([99]), 0, *orders, paths, mean)
    assert (paths[0, :, :2] == 0).all()
    assert (paths[0, :, 2:] == release[0, :, :2]).all()
    assert np.allclose(mean[0, 2:], release[0].mean(axis=0)[:2])
    assert (mean[0, :2] == 0).all()


def test_a_netted_node_orders_alike_on_every_path() -> None:
    release = np.zeros((3, 5, 2), dtype=np.float32)
    spread_mean(np.array([1]), np.array([[4.0, 7.0, 9.0]]), release)
    assert (release[1] == [4.0, 7.0]).all()
    assert (release[[0, 2]] == 0).all()
