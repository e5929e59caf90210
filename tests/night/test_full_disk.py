"""A disk that fills up at any moment of a night: one message, everything whole, the next night comes out the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.night import crashing

pytestmark = pytest.mark.slow

ROOM = 400 << 20
SCANT = (200 << 10, 3 << 20, 6 << 20, 9 << 20, 12 << 20)  # more and more: the night ends in later and later stages


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of its own, in memory, whose size can be changed."""
    place = tmp_path_factory.mktemp("disk")
    if os.geteuid() != 0 or shutil.which("mount") is None or not _mount(place, f"size={ROOM}"):
        pytest.skip("a disk that is full needs the right to mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's first night on a disk with room."""
    company = crashing.write_company(tmp_path_factory.mktemp("undisturbed") / "company")
    crashing.hand_in(company, 0)
    crashing.plan(company)
    return company


def test_a_full_disk_is_told_and_costs_nothing(disk: Path, undisturbed: Path) -> None:
    company = crashing.write_company(disk / "company")
    crashing.hand_in(company, 0)
    reached = []
    for scant in SCANT:
        used = shutil.disk_usage(disk).used
        assert _mount(disk, f"remount,size={used + scant}")
        run = crashing.run(company)
        assert _mount(disk, f"remount,size={ROOM}")
        crashing.check(company)
        if run.returncode == 0:
            break
        assert run.returncode == 1, run.stderr
        *told, last = run.stderr.strip().splitlines()
        assert last.startswith("replenish: "), run.stderr
        assert "is full" in last or "No space left on device" in last, run.stderr
        reached.append([line for line in told if line.endswith(" ...")][-1])
    assert len(set(reached)) >= 3, reached
    crashing.plan(company)
    assert crashing.differing(company / "runs", undisturbed / "runs") == []


def _mount(place: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
