"""All that a company's nights need, in one service: the server on loopback, the schedules, an eye on the clock."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from replenish.cron import Cron
from replenish.night import attempts, catch_up, watched
from replenish.night.address import address
from replenish.night.children import Child, ServiceError
from replenish.night.folder import Place
from replenish.night.notify import Message, Say
from replenish.night.shelter import prefect_environment
from replenish.share import share_path

START_SECONDS, LOOK_SECONDS = 180.0, 60.0
LOG = "server.log"
LOWEST_PRIORITY = 19


def serve(folder: Path, *, host: str, port: int, say: Say) -> None:
    """Keep the company's nights going until told to stop.

    Raises `BusyError` when they are kept going already, `AddressError`, and `ServiceError` when a part of it ends.
    """
    place = Place.at(folder.resolve())
    with place.lock("serve"), _told_to_stop() as stop, ExitStack() as leaving:
        prefect_environment(place.state)
        children = []
        if not os.environ.get("PREFECT_API_URL"):
            os.environ["PREFECT_API_URL"] = address(host, port, say)
            command = [sys.executable, "-m", "prefect", "server", "start", "--host", host, "--port", str(port)]
            children.append(Child("server", command, place.state / "prefect" / LOG))
            leaving.callback(children[0].stop)
        api = os.environ["PREFECT_API_URL"]
        if not _answers(api, place, children, stop):
            return
        flows = [sys.executable, str(share_path("flows") / "deployments.py"), str(place.folder)]
        children.append(Child("nights", flows))
        leaving.callback(children[-1].stop)
        if place.settings.schedule.backtest:
            children.append(Child("backtests", [*flows, "--serve", "backtests"], niceness=LOWEST_PRIORITY))
            leaving.callback(children[-1].stop)
        say(f"dashboard  {api.removesuffix('/api')}")
        for line in next_times(place, attempts.now()):
            say(line)
        _keep_going(place, children, stop, say)


def next_times(place: Place, moment: datetime) -> Iterator[str]:
    """A line for each schedule: when it comes next, by the company's clocks."""
    times = place.settings.schedule
    for name, line in (("nightly", times.nightly), ("ingest", times.ingest), ("backtest", times.backtest)):
        when = Cron.of(line).after(moment, ZoneInfo(times.time_zone)) if line else None
        yield f"{name:9}  {f'{when:%a %Y-%m-%d %H:%M} {times.time_zone}' if when else 'switched off'}"


def _keep_going(place: Place, children: list[Child], stop: threading.Event, say: Say) -> None:
    look_at, or_stopped = time.monotonic(), True
    while not stop.wait(0.2):
        for child in children:
            if child.code is not None:
                why = f"the service stopped: its part `{child.name}` ended with code {child.code}"
                watched.tell(place, Message("failed", why, str(place.folder)), say)
                raise ServiceError(why)
        if time.monotonic() >= look_at:
            look_at += LOOK_SECONDS
            for message in watched.look(place, attempts.now(), say):
                say(message.headline)
            api = os.environ["PREFECT_API_URL"]
            is_settled = catch_up.plan_again(place, api, attempts.now(), say, or_stopped=or_stopped)
            or_stopped = or_stopped and not is_settled
    say("stopping ...")


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by Ctrl-C and by SIGTERM."""
    stop = threading.Event()
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _answers(api: str, place: Place, children: list[Child], stop: threading.Event) -> bool:
    """Wait for the server; False when told to stop meanwhile. Raises `ServiceError` when it does not come."""
    end = time.monotonic() + START_SECONDS
    log = f"see {place.state / 'prefect' / LOG}" if children else "is PREFECT_API_URL right?"
    while not stop.wait(0.3):
        try:
            with urllib.request.urlopen(f"{api}/health", timeout=5):
                return True
        except urllib.error.HTTPError as error:
            error.close()
        except (OSError, ValueError):
            pass
        if any(child.code is not None for child in children) or time.monotonic() >= end:
            raise ServiceError(f"no Prefect server answers at {api}: {log}")
    return False
