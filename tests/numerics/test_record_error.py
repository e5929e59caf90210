from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.record_error import (
    TOLERANCE_SHARE,
    count_value,
    error_probability,
    expected_size,
    is_accurate,
    shrinkage_rate,
    variance_rate,
)
from replenish.numerics.silence import ghost_posterior
from tests.golden_cases import assert_golden, golden


def test_count_tolerance_and_accuracy_are_the_worked_ones():
    inputs, expected, _ = golden("records", "count_tolerance")
    share = np.array([TOLERANCE_SHARE[one] for one in inputs["abc"]])
    got = is_accurate(np.array(inputs["book_qty"], float), np.array(inputs["counted_qty"], float), share)
    assert got.tolist() == expected["accurate"]
    inputs, expected, tolerance = golden("records", "record_accuracy")
    book, counted = np.array(inputs["book_qty"], float), np.array(inputs["counted_qty"], float)
    assert_golden(is_accurate(book, counted, inputs["tolerance"]).mean(), expected["accuracy_rate"], tolerance)


def test_value_of_a_count_is_the_worked_one():
    inputs, expected, tolerance = golden("records", "count_value")
    ghost = inputs["ghost_probability"] * inputs["daily_margin"] * inputs["days_to_correction"]
    names = ("error_probability", "unit_cost", "expected_abs_error_qty")
    rest = [np.array(inputs[name]) for name in names]
    assert_golden(count_value(np.array(ghost), *rest, inputs["count_cost"]), expected["value"], tolerance)


def test_rates_are_found_again_in_drawn_counts_and_few_counts_say_little():
    rng = np.random.default_rng(7)
    moved = rng.uniform(50, 500, 4000)
    group = (np.arange(4000) % 2).astype(np.int64)
    true = np.array([0.02, 0.08])
    error = rng.normal(-0.01 * moved, np.sqrt(true[group] * moved))
    pure = error + 0.01 * moved
    got = variance_rate(pure, moved, group, 2)
    assert np.all(np.abs(got / true - 1.0) < 4 * np.sqrt(2 / 2000) + 0.01)
    lost = shrinkage_rate(error, moved, group, 2)
    spread = np.sqrt(true / (2000 * moved.mean()))
    assert np.all(np.abs(lost - 0.01) < 4 * spread + 1e-4)
    none = np.zeros(0)
    assert variance_rate(none, none, np.zeros(0, np.int64), 1).tolist() == [0.002]
    assert shrinkage_rate(none, none, np.zeros(0, np.int64), 1).tolist() == [0.0]


def test_chance_and_size_of_an_error_are_those_of_drawn_ones():
    rng = np.random.default_rng(3)
    drawn = rng.normal(0.0, 2.0, 200_000)
    chance = error_probability(np.array([2.0, 0.0]), np.array([100.0, 100.0]), np.array([0.01, 0.01]))
    share = (np.abs(drawn) > 1.0).mean()
    assert abs(chance[0] - share) < 4 * np.sqrt(share * (1 - share) / drawn.size)
    assert chance[1] == 0.0
    size = np.abs(drawn)
    assert abs(expected_size(np.array([2.0]))[0] - size.mean()) < 4 * size.std() / np.sqrt(drawn.size)


def test_false_alarms_of_silence_are_as_rare_as_said():
    rng = np.random.default_rng(11)
    runs, days, rate, prior = 100_000, 10, 0.35, 0.2
    silence = np.exp(-rate * days)
    empty = rng.random(runs) < prior
    silent = empty | (rng.poisson(rate, (runs, days)).sum(axis=1) == 0)
    alarm = silent[~empty].mean()
    assert abs(alarm - silence) < 4 * np.sqrt(silence * (1 - silence) / (~empty).sum())
    told, seen = ghost_posterior(np.array([silence]), prior)[0], empty[silent].mean()
    assert told == pytest.approx(seen, abs=4 * np.sqrt(told * (1 - told) / silent.sum()))
