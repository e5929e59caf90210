"""The night on a schedule: the server makes runs of it, and a run it starts delivers."""

from __future__ import annotations

import json
import runpy
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.company import write_company
from tests.flows.conftest import FLOWS, run_flow, running

pytestmark = pytest.mark.prefect
SCHEDULE_SECONDS = 60
RUN_SECONDS = 90


def ask(server: str, path: str, **body: Any) -> Any:
    """One question to the server's API."""
    request = urllib.request.Request(
        f"{server}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


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
        known = until(SCHEDULE_SECONDS, lambda: ask(server, "deployments/filter"), place / "log")
        yield company, place / "log", known[0]


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


def test_served_night_delivers(server: str, served: tuple[Path, Path, dict[str, Any]]) -> None:
    """A run the server starts is a night like any other."""
    company, log, deployment = served
    started = ask(server, f"deployments/{deployment['id']}/create_flow_run", name="now")
    ended = until(RUN_SECONDS, lambda: _ended(server, started["id"]), log)
    assert ended["state"]["type"] == "COMPLETED", log.read_text()
    assert (company / "runs" / "latest" / "proposals" / "proposals.csv").is_file()


def test_time_zone_must_be_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A cron line without a time zone is refused."""
    monkeypatch.setattr(sys, "argv", ["deployments.py", "company", "--cron", "30 4 * * *"])
    with pytest.raises(SystemExit) as refused:
        runpy.run_path(str(FLOWS / "deployments.py"), run_name="__main__")
    assert refused.value.code == 2
    assert "--timezone" in capsys.readouterr().err


def test_server_must_be_there(tmp_path: Path) -> None:
    """Without a server nothing would ever start; it is refused with the two steps that mend it."""
    when = ["--cron", "30 4 * * *", "--timezone", "Europe/Berlin"]
    done = run_flow("deployments.py", write_company(tmp_path / "company"), *when)
    assert done.returncode == 2
    assert "prefect server start" in done.stderr
    assert "PREFECT_API_URL" in done.stderr


def _scheduled(deployment: dict[str, Any]) -> dict[str, Any]:
    return {"deployment_id": {"any_": [deployment["id"]]}, "state": {"type": {"any_": ["SCHEDULED"]}}}


def _ended(server: str, run_id: str) -> dict[str, Any] | None:
    (run,) = ask(server, "flow_runs/filter", flow_runs={"id": {"any_": [run_id]}})
    return run if run["state"]["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None
