"""Deltas: applied to the open lines of the last acknowledged run they give tonight's, whatever happened between."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from replenish.steps import tell_delta
from replenish.steps.tell_delta import TOLD
from replenish.tables.core import AcknowledgedProposal
from replenish.tables.proposal import Proposal
from tests.steps.propose_frames import frame

DAY = date(2026, 3, 2)
BASE = "2026-03-01-aaaaaaaa"

LINE = st.fixed_dictionaries(
    {
        "qty": st.sampled_from([0.1 + 0.2, 0.3, 6.0, 12.0]),
        "order_date": st.sampled_from([DAY, DAY + timedelta(days=1)]),
        "source_id": st.sampled_from(["s", "t"]),
        "value": st.sampled_from([None, 5.0, 7.0]),
        "existing_order_id": st.sampled_from([None, "o"]),
        "action": st.sampled_from(["NEW", "EXPEDITE", "ON_SCHEDULE"]),
        "kind": st.just("purchase"),
    }
)
NIGHT = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(LINE, st.booleans()), max_size=8)


def tonight(night: dict[str, tuple[dict[str, Any], bool]]) -> pl.DataFrame:
    """plan.proposal of lines by id, each with whether it is on hold."""
    return frame(Proposal, [{**line, "proposal_id": name, "hold": hold} for name, (line, hold) in night.items()])


def executable(proposal: pl.DataFrame) -> dict[str, tuple[Any, ...]]:
    """What an ERP holds of a run: lines to act upon by id, numbers as files write them."""
    lines = proposal.filter(pl.col("action") != "ON_SCHEDULE", ~pl.col("hold"))
    return by_id(lines)


def by_id(lines: pl.DataFrame) -> dict[str, tuple[Any, ...]]:
    plain = lines.with_columns(pl.col(pl.Float64).round_sig_figs(12))
    return {row[0]: row[1:] for row in plain.select("proposal_id", *TOLD).iter_rows()}


def acknowledged(proposal: pl.DataFrame, answered: set[str]) -> pl.DataFrame:
    """core.acknowledged_proposal: that run's executable lines, some of them answered."""
    lines = proposal.filter(pl.col("action") != "ON_SCHEDULE", ~pl.col("hold"))
    marked = lines.with_columns(
        run_id=pl.lit(BASE), night_date=pl.lit(DAY), is_answered=pl.col("proposal_id").is_in(list(answered))
    )
    return AcknowledgedProposal.validate(marked.select(AcknowledgedProposal.column_names()), cast=True)


@given(NIGHT, NIGHT, st.sets(st.sampled_from("abcdefgh")))
def test_the_delta_turns_one_file_into_the_other(
    before: dict[str, Any], after: dict[str, Any], answered: set[str]
) -> None:
    was, now = tonight(before), tonight(after)
    delta = tell_delta(now, acknowledged(was, answered), "r")
    held = {name: line for name, line in executable(was).items() if name not in answered}
    start = dict(held)
    stands = by_id(delta.filter(pl.col("operation") != "cancel"))
    for row in delta.iter_rows(named=True):
        name = row["proposal_id"]
        assert (row["operation"] == "create") == (name not in start)
        if row["operation"] == "cancel":
            del held[name]
            assert row["cancel_cause"] == (
                "hold" if name in after and after[name][0]["action"] != "ON_SCHEDULE" else "gone"
            )
        else:
            held[name] = stands[name]
        if row["operation"] == "change":
            differing = {key for key, one, two in zip(TOLD, start[name], stands[name], strict=True) if one != two}
            assert set(row["changed"].split()) == differing != set()
            assert row["acknowledged_source_id"] == start[name][TOLD.index("source_id")]
    assert held == executable(now)


@given(NIGHT)
def test_nothing_changed_is_an_empty_delta(night: dict[str, Any]) -> None:
    lines = tonight(night)
    assert tell_delta(lines, acknowledged(lines, set()), "r").is_empty()


def test_before_the_first_answer_every_line_is_a_create() -> None:
    lines = tonight({"a": ({"action": "NEW", "qty": 2.0}, False), "b": ({"action": "NEW"}, True)})
    delta = tell_delta(lines, AcknowledgedProposal.create_empty(), "r")
    assert delta.select("proposal_id", "operation", "acknowledged_run_id", "run_id").rows() == [
        ("a", "create", None, "r")
    ]
