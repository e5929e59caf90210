"""An ERP is told what changed since it was last told, and a fill target of the policy reaches the order."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

import replenish as rp
from replenish.night import previous
from replenish.tables import core
from tests.night.small import LAST_DAY, frames

SETTINGS = rp.Settings(forecast={"members": "light"})


def _night(tables: dict[str, pl.DataFrame], as_of: date, earlier: rp.Run | None = None) -> rp.Run:
    return rp.run(tables, SETTINGS, as_of=as_of, earlier=earlier)


def test_later_nights_tell_only_what_changed_since_the_last_export() -> None:
    tables = frames()
    before = LAST_DAY - timedelta(days=7)
    tables["stock"] = pl.concat([tables["stock"].with_columns(date=pl.lit(day)) for day in (before, LAST_DAY)])
    run = _night(tables, before)
    first = run.table("plan.min_max")
    assert first["is_exported"].all()
    second = _night(tables, LAST_DAY, run)
    brought, told = second.table("core.previous_min_max"), second.table("plan.min_max")
    assert brought.sort("item_id", "location_id").rows() == first.select(brought.columns).rows()
    assert not told["is_exported"].all()
    # the pack of one item changes at one shop: that row is told, and the rest only where the level moved
    packs = (
        pl.when((pl.col("item_id") == "jam") & (pl.col("location_id") == "north")).then(5.0).otherwise("multiple_qty")
    )
    sourcing = tables["sourcing"].with_columns(multiple_qty=packs)
    third = _night({**tables, "sourcing": sourcing}, LAST_DAY, run).table("plan.min_max")
    assert third.filter(pl.col("change") == "pack").select("item_id", "location_id").rows() == [("jam", "north")]


def test_a_previous_run_of_an_older_version_told_nothing() -> None:
    def table_of(full_name: str) -> pl.DataFrame:
        raise previous.MissingTableError(full_name)

    found = previous.past_min_max(table_of)
    assert found.is_empty()
    assert core.PreviousMinMax.validate(found).columns == core.PreviousMinMax.column_names()


def test_a_fill_target_of_the_policy_reaches_tonights_order() -> None:
    """The higher target of two orders more where the rule is order-up-to; the item of neither keeps the curve."""
    tables = frames()
    policy = {"item_id": ["jam", "jam"], "location_id": ["north", "south"], "method": "order_up_to"}

    def ordered(fill: float) -> pl.DataFrame:
        lines = pl.DataFrame(policy).with_columns(fill_target=pl.lit(fill))
        run = _night({**tables, "policy": lines}, LAST_DAY)
        key = ["item_id", "location_id"]
        return run.table("plan.wish").join(run.table("plan.target"), on=key).join(run.table("plan.record"), on=key)

    found = {fill: ordered(fill) for fill in (0.6, 0.99)}
    for fill, wish in found.items():
        jam = wish.filter((pl.col("item_id") == "jam") & pl.col("location_id").is_in(["north", "south"]))
        assert set(jam["target_kind"]) == {"fill"}
        assert jam["fill_target"].to_list() == [fill, fill]
        # the wait at their centre comes on top of the level of the fill target
        assert (jam["order_up_to_qty"] >= jam["fill_order_up_to_qty"]).all()
        packs = ((jam["order_up_to_qty"] - jam["on_hand_qty"]).clip(0.0) / 6.0).ceil()
        assert jam["qty"].to_list() == (6.0 * packs).to_list()
        assert set(wish.filter(pl.col("item_id") == "soap")["target_kind"]) == {"service"}
    jam = [wish.filter(pl.col("item_id") == "jam")["qty"].sum() for wish in found.values()]
    assert jam[0] < jam[1]
