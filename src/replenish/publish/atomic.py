"""A run's folder appears in one rename, whole or not at all, whatever happens meanwhile.

It is filled under a temporary name in the same folder, told to the disk, and renamed; `latest` is a relative symlink
that is replaced by a rename too. What a killed run leaves behind is a temporary folder that the next one removes.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from replenish.publish import manifest

LATEST = "latest"
_UNFINISHED = ".unfinished-"


class PublishError(RuntimeError):
    """The disk refused, or a run of this name with other content is out already; nothing visible was changed."""


def publish(runs: Path, run_id: str, fill: Callable[[Path], None], facts: Mapping[str, object]) -> Path:
    """Fill and publish `runs/run_id`, point `runs/latest` to the newest run, and return the run's folder.

    `fill` writes into the folder it is given; `facts` go into the manifest beside the files' checksums. A run that is
    already out with the same content is left as it is. Raises `PublishError` naming the folder when it cannot be
    written or is out with other content, and whatever `fill` raises; in each case nothing new is visible.
    One publisher at a time: the caller holds the lock.
    """
    _check_name(run_id)
    folder = runs / run_id
    try:
        runs.mkdir(parents=True, exist_ok=True)
        _remove_unfinished(runs)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=runs))
        try:
            unfinished.chmod(0o755)
            fill(unfinished)
            manifest.write(unfinished, {"run_id": run_id, **facts})
            _tell_disk(unfinished)
            _appear(unfinished, folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        point_latest(runs)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PublishError(f"cannot publish {folder}: {reason}. Earlier runs are as they were.") from error
    return folder


def newest(runs: Path) -> Path | None:
    """Newest complete run by as-of (run ids begin with it); None where there is none.

    Of several runs of one as-of it is the one published last; by name where the clock cannot tell them apart.
    """
    return max(complete_runs(runs), key=_age, default=None)


def complete_runs(runs: Path) -> list[Path]:
    """Folders of all complete runs, oldest as-of first."""
    return sorted((file.parent for file in runs.glob(f"*/{manifest.NAME}") if _is_run(file.parent)), key=_age)


def _age(folder: Path) -> tuple[str, int, str]:
    as_of = folder.name[: len("2026-01-31")]
    return as_of, (folder / manifest.NAME).stat().st_mtime_ns, folder.name


def _is_run(folder: Path) -> bool:
    return not folder.is_symlink() and not folder.name.startswith(".")


def _check_name(run_id: str) -> None:
    if not run_id or run_id.startswith(".") or run_id == LATEST or Path(run_id).name != run_id or "\\" in run_id:
        raise ValueError(f"{run_id!r} cannot be the name of a run's folder")


def _remove_unfinished(runs: Path) -> None:
    for left in runs.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def _appear(unfinished: Path, folder: Path) -> None:
    """The one rename; a run that is already out must be the same to the byte."""
    if folder.exists():
        if not _is_same(unfinished, folder):
            raise PublishError(f"{folder} is already published with other content: move it away to publish it anew")
        return
    unfinished.rename(folder)
    _sync(folder.parent)


def _is_same(one: Path, other: Path) -> bool:
    names = [{str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()} for root in (one, other)]
    if names[0] != names[1]:
        return False
    _, mismatch, errors = filecmp.cmpfiles(one, other, names[0], shallow=False)
    return not mismatch and not errors


def point_latest(runs: Path) -> None:
    """Replace the link by a rename, so that it always points to a whole run."""
    run = newest(runs)
    link = runs / LATEST
    if run is None or (link.is_symlink() and os.readlink(link) == run.name):
        return
    fresh = runs / f"{_UNFINISHED}{LATEST}"
    fresh.symlink_to(run.name, target_is_directory=True)
    fresh.replace(link)
    _sync(runs)


def _tell_disk(folder: Path) -> None:
    """Every file and folder is on the disk before the rename makes it visible."""
    for place in sorted(folder.rglob("*")):
        _sync(place)
    _sync(folder)


def _sync(place: Path) -> None:
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
