"""A waterfall: from one total to another, step by step, as SVG inside the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from replenish.reporting.format import short

WIDTH, ROW, LEFT, RIGHT, TOP = 720, 24, 190, 70, 6


@dataclass(frozen=True)
class Step:
    """A rise or fall, or a total that stands on the ground."""

    name: str
    value: float
    is_total: bool = False


def waterfall(steps: Sequence[Step], *, label: str, currency: str) -> Markup:
    """One row a step, money from left to right. `label` is what a screen reader says instead of the picture."""
    spans = _spans(steps)
    low, high = min([0.0, *(min(span) for span in spans)]), max([0.0, *(max(span) for span in spans)])
    scale = (WIDTH - LEFT - RIGHT) / (high - low if high > low else 1.0)
    rows = [
        _row(step, span, TOP + ROW * place, low, scale, currency)
        for place, (step, span) in enumerate(zip(steps, spans, strict=True))
    ]
    ground = Markup('<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>')
    height = 2 * TOP + ROW * len(steps)
    frame = Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    body = ground.format(LEFT - low * scale, height) + Markup("").join(rows)
    return frame.format(WIDTH, height, label, body)


def _spans(steps: Sequence[Step]) -> list[tuple[float, float]]:
    """Where each bar begins and ends."""
    at, spans = 0.0, []
    for step in steps:
        begin, at = (0.0, step.value) if step.is_total else (at, at + step.value)
        spans.append((begin, at))
    return spans


def _row(step: Step, span: tuple[float, float], top: float, low: float, scale: float, currency: str) -> Markup:
    left, right = (LEFT + (edge - low) * scale for edge in (min(span), max(span)))
    style = "sold" if step.is_total else "expected" if step.value >= 0 else "lost"
    told = short(step.value) if step.is_total or step.value < 0 else f"+{short(step.value)}"
    name = Markup('<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>')
    bar = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{}"><title>{}: {} {}</title></rect>')
    number = Markup('<text class="tick" x="{:.1f}" y="{:.1f}">{}</text>')
    return (
        name.format(LEFT - 8, top + 15, step.name)
        + bar.format(style, left, top + 3, max(right - left, 1.0), ROW - 7, step.name, told, currency)
        + number.format(right + 5, top + 15, told)
    )
