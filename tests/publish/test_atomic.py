"""A run appears whole or not at all: failing, killed, full, repeated."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from replenish.publish import PublishError, atomic, manifest

FACTS = {"as_of": "2026-11-08"}


def one_file(text: str = "one\n") -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        (folder / "part").mkdir()
        (folder / "part" / "file.txt").write_text(text, encoding="utf-8")

    return fill


def visible(runs: Path) -> list[str]:
    return sorted(place.name for place in runs.iterdir() if not place.name.startswith("."))


def everything(runs: Path) -> list[str]:
    return sorted(place.name for place in runs.iterdir())


def test_a_run_appears_with_its_manifest_and_latest(tmp_path: Path) -> None:
    runs = tmp_path / "not" / "yet"
    folder = atomic.publish(runs, "2026-11-08-aaaaaaaa", one_file(), FACTS)
    assert folder == runs / "2026-11-08-aaaaaaaa"
    assert everything(runs) == ["2026-11-08-aaaaaaaa", "latest"]
    assert os.readlink(runs / "latest") == "2026-11-08-aaaaaaaa"
    assert manifest.verify(runs / "latest") == []
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_failing_fill_leaves_nothing(tmp_path: Path) -> None:
    atomic.publish(tmp_path, "2026-11-08-aaaaaaaa", one_file(), FACTS)

    def fail(folder: Path) -> None:
        one_file()(folder)
        assert visible(tmp_path) == ["2026-11-08-aaaaaaaa", "latest"]
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        atomic.publish(tmp_path, "2026-11-09-bbbbbbbb", fail, FACTS)
    assert everything(tmp_path) == ["2026-11-08-aaaaaaaa", "latest"]
    assert os.readlink(tmp_path / "latest") == "2026-11-08-aaaaaaaa"


def test_the_same_run_again_changes_nothing(tmp_path: Path) -> None:
    folder = atomic.publish(tmp_path, "2026-11-08-aaaaaaaa", one_file(), FACTS)
    before = (folder / manifest.NAME).stat()
    assert atomic.publish(tmp_path, "2026-11-08-aaaaaaaa", one_file(), FACTS) == folder
    after = (folder / manifest.NAME).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert everything(tmp_path) == ["2026-11-08-aaaaaaaa", "latest"]


def test_the_same_name_with_other_content_is_refused(tmp_path: Path) -> None:
    folder = atomic.publish(tmp_path, "2026-11-08-aaaaaaaa", one_file(), FACTS)
    with pytest.raises(PublishError, match="already published with other content"):
        atomic.publish(tmp_path, "2026-11-08-aaaaaaaa", one_file("two\n"), FACTS)
    assert (folder / "part" / "file.txt").read_text() == "one\n"
    assert everything(tmp_path) == ["2026-11-08-aaaaaaaa", "latest"]


def test_latest_goes_by_as_of_and_never_backwards(tmp_path: Path) -> None:
    for run_id, latest in (
        ("2026-11-08-bbbbbbbb", "2026-11-08-bbbbbbbb"),
        ("2026-11-05-ffffffff", "2026-11-08-bbbbbbbb"),  # an older night planned again
        ("2026-11-08-aaaaaaaa", "2026-11-08-aaaaaaaa"),  # the same night with corrected inputs
        ("2026-11-09-00000000", "2026-11-09-00000000"),
    ):
        atomic.publish(tmp_path, run_id, one_file(run_id), FACTS)
        assert os.readlink(tmp_path / "latest") == latest


def test_latest_is_set_right_where_a_killed_run_left_it_behind(tmp_path: Path) -> None:
    atomic.publish(tmp_path, "2026-11-08-aaaaaaaa", one_file(), FACTS)
    (tmp_path / "latest").unlink()
    (tmp_path / "latest").symlink_to("gone")
    atomic.publish(tmp_path, "2026-11-08-aaaaaaaa", one_file(), FACTS)
    assert os.readlink(tmp_path / "latest") == "2026-11-08-aaaaaaaa"


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "latest", ".hidden", "a\\b"])
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        atomic.publish(tmp_path, name, one_file(), FACTS)
    assert everything(tmp_path) == []


def test_a_full_disk_is_told_with_the_folder(tmp_path: Path) -> None:
    """/dev/full refuses every byte for want of space."""

    def fill(folder: Path) -> None:
        one_file()(folder)
        (folder / "big").symlink_to("/dev/full")
        with (folder / "big").open("w") as file:
            file.write("x")

    with pytest.raises(PublishError, match=r"cannot publish .*2026-11-08-aaaaaaaa: No space left on device"):
        atomic.publish(tmp_path, "2026-11-08-aaaaaaaa", fill, FACTS)
    assert everything(tmp_path) == []


def test_a_refused_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    with pytest.raises(PublishError, match=r"cannot publish .*runs/2026-11-08-aaaaaaaa: File exists"):
        atomic.publish(tmp_path / "runs", "2026-11-08-aaaaaaaa", one_file(), FACTS)


SLOW_PUBLISH = """
import sys, time
from pathlib import Path
from replenish.publish import atomic

runs, run_id = Path(sys.argv[1]), sys.argv[2]

def fill(folder):
    print("filling", flush=True)
    for number in range(200):
        (folder / f"{number}.txt").write_text("x" * 5000)
        time.sleep(0.0005)

atomic.publish(runs, run_id, fill, {"as_of": run_id[:10]})
"""


def test_a_killed_run_leaves_only_what_the_next_one_removes(tmp_path: Path) -> None:
    """kill -9 at random moments, from the first file to after the rename: whatever is visible is whole."""
    atomic.publish(tmp_path, "2026-11-01-00000000", one_file(), FACTS)
    rng = random.Random(8)
    for round_number in range(5):
        run_id = f"2026-11-{round_number + 2:02}-00000000"
        command = [sys.executable, "-c", SLOW_PUBLISH, str(tmp_path), run_id]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "src"}) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.3))
            process.send_signal(signal.SIGKILL)
        for place in visible(tmp_path):
            assert manifest.verify(tmp_path / place) == []
            expected = 1 if (tmp_path / place / "part").exists() else 200
            assert len(manifest.read(tmp_path / place)["resources"]) == expected
        assert (tmp_path / "latest").is_dir()
    atomic.publish(tmp_path, "2026-11-20-00000000", one_file(), FACTS)
    assert [name for name in everything(tmp_path) if name.startswith(".")] == []
    assert os.readlink(tmp_path / "latest") == "2026-11-20-00000000"


def test_killed_between_rename_and_link_the_link_is_still_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atomic.publish(tmp_path, "2026-11-01-00000000", one_file(), FACTS)
    with monkeypatch.context() as patched:
        patched.setattr(atomic, "point_latest", lambda runs: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            atomic.publish(tmp_path, "2026-11-02-00000000", one_file("two"), FACTS)
    assert manifest.verify(tmp_path / "latest") == []
    atomic.publish(tmp_path, "2026-11-02-00000000", one_file("two"), FACTS)
    assert os.readlink(tmp_path / "latest") == "2026-11-02-00000000"
