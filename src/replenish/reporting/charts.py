"""Charts drawn once, as SVG inside the page: they print, and they need no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

from markupsafe import Markup, escape

from replenish.reporting.format import day, short

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 10, 24


@dataclass(frozen=True)
class Layer:
    """One measure over time: `bar` layers stand on each other, `line` layers do not. `style` is a CSS class."""

    name: str
    style: str
    kind: str
    values: Sequence[float | None]


def time_chart(starts: Sequence[date], layers: Sequence[Layer], *, label: str, currency: str) -> Markup:
    """Weeks from left to right, money upwards. `label` is what a screen reader says instead of the picture."""
    top = round_up(_highest(layers))
    parts = [_axis(top), _months(starts)]
    below = [0.0] * len(starts)
    for layer in layers:
        if layer.kind == "line":
            parts.append(_line(layer, top))
            continue
        parts.append(_bars(layer, below, starts, top, currency))
        below = [base + max(value or 0.0, 0.0) for base, value in zip(below, layer.values, strict=True)]
    body = Markup("").join(parts)
    frame = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return frame.format(WIDTH, HEIGHT, label, body)


def _highest(layers: Sequence[Layer]) -> float:
    stacks = zip(*(layer.values for layer in layers if layer.kind == "bar"), strict=True)
    stacked = [sum(max(value or 0.0, 0.0) for value in stack) for stack in stacks]
    lines = [value or 0.0 for layer in layers if layer.kind == "line" for value in layer.values]
    return max([*stacked, *lines, 0.0])


def round_up(value: float) -> float:
    """End of an axis: the value in half steps of its leading digit; 1 where there is nothing."""
    if value <= 0:
        return 1.0
    size = 10.0 ** floor(log10(value))
    return size * ceil(2 * value / size) / 2


def _x(index: float, count: int) -> float:
    return LEFT + index * (WIDTH - LEFT - RIGHT) / max(count, 1)


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(max(value, 0.0) / top, 1.0))


def _axis(top: float) -> Markup:
    levels = [share * top for share in (0.0, 0.5, 1.0)]
    return Markup("").join(level_line(LEFT, WIDTH - RIGHT, _y(level, top), short(level)) for level in levels)


def level_line(left: float, right: float, y: float, text: str) -> Markup:
    """A line across the chart with its figure to the left."""
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(left, right, y, y)
    return line + Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(
        left - 6, y + 4, text
    )


def _months(starts: Sequence[date]) -> Markup:
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    marks = []
    for index, start in enumerate(starts):
        is_new = index > 0 and start.month != starts[index - 1].month
        if is_new and start.month % 2 == 1:
            text = names[start.month - 1] + (f" {start.year}" if start.month == 1 else "")
            mark = Markup('<text class="tick" x="{:.1f}" y="{}">{}</text>')
            marks.append(mark.format(_x(index, len(starts)), HEIGHT - 6, text))
    return Markup("").join(marks)


def _bars(layer: Layer, below: Sequence[float], starts: Sequence[date], top: float, currency: str) -> Markup:
    width = max(_x(1, len(starts)) - _x(0, len(starts)) - 1.5, 1.0)
    bar = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>')
    bars = []
    for index, (value, base) in enumerate(zip(layer.values, below, strict=True)):
        if value is not None and value > 0:
            low, high = _y(base, top), _y(base + value, top)
            title = f"Week of {day(starts[index])}: {layer.name.lower()} {short(value)} {currency}"
            bars.append(bar.format(_x(index, len(starts)), high, width, max(low - high, 0.5), title))
    return Markup('<g class="{}">{}</g>').format(layer.style, Markup("").join(bars))


def _line(layer: Layer, top: float) -> Markup:
    count = len(layer.values)
    points = [
        f"{_x(index + 0.5, count):.1f},{_y(value, top):.1f}"
        for index, value in enumerate(layer.values)
        if value is not None
    ]
    return Markup('<polyline class="{}" points="{}"/>').format(layer.style, escape(" ".join(points)))
