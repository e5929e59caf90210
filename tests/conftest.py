"""What every test needs: repeatable generated cases, and an orchestrator that keeps to itself."""

from __future__ import annotations

import os

from hypothesis import settings

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

# the same cases on every machine, and no failure because a machine is slow
settings.register_profile("replenish", derandomize=True, deadline=None)
settings.load_profile("replenish")
