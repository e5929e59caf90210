"""Damage is contained: doubtful data holds the lines that rest on it, with cause and money, and no others."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

import replenish as rp
from replenish.reporting import write_report
from replenish.share import share_path

LAST_DAY = date(2026, 11, 15)
DAYS = 120
SHOPS = ("north", "south", "east", "west")
ITEMS = ("tea", "jam", "soap", "rice", "milk", "salt", "nuts", "oats")
NODE = ["item_id", "location_id"]
PACK = 2.0
SETTINGS = rp.Settings.model_validate(
    {"forecast": {"members": "light"}, "calendar": {"horizon_weeks": 6}, "compute": {"workers": 1}}
)


def day(back: int) -> date:
    return LAST_DAY - timedelta(days=back)


@cache
def clean() -> dict[str, pl.DataFrame]:
    """Four shops with daily sales and a month of daily stock; each buys itself, jam for the east a depot."""
    rng = np.random.default_rng(5)
    sales, stock, sourcing = [], [], []
    for shop in SHOPS:
        for item in ITEMS:
            sold = 1.0 + rng.poisson(3.0, DAYS)
            left = 5.0
            for back in range(30):
                stock.append({"date": day(back), "item_id": item, "location_id": shop, "on_hand_qty": left})
                left += sold[DAYS - 1 - back]
            sales += [
                {"date": day(DAYS - 1 - place), "item_id": item, "location_id": shop, "qty": float(qty)}
                for place, qty in enumerate(sold)
            ]
            sourcing.append(lane(item, shop, "move" if (item, shop) == ("jam", "east") else "buy"))
    stock.append({"date": LAST_DAY, "item_id": "jam", "location_id": "depot", "on_hand_qty": 20.0})
    sourcing.append(lane("jam", "depot", "buy"))
    return {
        "sales": pl.DataFrame(sales),
        "stock": pl.DataFrame(stock),
        "item": pl.DataFrame({"item_id": ITEMS, "category": "goods", "unit_cost": 2.0, "unit_price": 4.0}),
        "location": pl.DataFrame({"location_id": [*SHOPS, "depot"], "kind": ["store"] * 4 + ["warehouse"]}),
        "sourcing": pl.DataFrame(sourcing),
    }


def lane(item: str, place: str, kind: str) -> dict[str, object]:
    source = "depot" if kind == "move" else "grower"
    terms = {"lead_time_days": 3.0, "review_days": 7.0, "multiple_qty": PACK}
    return {"item_id": item, "location_id": place, "kind": kind, "source_id": source, **terms}


@cache
def damaged() -> dict[str, pl.DataFrame]:
    """The north is silent for five days, two days of the south are missing, jam in the east comes in dozens, and the
    west's books of soap are below zero.
    """
    tables = dict(clean())
    at = pl.col("location_id")
    silent = (at == "north") & (pl.col("date") > day(5))
    missing = (at == "south") & pl.col("date").is_in([day(9), day(10)])
    dozens = (at == "east") & (pl.col("item_id") == "jam") & (pl.col("date") > day(8))
    qty = pl.when(dozens).then(pl.col("qty") * 12).otherwise("qty")
    tables["sales"] = tables["sales"].filter(~silent & ~missing).with_columns(qty=qty)
    below = (at == "west") & (pl.col("item_id") == "soap") & (pl.col("date") == LAST_DAY)
    books = pl.when(below).then(-4.0).otherwise("on_hand_qty")
    tables["stock"] = tables["stock"].filter(~silent).with_columns(on_hand_qty=books)
    return tables


@cache
def night(name: str) -> rp.Run:
    return rp.run(clean() if name == "clean" else damaged(), SETTINGS)


TOUCHED = (
    {(item, shop) for item in ITEMS for shop in ("north", "south")}
    | {("jam", "east"), ("jam", "depot")}
    | {("soap", "west")}
)


def of_innocent(frame: pl.DataFrame) -> pl.DataFrame:
    nodes = pl.DataFrame(sorted(TOUCHED), schema=NODE, orient="row")
    return frame.join(nodes, on=NODE, how="anti").sort(pl.all())


def test_a_sound_night_doubts_nothing() -> None:
    assert night("clean").table("core.data_doubt").is_empty()
    assert not night("clean").table("plan.proposal")["hold"].any()
    assert night("clean").table("plan.proposal").filter(action="NEW").height > 25


def test_each_damage_is_found_at_its_nodes_with_its_days() -> None:
    doubt = night("damaged").table("core.data_doubt")
    assert set(doubt.select(NODE).iter_rows()) == TOUCHED
    found = {
        (row["cause"], row["origin_id"]): (row["first_date"], row["last_date"])
        for row in doubt.select("cause", "origin_id", "first_date", "last_date").iter_rows(named=True)
    }
    assert found == {
        ("silent_location", "north"): (day(4), LAST_DAY),
        ("feed_gap", "south"): (day(10), day(9)),
        ("unit_jump", "jam"): (day(7), LAST_DAY),
        ("negative_stock", "soap"): (LAST_DAY, LAST_DAY),
    }


def test_only_lines_of_touched_nodes_are_held_each_with_cause_and_money() -> None:
    run = night("damaged")
    lines = run.table("plan.proposal")
    held = lines.filter("hold")
    assert set(held.select(NODE).iter_rows()) == set(lines.select(NODE).iter_rows()) & TOUCHED
    assert held["hold_cause"].str.starts_with("DATA_INVALID: ").all()
    for words in ("nothing at all sold here since 2026-11-11", "are missing from 2026-11-05 to 2026-11-06",
                  "sales are 12 times what they were since 2026-11-08", "the books show -4"):  # fmt: skip
        assert held["hold_cause"].str.contains(words, literal=True).any(), words
    told = run.table("plan.exception").filter(code="DATA_INVALID")
    assert set(told.filter("hold").select(NODE).iter_rows()) == set(held.select(NODE).iter_rows())
    cost = run.table("core.node").select(*NODE, "shortage_cost")
    worth = told.join(cost, on=NODE).select(off=pl.col("value_at_stake") - pl.col("qty") * pl.col("shortage_cost"))
    assert (worth["off"].abs() < 1e-9).all()
    assert told["value_at_stake"].sum() > 100
    assert run.table("plan.supplier_order")["line_count"].sum() == lines.filter(~pl.col("hold"), action="NEW").height


def test_the_innocent_are_planned_as_ever() -> None:
    """Demand of all other nodes is the same number for number; orders share one season and one law of errors."""
    run, usual = night("damaged"), night("clean")
    columns = [*NODE, "bucket_index", "demand_qty", "state"]
    assert of_innocent(run.table("plan.demand").select(columns)).equals(
        of_innocent(usual.table("plan.demand").select(columns))
    )
    orders = [of_innocent(one.table("plan.order").select(*NODE, "qty")) for one in (run, usual)]
    both = orders[0].join(orders[1], on=NODE, suffix="_usual")
    assert both.height == 14
    off = (both["qty"] - both["qty_usual"]).abs()
    assert (off <= PACK).all()
    assert (off > 0).sum() <= 3, both
    assert not of_innocent(run.table("plan.proposal"))["hold"].any()


def test_days_in_doubt_are_no_demand() -> None:
    """Five silent days and two missing ones of eight items, and eight days of jam in dozens; all else is known."""
    run = night("damaged")
    doubtful = run.table("core.doubtful_bucket")
    assert doubtful.height == (5 + 2) * len(ITEMS) + 8
    missing = run.table("plan.demand").filter(state="missing")
    assert missing.select(doubtful.columns).sort(pl.all()).equals(doubtful.sort(pl.all()))
    assert missing["demand_qty"].null_count() == missing.height


def test_the_blast_radius_says_what_each_doubt_touches() -> None:
    run = night("damaged")
    radius = {row["cause"]: row for row in run.table("mart.blast_radius").iter_rows(named=True)}
    assert {cause: row["node_count"] for cause, row in radius.items()} == {
        "silent_location": 8, "feed_gap": 8, "unit_jump": 2, "negative_stock": 1
    }  # fmt: skip
    held = run.table("plan.proposal").filter("hold")
    assert sum(row["hold_count"] for row in radius.values()) == held.height
    assert sum(row["value_at_stake"] for row in radius.values()) > 100


def test_the_page_tells_it_and_leads_to_the_lines(tmp_path: Path) -> None:
    run = night("damaged")
    run.table("mart.overview")
    tables = {name: run.table(name) for name in run.table_names() if name.startswith("mart.")}
    write_report(tmp_path / "report", tables, pages=share_path("reports"))
    page = (tmp_path / "report" / "data_health.html").read_text(encoding="utf-8")
    told = page.split('id="touched"')[1].split("</section>")[0]
    for address in ("DATA_INVALID+north", "DATA_INVALID+south", "DATA_INVALID+soap", "DATA_INVALID+2026-11-08"):
        assert f'href="proposals.html#hold=true&amp;search={address}"' in told
    assert "nothing at all sold here since 2026-11-11" in told


def test_a_closure_that_was_entered_is_no_silence() -> None:
    tables = dict(damaged())
    closed = {
        "event_id": "moving",
        "kind": "closure",
        "location_id": "north",
        "start_date": day(4),
        "end_date": LAST_DAY,
    }
    tables["event"] = pl.DataFrame([closed])
    doubt = rp.run(tables, SETTINGS).table("core.data_doubt")
    assert doubt.filter(cause="silent_location").is_empty()
    assert doubt.filter(cause="feed_gap").height == len(ITEMS)


def test_nothing_is_looked_for_where_the_settings_say_so() -> None:
    still = SETTINGS.model_copy(update={"exceptions": SETTINGS.exceptions.model_copy(update={"doubt_days": 0})})
    assert set(rp.run(damaged(), still).table("core.data_doubt")["cause"]) == {"negative_stock"}
