"""`replenish serve`: one command starts it all on loopback, and one signal stops it all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from replenish.night import address, attempts
from replenish.night.folder import Place
from replenish.night.service import next_times
from tests.asked import asked
from tests.flows.company import write_company
from tests.flows.conftest import COMMAND, PATIENCE_SECONDS, environment, free_port, running
from tests.flows.test_deployments import ask, until


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A company, and an environment in which nobody has told Prefect anything."""
    monkeypatch.setattr(os, "environ", environment())
    return write_company(tmp_path / "shop")


def ended(process: psutil.Popen, log: Path) -> int:
    """Exit code of a service that was told to stop; nothing it started outlives it."""
    family = process.children(recursive=True)
    process.send_signal(signal.SIGTERM)
    code = process.wait(PATIENCE_SECONDS)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive, log.read_text()
    return int(code)


@pytest.mark.prefect
@pytest.mark.slow
def test_serves_on_a_server_that_is_there(server: str, shop: Path, tmp_path: Path) -> None:
    """Its schedules appear there; a night that lost its machine is planned again; a second service of the company
    leaves; SIGTERM ends it with all its parts."""
    log, state = tmp_path / "log", shop / ".replenish"
    attempts.begin(state, "run")
    command = [str(COMMAND), "serve", str(shop)]
    with running(command, log, PREFECT_API_URL=server, PREFECT_RUNNER_POLL_FREQUENCY="1") as service:
        names = {"nightly", "ingest", "backtest"}
        path = "deployments/filter"
        until(
            PATIENCE_SECONDS,
            lambda: len(ask(server, path, deployments={"name": {"any_": ["shop"]}})) == len(names),
            log,
        )
        schedules = [one["schedules"] for one in ask(server, path, deployments={"name": {"any_": ["shop"]}})]
        assert sorted(schedule["active"] for (schedule,) in schedules) == [False, True, True]
        second = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=120)
        assert second.returncode == 4
        assert f"`replenish serve` is already at work for {shop} (replenish serve, process {service.pid}" in (
            second.stderr
        )
        until(PATIENCE_SECONDS, lambda: [one.outcome for one in attempts.read(state)] == ["died", "done"], log)
        assert (shop / "runs" / "latest" / "manifest.json").is_file()
        assert ended(service, log) == 0
    said = log.read_text()
    assert f"dashboard  {server.removesuffix('/api')}" in said
    assert "ingest     switched off" in said
    assert "was killed or lost its machine" in said
    assert "planned again now" in said
    assert "stopping ..." in said
    assert "Traceback" not in said


@pytest.mark.prefect
@pytest.mark.slow
def test_starts_a_server_of_its_own_and_notices_its_death(shop: Path, tmp_path: Path) -> None:
    """On loopback only, with its data in the state folder; when a part dies the service says so and ends with 1."""
    log, port = tmp_path / "log", free_port()
    with running([str(COMMAND), "serve", str(shop), "--port", str(port)], log) as service:
        until(PATIENCE_SECONDS, lambda: "nightly    " in log.read_text(), log)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=30) as answer:
            assert answer.status == 200
        listening = [one.laddr.ip for one in psutil.net_connections("tcp") if one.laddr and one.laddr.port == port]
        assert set(listening) == {"127.0.0.1"}
        assert (shop / ".replenish" / "prefect" / "prefect.db").is_file()
        (part,) = [one for one in service.children() if "server" in one.cmdline()]
        part.kill()
        assert service.wait(PATIENCE_SECONDS) == 1
    assert "its part `server` ended with code -9" in log.read_text()


def test_a_port_that_is_taken_is_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started, with two ways out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert asked("serve", shop, "--port", str(port)) == 2
    said = capsys.readouterr().err
    assert f"nobody can listen on 127.0.0.1, port {port}" in said
    assert "--port" in said
    assert "PREFECT_API_URL" in said


def test_only_this_machine_unless_somebody_said_otherwise_with_a_password(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reaches the dashboard can start work: without a password it stays on loopback."""
    assert asked("serve", shop, "--host", "0.0.0.0") == 2
    assert "PREFECT_SERVER_API_AUTH_STRING" in capsys.readouterr().err
    monkeypatch.setitem(os.environ, "PREFECT_SERVER_API_AUTH_STRING", "me:secret")
    said: list[str] = []
    assert address.address("0.0.0.0", free_port(), said.append).startswith("http://127.0.0.1:")
    assert "can be reached from outside" in said[0]
    assert "secret" not in said[0]
    for host in ("127.0.0.1", "localhost"):
        assert address.address(host, free_port(), said.append).startswith(f"http://{host}:")
    assert len(said) == 1


def test_a_port_must_be_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Port 0 would be waited for in vain."""
    assert asked("serve", shop, "--port", "0") == 2
    assert "port 0 is any that is free" in capsys.readouterr().err


def test_no_company_no_service(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without settings is refused like everywhere."""
    assert asked("serve", tmp_path) == 2
    assert "no replenish.toml" in capsys.readouterr().err


def test_next_times_are_told_by_the_clocks_of_the_company(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its zone; what is switched off says so."""
    monkeypatch.setitem(os.environ, "REPLENISH_SCHEDULE__TIME_ZONE", "Europe/Berlin")
    assert list(next_times(Place.at(shop), datetime(2026, 11, 30, 12, tzinfo=UTC))) == [
        "nightly    Tue 2026-12-01 04:00 Europe/Berlin",
        "ingest     switched off",
        "backtest   Tue 2026-12-01 12:00 Europe/Berlin",
    ]
