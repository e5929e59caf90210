from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from replenish.steps.learn_lead_time import learn_lead_time
from replenish.tables.core import ReceiptLine
from replenish.tables.plan import LeadTime
from tests.golden_cases import golden
from tests.steps.demand_world import AS_OF, arcs, nodes


def lines(rows):
    """Receipt lines from (item, location, source, age of the order in days, delay, is_received)."""
    columns = [
        {
            "order_id": f"o{k}", "line_id": "1", "kind": "buy", "item_id": item, "location_id": location,
            "source_id": source, "order_date": AS_OF - timedelta(days=age), "due_date": AS_OF - timedelta(days=age - 7),
            "ordered_qty": 10.0, "received_qty": 10.0 if received else 0.0, "delay_days": float(delay),
            "is_received": received,
        }
        for k, (item, location, source, age, delay, received) in enumerate(rows)
    ]  # fmt: skip
    frame = pl.DataFrame(columns) if columns else ReceiptLine.create_empty()
    return ReceiptLine.cast(frame.select(ReceiptLine.column_names())).sort(ReceiptLine.primary_key())


def learn(rows, arc):
    found = learn_lead_time(lines(rows), arc, as_of=AS_OF)
    LeadTime.validate(found)
    return found


def test_a_lane_with_receipts_teaches_its_law():
    node = nodes(["a", "b"], ["l"])
    found = learn([("a", "l", "s", 40, 5, True)] * 5 + [("a", "l", "s", 40, 9, True)] * 5, arcs(node))
    a, b = found.to_dicts()
    assert a["source"] == b["source"] == "receipts"
    assert b["lead_time_days"] == pytest.approx(7.0, rel=0.01)
    assert b["lead_time_sd_days"] == pytest.approx(2.0, rel=0.01)
    assert sum(a["lead_time_pmf"]) == pytest.approx(1)
    assert b["lead_time_pmf"][5] == pytest.approx(0.5, rel=0.02)
    assert len(b["lead_time_pmf"]) == 10
    assert a["observation_count"] == 10
    assert not a["is_default"]


def test_an_items_own_receipts_pull_it_from_its_lane():
    node = nodes(["late", "prompt"], ["l"])
    rows = [("late", "l", "s", 0, 20, True)] * 30 + [("prompt", "l", "s", 0, 5, True)] * 30
    late, prompt = learn(rows, arcs(node)).to_dicts()
    assert late["lead_time_days"] == pytest.approx((30 * 20 + 10 * 12.5) / 40, rel=0.01)
    assert prompt["lead_time_days"] == pytest.approx((30 * 5 + 10 * 12.5) / 40, rel=0.01)


def test_lines_still_open_make_the_law_longer():
    node = nodes(["a"], ["l"])
    received = [("a", "l", "s", 30, 5, True)] * 6 + [("a", "l", "s", 30, 12, True)] * 2
    still_open = [("a", "l", "s", 8, 8, False)] * 4
    alone = learn(received, arcs(node))["lead_time_days"][0]
    together = learn(received + still_open, arcs(node))["lead_time_days"][0]
    assert together > alone + 1


def test_lines_open_for_too_long_never_arrive_and_leave_the_law():
    node = nodes(["a"], ["l"])
    received = [("a", "l", "s", 30, 5, True)] * 8
    lost = [("a", "l", "s", 100, 100, False)] * 2
    found = learn(received + lost, arcs(node)).row(0, named=True)
    assert found["lead_time_days"] == pytest.approx(5.0)
    assert 0.05 < found["never_share"] < 0.25
    assert learn(received, arcs(node))["never_share"][0] == 0


def test_a_master_value_beats_a_few_receipts():
    node = nodes(["a"], ["l"])
    found = learn([("a", "l", "s", 30, 3, True)] * 4, arcs(node, lead_time_days=10.5)).row(0, named=True)
    assert found["source"] == "sourcing"
    assert found["lead_time_days"] == 10.5
    assert found["lead_time_pmf"] == [0.0] * 11 + [1.0]
    assert not found["is_default"]


def test_without_a_master_value_the_sources_other_lanes_speak():
    node = nodes(["a"], ["here", "there"])
    arc = arcs(node, lead_time_source="default")
    found = learn([("a", "there", "s", 30, 4, True)] * 9, arc)
    assert found.filter(pl.col("location_id") == "here").row(0, named=True)["lead_time_days"] == pytest.approx(4.0)
    assert set(found["source"]) == {"receipts"}


@pytest.mark.parametrize("name", ["lead_time_unknown", "lead_time_unknown_everywhere"])
def test_fallbacks_are_flagged(name):
    inputs, expected, _ = golden("edge_cases", name)
    supplier = inputs["supplier_lead_time"]
    arc = arcs(
        nodes(["a"], ["l"]),
        lead_time_days=float(supplier or 14),
        lead_time_source="supplier" if supplier else "default",
    )
    found = learn([], arc).row(0, named=True)
    assert found["lead_time_days"] == expected["lead_time_days"]
    assert found["is_default"] == (expected["flag"] == "lead_time_default")


