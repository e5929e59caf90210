"""A stage of the night as a Prefect task, and how its troubles look there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from replenish.night.attempts import Kind, covering
from replenish.night.folder import Place
from replenish.night.lock import BusyError
from replenish.night.trouble import exit_code, may_pass

AGAIN: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [10, 40, 160],
    "retry_jitter_factor": 0.3,
    "retry_condition_fn": lambda _task, _run, state: may_pass(state.result(raise_on_failure=False)),
}
INPUT_OUTPUT = {"ingest": AGAIN, "publish": AGAIN}


def as_task(name: str, work: Callable[[], Any]) -> Any:
    """A stage as a task: nothing is handed in and nothing is stored, since its tables stay in the warehouse."""
    stage = task(name=name, cache_policy=NO_CACHE, persist_result=False, **INPUT_OUTPUT.get(name, {}))(told(work))
    return stage(return_state=True).result()


def when_due(kind: Kind, folder: str, work: Callable[[], Any]) -> Any:
    """The work, told; nothing where what was due with this flow run has been done since, as after an outage."""

    def due() -> Any:
        done = covering(Place.at(Path(folder)).state, kind, flow_run.scheduled_start_time)
        if done:
            return Completed(name="Skipped", message=f"done already by the {kind} begun at {done.began:%F %T} UTC")
        return work()

    return told(due)()


def told(work: Callable[[], Any]) -> Callable[[], Any]:
    """The work; a trouble whose message says what to do ends it as Failed with that message, without a traceback."""

    def tell() -> Any:
        try:
            return work()
        except BusyError as error:
            return Completed(name="Skipped", message=str(error))
        except Exception as error:
            if exit_code(error) is None or may_pass(error):
                raise
            return Failed(message=str(error), data=error)

    return tell
