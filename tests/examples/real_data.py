"""Where the real data sets are: in the folder REPLENISH_TEST_DATA names, or in shared/data beside the checkout."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def data_file(name: str) -> Path:
    """The file, or a skipped test where it is not on this machine."""
    home = Path(os.environ.get("REPLENISH_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (home / name).is_file():
        pytest.skip(f"{name} is not here: name the folder that holds it in REPLENISH_TEST_DATA")
    return home / name


def script(name: str) -> ModuleType:
    """A script of the examples folder as a module."""
    path = ROOT / "examples" / name
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
