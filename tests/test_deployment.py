"""The unit files and the container file of the docs: they call what there is, and systemd understands them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from replenish.cli import app

ROOT = Path(__file__).parents[1]
DEPLOYMENT = ROOT / "docs" / "deployment"
UNITS = sorted(DEPLOYMENT.glob("*@.*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
CONTAINER = (DEPLOYMENT / "Containerfile").read_text("utf-8")
NEEDS_SYSTEMD = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
MOST_EXPOSED = 3.0  # of 10, as `systemd-analyze security` counts


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_services_call_commands_there_are(unit: Path) -> None:
    """A renamed command or option must not be found out at four in the morning."""
    (line,) = re.findall(r"^ExecStart=\S+/replenish (.*)$", unit.read_text("utf-8"), flags=re.MULTILINE)
    _, bound, _ = app.parse_args(line.replace("${PORT}", "4200").replace("%i", "shop").split(), exit_on_error=False)
    assert bound.arguments["folder"] == Path("/srv/replenish/shop")


@NEEDS_SYSTEMD
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """Every key is known, and services are kept to their own company."""
    true = shutil.which("true")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/replenish/.venv/bin/replenish", str(true))
        (tmp_path / unit.name.replace("@.", "@shop.")).write_text(text)
    units = sorted(tmp_path.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "replenish" in line]
    assert not ours, done.stderr
    for service in (unit for unit in units if unit.suffix == ".service"):
        asked = ["systemd-analyze", "security", "--offline=yes", "--no-pager", service]
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
        assert exposure, said
        assert float(exposure[1]) <= MOST_EXPOSED


def test_the_container_takes_what_there_is_and_runs_as_nobody_special() -> None:
    """Every file it copies is there, packages come from the lock with their hashes, and root is left behind."""
    for line in re.findall(r"^COPY (?!--from)(.*)$", CONTAINER, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert "--require-hashes -r lock.txt" in CONTAINER
    last = CONTAINER.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001$", last, flags=re.MULTILINE)
    command = re.search(r'^CMD \["(\w+)", "/company"\]$', last, flags=re.MULTILINE)
    assert command
    assert app.parse_args([command[1], "/company"], exit_on_error=False)
