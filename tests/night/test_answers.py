"""Three nights and what was said between them: nothing accepted is proposed again, deltas lead from file to file."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from replenish.night.acknowledge import acknowledge
from replenish.night.answers import since
from replenish.night.folder import Place
from replenish.night.replay import replay
from replenish.night.run import Finished, run_folder
from replenish.publish import manifest
from replenish.steps.tell_delta import TOLD
from tests.night.small import LAST_DAY, frames, write_folder

LIGHT = '[forecast]\nmembers = "light"\n[calendar]\nhorizon_weeks = 12\n'


class Nights:
    """A company over three nights: the first run is answered, the orders never appear in the books."""

    def __init__(self, company: Path) -> None:
        self.company = company
        self.first = self._run(0)
        lines = (
            self._table(self.first, "plan/proposal").filter(pl.col("action") == "NEW").sort("value", descending=True)
        )
        self.accepted, self.edited, self.refused, self.moved = lines["proposal_id"][:4]
        self.line = {row["proposal_id"]: row for row in lines.iter_rows(named=True)}
        self.twice = 2 * self.line[self.edited]["qty"]
        self.later = self.line[self.moved]["receipt_date"] + timedelta(days=5)
        answers = pl.DataFrame(
            {
                "proposal_id": [self.accepted, self.edited, self.refused, self.moved],
                "status": ["accepted", "edited", "rejected", "edited"],
                "qty": [None, self.twice, None, None],
                "date": [None, None, None, self.later],
                "erp_order_id": ["PO-7", None, None, None],
            }
        )
        answers.write_csv(company / "answers.csv")
        self.told = acknowledge(Place.at(company), company / "answers.csv")
        self.second = self._run(1)
        self.third = self._run(2)

    def _run(self, days: int) -> Finished:
        return run_folder(self.company, as_of=LAST_DAY + timedelta(days=days))

    def _table(self, night: Finished, name: str) -> pl.DataFrame:
        return pl.read_parquet(night.folder / f"{name}.parquet")

    def table(self, number: int, name: str) -> pl.DataFrame:
        """A table of the first, second or third night."""
        return self._table((self.first, self.second, self.third)[number], name)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    return Nights(write_folder(tmp_path_factory.mktemp("nights") / "company", frames(weeks=20), LIGHT))


@pytest.mark.parametrize("number", [1, 2])
def test_what_was_accepted_or_edited_counts_as_on_order_and_is_not_proposed_again(nights: Nights, number: int) -> None:
    supply = {row["line_id"]: row for row in nights.table(number, "core/open_supply").iter_rows(named=True)}
    line = nights.line
    assert supply[nights.accepted]["order_id"] == "PO-7"
    assert supply[nights.accepted]["open_qty"] == line[nights.accepted]["qty"]
    assert supply[nights.edited]["open_qty"] == nights.twice
    assert supply[nights.moved]["due_date"] == nights.later
    assert nights.refused not in supply
    proposed = nights.table(number, "plan/proposal")
    assert not {nights.accepted, nights.edited, nights.moved} & set(proposed["proposal_id"])
    for name in (nights.accepted, nights.edited):
        again = proposed.filter(pl.col("action") == "NEW").filter(
            item_id=line[name]["item_id"], location_id=line[name]["location_id"]
        )
        assert again["qty"].sum() < 0.5 * line[name]["qty"], "the need is met by what was accepted"


def test_what_was_refused_is_proposed_again_under_its_id(nights: Nights) -> None:
    assert nights.refused in set(nights.table(1, "plan/proposal")["proposal_id"])
    outcome = dict(nights.table(2, "core/answered_line").select("proposal_id", "outcome").iter_rows())
    assert outcome[nights.refused] == "rejected"
    assert outcome[nights.accepted] == "accepted"
    assert outcome[nights.edited] == outcome[nights.moved] == "edited"


@pytest.mark.parametrize("number", [1, 2])
def test_the_delta_file_leads_from_the_acknowledged_file_to_tonights(nights: Nights, number: int) -> None:
    night = (nights.second, nights.third)[number - 1]
    held = _executable(nights.first.proposals)
    for name in (nights.accepted, nights.edited, nights.refused, nights.moved):
        del held[name]  # the ERP has answered them: they are no proposals any more
    rows = _rows(night.folder / "proposals" / "delta.csv")
    assert {row["acknowledged_run_id"] for row in rows} == {nights.first.run_id}
    assert {row["run_id"] for row in rows} == {night.run_id}
    assert {row["operation"] for row in rows} >= {"create", "change"}
    for row in rows:
        assert (row["operation"] == "create") == (row["proposal_id"] not in held)
        held.pop(row["proposal_id"], None)
        if row["operation"] != "cancel":
            held[row["proposal_id"]] = {name: row[name] for name in TOLD}
    assert held == _executable(night.proposals)


@pytest.mark.slow
def test_answers_are_an_input_like_any_other(nights: Nights) -> None:
    """The night that knows of them has another id than the one that does not, and both can be planned again."""
    assert manifest.read(nights.second.folder)["input_hash"] != manifest.read(nights.first.folder)["input_hash"]
    assert acknowledge(Place.at(nights.company), nights.company / "answers.csv").written is None
    assert run_folder(nights.company, as_of=LAST_DAY + timedelta(days=2)).run_id == nights.third.run_id
    assert replay(Place.at(nights.company), nights.third.run_id) == []
    told = {
        "proposal_id": nights.refused,
        "status": "rejected",
        "reason": "too dear",
        "at": LAST_DAY + timedelta(days=1),
    }
    pl.DataFrame([told]).write_csv(nights.company / "reason.csv")
    acknowledge(Place.at(nights.company), nights.company / "reason.csv")
    assert run_folder(nights.company, as_of=LAST_DAY + timedelta(days=2)).run_id != nights.third.run_id


def test_a_line_proposed_again_is_unanswered_until_it_is_answered_again(nights: Nights) -> None:
    """What was refused of the first run is no answer to the newest."""
    (run,) = nights.told.runs
    assert {name: run[name]["lines"] for name in ("accepted", "edited", "rejected")} == {
        "accepted": 1,
        "edited": 2,
        "rejected": 1,
    }
    known = pl.read_parquet(next((nights.company / "inputs" / "acknowledge").glob("000001-*")))
    assert since(known, LAST_DAY).height == 4
    assert since(known, LAST_DAY + timedelta(days=1)).is_empty()
    by_day = known.with_columns(run_id=pl.lit(None, pl.String))
    assert since(by_day, LAST_DAY).height == 4
    assert since(by_day, LAST_DAY + timedelta(days=1)).is_empty()
    assert since(by_day.with_columns(at=pl.lit(None, pl.Date)), LAST_DAY + timedelta(days=9)).height == 4


def test_answers_of_a_later_day_are_not_known_yet(nights: Nights) -> None:
    taken = pl.read_parquet(next((nights.company / "inputs" / "acknowledge").glob("000001-*")))
    assert set(taken["at"]) == {LAST_DAY + timedelta(days=1)}
    assert nights.table(0, "core/answered_line").is_empty()
    assert {row["operation"] for row in _rows(nights.first.folder / "proposals" / "delta.csv")} == {"create"}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _executable(file: Path) -> dict[str, dict[str, str]]:
    """Lines of a proposal file that may be acted upon, by id."""
    lines = [row for row in _rows(file) if row["hold"] == "false" and row["action"] != "ON_SCHEDULE"]
    return {row["proposal_id"]: {name: row[name] for name in TOLD} for row in lines}
