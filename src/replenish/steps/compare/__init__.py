"""Step compare: what changed since last night, and because of what?"""

from __future__ import annotations

from replenish.steps.compare.compare import compare
from replenish.steps.compare.ladder import Again
from replenish.steps.compare.nights import Method, Night, Nights

__all__ = ["Again", "Method", "Night", "Nights", "compare"]
