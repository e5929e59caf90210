"""Who computes the blocks: processes of this machine, a Dask or a Ray cluster, each as a `concurrent.futures` executor.

Only the standard library is imported here: a worker process reads this file before it knows how many threads to use.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from replenish.settings import Compute

ANSWER_SECONDS = 15  # for a scheduler to answer at its address
WORKER_SECONDS = 60  # for a scheduler to have a first worker
LIBRARIES = {"dask": "distributed", "ray": "ray"}
ONE_THREAD = ("POLARS_MAX_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ExecutorError(RuntimeError):
    """The machines that were asked for cannot be had: an extra is missing, or nobody answers at the address."""


@dataclass(frozen=True)
class Hands:
    """An executor, how many blocks it computes at a time, and what it raises for a block whose worker died."""

    executor: Executor
    count: int
    lost: tuple[type[BaseException], ...]


def hands(compute: Compute) -> AbstractContextManager[Hands]:
    """The executor that the settings ask for, to be closed after use.

    Entering it raises `ExecutorError` when its extra is not installed or its scheduler does not answer.
    """
    kinds: dict[str, Callable[[Compute], AbstractContextManager[Hands]]] = {"local": _local, "dask": _dask, "ray": _ray}
    if why := missing_extra(compute.executor):
        raise ExecutorError(why)
    return kinds[compute.executor](compute)


def core_count(compute: Compute) -> int:
    """Processes on this machine: the setting, or one a core."""
    return compute.workers or os.cpu_count() or 1


def missing_extra(executor: str) -> str:
    """What to install before this executor can be used; empty when all is there."""
    library = LIBRARIES.get(executor)
    if library is None or find_spec(library) is not None:
        return ""
    return f"compute.executor = \"{executor}\" needs the package {library}: pip install 'replenish[{executor}]'"


# ---------------------------------------------------------------- this machine


class Worker(ForkServerProcess):
    """A process that starts without reading the main program again, so plain scripts and notebooks need no guard."""

    def start(self) -> None:
        """Start it; the time it takes, the main module does not tell which file it came from."""
        with _main_without_a_file():
            super().start()


class ApartContext(ForkServerContext):
    """The fork server of the standard library with such workers."""

    Process = Worker


@contextmanager
def _local(compute: Compute) -> Iterator[Hands]:
    count, context = core_count(compute), ApartContext()
    lifeline, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(lifeline, dict(os.environ)))
    try:
        yield Hands(pool, count, (BrokenExecutor,))
        pool.shutdown()
    finally:
        ours.close()  # whoever still works, ends
        pool.shutdown(cancel_futures=True)
        lifeline.close()


_starting = threading.Lock()


@contextmanager
def _main_without_a_file() -> Iterator[None]:
    main = vars(sys.modules["__main__"])
    with _starting:
        hidden: dict[str, Any] = {name: main[name] for name in ("__spec__", "__file__") if name in main}
        main.update(dict.fromkeys(hidden))
        try:
            yield
        finally:
            main.update(hidden)


def _begin(lifeline: Connection, environment: dict[str, str]) -> None:
    """A worker's first act: one thread each, Ctrl-C is for the main program, and no worker outlives its pool.

    The environment is that of the main program now, not when its first worker ever started: keys may have come since.
    """
    os.environ.update(environment | dict.fromkeys(ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    """End this process when the other end of the line closes, be it by a hand or by a kill."""
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(1)


# ---------------------------------------------------------------- other machines


@contextmanager
def _dask(compute: Compute) -> Iterator[Hands]:
    import dask
    import distributed

    address = compute.address or dask.config.get("scheduler-address", None)
    if not address:
        raise ExecutorError(
            'compute.executor = "dask" needs compute.address, the scheduler\'s address such as "tcp://scheduler:8786" '
            "(or DASK_SCHEDULER_ADDRESS in the environment)"
        )
    try:
        client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise _unreachable("Dask scheduler", address, "dask scheduler", error) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError as error:
            raise ExecutorError(
                f"the Dask scheduler at {address} has had no worker for {WORKER_SECONDS} s: start some with "
                f"`dask worker {address}`"
            ) from error
        executor = client.get_executor(pure=False)
        try:
            yield Hands(executor, sum(client.nthreads().values()), (distributed.KilledWorker, CancelledError))
        finally:
            executor.shutdown(wait=False)


@contextmanager
def _ray(compute: Compute) -> Iterator[Hands]:
    import ray
    from ray.exceptions import NodeDiedError, OutOfMemoryError, WorkerCrashedError

    is_ours, address = not ray.is_initialized(), compute.address or "auto"
    if is_ours:
        count = (compute.workers or None) if address == "local" else None
        try:
            _knock(address)
            ray.init(address=address, num_cpus=count, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, ValueError, RuntimeError) as error:
            raise _unreachable("Ray cluster", address, "ray start --head", error) from error
    executor = RayExecutor(ray.remote)
    try:
        count = int(ray.cluster_resources().get("CPU", 1))
        yield Hands(executor, count, (WorkerCrashedError, NodeDiedError, OutOfMemoryError))
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        if is_ours:
            ray.shutdown()


class RayExecutor(Executor):
    """Ray's remote functions as an executor."""

    def __init__(self, remote: Callable[[Any], Any]) -> None:
        self._remote = remote
        self._futures: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The call as a task of one CPU; Ray itself gives it out again when its worker dies."""
        future: Future[Any] = self._remote(fn).remote(*args, **kwargs).future()
        self._futures.append(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for what was submitted, or let go of it."""
        for future in self._futures:
            if cancel_futures:
                future.cancel()
            elif wait:
                future.exception()


def _knock(address: str) -> None:
    """Raise `OSError` where nobody listens at host:port; Ray itself would try for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()


def _unreachable(what: str, address: str, start: str, error: BaseException) -> ExecutorError:
    why = str(error).strip().partition("\n")[0].rstrip(".")
    return ExecutorError(
        f"no {what} answers at compute.address = {address!r} ({why}): start one with `{start}`, mend the address, or "
        'set compute.executor = "local"'
    )
