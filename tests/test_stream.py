"""Tables read and written in blocks of nodes: the same rows however they are cut, and all of them or none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.stream import Stream
from replenish.tables import core, plan
from replenish.warehouse import Warehouse
from tests.steps import demand_world as world

KILLED_MIDWAY = """
import os, signal, sys
from pathlib import Path
from replenish.stream import Stream
from replenish.tables import plan
from replenish.warehouse import Warehouse

def parts(stream):
    for number, (found,) in enumerate(stream.read(plan.Availability)):
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        yield [found]

with Warehouse(Path(sys.argv[1])) as house:
    stream = Stream(house, 1)
    stream.write((plan.Availability,), parts(stream))
"""


def available(node: pl.DataFrame, buckets: int = 3) -> pl.DataFrame:
    return node.select("item_id", "location_id").with_columns(
        history_buckets=pl.lit(buckets, pl.Int32), is_identified=pl.lit(value=True), weekday_rates=pl.lit([1.0] * 7)
    )


def filled(house: Warehouse, items: list[str], locations: list[str]) -> pl.DataFrame:
    node = world.nodes(items, locations)
    house.create([core.Node, plan.Availability])
    house.write(core.Node, node)
    house.write(plan.Availability, available(node))
    return node


def read_back(stream: Stream) -> list[pl.DataFrame]:
    return [found for _, found in stream.read(core.Node, plan.Availability)]


@pytest.mark.parametrize("size", [1, 7, 2000])
def test_blocks_are_consecutive_nodes_and_leave_none_out(size: int) -> None:
    with Warehouse() as house:
        node = filled(house, ["a", "b", "c"], ["l1", "l2", "l3", "l4", "l5"])
        parts = read_back(Stream(house, size))
        assert [one.height for one in parts] == [min(size, 15 - at) for at in range(0, 15, size)]
        assert pl.concat(parts).equals(available(node))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), unique=True, max_size=6),
    st.integers(1, 9),
)
def test_names_of_any_kind_are_found_in_their_block(names: list[str], size: int) -> None:
    with Warehouse() as house:
        filled(house, names, ["'", "l", "ü~"])
        parts = read_back(Stream(house, size))
        assert pl.concat(parts).equals(house.read(plan.Availability))
        assert all(one.height == size for one in parts[:-1])


def test_a_table_may_be_read_while_it_is_replaced_and_is_there_at_once() -> None:
    with Warehouse() as house:
        node = filled(house, ["a", "b"], ["l1", "l2", "l3"])
        stream = Stream(house, 2)
        more = ([found.with_columns(history_buckets=pl.lit(9))] for (found,) in stream.read(plan.Availability))
        stream.write((plan.Availability,), more)
        assert house.read(plan.Availability).equals(available(node, 9))
        assert house.query("select count(*) as n from plan.availability").item() == 6
        assert house.table_names("plan") == ["plan.availability"]


def test_several_tables_are_written_side_by_side() -> None:
    with Warehouse() as house:
        node = filled(house, ["a", "b"], ["l1", "l2", "l3"])
        week = node.select("item_id", "location_id").with_columns(
            week_index=pl.lit(-1, pl.Int32),
            baseline_qty=2.0,
            estimate_variance_qty2=0.0,
            is_censored=pl.lit(value=False),
        )
        parts = [(available(node[at : at + 4], 5), week[at : at + 4]) for at in (0, 4)]
        Stream(house, 4).write((plan.Availability, plan.Baseline), parts)
        assert house.read(plan.Availability).equals(available(node, 5))
        assert house.read(plan.Baseline).equals(week)


def test_an_empty_company_has_one_empty_block() -> None:
    with Warehouse() as house:
        filled(house, [], [])
        (found,) = read_back(Stream(house, 3))
        assert found.is_empty()


def test_an_error_midway_leaves_the_tables_as_they_were() -> None:
    with Warehouse() as house:
        node = filled(house, ["a", "b"], ["l1", "l2", "l3"])
        stream = Stream(house, 2)
        broken = ([found.drop("history_buckets") if at else found] for at, (found,) in enumerate(_twice(stream)))
        with pytest.raises(ValueError, match="missing columns"):
            stream.write((plan.Availability,), broken)
        assert house.read(plan.Availability).equals(available(node))
        assert house.table_names("plan") == ["plan.availability"]


def test_a_kill_midway_leaves_the_tables_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with Warehouse(file) as house:
        node = filled(house, ["a", "b"], ["l1", "l2", "l3"])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", KILLED_MIDWAY, file], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    with Warehouse(file) as house:
        assert house.read(plan.Availability).equals(available(node))
        assert house.table_names("plan") == ["plan.availability"]


def _twice(stream: Stream) -> list[tuple[pl.DataFrame]]:
    return list(stream.read(plan.Availability))
