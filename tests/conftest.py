"""What every test needs: repeatable generated cases, and an orchestrator that keeps to itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from replenish.night.run import Finished

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

# the same cases on every machine, and no failure because a machine is slow
settings.register_profile("replenish", derandomize=True, deadline=None)
settings.load_profile("replenish")


@pytest.fixture(scope="session")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The generated retailer after its first night; tests read it and never change it."""
    from replenish.examples import write_example
    from replenish.night.run import run_folder

    folder = tmp_path_factory.mktemp("companies") / "retail"
    write_example("retail", folder)
    return run_folder(folder)
