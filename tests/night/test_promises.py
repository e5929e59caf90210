"""Promises are carried from night to night and judged when their window is over."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

import replenish as rp
from replenish.night import previous
from replenish.tables import core
from tests.night.small import LAST_DAY, frames

AS_OF = date(2026, 3, 2)
SETTINGS = {"forecast": {"members": "light"}}


def promised(rows: list[tuple[str, date, float]]) -> pl.DataFrame:
    """core.previous_promise: proposal, last day of its window, promised chance."""
    told = pl.DataFrame(rows, schema=["proposal_id", "window_end", "stockout_probability"], orient="row")
    rest = {"item_id": "a", "location_id": "l", "window_start": AS_OF}
    told = told.with_columns(
        expected_demand_qty=1.0,
        expected_sales_qty=1.0,
        width_rate=1.0,
        **{name: pl.lit(value) for name, value in rest.items()},
    )
    return core.PreviousPromise.cast(told.select(core.PreviousPromise.column_names()))


def brought(tables: dict[str, pl.DataFrame], dropped: list[str]) -> list[tuple[str, float]]:
    """Promises and chances that tonight may judge."""

    def table_of(full_name: str) -> pl.DataFrame:
        if full_name in tables:
            return tables[full_name]
        raise previous.MissingTableError(full_name)

    return previous.past_promises(table_of, dropped, AS_OF).select("proposal_id", "stockout_probability").rows()


def test_the_last_promise_of_a_line_counts_and_dropped_or_old_ones_do_not() -> None:
    old, kept = AS_OF - timedelta(days=400), AS_OF - timedelta(days=399)
    stored = promised([("again", AS_OF, 0.1), ("old", old, 0.1), ("kept", kept, 0.2), ("dropped", AS_OF, 0.3)])
    newest = promised([("again", AS_OF, 0.5), ("new", AS_OF, 0.6)])
    got = brought({"plan.promise": newest, "core.previous_promise": stored}, ["dropped"])
    assert got == [("again", 0.5), ("kept", 0.2), ("new", 0.6)]


def test_a_previous_run_of_an_older_version_has_brought_no_promises() -> None:
    assert brought({"plan.promise": promised([("new", AS_OF, 0.6)])}, []) == [("new", 0.6)]
    assert brought({}, []) == []


def test_a_promise_keeps_the_factor_its_law_had() -> None:
    newest = promised([("new", AS_OF, 0.6)])
    law = pl.DataFrame({"category": ["all", "food"], "width_rate": [1.2, 1.5]})
    node = pl.DataFrame({"item_id": ["a"], "location_id": ["l"], "category": ["food/milk"]})
    older = promised([("old", AS_OF, 0.2)]).drop("width_rate")
    tables = {"plan.promise": newest.drop("width_rate"), "plan.promise_law": law, "core.node": node}
    table_of = {**tables, "core.previous_promise": older}.__getitem__
    got = dict(previous.past_promises(table_of, [], AS_OF).select("proposal_id", "width_rate").rows())
    assert got == {"new": 1.5, "old": 1.0}


def test_later_nights_judge_what_earlier_ones_promised() -> None:
    """Nine weeks on, through a night between, every promise whose weeks are known is judged, a refused one is not."""
    nights = [LAST_DAY - timedelta(days=7 * back) for back in (9, 8, 0)]
    known = frames()
    shelf = [known["stock"].with_columns(date=night) for night in nights]
    tables = {**known, "stock": pl.concat(shelf).with_columns(pl.col("date").cast(pl.Date))}
    first = rp.run(tables, rp.Settings(**SETTINGS), as_of=nights[0])
    assert first.table("plan.kept_promise").is_empty()
    assert first.table("mart.promise_score").is_empty()
    second = rp.run(tables, rp.Settings(**SETTINGS), as_of=nights[1], earlier=first)
    lines = first.table("plan.promise")
    # the first run's lines that the second does not repeat are told by what it carries
    assert set(lines["proposal_id"]) <= set(second.table("core.previous_promise")["proposal_id"])
    refused = lines.filter(pl.col("item_id") == "jam")["proposal_id"][0]
    tables["acknowledge"] = pl.DataFrame({"proposal_id": [refused], "status": ["rejected"]})
    third = rp.run(tables, rp.Settings(**SETTINGS), as_of=LAST_DAY, earlier=second)
    kept, score = third.table("plan.kept_promise"), third.table("mart.promise_score")
    assert kept.height > 0
    assert refused not in set(kept["proposal_id"])
    assert (kept["window_end"] <= LAST_DAY).all()
    everyone = score.filter((pl.col("category") == "all") & (pl.col("decile") == 0)).row(0, named=True)
    assert everyone["promise_count"] == kept.height
    assert everyone["achieved_share"] == kept["is_stockout"].mean()
    sales = tables["sales"].rename({"date": "day"})
    for row in kept.iter_rows(named=True):
        own = sales.filter((pl.col("item_id") == row["item_id"]) & (pl.col("location_id") == row["location_id"]))
        if not own.is_empty():  # sales of a week are told on its Monday
            week_end = pl.col("day") + pl.duration(days=6)
            sold = own.filter(week_end.is_between(row["window_start"], row["window_end"]))["qty"].sum()
            assert row["achieved_sales_qty"] == sold
