"""A heavy step over blocks of nodes: a pure function from Parquet partition to Parquet partition, on any executor."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

import polars as pl

from replenish import executors, partitions
from replenish.executors import ExecutorError
from replenish.partitions import Answer, BlockError, Partition

if TYPE_CHECKING:
    from replenish.settings import Compute

A = TypeVar("A", bound=Answer)
NODE = ["item_id", "location_id"]
WORTH_A_PROCESS = 400  # nodes; below it the start of a process costs more than it saves
ROWS_AT_A_TIME = 1_000_000


class WorkerLostError(RuntimeError):
    """Workers died, and those that took over died as well."""


def over_blocks(
    step: Callable[..., A],
    frames: Mapping[str, pl.DataFrame],
    compute: Compute,
    shared: Mapping[str, pl.DataFrame] | None = None,
) -> A:
    """The answers of `each_block` put together: a table, or a tuple or dictionary of tables, in the order of nodes."""
    answers = list(each_block(step, frames, compute, shared))
    first: Any = answers[0]
    if isinstance(first, pl.DataFrame):
        return cast(A, pl.concat(cast(list[pl.DataFrame], answers)))
    if isinstance(first, tuple):
        return cast(A, tuple(pl.concat(tables) for tables in zip(*cast(list[Any], answers), strict=True)))
    return cast(A, {name: pl.concat([cast(Any, one)[name] for one in answers]) for name in first})


def each_block(
    step: Callable[..., A],
    frames: Mapping[str, pl.DataFrame],
    compute: Compute,
    shared: Mapping[str, pl.DataFrame] | None = None,
) -> Iterator[A]:
    """`step(**frames, **shared)` block of nodes by block of nodes, in the order of nodes; nothing depends on the cut.

    `frames` are tables with item_id and location_id, cut into blocks of the nodes that the first of them has.
    `shared` tables go whole to every block. `step` is a function that can be imported by name, alone or in a
    `functools.partial`, and treats every node alone. Blocks that are done are not done again when a worker dies.

    Raises `BlockError` when the step fails, `WorkerLostError` when workers die twice, `ExecutorError` when the
    machines of `compute` cannot be had.
    """
    shared, asked = shared or {}, _nodes(frames)
    is_small = executors.core_count(compute) == 1 or asked.height < WORTH_A_PROCESS
    if asked.is_empty() or (compute.executor == "local" and is_small):
        cut = _blocks(asked, compute.block_nodes)
        for number, parts in enumerate(_parts(frames, cut)):
            with _naming(number, cut, compute):
                found = partitions.taken(step, {**parts, **shared})
            yield found
        return
    with ExitStack() as stack:
        place = stack.enter_context(partitions.folder(compute.partitions))
        team = _Team(compute, stack)
        cut = _blocks(asked, min(compute.block_nodes, -(-asked.height // team.count)))
        whole = {name: partitions.write(frame, f"{place}/{name}.parquet") for name, frame in shared.items()}
        told = pickle.dumps(step)
        for number, parts in enumerate(_parts(frames, cut)):
            team.give(_written(told, f"{place}/{number:05d}", parts, whole))
        for number, partition in enumerate(team.partitions):
            with _naming(number, cut, compute):
                team.wait_for(number)
            yield partitions.answer(partition.place)
            partitions.discard(partition.place)


def each_part(
    step: Callable[..., A],
    parts: Iterable[Mapping[str, pl.DataFrame]],
    compute: Compute,
    shared: Mapping[str, pl.DataFrame] | None = None,
) -> Iterator[A]:
    """`step(**part, **shared)` for blocks of nodes that come one by one, in the order they come.

    As `each_block`, for tables too large to be held whole: at most two blocks a worker are under way at a time. On
    this machine alone they are computed in this process: days written for another process and read back cost more
    than they save.
    """
    shared = shared or {}
    if compute.executor == "local":
        yield from (partitions.taken(step, {**part, **shared}) for part in parts)
        return
    with ExitStack() as stack:
        place = stack.enter_context(partitions.folder(compute.partitions))
        team, waiting = _Team(compute, stack), deque[int]()
        whole = {name: partitions.write(frame, f"{place}/{name}.parquet") for name, frame in shared.items()}
        words = pickle.dumps(step)
        for number, part in enumerate(parts):
            team.give(_written(words, f"{place}/{number:05d}", part, whole))
            waiting.append(number)
            if len(waiting) >= 2 * team.count:
                yield team.answer_of(waiting.popleft())
        while waiting:
            yield team.answer_of(waiting.popleft())


class _Team:
    """Blocks given out to an executor; those that dying workers take along are given out once more, to new workers."""

    def __init__(self, compute: Compute, stack: ExitStack) -> None:
        self._compute, self._stack = compute, stack
        self._hands = stack.enter_context(executors.hands(compute))
        self._is_second = False
        self._futures: list[Future[None]] = []
        self.partitions: list[Partition] = []

    @property
    def count(self) -> int:
        """Blocks computed at a time."""
        return max(self._hands.count, 1)

    def give(self, partition: Partition) -> None:
        """Give a block out."""
        self.partitions.append(partition)
        self._futures.append(self._submitted(partition))

    def wait_for(self, number: int) -> None:
        """Wait for a block's answer to be written."""
        try:
            self._futures[number].result()
        except self._hands.lost as error:
            if self._is_second:
                raise WorkerLostError(
                    "workers died while they computed, and so did those that took over; most often a machine has too "
                    "little memory: lower compute.workers or compute.block_nodes"
                ) from error
            self._start_again()
            self.wait_for(number)

    def answer_of(self, number: int) -> Any:
        """Wait for a block, read its answer and remove it."""
        self.wait_for(number)
        place = self.partitions[number].place
        found = partitions.answer(place)
        partitions.discard(place)
        return found

    def _start_again(self) -> None:
        lost = [number for number, future in enumerate(self._futures) if _is_lost(future, self._hands.lost)]
        self._hands, self._is_second = self._stack.enter_context(executors.hands(self._compute)), True
        for number in lost:
            self._futures[number] = self._submitted(self.partitions[number])

    def _submitted(self, partition: Partition) -> Future[None]:
        try:
            return self._hands.executor.submit(partitions.work, partition)
        except self._hands.lost as error:  # the workers died before this block could be given to them
            never: Future[None] = Future()
            never.set_exception(error)
            return never


