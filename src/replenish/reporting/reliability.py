"""Promised against achieved, as a picture: a dot on the diagonal is a promise kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from replenish.reporting.charts import level_line
from replenish.reporting.format import number, percent

SIZE, LEFT, RIGHT, TOP, BOTTOM = 420, 52, 12, 12, 38


@dataclass(frozen=True)
class Told:
    """Promises of about the same chance: mean promised share, share that came, and how many there are."""

    promised: float
    achieved: float
    count: int


def reliability_chart(points: Sequence[Told], *, label: str) -> Markup:
    """Promised share to the right, achieved share upwards, with what chance alone may do (two standard errors)."""
    top = _top(points)
    parts = [_frame(top), *(_dot(one, top) for one in points)]
    frame = Markup('<svg class="chart square" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return frame.format(SIZE, SIZE, label, Markup("").join(parts))


def _top(points: Sequence[Told]) -> float:
    """End of both axes: the highest share there is, in tenths."""
    most = max((max(one.promised, one.achieved) for one in points), default=1.0)
    return min(1.0, (int(most * 10 - 1e-9) + 1) / 10)


def _error(one: Told) -> float:
    """Two standard errors of the achieved share, were the promise true."""
    return 2.0 * sqrt(max(one.promised * (1.0 - one.promised), 0.0) / max(one.count, 1))


def _x(share: float, top: float) -> float:
    return LEFT + share / top * (SIZE - LEFT - RIGHT)


def _y(share: float, top: float) -> float:
    """Height of a share; what lies beyond the axis is drawn at its end."""
    return TOP + (1.0 - min(max(share / top, 0.0), 1.0)) * (SIZE - TOP - BOTTOM)


def _frame(top: float) -> Markup:
    diagonal = Markup('<line class="ideal" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
        _x(0.0, top), _y(0.0, top), _x(top, top), _y(top, top)
    )
    parts = [diagonal]
    for share in (0.0, top / 2, top):
        x, y = _x(share, top), _y(share, top)
        parts.append(level_line(LEFT, SIZE - RIGHT, y, percent(share)))
        text = Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>')
        parts.append(text.format(x, SIZE - BOTTOM + 14, "end" if share == top else "middle", percent(share)))
    title = Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>')
    parts.append(title.format(SIZE - RIGHT, SIZE - 6, "end", "promised chance of running out"))
    parts.append(title.format(LEFT + 6, TOP + 10, "start", "ran out"))
    return Markup("").join(parts)


def _dot(one: Told, top: float) -> Markup:
    x, y, error = _x(one.promised, top), _y(one.achieved, top), _error(one)
    told = f"promised {percent(one.promised, 1)}, came {percent(one.achieved, 1)}, {number(one.count)} promises"
    style = "broken" if one.achieved > one.promised + error else "kept"
    bar = Markup('<line class="whisker" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>').format(
        x, _y(one.promised - error, top), _y(one.promised + error, top)
    )
    dot = Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="5"><title>{}</title></circle>')
    return bar + dot.format(style, x, y, told)
