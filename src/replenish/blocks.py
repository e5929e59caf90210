"""A heavy step over blocks of nodes: Parquet in, Parquet out, driven by any `concurrent.futures.Executor`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import polars as pl

Step = Callable[..., pl.DataFrame]
NODE = ["item_id", "location_id"]
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
    blocks = [nodes.slice(start, block_nodes) for start in range(0, nodes.height, block_nodes)]
    if executor is None and (count == 1 or nodes.height < WORTH_A_PROCESS):
        return _joined([step(**_part(frames, block)) for block in blocks] or [step(**frames)])
    with tempfile.TemporaryDirectory(prefix="replenish-blocks-") as folder:
        even = -(-nodes.height // max(1, min(count, nodes.height)))
        size = min(block_nodes, even)
        blocks = [nodes.slice(start, size) for start in range(0, nodes.height, size)]
        tasks = [_written(frames, block, Path(folder) / f"{number:05d}") for number, block in enumerate(blocks)]
        if executor is not None:
            return _collected(executor, step, tasks)
        with ProcessPoolExecutor(min(count, len(tasks)), mp_context=get_context("forkserver")) as pool:
            return _collected(pool, step, tasks)


def run_block(step: Step, folder: Path) -> Path:
    """One block: read `<table>.parquet` of the folder, take the step, write `out.parquet` beside them."""
    frames = {file.stem.removeprefix("in-"): pl.read_parquet(file) for file in sorted(folder.glob("in-*.parquet"))}
    out = folder / "out.parquet"
    step(**frames).write_parquet(out)
    return out


def _collected(executor: Executor, step: Step, tasks: list[Path]) -> pl.DataFrame:
    return _joined([pl.read_parquet(file) for file in executor.map(partial(run_block, step), tasks)])


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
