"""Stable ids: the same need keeps its id night after night, so that a re-import updates and never duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

import polars as pl

_MATCHED_BY = ["kind", "item_id", "location_id", "source_id"]
Key = tuple[str, str, str, str]


class _Before(NamedTuple):
    need_date: date
    proposal_id: str
    first_need_date: date
    counter: int


def proposal_id(key: Key, first_need: date, counter: int) -> str:
    """`P-` and 12 hex digits of sha256 over (kind, item, location, source), first need date and counter."""
    return _hashed("P-", *key, first_need.isoformat(), str(counter))


def exception_id(*parts: str) -> str:
    """`E-` and 12 hex digits of sha256 over the parts."""
    return _hashed("E-", *parts)


def with_new_ids(lines: pl.DataFrame, previous: pl.DataFrame, taken: Collection[str]) -> pl.DataFrame:
    """NEW lines with proposal_id, first_need_date and id_counter.

    Lines of one (kind, item, location, source) are matched to the previous run's in order of need date, at most one
    protection time (`protection_days`) apart; a matched line keeps its id, another gets the first id not in use:
    neither by the previous run nor in `taken` (ids of accepted proposals, which are orders now).
    """
    lines = lines.sort(*_MATCHED_BY, "need_date", "receipt_date", "qty")
    used = set(previous["proposal_id"]) | set(taken)
    before = _by_key(previous.filter(~pl.col("proposal_id").is_in(list(taken))))
    columns: dict[str, list[object]] = {"proposal_id": [], "first_need_date": [], "id_counter": []}
    for *parts, need, protection in lines.select(*_MATCHED_BY, "need_date", "protection_days").iter_rows():
        key = _key(parts)
        found = _match(before.get(key, []), need, protection) or _make(key, need, used)
        columns["proposal_id"].append(found.proposal_id)
        columns["first_need_date"].append(found.first_need_date)
        columns["id_counter"].append(found.counter)
    schema = {"proposal_id": pl.String(), "first_need_date": pl.Date(), "id_counter": pl.Int32()}
    return lines.with_columns(pl.Series(name, values, schema[name]) for name, values in columns.items())


def with_message_ids(lines: pl.DataFrame) -> pl.DataFrame:
    """Messages take their id from the order line they are about, and from what it asks to change.

    It stays while the order is open and as it was. Once it has been changed, what is asked of it next is another
    message: no old decision answers it.
    """
    rows = lines.select(*_MATCHED_BY, "order_id", "line_id", "action", *_changed()).iter_rows()
    ids = [_hashed("P-", *key, "order", *map(str, parts)) for *key, parts in ((*r[:4], r[4:]) for r in rows)]
    return lines.with_columns(pl.Series("proposal_id", ids, pl.String), first_need_date="need_date", id_counter=0)


def _changed() -> list[pl.Expr]:
    """Date and quantity before the change, as far as the message is about them."""
    dated, sized = pl.col("action").is_in(["EXPEDITE", "DEFER"]), pl.col("action").is_in(["INCREASE", "DECREASE"])
    return [
        pl.when(dated).then(pl.col("old_date").cast(pl.String)).otherwise(pl.lit("")).alias("dated"),
        pl.when(sized).then(pl.col("old_qty").round(6).cast(pl.String)).otherwise(pl.lit("")).alias("sized"),
    ]


def _by_key(previous: pl.DataFrame) -> dict[Key, list[_Before]]:
    """NEW lines of the previous run by key, latest first, so that `pop` takes the earliest.

    Messages are told apart by their ids, which do not come from a need date.
    """
    lines: dict[Key, list[_Before]] = defaultdict(list)
    columns = (*_MATCHED_BY, "need_date", "proposal_id", "first_need_date", "id_counter")
    latest_first = previous.sort("need_date", "first_need_date", "id_counter", descending=True).select(columns)
    for *parts, need, name, first, counter in latest_first.iter_rows():
        if proposal_id(_key(parts), first, counter) == name:
            lines[_key(parts)].append(_Before(need, name, first, counter))
    return lines


def _key(parts: Sequence[str]) -> Key:
    kind, item_id, location_id, source_id = parts
    return kind, item_id, location_id, source_id


def _match(before: list[_Before], need: date, protection_days: float) -> _Before | None:
    """Earliest previous line at most the protection time away; lines before it are used up, as needs move on."""
    while before:
        if (before[-1].need_date - need).days > protection_days:
            return None
        one = before.pop()
        if (need - one.need_date).days <= protection_days:
            return one
    return None


def _make(key: Key, need: date, used: set[str]) -> _Before:
    counter = 0
    while (name := proposal_id(key, need, counter)) in used:
        counter += 1
    used.add(name)
    return _Before(need, name, need, counter)


def _hashed(prefix: str, *parts: str) -> str:
    """A unit separator keeps ("ab", "c") from ("a", "bc")."""
    return prefix + sha256("\x1f".join(parts).encode()).hexdigest()[:12]
