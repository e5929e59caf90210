"""`share_path` finds the checkout's folders first, the wheel's second, and says where it looked."""

from __future__ import annotations

from pathlib import Path

import pytest

from replenish import share


def _install(root: Path, package: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = root / package / "replenish"
    home.mkdir(parents=True)
    monkeypatch.setattr(share, "_PACKAGE", home)
    return home


def test_a_checkout_uses_the_folder_beside_src(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _install(tmp_path, "src", monkeypatch)
    (tmp_path / "sql").mkdir()
    (home / "_share" / "sql").mkdir(parents=True)
    assert share.share_path("sql") == tmp_path / "sql"


def test_a_wheel_uses_its_own_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _install(tmp_path, "site-packages", monkeypatch)
    (tmp_path / "sql").mkdir()  # somebody else's folder beside site-packages
    (home / "_share" / "sql").mkdir(parents=True)
    assert share.share_path("sql") == home / "_share" / "sql"


def test_a_missing_folder_is_named_with_every_place_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = _install(tmp_path, "src", monkeypatch)
    with pytest.raises(FileNotFoundError, match="reports") as caught:
        share.share_path("reports")
    assert str(tmp_path / "reports") in str(caught.value)
    assert str(home / "_share" / "reports") in str(caught.value)


@pytest.mark.parametrize("name", ["", "..", "sql/../..", "tests", "/"])
def test_only_the_three_shared_folders_are_served(name: str) -> None:
    with pytest.raises(ValueError, match="unknown shared folder"):
        share.share_path(name)
