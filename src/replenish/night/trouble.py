"""What can go wrong with a night, and the exit code each trouble ends with."""

from __future__ import annotations

from replenish.blocks import WorkerLostError
from replenish.executors import ExecutorError
from replenish.ingest import InputError, UnreachableError
from replenish.night.address import AddressError
from replenish.night.children import ServiceError
from replenish.night.deadline import DeadlineError
from replenish.night.facts import NightError
from replenish.night.lock import BusyError, LockError
from replenish.night.outcome import ProofError
from replenish.night.webhook import DeliveryError
from replenish.publish import PublishError
from replenish.settings import SettingsError
from replenish.warehouse import WarehouseError

EXIT_CODES: dict[type[Exception], int] = {
    InputError: 2,
    SettingsError: 2,
    NightError: 2,
    ExecutorError: 2,
    ProofError: 3,
    BusyError: 4,
    LockError: 2,
    DeadlineError: 1,
    AddressError: 2,
    ServiceError: 1,
    DeliveryError: 1,
    PublishError: 1,
    WarehouseError: 1,
    WorkerLostError: 1,
    FileExistsError: 2,
    OSError: 1,
    MemoryError: 1,
}


def exit_code(error: BaseException) -> int | None:
    """Exit code of a trouble whose message tells the user what to do; None for an error of the program itself."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), None)


def sentence(error: BaseException) -> str:
    """The message for people; what the system says of a file becomes `file: what is wrong`."""
    if isinstance(error, MemoryError):
        return f"out of memory: lower [compute] block_nodes, workers or memory_limit_gb. {error}".strip()
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def may_pass(error: object) -> bool:
    """Whether trying again may help: a disk, a network drive or a database failed, not the night."""
    return isinstance(error, UnreachableError) or isinstance(
        error.__cause__ if isinstance(error, PublishError) else error, OSError
    )
