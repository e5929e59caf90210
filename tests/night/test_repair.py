"""A damaged warehouse, too little memory, two at once: the next night sets things right, and none does harm."""

from __future__ import annotations

import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from replenish.night.folder import Place
from replenish.night.repair import NAME, DamagedError
from replenish.night.run import load_folder, run_folder
from replenish.night.trouble import exit_code, sentence
from replenish.trace import trace
from tests.night import crashing

TORN, EMPTY, OVERWRITTEN = "torn", "empty", "overwritten"


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company after its first night; the second night's files are there."""
    company = crashing.write_company(tmp_path_factory.mktemp("first") / "company")
    crashing.hand_in(company, 0)
    crashing.plan(company)
    crashing.hand_in(company, 1)
    return company


@pytest.fixture(scope="module")
def second_night(first_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after its second night, undamaged."""
    company = _copy(first_night, tmp_path_factory.mktemp("second") / "company")
    crashing.plan(company)
    return company


@pytest.mark.parametrize("damage", [TORN, EMPTY, OVERWRITTEN])
def test_a_damaged_warehouse_is_set_aside_and_the_night_comes_out_the_same(
    damage: str, first_night: Path, second_night: Path, tmp_path: Path
) -> None:
    company = _copy(first_night, tmp_path / "company")
    _damage(company / ".replenish" / NAME, damage)
    lines: list[str] = []
    run_folder(company, progress=lines.append)
    assert [line for line in lines if "kept as damaged-warehouse.duckdb" in line]
    crashing.check(company)
    assert crashing.differing(company / "runs", second_night / "runs") == []


def test_looking_at_a_damaged_warehouse_says_what_to_do(first_night: Path, tmp_path: Path) -> None:
    company = _copy(first_night, tmp_path / "company")
    _damage(company / ".replenish" / NAME, TORN)
    with pytest.raises(DamagedError, match="`replenish run` makes it anew") as caught:
        trace(Place.at(company), "jam", "north")
    assert exit_code(caught.value) == 1
    assert all(load.status != "removed" for load in load_folder(company)), "loading repairs it, too"
    trace(Place.at(company), "jam", "north")


@pytest.mark.slow
def test_what_a_night_gives_up_for_want_of_memory_it_does_later(
    first_night: Path, second_night: Path, tmp_path: Path
) -> None:
    """An address space far too small ends the process in one way or another; whatever it was, nothing is half there."""
    company = _copy(first_night, tmp_path / "company")
    done = crashing.run(company, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1400 << 20, 1400 << 20)))
    assert done.returncode != 0
    crashing.check(company)
    assert len(list((company / "runs").glob("2026-*"))) == 1
    crashing.plan(company)
    assert crashing.differing(company / "runs", second_night / "runs") == []


def test_too_little_memory_is_told_in_words() -> None:
    assert exit_code(MemoryError()) == 1
    assert "block_nodes" in sentence(MemoryError())


@pytest.mark.slow
def test_a_database_that_may_use_too_little_memory_says_which_setting(first_night: Path, tmp_path: Path) -> None:
    company = _copy(first_night, tmp_path / "company")
    file = company / "replenish.toml"
    file.write_text(file.read_text().replace("workers = 1", "workers = 1\nmemory_limit_gb = 0.004"))
    done = crashing.run(company)
    assert done.returncode == 1
    assert "memory_limit_gb" in done.stderr.splitlines()[-1], done.stderr
    crashing.check(company)


def test_of_two_at_once_one_works_and_the_other_says_so_and_leaves(
    first_night: Path, second_night: Path, tmp_path: Path
) -> None:
    company = _copy(first_night, tmp_path / "company")
    command = [*crashing.COMMAND, "run", str(company)]
    both = [
        subprocess.Popen(command, env=crashing.environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [one.communicate()[1] for one in both]
    codes = [one.returncode for one in both]
    assert sorted(codes) in ([0, 4], [0, 0]), told  # a machine that starts the second late lets it find all done
    assert all("another run is working" in text for code, text in zip(codes, told, strict=True) if code == 4)
    crashing.check(company)
    assert crashing.differing(company / "runs", second_night / "runs") == []


def _copy(company: Path, place: Path) -> Path:
    shutil.copytree(company, place, symlinks=True)
    return place


def _damage(file: Path, how: str) -> None:
    content = file.read_bytes()
    middle = len(content) // 2
    file.write_bytes(
        {
            TORN: content[:middle],
            EMPTY: b"",
            OVERWRITTEN: content[:4096] + bytes(len(content) - 4096),
        }[how]
    )
