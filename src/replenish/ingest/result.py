"""What became of one file: the line the run prints."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Status = Literal["loaded", "unchanged", "removed", "ignored"]


@dataclass(frozen=True)
class LoadResult:
    """Rows in = rows loaded + rows rejected; `rejected_count` includes rows set aside by the mapping's own filters."""

    table: str
    file: str
    status: Status
    row_count: int = 0
    loaded_count: int = 0
    rejected_count: int = 0
    set_aside_count: int = 0
    warnings: tuple[str, ...] = ()

    def with_warnings(self, *warnings: str) -> LoadResult:
        """The same result with further warnings."""
        return replace(self, warnings=(*self.warnings, *warnings))

    @property
    def text(self) -> str:
        """One line such as `sales.csv -> sales: 12,345 rows in = 12,340 loaded + 5 rejected`."""
        if self.status == "ignored":
            return f"{self.file}: not read"
        if self.status == "removed":
            return f"{self.file} -> {self.table}: no longer there, {self.loaded_count:,} rows removed"
        counts = f"{self.row_count:,} rows in = {self.loaded_count:,} loaded + {self.rejected_count:,} rejected"
        set_aside = f" ({self.set_aside_count:,} of them set aside)" if self.set_aside_count else ""
        unchanged = " (unchanged)" if self.status == "unchanged" else ""
        return f"{self.file} -> {self.table}: {counts}{set_aside}{unchanged}"
