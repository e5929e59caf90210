"""`replenish backtest`: history replayed, every rule beside the others and beside the user's own."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from replenish.terminal import progress, say, told


def backtest(
    folder: Path = Path(),
    /,
    *,
    weeks: int = 78,
    as_of: date | None = None,
    items: int = 200,
    out: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Replay history for the company in FOLDER: what would the nightly rule have cost, and what the rules beside it?

    Week by week, each rule sees only what was known then and works on the stock it would itself have had. The earlier
    windows choose each rule's one dial, the later ones judge. If your own rule is not beaten, it says so.

    Parameters
    ----------
    folder
        Folder with replenish.toml; the present one if left out.
    weeks
        How far back to begin; warm-up, choice of dials and judgement share them.
    as_of
        Last day of history, as YYYY-MM-DD; the last day the data knows if left out.
    items
        Items replayed at most, with all their locations: those with ids whose checksums are lowest. 0 is all.
    out
        Folder for the tables and the page; the runs folder's `backtest` if left out.
    as_json
        Print one JSON object on standard output instead of text.
    """
    with told():
        from replenish.night.backtest_files import replay_folder

        found = replay_folder(folder, weeks=weeks, as_of=as_of, items=items, out=out, progress=progress)
        say(json.dumps(found.as_data(), indent=2) if as_json else found.text())
