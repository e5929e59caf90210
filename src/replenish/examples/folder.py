"""Files of a new company folder: written together, or not at all where one of them is already there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files, named relative to the folder; raises `FileExistsError` before writing if any of them exists."""
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; name a folder")
    present = sorted(name for name in files if (folder / name).exists())
    if present:
        shown = ", ".join(present[:5]) + (" ..." if len(present) > 5 else "")
        raise FileExistsError(f"{folder} already holds {shown}; nothing was written: name another folder")
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
