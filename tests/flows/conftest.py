"""One orchestrator for all of these tests, in a home of its own, started once and ended with everything it started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.flows.company import write_company

ROOT = Path(__file__).parent.parent.parent
FLOWS = ROOT / "flows"
COMMAND = Path(sys.executable).parent / "replenish"
PATIENCE_SECONDS = 300


def environment(**more: str) -> dict[str, str]:
    """This environment without anything the user has told Prefect, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "REPLENISH_"))}
    return {**kept, **more}


def run_flow(file: str, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    """A flow file run by hand to its end."""
    command = [sys.executable, str(FLOWS / file), *map(str, arguments)]
    return subprocess.run(
        command, env=environment(**more), capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )


@contextmanager
def running(command: list[str], log: Path, **more: str) -> Iterator[psutil.Process]:
    """A process that is ended, with all that it started, on the way out."""
    with log.open("w") as told:
        started = psutil.Popen(command, env=environment(**more), stdout=told, stderr=subprocess.STDOUT)
        try:
            yield started
        finally:
            family = [started, *started.children(recursive=True)] if started.is_running() else []
            for one in family:
                one.terminate()
            _, alive = psutil.wait_procs(family, timeout=5)
            for one in alive:
                one.kill()
            psutil.wait_procs(alive, timeout=5)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company whose night is planned first, under Prefect's own temporary server."""
    return write_company(tmp_path_factory.mktemp("first") / "company")


@pytest.fixture(scope="session")
def first_night(company: Path) -> subprocess.CompletedProcess[str]:
    """A night the way `make run` plans it: nothing set up, Prefect's home is made on the way."""
    return run_flow("nightly.py", company)


@pytest.fixture(scope="session")
def server(first_night: object, company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Prefect server on a free port, on the database that the first night has made."""
    port, home = free_port(), company / ".replenish" / "prefect"
    url = f"http://127.0.0.1:{port}/api"
    command = [str(COMMAND.parent / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    log = tmp_path_factory.mktemp("server") / "log"
    quiet = {"PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    with running(command, log, **quiet):
        _wait_for(f"{url}/health", log)
        yield url


def _wait_for(url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"no answer from {url}:\n{log.read_text()}")
