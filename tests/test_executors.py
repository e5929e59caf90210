"""Whoever computes the blocks, the numbers are the same, and a worker that dies costs a moment, not the night."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import polars as pl
import psutil
import pytest
from pydantic import ValidationError

import replenish as rp
from replenish import blocks, executors, partitions
from replenish.blocks import WORTH_A_PROCESS, WorkerLostError, over_blocks
from replenish.executors import ExecutorError
from replenish.partitions import BlockError
from replenish.settings import Compute
from tests.night.small import frames
from tests.object_storage import object_storage
from tests.test_blocks import company, refuse, total

STEP = partial(total, factor=0.1)
FRAMES = company(WORTH_A_PROCESS + 11)


def slowly(price: pl.DataFrame, *, diary: str, deaths: int = 0) -> pl.DataFrame:
    """A step that notes who took it, takes its time, and while there are few notes of deaths, dies by a hard kill."""
    first = price["item_id"][0]
    Path(diary, f"{first}-{os.getpid()}-{time.monotonic_ns()}").touch()
    if first == "i00100" and len(list(Path(diary).glob("death-*"))) < deaths:
        Path(diary, f"death-{os.getpid()}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.3)
    return price.with_columns(value=pl.col("unit_price") * 2)


def taken(diary: Path) -> dict[str, int]:
    """How often each block was begun, by its first item."""
    begun = [file.name.split("-")[0] for file in diary.glob("i*")]
    return {item: begun.count(item) for item in begun}


# ---------------------------------------------------------------- this machine


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("where", ["", "folder", "file"])
def test_the_numbers_are_the_same_on_any_number_of_processes(workers: int, where: str, tmp_path: Path) -> None:
    places = {"": "", "folder": f"{tmp_path}/new", "file": f"file://{tmp_path}/new"}
    compute = Compute(workers=workers, block_nodes=100, partitions=places[where])
    assert over_blocks(STEP, FRAMES, compute).equals(STEP(**FRAMES))
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_a_worker_that_dies_costs_only_what_was_not_done(tmp_path: Path) -> None:
    price = {"price": FRAMES["price"]}
    step = partial(slowly, diary=str(tmp_path), deaths=1)
    found = over_blocks(step, price, Compute(workers=2, block_nodes=20))
    assert found.equals(slowly(FRAMES["price"], diary=str(tmp_path)))
    begun = taken(tmp_path)
    assert len(list(tmp_path.glob("death-*"))) == 1
    assert begun["i00020"] == begun["i00040"] == 1, "these were done before the death"
    assert begun["i00100"] == 2
    assert begun["i00400"] == 1


def test_workers_that_die_again_end_the_night_with_advice(tmp_path: Path) -> None:
    step = partial(slowly, diary=str(tmp_path), deaths=2)
    with pytest.raises(WorkerLostError, match=r"little memory: lower compute\.workers"):
        over_blocks(step, {"price": FRAMES["price"]}, Compute(workers=2, block_nodes=100))


def _script(folder: Path, text: str) -> list[str]:
    script = folder / "script.py"
    script.write_text(text)
    return [sys.executable, str(script)]


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), *sys.path]))}


PLAIN = """
from tests.test_executors import Compute, FRAMES, STEP, over_blocks
print(over_blocks(STEP, FRAMES, Compute(workers=2, block_nodes=100)).height)
import __main__
print(__main__.__spec__, getattr(__main__, "__file__", None))
"""


@pytest.mark.parametrize("how", ["file", "stdin", "word"])
def test_a_plain_script_without_a_guard_may_use_all_cores(tmp_path: Path, how: str) -> None:
    """Workers do not read the main program again, whatever it is: a file, a notebook's input or a command."""
    command = {"file": _script(tmp_path, PLAIN), "stdin": [sys.executable], "word": [sys.executable, "-c", PLAIN]}[how]
    given = {"input": PLAIN} if how == "stdin" else {}
    done = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False, **given)
    told = command[-1] if how == "file" else "<stdin>" if how == "stdin" else None
    assert done.stdout.split() == [str(FRAMES["price"].height), "None", str(told)], done.stderr
    assert not done.stderr


def test_no_worker_outlives_a_main_program_that_is_killed(tmp_path: Path) -> None:
    text = f"""
from functools import partial
from tests.test_executors import Compute, FRAMES, over_blocks, slowly
step = partial(slowly, diary={str(tmp_path)!r})
over_blocks(step, {{"price": FRAMES["price"]}}, Compute(workers=2, block_nodes=1))
"""
    with subprocess.Popen(_script(tmp_path, text), env=_environment()) as running:
        _until(lambda: len(taken(tmp_path)) > 2)
        family = psutil.Process(running.pid).children(recursive=True)
        running.kill()
    assert len(family) >= 3
    _, alive = psutil.wait_procs(family, timeout=10)
    assert not alive


