"""Blocks of nodes: the same answer however they are cut and whoever computes them."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from replenish.blocks import WORTH_A_PROCESS, over_blocks


def total(history: pl.DataFrame, price: pl.DataFrame, *, factor: float) -> pl.DataFrame:
    """Value sold by node."""
    node = ["item_id", "location_id"]
    sold = history.group_by(node, maintain_order=True).agg(pl.col("qty").sum())
    return sold.join(price, on=node).select(*node, value=pl.col("qty") * pl.col("unit_price") * factor)


def refuse(history: pl.DataFrame, price: pl.DataFrame) -> pl.DataFrame:
    """A step that fails."""
    raise ArithmeticError("this block cannot be")


def company(nodes: int) -> dict[str, pl.DataFrame]:
    ids = [f"i{number:05d}" for number in range(nodes)]
    history = pl.DataFrame({"item_id": ids * 3, "location_id": "x", "qty": [float(n % 7) for n in range(nodes * 3)]})
    price = pl.DataFrame({"item_id": ids, "location_id": "x", "unit_price": [1.0 + n % 3 for n in range(nodes)]})
    return {"history": history.sort("item_id"), "price": price}


@pytest.mark.parametrize("block_nodes", [1, 7, 2000])
def test_the_answer_does_not_depend_on_the_blocks(block_nodes: int) -> None:
    frames = company(50)
    step = partial(total, factor=2.0)
    assert over_blocks(step, frames, 1, block_nodes).equals(step(**frames))


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(3)], ids=["processes", "threads"])
def test_the_answer_does_not_depend_on_who_computes_it(executor: Executor | None) -> None:
    frames = company(WORTH_A_PROCESS + 11)
    step = partial(total, factor=0.1)
    assert over_blocks(step, frames, 2, 100, executor).equals(step(**frames))


def test_no_nodes_give_the_empty_answer_with_its_columns() -> None:
    frames = {name: frame.clear() for name, frame in company(2).items()}
    assert over_blocks(partial(total, factor=1.0), frames, 1, 10).columns == ["item_id", "location_id", "value"]


def test_an_error_in_a_block_reaches_the_caller() -> None:
    with pytest.raises(ArithmeticError, match="cannot be"):
        over_blocks(refuse, company(3), 1, 2)
    with pytest.raises(RuntimeError, match="ArithmeticError: this block cannot be"):
        over_blocks(refuse, company(WORTH_A_PROCESS), 2, 1000)


def test_a_plain_script_without_a_guard_may_use_all_cores(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tests.test_blocks import WORTH_A_PROCESS, company, over_blocks, partial, total\n"
        "print(over_blocks(partial(total, factor=1.0), company(WORTH_A_PROCESS), 2, 300).height)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), *sys.path]))}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.split() == [str(WORTH_A_PROCESS)], done.stderr
