"""What lies elsewhere, in databases and in object storage, comes into a passing folder before it is loaded."""

from __future__ import annotations

from replenish.ingest.remote.fetch import fetched
from replenish.ingest.remote.reach import reached

__all__ = ["fetched", "reached"]