def _until(happened: object, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    assert callable(happened)
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_workers_end_with_a_step_that_fails() -> None:
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(BlockError):
        over_blocks(refuse, FRAMES, Compute(workers=2, block_nodes=50))
    left = {one for one in psutil.Process().children(recursive=True) if one not in before}
    assert len(left) <= 2, "the fork server and its tracker stay for the next pool, workers do not"


def test_partitions_may_lie_in_object_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys are in the environment alone; what travels is the blocks and the name of a function."""
    with object_storage() as (environment, stored):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        compute = Compute(workers=2, block_nodes=100, partitions="s3://bucket/prefix/")
        assert over_blocks(STEP, FRAMES, compute).equals(STEP(**FRAMES))
        assert len([path for path in stored if path.endswith("/done.parquet")]) == -(-FRAMES["price"].height // 100)
        assert {path.rsplit("/", 2)[0].rpartition("-")[0] for path in stored} == {"/bucket/prefix/replenish"}
        large = pl.DataFrame({"qty": pl.int_range(3_000_000, eager=True).sample(fraction=1.0, shuffle=True, seed=1)})
        assert partitions.read(partitions.write(large, "s3://bucket/large.parquet")).equals(large)
    assert not [path for path, content in stored.items() if b"a-secret" in content]


# ---------------------------------------------------------------- clusters


@pytest.fixture(scope="module")
def dask() -> Iterator[Compute]:
    """Settings that lead to a Dask cluster of two worker processes on this machine."""
    cluster = pytest.importorskip("distributed", reason="the extra replenish[dask] is not installed").LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    )
    with cluster:
        yield Compute(executor="dask", address=cluster.scheduler_address, block_nodes=20)


@pytest.fixture(scope="module")
def ray() -> Iterator[Compute]:
    """Settings that lead to a Ray of two worker processes on this machine."""
    library = pytest.importorskip("ray", reason="the extra replenish[ray] is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=40)
    yield Compute(executor="ray", block_nodes=20)
    library.shutdown()


def _kill_the_first(diary: Path) -> None:
    """Kill a worker by its process id while it computes a block."""
    _until(lambda: len(taken(diary)) > 3)
    last = max(diary.glob("i*"), key=lambda file: int(file.name.split("-")[2]))
    os.kill(int(last.name.split("-")[1]), signal.SIGKILL)
    Path(diary, f"death-{last.name.split('-')[0]}").touch()


@pytest.mark.parametrize("kind", ["dask", pytest.param("ray", marks=pytest.mark.slow)])
def test_a_cluster_gives_the_same_numbers_though_a_worker_is_killed_midway(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    compute: Compute = request.getfixturevalue(kind)
    assert over_blocks(STEP, FRAMES, compute).equals(STEP(**FRAMES))
    killer = threading.Thread(target=_kill_the_first, args=[tmp_path])
    killer.start()
    found = over_blocks(partial(slowly, diary=str(tmp_path)), {"price": FRAMES["price"]}, compute)
    killer.join()
    (death,) = tmp_path.glob("death-*")
    begun = taken(tmp_path)
    assert len({file.name.split("-")[1] for file in tmp_path.glob("i*")}) >= 3, "two workers, and one in place of one"
    assert begun[death.name.split("-")[1]] == 2
    assert found.equals(slowly(FRAMES["price"], diary=str(tmp_path)))


@pytest.mark.parametrize("kind", ["dask", "ray"])
def test_a_cluster_tells_a_step_that_fails_as_this_machine_does(kind: str, request: pytest.FixtureRequest) -> None:
    compute: Compute = request.getfixturevalue(kind)
    with pytest.raises(
        BlockError, match=r"^block 1 of 21 \(i00000 at x; i00019 at x\): StubbornError: this block cannot"
    ):
        over_blocks(refuse, FRAMES, compute)


def test_a_night_whose_demand_goes_to_processes_is_the_same_night(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "WORTH_A_PROCESS", 2)
    cases = (Compute(workers=1), Compute(workers=2, block_nodes=1))
    here, there = (rp.run(frames(weeks=30), rp.Settings(compute=one)) for one in cases)
    assert here.table("plan.demand").height
    assert [name for name in here.table_names() if not here.table(name).equals(there.table(name))] == []


@pytest.mark.parametrize("kind", ["dask", pytest.param("ray", marks=pytest.mark.slow)])
def test_a_night_on_a_cluster_is_the_same_night(kind: str, request: pytest.FixtureRequest) -> None:
    compute: Compute = request.getfixturevalue(kind)
    here, there = (rp.run(frames(weeks=30), rp.Settings(compute=one)) for one in (Compute(workers=1), compute))
    assert here.table("plan.member").height
    assert [name for name in here.table_names() if not here.table(name).equals(there.table(name))] == []
    assert here.run_id == there.run_id


# ---------------------------------------------------------------- settings and trouble


@pytest.mark.parametrize("executor", ["dask", "ray"])
def test_a_missing_extra_says_what_to_install(executor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "find_spec", lambda name: None)
    with pytest.raises(ExecutorError, match=rf"pip install 'replenish\[{executor}\]'"):
        over_blocks(STEP, FRAMES, Compute(executor=executor, address="tcp://127.0.0.1:1"))


def test_dask_needs_an_address() -> None:
    with pytest.raises(ExecutorError, match=r'needs compute\.address.*"tcp://scheduler:8786"'):
        over_blocks(STEP, FRAMES, Compute(executor="dask"))


@pytest.mark.parametrize(
    ("executor", "address"),
    [("dask", "tcp://127.0.0.1:9"), ("dask", "nonsense://x:y"), ("ray", "127.0.0.1:9"), ("ray", "nonsense://x:y")],
)
def test_a_scheduler_that_does_not_answer_is_told_in_a_sentence(
    executor: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "ANSWER_SECONDS", 1)
    if executor == "ray":  # whether or not a cluster of another test is in use
        monkeypatch.setattr(pytest.importorskip("ray"), "is_initialized", lambda: False)
    with pytest.raises(ExecutorError, match=rf'answers at compute\.address = .{address}.*set compute\.executor = "loc'):
        over_blocks(STEP, FRAMES, Compute(executor=executor, address=address))


@pytest.mark.parametrize(
    ("place", "why"), [("blocks", "whole path"), ("s3://key:secret@bucket/x", "credentials belong in the env")]
)
def test_partitions_lie_at_a_place_that_means_the_same_everywhere(place: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Compute(partitions=place)
