"""Worked answers in tests/golden: how to find a case and how close is close enough."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).parent / "golden"
PRINTED = 5e-12  # the files print twelve digits: no number can be closer than that


@cache
def _load(file: str) -> dict[str, dict[str, Any]]:
    return {case["name"]: case for case in json.loads((GOLDEN / f"{file}.json").read_text(encoding="utf-8"))}


def golden(file: str, name: str) -> tuple[dict[str, Any], dict[str, Any], float]:
    """Inputs, expected results and tolerance of one case."""
    case = _load(file)[name]
    return case["inputs"], case["expected"], case["tolerance"]


def case(file: str, name: str) -> dict[str, Any]:
    """One whole case: name, inputs, expected, tolerance, source."""
    return _load(file)[name]


def cases(file: str, *prefixes: str) -> list[dict[str, Any]]:
    """Verified cases whose name starts with one of the prefixes; all of the file where none is given."""
    found = [each for n, each in _load(file).items() if n.startswith(prefixes or "") and not each.get("unverified")]
    assert found, f"no golden case {prefixes} in {file}"
    return found


def golden_names(file: str, prefix: str) -> list[str]:
    """Names of the verified cases that start with prefix."""
    names = [n for n, case in _load(file).items() if n.startswith(prefix) and not case.get("unverified")]
    assert names, f"no golden case {prefix}* in {file}"
    return names


def numbers(values: Any) -> np.ndarray:
    """Nested lists with null as a float array with NaN."""
    return np.array(values, dtype=np.float64)


def assert_golden(got: Any, expected: Any, tolerance: float) -> None:
    """|got - expected| <= tolerance * max(1, |expected|), elementwise; null means NaN."""
    tolerance = max(tolerance, PRINTED) if tolerance else 0.0
    want = numbers(expected)
    have = np.asarray(got, dtype=np.float64)
    assert have.shape == want.shape, f"shape {have.shape}, expected {want.shape}"
    np.testing.assert_array_equal(np.isnan(have), np.isnan(want))
    off = np.abs(have - want) > tolerance * np.maximum(1.0, np.abs(want))
    assert not off.any(), f"got {have}, expected {want}"
