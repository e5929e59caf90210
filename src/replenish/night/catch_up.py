"""A night that lost its machine is planned again when the machine is back, without waiting for the next one's hour."""

from __future__ import annotations

import base64
import json
import os
import urllib.request
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from replenish.cron import Cron
from replenish.night import attempts
from replenish.night.folder import Place
from replenish.night.notify import Say

MOST_ATTEMPTS = 3  # a night that kills its machine must not do so until morning
TIMEOUT_SECONDS = 10.0


def is_lost(place: Place, moment: datetime, *, or_stopped: bool) -> bool:
    """Whether the newest night due was begun and only ever killed, `or_stopped` by whoever ended the service."""
    schedule = place.settings.schedule
    due = Cron.of(schedule.nightly).before(moment, ZoneInfo(schedule.time_zone))
    since = [one for one in attempts.read(place.state) if one.kind == "run" and one.began >= due]
    lost = {"died", "stopped"} if or_stopped else {"died"}
    return 0 < len(since) < MOST_ATTEMPTS and all(one.outcome in lost for one in since)


def plan_again(place: Place, api: str, moment: datetime, say: Say, *, or_stopped: bool) -> bool:
    """Have the server start the night again where it was lost; False where the server would not, which is only told."""
    if not is_lost(place, moment, or_stopped=or_stopped):
        return True
    try:
        name = quote(place.folder.name, safe="")
        deployment = _ask(f"{api}/deployments/name/nightly/{name}")["id"]
        waiting = {"deployment_id": {"any_": [deployment]}, "state": {"type": {"any_": ["SCHEDULED", "PENDING"]}}}
        asked = {"flow_runs": {**waiting, "tags": {"all_": ["again"]}}, "limit": 1}
        if not _ask(f"{api}/flow_runs/filter", asked):
            _ask(f"{api}/deployments/{deployment}/create_flow_run", {"tags": ["again"]})
            say("the night was lost with its process: planned again now")
    except (OSError, ValueError, KeyError) as error:
        say(f"the night was lost with its process, and cannot be planned again yet: {type(error).__name__}")
        return False
    return True


def _ask(url: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Content-Type": "application/json"}
    if login := os.environ.get("PREFECT_API_AUTH_STRING"):
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=TIMEOUT_SECONDS) as answer:
        return json.load(answer)
