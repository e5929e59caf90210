"""A company's work on its schedule: `python flows/deployments.py FOLDER`, which `replenish serve` calls.

Needs a Prefect server (`prefect server start --host 127.0.0.1`) and its address in PREFECT_API_URL; stays in the
foreground and starts each run in a process of its own, one after another, so that a night never meets a load. Backtests
take hours, and are served by a second process (`--serve backtests`) beside the nights. Runs that were missed are all
started after an outage: the first does the work, the others see that it is done.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from replenish.night import launch
from replenish.night.shelter import prefect_environment

NEVER = "0 0 1 1 *"  # for a schedule that is switched off


def main() -> None:
    """Serve the flows of one company until stopped."""
    parser, asked, place = launch.asked_to_serve()
    prefect_environment(place.state)
    from prefect import serve
    from prefect.deployments.runner import RunnerDeployment
    from prefect.schedules import Cron
    from prefect.settings import PREFECT_API_URL

    if not PREFECT_API_URL.value():
        parser.error(
            "no Prefect server: `prefect server start --host 127.0.0.1`, and set PREFECT_API_URL to its address"
        )

    def deployed(flow: str, cron: str, **parameters: Any) -> RunnerDeployment:
        when = Cron(cron or NEVER, timezone=asked.timezone, active=bool(cron))
        handed = {"folder": str(place.folder), **parameters}
        entry = f"{Path(__file__).resolve().parent / flow}.py:{flow}"
        return RunnerDeployment.from_entrypoint(entry, asked.name, schedule=when, parameters=handed)

    times = place.settings.schedule
    if asked.serve == "backtests":
        work = [deployed("backtest", times.backtest)]
    else:
        out = str(asked.out.resolve()) if asked.out else None
        work = [deployed("nightly", asked.cron or times.nightly, out=out), deployed("ingest", times.ingest)]
    # A restart must not stop the nights to come.
    serve(*work, limit=1, pause_on_shutdown=False, print_starting_message=False)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # stopped while it starts
        main()
