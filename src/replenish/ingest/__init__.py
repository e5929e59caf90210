"""Files and frames into `raw.*`: every row is loaded or kept with the reason why not."""

from __future__ import annotations

from replenish.ingest.errors import InputError, UnreachableError
from replenish.ingest.load import load_folder, load_frames
from replenish.ingest.result import LoadResult

__all__ = ["InputError", "LoadResult", "UnreachableError", "load_folder", "load_frames"]
