"""`replenish whatif`: tonight planned twice, as the settings are and as they might be."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from replenish.terminal import progress, say, told


def whatif(
    folder: Path = Path(),
    /,
    *,
    changes: Annotated[list[str], Parameter(name="--set")],
    as_of: date | None = None,
    out: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Plan tonight twice for the company in FOLDER, as the settings are and with changes, and compare both plans.

    Nothing is published, and the company's state is not touched: both plans live in a warehouse of their own.

    Parameters
    ----------
    folder
        Folder with replenish.toml; the present one if left out.
    changes
        A setting and its value, such as defaults.service_target=0.98; may be given several times.
    as_of
        Last closed day, as YYYY-MM-DD; the last day the data knows if left out.
    out
        Folder for compare.csv and nodes.csv; nothing is written if left out.
    as_json
        Print one JSON object on standard output instead of text.
    """
    with told():
        from replenish.night.whatif import compare_plans

        found = compare_plans(folder, changes, as_of=as_of, progress=progress)
        if out:
            out.mkdir(parents=True, exist_ok=True)
            found.figures.write_csv(out / "compare.csv")
            found.nodes.write_csv(out / "nodes.csv")
        say(json.dumps(found.as_data(), indent=2) if as_json else found.text())
