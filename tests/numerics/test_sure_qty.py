"""The quantity that can be promised for sure, against its definition on paths drawn here."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.compiled import kernel
from replenish.numerics.promise import _write_sure
from tests.numerics.engine_nodes import plain_nodes, projected


@kernel
def sure_of(closing: np.ndarray, paths: np.ndarray, level: float) -> np.ndarray:
    out = np.zeros(closing.shape[0])
    _write_sure(closing, paths.copy(), level, out)
    return out


def by_definition(closing: np.ndarray, paths: np.ndarray, level: float) -> list[float]:
    """Every path in full, and the largest whole q that enough of them keep."""
    last = len(paths) - 1
    beyond = paths[last][None, :] + (closing[last + 1 :] - closing[last])[:, None]
    whole = np.concatenate([paths, beyond])
    found = []
    for t in range(len(closing)):
        kept = whole[t:].min(axis=0)
        good = [q for q in np.unique(kept) if (kept >= q - 1e-9).mean() >= level - 1e-12]
        found.append(max(0.0, *good) if good else 0.0)
    return found


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(0, 5), st.sampled_from([0.0, 0.5, 0.9, 0.95]), st.integers(0, 2**32 - 1))
def test_it_is_the_largest_quantity_that_is_there_from_then_on(
    sampled: int, more: int, level: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    paths = rng.integers(-20, 60, (sampled, 40)).astype(float)
    closing = np.concatenate([paths.mean(axis=1), rng.integers(-20, 60, more)])
    got, want = sure_of(closing, paths, level), by_definition(closing, paths, level)
    assert (np.diff(got) >= 0).all(), "what is sure later is not less: nothing is promised twice"
    assert (got <= np.array(want) + 1e-9).all()
    assert (np.array(want) - got <= 1e-9).all()


def test_more_certainty_promises_less_and_never_more_than_is_there() -> None:
    some = plain_nodes(demand=10.0, on_hand=100.0)
    less, more = (projected(some, 0.0, 0.0, level=level).sure[0] for level in (0.5, 0.99))
    assert (more <= less).all()
    assert more[0] < less[0]
    assert less[0] <= projected(some, 0.0, 0.0).closing_q50[0].max()


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_levels_at_the_edge_do_not_break(level: float) -> None:
    assert np.isfinite(projected(plain_nodes(demand=3.0, on_hand=20.0), 5.0, 2.0, level=level).sure).all()


def test_what_is_sure_is_kept_on_other_paths() -> None:
    """Promised at 90 % from one draw, ordered for bucket 2, played on another: 90 % of the paths stay served."""
    waits = {"demand": 10.0, "on_hand": 200.0, "lost_share": 0.0, "sampled": 10, "given": 0.0}
    sure = float(projected(plain_nodes(seed=1, **waits), 0.0, 0.0, 4000, level=0.9).sure[0, 2])
    assert 20.0 < sure < 100.0

    def lowest(asked: float) -> float:
        other = plain_nodes(seed=2, **waits)
        other.firm[0, 2] = asked
        return float(projected(other, 0.0, 0.0, 4000).closing_q10[0, 2:].min())

    assert lowest(sure) >= -3.0, "within the error of 4,000 paths"
    assert lowest(sure + 20.0) < -10.0, "and there is no slack in it"
