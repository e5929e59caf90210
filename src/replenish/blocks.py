"""A heavy step over blocks of nodes: Parquet in, Parquet out, driven by any `concurrent.futures.Executor`."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import polars as pl

Step = Callable[..., pl.DataFrame]
NODE = ["item_id", "location_id"]
STEP, OUT = "step.pickle", "out.parquet"
WORTH_A_PROCESS = 400  # nodes; below it the start of a process costs more than it saves


def over_blocks(
    step: Step,
    frames: Mapping[str, pl.DataFrame],
    workers: int,
    block_nodes: int,
    executor: Executor | None = None,
) -> pl.DataFrame:
    """`step(**frames)` computed block of nodes by block of nodes; the answer does not depend on the blocks.

    `frames` are tables with item_id and location_id; `step` must be importable by name and treat every node
    alone. `workers` 0 means one a core. Blocks come back in node order. A worker's error is raised here.
    """
    count = workers or os.cpu_count() or 1
    nodes = _nodes(frames)
    if nodes.is_empty():
        return step(**frames)
    if executor is None and (count == 1 or nodes.height < WORTH_A_PROCESS):
        return _joined([step(**_part(frames, block)) for block in _blocks(nodes, block_nodes)])
    with tempfile.TemporaryDirectory(prefix="replenish-blocks-") as folder:
        blocks = _blocks(nodes, min(block_nodes, -(-nodes.height // min(count, nodes.height))))
        tasks = [_written(frames, block, Path(folder) / f"{number:05d}") for number, block in enumerate(blocks)]
        if executor is not None:
            return _collected(executor, run_block, step, tasks)
        with ThreadPoolExecutor(min(count, len(tasks))) as pool:
            return _collected(pool, run_apart, step, tasks)


def run_block(step: Step, folder: Path) -> Path:
    """One block: read `<table>.parquet` of the folder, take the step, write the answer beside them."""
    frames = {file.stem.removeprefix("in-"): pl.read_parquet(file) for file in sorted(folder.glob("in-*.parquet"))}
    out = folder / OUT
    step(**frames).write_parquet(out)
    return out


def run_apart(step: Step, folder: Path) -> Path:
    """The same in a process of its own, which knows nothing of the program that asks: a notebook or a plain script.

    Raises `RuntimeError` with the process's own words when it fails.
    """
    (folder / STEP).write_bytes(pickle.dumps(step))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "replenish.blocks", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a block failed (exit code {done.returncode}):\n{done.stderr}")
    return folder / OUT


def _collected(executor: Executor, run: Callable[[Step, Path], Path], step: Step, tasks: list[Path]) -> pl.DataFrame:
    return _joined([pl.read_parquet(file) for file in executor.map(partial(run, step), tasks)])


def _blocks(nodes: pl.DataFrame, size: int) -> list[pl.DataFrame]:
    return [nodes.slice(start, size) for start in range(0, nodes.height, size)]


def _written(frames: Mapping[str, pl.DataFrame], nodes: pl.DataFrame, folder: Path) -> Path:
    folder.mkdir()
    for name, part in _part(frames, nodes).items():
        part.write_parquet(folder / f"in-{name}.parquet")
    return folder


def _part(frames: Mapping[str, pl.DataFrame], nodes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {name: frame.join(nodes, on=NODE, how="semi", maintain_order="left") for name, frame in frames.items()}


def _nodes(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    first = next(iter(frames.values()))
    return first.select(NODE).unique().sort(NODE)


def _joined(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    run_block(pickle.loads((place / STEP).read_bytes()), place)
