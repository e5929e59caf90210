"""(s, Q) under continuous review: no night looks at stock between reviews, so it stands with the oracles.

Source: Silver, Pyke & Thomas (4e) ch. 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from replenish.numerics.loss import standard_normal_loss

Floats = NDArray[np.float64]

_LOWEST_SAFETY_FACTOR = -4.0


def continuous_review_safety_factor(
    order_qty: ArrayLike, sd: ArrayLike, fill_target: ArrayLike, lost_sales: ArrayLike
) -> Floats:
    """Safety factor k of (s, Q) under normal lead-time demand: G(k) = Q (1 - b) / sd, over b where sales are lost.

    A right side at or above G(-4) needs no safety stock: k = -4. Newton on G from the cycle-service start.
    """
    qty, spread, fill, lost = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (order_qty, sd, fill_target, lost_sales))
    )
    wanted = qty * (1.0 - fill) / spread / np.where(lost.astype(bool), fill, 1.0)
    k = np.zeros(wanted.shape)
    # log G is concave, so Newton on it converges from any start without overshooting for ever.
    for _ in range(12):
        current = standard_normal_loss(k)
        k = np.clip(k + (np.log(current) - np.log(wanted)) * current / special.ndtr(-k), _LOWEST_SAFETY_FACTOR, 12.0)
    return np.where(wanted >= standard_normal_loss(_LOWEST_SAFETY_FACTOR), _LOWEST_SAFETY_FACTOR, k)
