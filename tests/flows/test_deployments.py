"""The night on a schedule: the server makes runs of it, and a run it starts delivers."""

from __future__ import annotations

import json
import os
import runpy
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from replenish.night import attempts
from replenish.night.folder import Place
from tests.flows.company import write_company
from tests.flows.conftest import FLOWS, run_flow, running

pytestmark = pytest.mark.prefect
SCHEDULE_SECONDS = 180
RUN_SECONDS = 300
BUSY = 503  # another part of the server holds its database


def ask(server: str, path: str, **body: Any) -> Any:
    """One question to the server's API."""
    request = urllib.request.Request(
        f"{server}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    for patience in (1, 2, 4, 8, None):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != BUSY or patience is None:
                raise
            time.sleep(patience)
    return None


def until(seconds: float, found: Callable[[], Any], log: Path) -> Any:
    """What `found` gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(0.5)
    raise TimeoutError(log.read_text())


@pytest.fixture(scope="module")
def served(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, dict[str, Any]]]:
    """A company whose nights are served: its folder, the log, and the deployment as the server knows it."""
    place = tmp_path_factory.mktemp("served")
    company = write_company(place / "company")
    when = ["--cron", "30 4 * * *", "--timezone", "Europe/Berlin", "--name", "tiny"]
    command = [sys.executable, str(FLOWS / "deployments.py"), str(company), *when]
    with running(command, place / "log", PREFECT_API_URL=server, PREFECT_RUNNER_POLL_FREQUENCY="1"):
        known = until(SCHEDULE_SECONDS, lambda: _both(ask(server, "deployments/filter")), place / "log")
        yield company, place / "log", known["tiny"]


def test_schedule_really_creates_runs(server: str, served: tuple[Path, Path, dict[str, Any]]) -> None:
    """The server plans nights at the hour asked for: with the wrong dependencies it silently does not."""
    _, log, deployment = served
    planned = until(SCHEDULE_SECONDS, lambda: ask(server, "flow_runs/filter", flow_runs=_scheduled(deployment)), log)
    assert {run["deployment_id"] for run in planned} == {deployment["id"]}
    hours = {run["expected_start_time"][11:16] for run in planned}
    assert hours <= {"02:30", "03:30"}  # half past four in Berlin, in summer and in winter
    assert deployment["concurrency_limit"] is None
    (schedule,) = deployment["schedules"]
    assert schedule["schedule"]["timezone"] == "Europe/Berlin"
    assert schedule["active"]


@pytest.mark.slow
def test_an_outage_of_three_nights_is_one_night_of_work(server: str, served: tuple[Path, Path, dict[str, Any]]) -> None:
    """Runs that were missed are all started: the first is a night like any other, the others see that it is done."""
    company, log, deployment = served
    missed = [datetime.now(UTC) - timedelta(days=back) for back in range(3, 0, -1)]
    path = f"deployments/{deployment['id']}/create_flow_run"
    runs = [
        ask(server, path, state={"type": "SCHEDULED", "state_details": {"scheduled_time": day.isoformat()}})
        for day in missed
    ]
    ended = [until(RUN_SECONDS, lambda run=run: _ended(server, run["id"]), log)["state"] for run in runs]
    assert {state["type"] for state in ended} == {"COMPLETED"}, log.read_text()
    assert sorted(state["name"] for state in ended) == ["Completed", "Skipped", "Skipped"]
    assert all("done already by the run begun at" in state["message"] for state in ended if state["name"] == "Skipped")
    assert [one.outcome for one in attempts.read(company / ".replenish")] == ["done"]
    (published,) = [one for one in (company / "runs").iterdir() if not one.is_symlink()]
    assert (published / "proposals" / "proposals.csv").is_file()
    asked = {"flow_run_id": {"any_": [run["id"] for run in runs]}}
    (artifact,) = ask(server, "artifacts/filter", artifacts=asked)
    assert published.name in artifact["data"]
    assert str(published / "report" / "index.html") in artifact["data"]


def test_a_run_that_finds_another_says_so_and_leaves(server: str, served: tuple[Path, Path, dict[str, Any]]) -> None:
    """No alarm: it ends as skipped, and names who is at work."""
    company, log, deployment = served
    with Place.at(company).lock():
        started = ask(server, f"deployments/{deployment['id']}/create_flow_run", name="second")
        state = until(RUN_SECONDS, lambda: _ended(server, started["id"]), log)["state"]
    assert (state["type"], state["name"]) == ("COMPLETED", "Skipped")
    assert f"another run is working in {company} (replenish run, process {os.getpid()} on" in state["message"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--cron", "30 25 * * *"], "hour '25' is none of 0 to 23"),
        (["--timezone", "Europe/Berln"], "names look like Europe/Berlin"),
    ],
)
def test_a_schedule_nobody_can_follow_is_refused(
    wrong: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is started, with the part that is wrong."""
    monkeypatch.setattr(sys, "argv", ["deployments.py", str(write_company(tmp_path / "company")), *wrong])
    with pytest.raises(SystemExit) as refused:
        runpy.run_path(str(FLOWS / "deployments.py"), run_name="__main__")
    assert refused.value.code == 2
    assert said in capsys.readouterr().err


def test_server_must_be_there(tmp_path: Path) -> None:
    """Without a server nothing would ever start; it is refused with the two steps that mend it."""
    when = ["--cron", "30 4 * * *", "--timezone", "Europe/Berlin"]
    done = run_flow("deployments.py", write_company(tmp_path / "company"), *when)
    assert done.returncode == 2
    assert "prefect server start" in done.stderr
    assert "PREFECT_API_URL" in done.stderr


def _both(known: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The deployment of the nights, once the one of the loads is there, too."""
    found = {one["parameters"].get("out", "load"): one for one in known if one["name"] == "tiny"}
    return {"tiny": found[None], "load": found["load"]} if len(found) == 2 else None


def _scheduled(deployment: dict[str, Any]) -> dict[str, Any]:
    return {"deployment_id": {"any_": [deployment["id"]]}, "state": {"type": {"any_": ["SCHEDULED"]}}}


def _ended(server: str, run_id: str) -> dict[str, Any] | None:
    (run,) = ask(server, "flow_runs/filter", flow_runs={"id": {"any_": [run_id]}})
    return run if run["state"]["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None
