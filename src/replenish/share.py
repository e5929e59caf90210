"""The one place that knows where the SQL, report pages and flow files are.

They live beside `src/` in a checkout and inside the package in an installed wheel; everything else asks here.
"""

from __future__ import annotations

from pathlib import Path

SHARED_NAMES = ("sql", "reports", "flows")

_PACKAGE = Path(__file__).resolve().parent


def share_path(name: str) -> Path:
    """The folder called `name` ("sql", "reports" or "flows"): the checkout's own, or the copy inside the wheel.

    Raises ValueError for any other name and FileNotFoundError when the installation carries no such folder.
    """
    if name not in SHARED_NAMES:
        raise ValueError(f"unknown shared folder {name!r}: expected one of {', '.join(SHARED_NAMES)}")
    candidates = [_PACKAGE / "_share" / name]
    if _PACKAGE.parent.name == "src":  # a checkout wins: edits must be seen without building a wheel
        candidates.insert(0, _PACKAGE.parent.parent / name)
    for folder in candidates:
        if folder.is_dir():
            return folder
    places = " nor ".join(str(folder) for folder in candidates)
    raise FileNotFoundError(f"replenish is installed without its {name}/ folder: neither {places} exists")
