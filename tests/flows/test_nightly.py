"""The nightly flow: the same night as the command line's, watched by Prefect and never in its hands."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from replenish.night.folder import Place
from replenish.night.replay import differing
from tests.flows.company import write_company
from tests.flows.conftest import COMMAND, environment, free_port, run_flow

pytestmark = pytest.mark.prefect
STAGES = ("ingest", "core", "demand", "forecast", "order", "produce", "propose", "compare", "prove", "publish")


def published(company: Path) -> Path:
    """The newest run of a company."""
    return (company / "runs" / "latest").resolve(strict=True)


def run_command(company: Path) -> subprocess.CompletedProcess[str]:
    """The same night on the command line, without Prefect."""
    return subprocess.run(
        [COMMAND, "run", company], env=environment(), capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="session")
def plain_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `replenish run` publishes for the company."""
    company = write_company(tmp_path_factory.mktemp("plain") / "company")
    done = run_command(company)
    assert done.returncode == 0, done.stderr
    return published(company)


def test_night_runs_under_prefect(first_night: subprocess.CompletedProcess[str], company: Path) -> None:
    """From nothing: Prefect starts, every stage is a task, and the last lines say where the results are."""
    assert first_night.returncode == 0, first_night.stderr
    run = published(company)
    assert first_night.stdout.splitlines()[-2:] == [
        f"report     {run / 'report' / 'index.html'}",
        f"proposals  {run / 'proposals' / 'proposals.csv'}",
    ]
    assert (run / "report" / "index.html").is_file()
    assert (run / "proposals" / "proposals.csv").is_file()
    for stage in STAGES:
        assert f"Task run '{stage}-" in first_night.stderr
    assert "does not work" not in first_night.stderr


def test_prefect_lives_in_the_state_folder(first_night: object, company: Path) -> None:
    """Nothing is left in the user's home."""
    assert (company / ".replenish" / "prefect" / "prefect.db").is_file()


def test_flow_and_command_publish_the_same_bytes(first_night: object, company: Path, plain_night: Path) -> None:
    """Who runs the night does not change a byte of it."""
    assert published(company).name == plain_night.name
    assert differing(published(company), plain_night) == []


def test_night_delivers_where_no_server_answers(tmp_path: Path, plain_night: Path) -> None:
    """PREFECT_API_URL points at a closed port: the night says so and goes on."""
    company = write_company(tmp_path / "company")
    done = run_flow("nightly.py", company, PREFECT_API_URL=f"http://127.0.0.1:{free_port()}/api")
    assert done.returncode == 0, done.stderr
    assert "Prefect does not work here" in done.stderr
    assert differing(published(company), plain_night) == []


def test_night_delivers_where_prefect_cannot_be_imported(tmp_path: Path, plain_night: Path) -> None:
    """A broken installation of Prefect is told, and the night goes on."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "prefect.py").write_text("raise TypeError('a dependency has moved')\n")
    company = write_company(tmp_path / "company")
    done = run_flow("nightly.py", company, "--out", tmp_path / "out", PYTHONPATH=str(tmp_path / "broken"))
    assert done.returncode == 0, done.stderr
    assert (
        "Prefect does not work here, so the work goes on without it: TypeError: a dependency has moved" in done.stderr
    )
    assert differing((tmp_path / "out" / "latest").resolve(), plain_night) == []


def test_trouble_of_the_night_is_told_once_and_plainly(tmp_path: Path, server: str) -> None:
    """An input error ends with its message and exit code 2, not with a traceback and not with a second try."""
    company = write_company(tmp_path / "company")
    (company / "inputs" / "stock.csv").unlink()
    done = run_flow("nightly.py", company, PREFECT_API_URL=server)
    assert done.returncode == 2, done.stderr
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("replenish: ")]
    assert "stock" in line
    assert "Traceback" not in done.stderr
    assert done.stderr.count("Beginning flow run") == 1
    assert "goes on without it" not in done.stderr


def test_no_company_no_prefect(tmp_path: Path) -> None:
    """A folder without settings is refused before anything is started."""
    done = run_flow("nightly.py", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("replenish: no replenish.toml")


def test_second_night_at_once_is_busy(tmp_path: Path, server: str) -> None:
    """Two nights never work in one folder: the second says so and ends with 4."""
    company = write_company(tmp_path / "company")
    with Place.at(company).lock():
        watched, plain = run_flow("nightly.py", company, PREFECT_API_URL=server), run_command(company)
    assert (watched.returncode, plain.returncode) == (4, 4)
    for done in (watched, plain):
        assert f"replenish: another run is working in {company}" in done.stderr
    assert "Traceback" not in watched.stderr
    assert not (company / "runs").exists()


@pytest.mark.parametrize("stage", [pytest.param("forecast", marks=pytest.mark.slow), "publish"])
def test_killed_night_leaves_nothing_and_runs_again(stage: str, tmp_path: Path, plain_night: Path) -> None:
    """kill -9 in the middle of any stage: nothing half-done is visible, and the next try gives the same bytes."""
    company = write_company(tmp_path / "company")
    command = [str(COMMAND), "run", str(company)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as night:
        assert night.stderr is not None
        assert any(line.startswith(f"{stage} ...") for line in night.stderr)
        os.kill(night.pid, signal.SIGKILL)
        assert night.wait() == -signal.SIGKILL
    assert not (company / "runs" / "latest").exists()
    done = run_command(company)
    assert done.returncode == 0, done.stderr
    assert [one.name for one in (company / "runs").iterdir() if one.is_dir() and not one.is_symlink()] == [
        plain_night.name
    ]
    assert differing(published(company), plain_night) == []
