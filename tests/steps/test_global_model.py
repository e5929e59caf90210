from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from replenish.steps.forecast import fit_global
from replenish.tables.plan import Baseline, Member
from tests.steps.demand_world import KEY, nodes


def weeks_of(weekly):
    """plan.baseline and core.node of nodes with these ordinary weeks, newest last."""
    count, weeks = weekly.shape
    node = nodes([f"i{n:03d}" for n in range(count)], ["l"])
    base = node.select(KEY).join(pl.DataFrame({"week_index": range(-weeks, 0)}), how="cross")
    base = base.with_columns(
        baseline_qty=pl.Series(weekly.ravel()).fill_nan(None),
        estimate_variance_qty2=pl.lit(0.0),
        is_censored=pl.lit(False),
    )
    return Baseline.cast(base.select(Baseline.column_names())), node


def told(weekly, horizon=4):
    member = fit_global(*weeks_of(weekly), horizon_weeks=horizon)
    Member.validate(member)
    return member


def by_item(member):
    return {
        item: rows["member_qty"].to_numpy() for (item,), rows in member.partition_by("item_id", as_dict=True).items()
    }


def test_one_model_learns_what_nodes_have_in_common():
    rng = np.random.default_rng(1)
    phase = rng.integers(0, 8, 60)[:, None]
    level = rng.uniform(5, 200, 60)[:, None]
    mean = level * np.where((np.arange(112) + phase) % 8 < 4, 0.5, 1.5)  # a rhythm of eight weeks, which no mean sees
    ahead = by_item(told(rng.poisson(mean[:, :108]).astype(float), horizon=3))
    got = np.stack([ahead[f"i{n:03d}"] for n in range(60)])
    flat = np.repeat(level, 4, axis=1)
    assert np.abs(got - mean[:, 108:]).sum() < 0.5 * np.abs(flat - mean[:, 108:]).sum()


def test_the_same_weeks_give_the_same_bytes_with_any_number_of_threads(tmp_path):
    base, node = weeks_of(np.random.default_rng(2).poisson(6, (50, 80)).astype(float))
    base.write_parquet(tmp_path / "base")
    node.write_parquet(tmp_path / "node")
    code = (
        "import polars as pl, hashlib, sys; from replenish.steps.forecast import fit_global;"
        "member = fit_global(*(pl.read_parquet(file) for file in sys.argv[1:]), horizon_weeks=4);"
        "print(hashlib.sha256(member['member_qty'].to_numpy().tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", code, tmp_path / "base", tmp_path / "node"]
    seen = set()
    for threads in ("1", "2"):
        many = os.environ | {"OMP_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads}
        seen.add(subprocess.run(command, env=many, capture_output=True, text=True, check=True).stdout)
    assert len(seen) == 1


def test_missing_weeks_are_not_demand_of_nothing():
    rng = np.random.default_rng(3)
    weekly = rng.poisson(20, (40, 100)).astype(float)
    gappy = weekly.copy()
    gappy[:20, 40:60] = np.nan
    gappy[:20, -3:] = np.nan
    ahead = by_item(told(gappy))
    assert np.mean([ahead[f"i{n:03d}"].mean() for n in range(20)]) == pytest.approx(20, rel=0.1)


def test_every_node_that_sold_lately_is_told_and_no_other():
    rng = np.random.default_rng(4)
    weekly = rng.poisson(3, (6, 80)).astype(float)
    weekly[0] = 0.0  # never sold
    weekly[1, 20:] = 0.0  # dead
    weekly[2, :-7] = np.nan  # too young
    weekly[3, :-8] = np.nan  # just old enough
    weekly[4] = 5.0
    assert set(by_item(told(weekly))) == {"i003", "i004", "i005"}
    assert fit_global(*weeks_of(weekly[:3]), horizon_weeks=4).is_empty()


def test_a_huge_spike_stays_the_trouble_of_its_own_node():
    rng = np.random.default_rng(5)
    weekly = rng.poisson(10, (40, 80)).astype(float)
    spiked = weekly.copy()
    spiked[0, 40] = 1e12
    ahead = by_item(told(spiked))
    others = np.concatenate([ahead[f"i{n:03d}"] for n in range(1, 40)])
    assert others.mean() == pytest.approx(10, rel=0.15)
    assert others.max() < 30
