"""Blocks of nodes: the same answer however they are cut."""

from __future__ import annotations

from functools import partial

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.blocks import NODE, WORTH_A_PROCESS, each_block, over_blocks
from replenish.partitions import BlockError
from replenish.settings import Compute

HERE = Compute(workers=1, block_nodes=7)
TWO = Compute(workers=2, block_nodes=100)


def total(history: pl.DataFrame, price: pl.DataFrame, *, factor: float) -> pl.DataFrame:
    """Value sold by node."""
    sold = history.group_by(NODE, maintain_order=True).agg(pl.col("qty").sum())
    return sold.join(price, on=NODE).select(*NODE, value=pl.col("qty") * pl.col("unit_price") * factor)


def as_tuple(history: pl.DataFrame, price: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """Two tables at once."""
    return history.filter(pl.col("qty") > 3), price


def turned(price: pl.DataFrame, history: pl.DataFrame) -> tuple[pl.DataFrame, ...]:
    """The same two tables the other way round."""
    return as_tuple(history, price)[::-1]


def as_dict(history: pl.DataFrame, price: pl.DataFrame, rate: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Two tables by name, one of them with a rate that is the same for all."""
    return {"sold": history, "dear": price.with_columns(unit_price=pl.col("unit_price") * rate["rate"][0])}


def refuse(history: pl.DataFrame, price: pl.DataFrame) -> pl.DataFrame:
    """A step that fails on one node, with an error that cannot travel between processes."""
    if "i00003" in history["item_id"]:
        raise StubbornError("this block", "cannot be")
    return history


class StubbornError(Exception):
    """An error that pickle cannot make again."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} {why}")


def company(nodes: int) -> dict[str, pl.DataFrame]:
    """History and prices, in no particular order of nodes."""
    ids = [f"i{number:05d}" for number in range(nodes)]
    history = pl.DataFrame({"item_id": ids * 3, "location_id": "x", "qty": [float(n % 7) for n in range(nodes * 3)]})
    price = pl.DataFrame({"item_id": ids, "location_id": "x", "unit_price": [1.0 + n % 3 for n in range(nodes)]})
    return {"history": history, "price": price}


@pytest.mark.parametrize("block_nodes", [1, 7, 2000])
def test_the_answer_does_not_depend_on_the_blocks(block_nodes: int) -> None:
    frames = company(50)
    step = partial(total, factor=2.0)
    whole = step(**frames)
    assert over_blocks(step, frames, Compute(workers=1, block_nodes=block_nodes)).equals(whole)
    in_order = {name: frame.sort(NODE, maintain_order=True) for name, frame in frames.items()}
    assert over_blocks(step, in_order, Compute(workers=1, block_nodes=block_nodes)).equals(whole)


def test_rows_of_other_nodes_are_left_out_and_rows_keep_their_order() -> None:
    frames = company(20)
    asked = frames["price"].filter(pl.col("item_id") > "i00004")
    shuffled = asked.sample(fraction=1.0, shuffle=True, seed=1)
    dear, sold = over_blocks(turned, {"price": shuffled, "history": frames["history"]}, HERE)
    assert dear.sort(NODE).equals(asked)
    wanted = frames["history"].filter((pl.col("item_id") > "i00004") & (pl.col("qty") > 3))
    assert sold.sort(NODE, maintain_order=True).equals(wanted.sort(NODE, maintain_order=True))


@given(
    rows=st.lists(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("xyz"), st.integers(0, 99)), min_size=1),
    block_nodes=st.integers(1, 30),
)
def test_every_row_goes_to_the_block_of_its_node_and_keeps_its_place(
    rows: list[tuple[str, str, int]], block_nodes: int
) -> None:
    """Law: any table, in any order and with any repeats, comes back whole, node by node in its own order."""
    table = pl.DataFrame(rows, schema=["item_id", "location_id", "qty"], orient="row")
    # a dictionary of what it is given is a step that changes nothing
    blocks = list(each_block(dict, {"table": table}, Compute(workers=1, block_nodes=block_nodes)))
    assert pl.concat([block["table"].sort(NODE, maintain_order=True) for block in blocks]).equals(
        table.sort(NODE, maintain_order=True)
    )
    assert [block["table"].select(NODE).n_unique() for block in blocks[:-1]] == [block_nodes] * (len(blocks) - 1)


@pytest.mark.parametrize("compute", [HERE, TWO], ids=["one", "two"])
def test_a_step_may_answer_with_several_tables_and_be_told_what_all_blocks_share(compute: Compute) -> None:
    frames, rate = company(WORTH_A_PROCESS), pl.DataFrame({"rate": [3.0]})
    sold, price = over_blocks(as_tuple, frames, compute)
    wanted = frames["history"].filter(pl.col("qty") > 3)
    assert sold.sort(NODE, maintain_order=True).equals(wanted.sort(NODE, maintain_order=True))
    assert price.equals(frames["price"])
    found = over_blocks(as_dict, frames, compute, shared={"rate": rate})
    assert list(found) == ["sold", "dear"]
    assert found["dear"]["unit_price"].to_list() == (frames["price"]["unit_price"] * 3.0).to_list()


@pytest.mark.parametrize("compute", [HERE, TWO], ids=["one", "two"])
def test_no_nodes_give_the_empty_answer_with_its_columns(compute: Compute) -> None:
    frames = {name: frame.clear() for name, frame in company(2).items()}
    assert over_blocks(partial(total, factor=1.0), frames, compute).columns == ["item_id", "location_id", "value"]


@pytest.mark.parametrize("compute", [HERE, TWO], ids=["one", "two"])
def test_an_error_in_a_block_reaches_the_caller_with_its_words_and_its_block(compute: Compute) -> None:
    nodes, of = (compute.block_nodes, -(-WORTH_A_PROCESS // compute.block_nodes))
    wanted = rf"block 1 of {of} \(i00000 at x; i{nodes - 1:05d} at x\): StubbornError: this block cannot be"
    with pytest.raises(BlockError, match=wanted) as caught:
        over_blocks(refuse, company(WORTH_A_PROCESS), compute)
    assert 'raise StubbornError("this block", "cannot be")' in "".join(caught.value.__cause__.__notes__)
