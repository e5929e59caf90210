"""Answers to proposals, checked against what was published: which are taken, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

import polars as pl

from replenish.tables.inputs import Acknowledge

ROW = "row"
ORDERED = ("accepted", "edited")
LINE = ("proposal_id", "run_id", "night_date", "action", "qty", "receipt_date", "value", "hold")
# what an answer says; two that say the same are one
SAID = ("status", "erp_order_id", "qty", "date", "user", "reason", "at", "run_id")
_FIGURES = 12
_FORMULA_QUOTE = r"^'([=+\-@\t\r])"


@dataclass(frozen=True)
class Judged:
    """Rows of a file: `taken` are new, `known` were given before, `refused` have a row, a column and a reason."""

    taken: pl.DataFrame
    known: pl.DataFrame
    refused: pl.DataFrame
    notes: tuple[str, ...]


def judge(found: pl.DataFrame, lines: pl.DataFrame, known: pl.DataFrame, ids: list[str]) -> Judged:
    """Check answers (columns of the input table beside ROW) against published `lines` (LINE) and answers `known`.

    An answer is about the run it names, else about the newest published before its day; without a day it was given on
    the morning its run was made for. One that leaves quantity and date as proposed is accepted, one that does not is
    edited, whatever it calls itself. `ids` are those that a person may have meant.
    """
    refused = [_unknown(found, lines, ids), _incomplete(found)]
    bad = pl.concat(refused).unique(ROW, keep="first", maintain_order=True)
    rows = found.filter(~pl.col(ROW).is_in(bad[ROW].to_list()))
    placed = _placed(rows, lines)
    notes = _notes(placed)
    same = placed.join(_said(known), on=["proposal_id", *SAID], how="semi", nulls_equal=True)
    new = placed.join(same, on=ROW, how="anti", maintain_order="left")
    return Judged(new, same, bad.sort(ROW), (*notes, *_changed(new, known)))


def as_before(found: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Answers that name neither run nor day and repeat one `known` are that one, newer runs or not."""
    told = ("erp_order_id", "qty", "date", "user", "reason")
    before = known.select("proposal_id", *told, was="status", was_at="at", was_run="run_id")
    both = found.join(before, on=["proposal_id", *told], how="left", nulls_equal=True, maintain_order="left")
    is_same = (pl.col("status") == pl.col("was")) | (pl.col("status").is_in(ORDERED) & pl.col("was").is_in(ORDERED))
    repeats = is_same & pl.col("at").is_null() & pl.col("run_id").is_null()
    at, run_id = (pl.when(repeats).then(was).otherwise(now) for now, was in (("at", "was_at"), ("run_id", "was_run")))
    return both.with_columns(at=at, run_id=run_id).select(found.columns)


def since(known: pl.DataFrame, night: date) -> pl.DataFrame:
    """Answers to the run of this as-of or a later one: a line proposed again has not been answered again."""
    run_night = pl.col("run_id").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return known.filter(pl.coalesce(run_night >= night, pl.col("at") > night, pl.lit(True)))


def unanswered(lines: pl.DataFrame, known: pl.DataFrame, run_id: str) -> pl.DataFrame:
    """Lines of a run that may be acted upon and that nobody answered."""
    asked = lines.filter(pl.col("run_id") == run_id, ~pl.col("hold"), pl.col("action") != "ON_SCHEDULE")
    return asked.join(known, on="proposal_id", how="anti", maintain_order="left")


def plain(found: pl.DataFrame) -> pl.DataFrame:
    """Texts without the quote that keeps a spreadsheet from running them as formulas."""
    text = pl.col("proposal_id", "erp_order_id", "user", "reason", "run_id")
    return found.with_columns(text.str.replace(_FORMULA_QUOTE, "${1}"))


def _refusals(rows: pl.DataFrame, column: str, reason: pl.Expr) -> pl.DataFrame:
    return rows.select(ROW, "proposal_id", column=pl.lit(column), reason=reason)


def _unknown(rows: pl.DataFrame, lines: pl.DataFrame, ids: list[str]) -> pl.DataFrame:
    strange = rows.join(lines, on="proposal_id", how="anti", maintain_order="left")
    near = {one: get_close_matches(one, ids, 1, 0.7) for one in strange["proposal_id"].unique()}
    hints = {one: f"; did you mean {close[0]}?" if close else "" for one, close in near.items()}
    hint = pl.col("proposal_id").replace_strict(hints, default="", return_dtype=pl.String)
    return _refusals(strange, "proposal_id", pl.format("no published run of the last half year has it{}", hint))


def _incomplete(rows: pl.DataFrame) -> pl.DataFrame:
    empty = rows.filter(pl.col("status") == "edited", pl.col("qty").is_null(), pl.col("date").is_null())
    return _refusals(empty, "qty", pl.lit("edited to what? give qty, date or both"))


def _placed(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Each answer with the published line it is about, its day, and what it comes to."""
    both = rows.rename({"run_id": "named"}).join(lines, on="proposal_id", suffix="_line")
    is_named = (pl.col("named") == pl.col("run_id")).fill_null(False)
    is_before = (pl.col("night_date") < pl.col("at")).fill_null(True)
    both = both.sort(ROW, is_named, is_before, "night_date", descending=[False, True, True, True])
    both = both.unique(ROW, keep="first", maintain_order=True)
    asked = pl.col("qty").is_not_null() & (_rounded("qty") != _rounded("qty_line"))
    asked |= (pl.col("date") != pl.col("receipt_date")).fill_null(False)
    meant = pl.when(asked).then(pl.lit("edited")).otherwise(pl.lit("accepted"))
    return both.with_columns(
        said=pl.col("status"),
        status=pl.when(pl.col("status").is_in(ORDERED)).then(meant).otherwise("status"),
        at=pl.coalesce("at", pl.col("night_date") + timedelta(days=1)),
    )


def _rounded(name: str) -> pl.Expr:
    return pl.col(name).round_sig_figs(_FIGURES)


def _said(known: pl.DataFrame) -> pl.DataFrame:
    return known.select("proposal_id", *SAID)


def _notes(placed: pl.DataFrame) -> tuple[str, ...]:
    """What a person should know of answers that are taken."""
    told = {
        "accepted rows with another quantity or date than proposed count as edited": placed.filter(
            pl.col("said") == "accepted", pl.col("status") == "edited"
        ),
        "edited rows with quantity and date as proposed count as accepted": placed.filter(
            pl.col("said") == "edited", pl.col("status") == "accepted"
        ),
        "ordered lines are on hold: look at their hold_cause": placed.filter(
            pl.col("status").is_in(ORDERED), pl.col("hold")
        ),
        "rows name a run that has no such line; the newest that has it was taken": placed.filter(
            pl.col("named") != pl.col("run_id")
        ),
    }
    return tuple(f"{rows.height:,} {text} ({rows['proposal_id'][0]})" for text, rows in told.items() if rows.height)


def _changed(new: pl.DataFrame, known: pl.DataFrame) -> tuple[str, ...]:
    again = new.join(known, on="proposal_id", how="semi")
    return (f"{again.height:,} rows replace an earlier answer ({again['proposal_id'][0]})",) if again.height else ()


def as_input(taken: pl.DataFrame) -> pl.DataFrame:
    """New answers as the input table has them."""
    return taken.select(Acknowledge.column_names()).sort("proposal_id")


def later_than(taken: pl.DataFrame, day: date) -> int:
    """Answers given after this day: nights up to it do not know of them."""
    return taken.filter(pl.col("at") > day).height
