"""What changed since an earlier night of the made-up company."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.tables import core, plan
from tests.reporting.rows import filled

CHANGED = 20  # nodes, hostile names among them


def change_tables(key: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Three causes a changed node, in turn grown, shrunk, appeared and vanished; one message gone."""
    nodes = key.head(CHANGED)
    count = nodes.height
    turn = np.arange(count)
    before = np.where(turn % 4 == 2, 0.0, 12.0 + turn)
    now = np.select([turn % 4 == 0, turn % 4 == 1, turn % 4 == 2], [before + 6, before - 6, 18.0], 0.0)
    change = now - before
    parts = {"on_hand": 3.0 + turn % 5, "sales": change - 3.0 - turn % 5 + 1.0, "rounding": np.full(count, -1.0)}
    word = np.array(["grown", "shrunk", "appeared", "vanished"])[turn % 4]
    rows = [
        filled(
            plan.Change,
            item_id=nodes["item_id"],
            location_id=nodes["location_id"],
            cause=[cause] * count,
            proposal_id=[f"P{one}" for one in turn],
            kind=["purchase"] * count,
            source_id=["<b>"] * count,
            previous_qty=before,
            qty=now,
            change_qty=change,
            part_qty=part,
            change_value=2.5 * change,
            part_value=2.5 * part,
            movement=word,
            is_rerun=[True] * count,
            explanation=[f"{name} changed: of newer sales and <b>stock</b>." for name in nodes["item_id"]],
        )
        for cause, part in parts.items()
    ]
    gone = filled(
        core.PreviousProposal,
        proposal_id=["gone"],
        action=["CANCEL"],
        item_id=nodes["item_id"].head(1),
        location_id=nodes["location_id"].head(1),
        existing_order_id=["<i>4711</i>"],
        qty=[0.0],
    )
    return {"plan.change": pl.concat(rows).sort(plan.Change.primary_key()), "core.previous_proposal": gone}
