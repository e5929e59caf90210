"""The night on a schedule: `python flows/deployments.py FOLDER --cron "0 4 * * *" --timezone Europe/Berlin`.

Needs a Prefect server (`prefect server start --host 127.0.0.1`) and its address in PREFECT_API_URL; stays in the
foreground and starts each night in a process of its own. A night whose run is already published does nothing, so nights
that were missed and are caught up do no harm.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from zoneinfo import ZoneInfo

from replenish.night.folder import Place
from replenish.night.shelter import prefect_environment


def main() -> None:
    """Serve the nightly flow of one company until stopped."""
    parser = argparse.ArgumentParser(prog="flows/deployments.py", description="Plan a company's nights on a schedule.")
    parser.add_argument("folder", type=Path, help="folder with replenish.toml")
    parser.add_argument("--cron", required=True, help='when, for example "0 4 * * *"')
    parser.add_argument("--timezone", required=True, type=ZoneInfo, help="time zone of --cron, such as Europe/Berlin")
    parser.add_argument("--out", type=Path, help="folder in which the runs appear")
    parser.add_argument("--name", help="name of the deployment; the folder's name if left out")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    prefect_environment(Place.at(folder).state)
    from nightly import nightly
    from prefect.schedules import Cron
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        parser.error(
            "no Prefect server: `prefect server start --host 127.0.0.1`, and set PREFECT_API_URL to its address"
        )
    nightly.serve(
        name=asked.name or folder.name,
        schedule=Cron(asked.cron, timezone=asked.timezone.key),
        parameters={"folder": str(folder), "out": str(asked.out.resolve()) if asked.out else None},
        limit=1,  # one night after another
        pause_on_shutdown=False,  # a restart must not stop the nights to come
    )


if __name__ == "__main__":
    main()
