"""Which nodes are worth following: in most of a shop's network plan.peg says it all."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.steps.panel import KEY, Bools, Ints

DEPENDANT = ["dependant_item_id", "dependant_location_id"]


def chains(
    peg: pl.DataFrame, uses: pl.DataFrame, node: pl.DataFrame, arc: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Nodes to be shown, and with them all nodes that depend on them, whose pegs lead to the customers.

    `uses` says who takes from whom: nodes and their dependants. Shown are what is made and all it is made of, and what
    nodes with customer orders are supplied from.
    """
    numbered = node.select(*KEY, row=pl.int_range(pl.len()))
    made = arc.filter((pl.col("arc_rank") == 1) & (pl.col("kind") == "make"))
    sold = peg.filter(pl.col("demand_kind") == "sales_order")
    source, dependant = _pairs(uses, numbered)
    is_made, is_sold = _marked(numbered, made), _marked(numbered, sold)
    wanted = _spread(is_made | is_sold, dependant, source)
    supplied = np.zeros(numbered.height, dtype=bool)
    supplied[source[wanted[dependant]]] = True
    shown = is_made | supplied
    needed = _spread(shown, source, dependant)
    return node.select(KEY).filter(pl.Series(shown)), node.select(KEY).filter(pl.Series(needed))


def _pairs(uses: pl.DataFrame, numbered: pl.DataFrame) -> tuple[Ints, Ints]:
    """Rows of nodes that supply, and of the nodes that they supply."""
    named = dict(zip((*KEY, "row"), (*DEPENDANT, "dependant"), strict=True))
    pairs = uses.select(*KEY, *DEPENDANT).unique().join(numbered, on=KEY, how="inner")
    pairs = pairs.join(numbered.rename(named), on=DEPENDANT, how="inner")
    return pairs["row"].cast(pl.Int64).to_numpy(), pairs["dependant"].cast(pl.Int64).to_numpy()


def _marked(numbered: pl.DataFrame, rows: pl.DataFrame) -> Bools:
    found = numbered.join(rows.select(KEY).unique(), on=KEY, how="semi")["row"].to_numpy()
    marked = np.zeros(numbered.height, dtype=bool)
    marked[found] = True
    return marked


def _spread(marked: Bools, of: Ints, to: Ints) -> Bools:
    """Marks passed on along the pairs `of` -> `to` until nothing changes: once a level."""
    marked = marked.copy()
    while (fresh := to[marked[of] & ~marked[to]]).size:
        marked[fresh] = True
    return marked