def test_recent_receipts_weigh_more():
    node = nodes(["a"], ["l"])
    old, new = [("a", "l", "s", 1000, 20, True)] * 10, [("a", "l", "s", 20, 10, True)] * 10
    assert learn(old + new, arcs(node))["lead_time_days"][0] < 10.5


def test_only_the_arc_in_use_and_every_such_arc_has_a_row():
    node = nodes([f"i{n}" for n in range(4)], ["l"])
    both = pl.concat([arcs(node), arcs(node, source_id="t", arc_rank=2)]).sort("item_id", "location_id", "source_id")
    found = learn([], both)
    assert found["source_id"].to_list() == ["s"] * 4
    assert learn([], both.clear()).height == 0


def test_rows_in_any_order_give_the_same_law():
    node = nodes(["a", "b"], ["l"])
    rng = np.random.default_rng(1)
    rows = [
        (rng.choice(["a", "b"]), "l", "s", int(rng.integers(20, 300)), int(rng.integers(2, 15)), True)
        for _ in range(50)
    ]
    table = lines(rows)
    again = table.sample(fraction=1, shuffle=True, seed=3).sort(ReceiptLine.primary_key())
    assert learn_lead_time(table, arcs(node), as_of=AS_OF).equals(learn_lead_time(again, arcs(node), as_of=AS_OF))


def promises(rows):
    """Receipt lines from (source, ordered days ago, due after days, delay, ordered, received); received None = open."""
    parts = []
    for k, (source, age, due, delay, ordered, received) in enumerate(rows):
        line = lines([("a", "l", source, age, delay, received is not None)]).with_columns(
            order_id=pl.lit(f"o{k:03d}"),
            due_date=pl.col("order_date") + timedelta(days=due),
            ordered_qty=pl.lit(float(ordered)),
            received_qty=pl.lit(float(received or 0)),
        )
        parts.append(line)
    return ReceiptLine.cast(pl.concat(parts)).sort(ReceiptLine.primary_key())


def kept(rows):
    arc = arcs(nodes(["a"], ["l"]), lead_time_source="default")
    found = learn_lead_time(promises(rows), arc, as_of=AS_OF)
    LeadTime.validate(found)
    return found.row(0, named=True)


def test_lateness_is_counted_from_the_due_date():
    found = kept([("s", 40, 10, 8, 1, 1)] * 5 + [("s", 40, 20, 24, 1, 1)] * 5)
    assert found["lateness_from_days"] == -2
    assert found["lateness_pmf"] == pytest.approx([0.5, 0, 0, 0, 0, 0, 0.5], rel=0.05)


def test_lines_still_open_past_their_date_make_lateness_longer():
    received = [("s", 40, 10, 10, 1, 1)] * 6 + [("s", 40, 10, 20, 1, 1)] * 2
    waiting = [("s", 16, 10, 16, 1, None)] * 4
    alone, together = (kept(rows)["lateness_pmf"][-1] for rows in (received, received + waiting))
    assert together > alone + 0.1


def test_a_few_receipts_promise_nothing_and_other_sources_say_nothing():
    found = kept([("s", 40, 10, 8, 10, 10)] * 4)
    assert found["lateness_pmf"] is None
    assert found["lateness_from_days"] is None
    assert found["delivered_share"] == 1.0
    other = kept([("t", 40, 10, 8, 10, 1)] * 40)
    assert other["delivered_share"] == 1.0
    assert not other["is_crossing"]


def test_short_deliveries_of_a_source_are_told():
    found = kept([("s", 0, 1, 0, 10, 5)] * 20 + [("s", 0, 1, 0, 10, 15)] * 20)
    assert found["delivered_share"] == pytest.approx((20 + 20 * 0.5 + 20) / 60)


def test_a_lane_whose_orders_overtake_is_said_to_cross():
    steady = [("s", 200 - 3 * k, 10, 10, 1, 1) for k in range(40)]
    wild = [("s", 200 - 3 * k, 10, 20 if k % 3 == 0 else 5, 1, 1) for k in range(40)]
    assert not kept(steady)["is_crossing"]
    assert kept(wild)["is_crossing"]
    assert not kept(wild[:15])["is_crossing"], "too few pairs"


def test_a_sources_receipts_beat_its_master_value_but_not_that_of_the_item():
    node = nodes(["a"], ["here"])
    rows = [("a", "there", "s", 30, 4, True)] * 9
    general = learn(rows, arcs(node, lead_time_days=9.0, lead_time_source="supplier")).row(0, named=True)
    own = learn(rows, arcs(node, lead_time_days=9.0, lead_time_source="sourcing")).row(0, named=True)
    assert general["lead_time_days"] == pytest.approx(4.0)
    assert own["lead_time_days"] == 9.0
