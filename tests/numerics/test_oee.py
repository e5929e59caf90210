from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.oee import effectiveness
from tests.golden_cases import assert_golden, golden

PARTS = ("planned_hours", "run_hours", "good_qty", "scrap_qty", "ideal_qty_per_hour")


def measured(inputs, group=None):
    rows = [np.atleast_1d(np.asarray(inputs.get(name, 0.0), dtype=np.float64)) for name in PARTS]
    rows = [np.broadcast_to(one, rows[0].shape).copy() for one in rows]
    group = np.zeros(rows[0].size, np.int64) if group is None else np.asarray(group, dtype=np.int64)
    return effectiveness(*rows, group, int(group.max()) + 1)


@pytest.mark.parametrize("name", ["oee", "oee_many_rows"])
def test_golden(name):
    inputs, expected, tolerance = golden("capacity", name)
    told = measured(inputs)._asdict()
    for rate, value in expected.items():
        assert_golden(told[rate.removesuffix("_rate")], [value], tolerance)


def test_golden_edges_each_row_alone():
    inputs, expected, tolerance = golden("capacity", "oee_edges")
    told = measured(inputs, group=[0, 1])
    assert_golden(told.oee, expected["oee_rate"], tolerance)
    assert np.isnan(told.performance).all()
    assert np.isnan(told.quality).all()


def test_performance_above_one_is_kept():
    assert (
        measured({"planned_hours": 8, "run_hours": 4, "good_qty": 1000, "ideal_qty_per_hour": 200}).performance == 1.25
    )


def test_rows_without_an_ideal_rate_count_for_availability_and_for_quality_where_none_has_one():
    rows = {"planned_hours": [8, 8], "run_hours": [4, 8], "good_qty": [300, 90], "scrap_qty": [100, 10]}
    some = measured(rows | {"ideal_qty_per_hour": [100, np.nan]})
    assert (some.availability, some.performance, some.quality, some.oee) == (0.75, 1.0, 0.75, 0.375)
    none = measured(rows | {"ideal_qty_per_hour": [0, np.nan]})
    assert none.quality == pytest.approx(390 / 500)
    assert np.isnan(none.oee)


HOURS = st.floats(0.1, 24)
UNITS = st.floats(0, 1000)


@given(st.lists(st.tuples(HOURS, HOURS, UNITS, UNITS, st.floats(0.1, 500)), min_size=1, max_size=12))
def test_the_three_parts_multiply_to_the_whole_and_the_order_of_rows_is_nothing(rows):
    table = np.array(rows).T
    told = measured(dict(zip(PARTS, table, strict=True)))
    product = told.availability * told.performance * told.quality
    if (table[2] + table[3]).sum() > 1e-6:
        assert told.oee == pytest.approx(product, rel=1e-9)
    again = measured(dict(zip(PARTS, table[:, ::-1], strict=True)))
    assert again.oee == pytest.approx(told.oee, rel=1e-9)