def _is_lost(future: Future[None], lost: tuple[type[BaseException], ...]) -> bool:
    try:
        future.result()
    except lost:
        return True
    except Exception:  # the step's own trouble is told when its block's turn comes
        return False
    return False


@contextmanager
def _naming(number: int, cut: list[pl.DataFrame], compute: Compute) -> Iterator[None]:
    """Say of which block a trouble is."""
    try:
        yield
    except (ExecutorError, WorkerLostError):
        raise
    except Exception as error:
        cause = getattr(error, "cause", None) or error  # Ray wraps what a task raises
        words = str(cause) if isinstance(cause, BlockError) else f"{type(cause).__name__}: {cause}"
        is_out_of_reach = words.startswith("FileNotFoundError") and compute.executor != "local"
        hint = "; workers of other machines need compute.partitions" if is_out_of_reach else ""
        raise BlockError(f"block {number + 1} of {len(cut)} ({_from_to(cut[number])}): {words}{hint}") from error


def _from_to(nodes: pl.DataFrame) -> str:
    ends = nodes.head(1).vstack(nodes.tail(1)).rows()
    return "; ".join(f"{item} at {location}" for item, location in dict.fromkeys(ends)) or "no nodes"


def _written(step: bytes, place: str, parts: Mapping[str, pl.DataFrame], shared: Mapping[str, str]) -> Partition:
    for name, part in parts.items():
        partitions.write(part, f"{place}/in-{name}.parquet")
    return Partition(step, place, tuple(parts), shared)


def _nodes(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    first = next(iter(frames.values()))
    slices = [rows.unique() for rows in first.select(NODE).iter_slices(ROWS_AT_A_TIME)]
    return pl.concat([first.select(NODE).clear(), *slices]).unique().sort(NODE)


def _blocks(nodes: pl.DataFrame, size: int) -> list[pl.DataFrame]:
    return [nodes.slice(start, size) for start in range(0, max(nodes.height, 1), size)]


def _parts(frames: Mapping[str, pl.DataFrame], cut: list[pl.DataFrame]) -> Iterator[dict[str, pl.DataFrame]]:
    cuts = {name: _cut(source, cut) for name, source in frames.items()}
    for _ in cut:
        yield {name: next(parts) for name, parts in cuts.items()}


def _cut(source: pl.DataFrame, cut: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of a table block by block, in the order they had; rows of other nodes are left out."""
    numbers = _numbers(source, cut)
    order = None if numbers.is_sorted() else numbers.to_frame().select(pl.arg_sort_by("block", maintain_order=True))
    counts = dict(numbers.value_counts().iter_rows())
    start = 0
    for block in range(len(cut)):
        rows = counts.get(block, 0)
        yield source.slice(start, rows) if order is None else source[order["block"].slice(start, rows)]
        start += rows


def _numbers(source: pl.DataFrame, cut: list[pl.DataFrame]) -> pl.Series:
    """The block of every row; what belongs to none comes last."""
    nodes = pl.concat([nodes.with_columns(block=pl.lit(block, pl.UInt32)) for block, nodes in enumerate(cut)])
    numbers = [
        rows.join(nodes, on=NODE, how="left", maintain_order="left")["block"].fill_null(len(cut))
        for rows in source.select(NODE).iter_slices(ROWS_AT_A_TIME)
    ]
    return pl.concat(numbers) if numbers else pl.Series("block", [], pl.UInt32)
