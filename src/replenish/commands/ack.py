"""`replenish ack`: what became of proposals, told by an ERP or a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from replenish.terminal import say, told

REFUSED = 2


def ack(
    file: Path,
    /,
    *,
    folder: Path = Path(),
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> None:
    """Read what was accepted, edited or rejected from FILE, so that the next night counts it as ordered.

    FILE is csv, xlsx or parquet with the columns proposal_id and status (accepted, edited, rejected, expired) and,
    where they are known, qty, date, erp_order_id, user, reason, at and run_id: or proposals.csv itself with a column
    status added in a spreadsheet. Rows without a status are not answered yet. The same file twice changes nothing.

    Without `at` an answer counts as given on the morning its run was made for: the day after the run's as-of.

    Exit codes: 0 every row was taken, 2 some rows were refused (the others are taken) or the file cannot be read,
    4 a run is working in the folder.

    Parameters
    ----------
    file
        File of answers, outside of the inputs folder; what is taken is written to inputs/acknowledge/.
    folder
        Folder with replenish.toml; the present one if left out.
    as_json
        Print one JSON object on standard output instead of text.
    """
    with told():
        from replenish.night.acknowledge import acknowledge
        from replenish.night.folder import Place

        done = acknowledge(Place.at(folder), file)
        say(json.dumps(done.as_data(), indent=2) if as_json else done.text())
    if done.refused.height:
        raise SystemExit(REFUSED)
