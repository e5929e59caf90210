"""Step project: what will stock be, and which supply serves which demand?"""

from __future__ import annotations

from replenish.steps.project.project import project

__all__ = ["project"]
