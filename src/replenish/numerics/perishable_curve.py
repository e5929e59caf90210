"""The value curve of a node whose stock expires: every path is played by age, with more and more units added.

g(k) = p P(unit k is sold instead of lost in window 1) - holding - w P(unit k expires), w = cost - salvage + disposal.
A unit "expires" where adding it lets one more unit expire: with customers who take the newest first, that may be an
older one. Added units are those of tonight's order; later orders fill the shelf up to the classical level. Exact on
each path for up to `_GRID` units, on a grid of quantities beyond. Source: order specification section 8; Haijema &
Minner (2019) International Journal of Production Economics.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.ages import lay, serve_ages, stock_by_age
from replenish.numerics.compiled import part
from replenish.numerics.node_facts import Record, Scratch
from replenish.numerics.projection import NOT_CHARGED
from replenish.numerics.reductions import put

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GRID = 48


@part
def age_needs(fact: Record, work: Scratch, opening: Ints, running: Floats, held: Floats) -> None:
    """Overwrite the needs of `projection.needs` with those by age, for an order that arrives in `opening`.

    The first row of `running` becomes thresholds: unit k saves a sale with probability P(threshold >= k). The last row
    of `held` does the same for waste: unit k expires with probability P(threshold < k), and pays the terminal cost.
    """
    paths, size = work.start.shape[0], fact.sampled + fact.life
    shelves, stock, most = np.zeros((paths, size)), np.empty(paths), fact.step
    for m in range(paths):
        stock[m], _ = shelf_at(fact, work, m, opening[m], shelves[m])
        wanted = max(0.0, -stock[m])
        for t in range(opening[m], min(opening[m] + fact.life, fact.sampled)):
            wanted += work.demand[m, t]
        most = max(most, wanted)
        _window_needs(fact, work, m, opening[m], stock[m], shelves[m].copy(), running, held)
    units = np.ceil(most / fact.step - 1e-9)
    spacing = fact.step * np.ceil(units / min(units, float(_GRID)))
    count = int(np.ceil(most / spacing - 1e-9)) + 1
    fill, exact = later_level(fact), spacing <= fact.step and fact.is_count
    if running.shape[0] > 1 and (fact.order_cost > 0.0 or fact.min_qty > fact.pack):
        # Only a minimum or a fixed cost is judged over two windows.
        short, _ = _sweep(fact, work, opening, stock, shelves, 2 * fact.review, 0.0, spacing, count)
        _thresholds(short, spacing, -1.0, exact, running[1])
    short, wasted = _sweep(fact, work, opening, stock, shelves, fact.review, fill, spacing, count)
    _thresholds(short, spacing, -1.0, exact, running[0])
    _thresholds(wasted, spacing, 1.0, exact, held[held.shape[0] - 1])


@part
def later_level(fact: Record) -> float:
    """Stock that later orders fill up to on arrival; not asked for where the oldest is always sold first."""
    return min(fact.level, fact.cover_qty) if fact.lifo_share > 0.0 else 0.0


@part
def shelf_at(fact: Record, work: Scratch, m: int, opening: int, shelf: Floats) -> tuple[float, float]:
    """Stock of path m at the opening of its arrival bucket, units expired until then; `shelf` takes it by age."""
    lay(work.ages, shelf)
    stock, _, wasted = stock_by_age(
        shelf, work.start[m], work.demand[m], work.supply[m], opening, fact.life, fact.lifo_share, fact.lost_share
    )
    return stock, wasted


@part
def _window_needs(
    fact: Record, work: Scratch, m: int, opening: int, stock: float, shelf: Floats, running: Floats, held: Floats
) -> None:
    """Needs of path m without an order at the end of each window, as `projection.path_needs` but by age."""
    short, deepest, t = 0.0, 0.0, opening
    for h in range(running.shape[0]):
        while t < min(opening + (h + 1) * fact.review, fact.sampled, fact.end_bucket):
            before = stock + work.supply[m, t]
            stock, lost, _ = serve_ages(
                shelf, t, fact.life, before, work.demand[m, t], fact.lifo_share, fact.lost_share
            )
            short += lost
            deepest = max(deepest, -stock)
            t += 1
        running[h, m] = short + deepest
        if held[h, m] != NOT_CHARGED:
            held[h, m] = short + max(0.0, -stock)


@part
def play_order(
    fact: Record, work: Scratch, m: int, opening: int, stock: float, shelf: Floats, window: int, fill: float
) -> tuple[float, float, float]:
    """Path m from the arrival on, with `stock` on the shelf, the order included, until the last of it must be gone.

    Units short in the first `window` buckets, units expired, and stock at the end of that window. What is left at the
    end of sale is waste. `shelf` is used up.
    """
    last = min(opening + fact.life, fact.sampled, fact.end_bucket)
    short, deepest, wasted, left = 0.0, 0.0, 0.0, stock
    for t in range(opening, max(last, min(opening + window, fact.sampled, fact.end_bucket))):
        stock += work.supply[m, t]
        # Without a level to fill, a backlog stays one.
        if fill > 0.0 and t > opening and (t - opening) % fact.review == 0 and fact.end_bucket > opening + fact.life:
            stock = max(stock, fill)
        stock, lost, expired = serve_ages(
            shelf, t, fact.life, stock, work.demand[m, t], fact.lifo_share, fact.lost_share
        )
        wasted += expired if t < last else 0.0
        if t < opening + window:
            short, deepest, left = short + lost, max(deepest, -stock), stock
    if last == fact.end_bucket:
        wasted += max(0.0, stock)
    return short + deepest, wasted, left


@part
def promise_by_age(fact: Record, qty: float, work: Scratch, out: Record) -> None:
    """What an order of `qty` promises where stock expires, with and without it; overwrites fields of PROMISE."""
    paths, shelf, used = work.start.shape[0], np.empty(fact.sampled + fact.life), np.empty(fact.sampled + fact.life)
    fill = later_level(fact)
    without = with_order = short = short_with = waste = waste_with = left = 0.0
    for m in range(paths):
        opening = work.arrival[m]
        stock, before = shelf_at(fact, work, m, opening, shelf)
        put(shelf, used)
        missed, gone, rest = play_order(fact, work, m, opening, stock, used, fact.review, fill)
        missed_with, gone_with, rest_with = play_order(fact, work, m, opening, stock + qty, shelf, fact.review, fill)
        without, with_order = without + (missed > 1e-9), with_order + (missed_with > 1e-9)
        short, short_with = short + missed, short_with + missed_with
        waste, waste_with = waste + before + gone, waste_with + before + gone_with
        left += max(0.0, max(0.0, rest_with) - max(0.0, rest))
    out.stockout_without, out.stockout_with = without / paths, with_order / paths
    out.lost_without, out.lost_with, out.leftover = short / paths, short_with / paths, left / paths
    out.waste_without, out.waste_with = waste / paths, waste_with / paths


@part
def _sweep(
    fact: Record,
    work: Scratch,
    opening: Ints,
    stock: Floats,
    shelves: Floats,
    window: int,
    fill: float,
    spacing: float,
    count: int,
) -> tuple[Floats, Floats]:
    """Mean units short and mean units expired with 0, 1, .. count - 1 spacings of tonight's order."""
    short, wasted, shelf = np.zeros(count), np.zeros(count), np.empty(shelves.shape[1])
    paths = stock.shape[0]
    for m in range(paths):
        for k in range(count):
            put(shelves[m], shelf)
            units = stock[m] + k * spacing
            missed, gone, _ = play_order(fact, work, m, opening[m], units, shelf, window, fill)
            short[k] += missed
            wasted[k] += gone
    for k in range(count):
        short[k] /= paths
        wasted[k] /= paths
    return short, wasted


@part
def _thresholds(level: Floats, spacing: float, sign: float, exact: bool, out: Floats) -> None:
    """Thresholds whose distribution gives the slope of `level`: F(k) = slope for waste, 1 + slope for units short.

    A slope that falls is held where it was: later units are then never judged better than earlier ones.
    """
    i, last, before, now = -1, level.shape[0] - 1, 0.0, 0.0
    for j in range(out.shape[0]):
        wanted = (j + 0.5) / out.shape[0]
        while now < wanted and i < last:
            i += 1
            slope = sign * (level[i + 1] - level[i]) / spacing if i < last else 1.0
            before, now = now, max(now, slope if sign > 0.0 else 1.0 - slope)
        if exact or i == last:
            out[j] = i * spacing
        else:
            out[j] = max(0.0, i - 0.5 + (wanted - before) / (now - before)) * spacing
