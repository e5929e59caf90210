"""The lock names everything and no host, and the wheel works where there is no checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCK = (ROOT / "lock.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DECLARED = [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]


def _locked_versions() -> dict[str, list[str]]:
    """Every version the lock holds for a name: a package may have one version a Python release."""
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[\w,.-]+\])?==([^\s;]+)", LOCK, flags=re.MULTILINE):
        versions.setdefault(canonicalize_name(name), []).append(version)
    return versions


def test_the_lock_names_no_host() -> None:
    assert "://" not in LOCK


def test_every_locked_package_has_a_hash() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert entries
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("declared", DECLARED, ids=lambda text: Requirement(text).name)
def test_every_declared_dependency_is_locked_within_its_range(declared: str) -> None:
    requirement = Requirement(declared)
    locked = _locked_versions().get(canonicalize_name(requirement.name), [])
    assert locked, f"{requirement.name} is declared but not in lock.txt: run `make lock`"
    assert [version for version in locked if version not in requirement.specifier] == []


@pytest.mark.prefect
def test_the_locked_web_framework_still_suits_the_orchestrator(tmp_path: Path) -> None:
    """A newer fastapi once broke this import, and with it every flow, while `pip check` stayed clean."""
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path)}
    command = [sys.executable, "-c", "import prefect.server.api.server"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_explains_itself() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True).stdout
    for target in ("setup", "run", "test", "test-slow", "lint", "bench", "clean"):
        assert re.search(rf"^\s*make {target}\s+\w", shown, flags=re.MULTILINE), f"`make {target}` is not explained"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_carries_every_shared_file(wheel: Path) -> None:
    carried = {name for name in zipfile.ZipFile(wheel).namelist() if "/_share/" in name}
    wanted = {
        f"replenish/_share/{path.relative_to(ROOT).as_posix()}"
        for folder in ("sql", "reports", "flows")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted
    assert carried == wanted


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment: this wheel, the locked libraries, and nothing of the checkout."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    # a path file leads to the libraries but does not run the path files it finds there: the editable install stays out
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", query], check=True, capture_output=True, text=True, timeout=60).stdout.strip()
    libraries = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (Path(own) / "locked.pth").write_text("\n".join(libraries), encoding="utf-8")
    return home / "bin"


@pytest.mark.slow
def test_the_installed_wheel_plans_a_night_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = "import replenish; print(replenish.__file__)"
    package = subprocess.run(
        [installed / "python", "-c", where], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()
    assert Path(package).is_relative_to(installed.parent)
    for arguments in (["init", "--example", "retail", "x"], ["run", "x"]):
        command = [str(installed / "replenish"), *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"
    manifests = list((tmp_path / "x" / "runs").glob("20*/manifest.json"))
    assert len(manifests) == 1
    assert any((manifests[0].parent / "proposals").iterdir())
