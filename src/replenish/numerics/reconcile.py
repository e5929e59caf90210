"""Forecasts of totals and of their parts made to agree.

Sources: Wickramasuriya, Athanasopoulos & Hyndman (2019), JASA 114, eq. (3.4) with a diagonal W; Wickramasuriya, Turlach
& Hyndman (2020), Statistics and Computing 30, for the condition that nothing is negative.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]

MOST_ROUNDS = 30  # of the active set; it settles in a few


def reconciled_parts(totals: sparse.csr_matrix, base: Floats, variance: Floats) -> Floats:
    """Parts b = (S'W^-1 S)^-1 S'W^-1 yhat [N, ...] that agree best with forecasts of totals and parts, S = [totals; I].

    `totals` [L, N] says which parts a total adds up; `base` [L + N, ...] forecasts, totals first; `variance` [L + N] of
    their errors, positive. Solved through the L totals alone (Woodbury), so that many parts cost little. The answer may
    be negative.
    """
    count = totals.shape[0]
    total, part = base[:count], base[count:]
    above, below = variance[:count], variance[count:]
    spread = sparse.diags(below) @ totals.T  # covariance of parts and totals
    gap = total - totals @ part
    inner = (totals @ spread).toarray() + np.diag(above)
    out: Floats = part + spread @ np.linalg.solve(inner, gap)
    return out


def nonnegative_parts(totals: sparse.csr_matrix, base: Floats, variance: Floats) -> Floats:
    """The same with no part below 0: parts that would be are held at 0 until none is, and let go where that errs.

    An active set as of Lawson & Hanson (1974) ch. 23, changed as a whole; ends after as many rounds as a few at most.
    """
    out = np.empty((totals.shape[1], base.shape[1]))
    for column in range(base.shape[1]):
        out[:, column] = _nonnegative(totals, base[:, column], variance)
    return out


def _nonnegative(totals: sparse.csr_matrix, base: Floats, variance: Floats) -> Floats:
    count = totals.shape[0]
    free = np.ones(totals.shape[1], dtype=bool)
    part = np.zeros(totals.shape[1])
    for _ in range(MOST_ROUNDS):
        part = np.zeros(free.size)
        mine = np.concatenate([np.ones(count, dtype=bool), free])
        part[free] = reconciled_parts(totals[:, np.flatnonzero(free)], base[mine], variance[mine])
        pull = totals.T @ ((base[:count] - totals @ part) / variance[:count]) + (base[count:] - part) / variance[count:]
        wrong = np.where(free, part < -1e-9, pull > 1e-9)
        if not wrong.any():
            break
        free ^= wrong
    return np.maximum(part, 0.0)


def top_down(parts: Floats, total: Floats) -> Floats:
    """Parts [..., K] scaled to a total [...] by their shares; parts that add up to 0 stay."""
    own = parts.sum(axis=-1)
    factor = np.where(own > 0, total / np.where(own > 0, own, 1.0), 1.0)
    out: Floats = parts * factor[..., None]
    return out
