"""A schedule drawn once, as SVG inside the page: one row a machine, time from left to right, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from markupsafe import Markup

from replenish.reporting.format import day

LEFT, TOP, ROW, RIGHT = 150, 24, 28, 8
LEAST_WIDTH, LEAST_DAY_WIDTH = 1150, 48
MOST_DAYS = 31
_LETTER = 6.2  # width of a letter, on average
_NAME_LETTERS = 21
_DATE_WIDTH = 76
_LEAST_ROOM = 40
_SATURDAY = 5
_PATTERN = Markup(
    '<defs><pattern id="setup" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="5"/></pattern></defs>'
)


@dataclass(frozen=True)
class Bar:
    """An operation on a row: `colour` is one of the eight of the style sheet, `title` what a pointer is told."""

    row: int
    start: datetime
    end: datetime
    setup_hours: float
    colour: int
    text: str
    title: str
    is_late: bool


def gantt(rows: Sequence[str], bars: Sequence[Bar], *, label: str) -> Markup:
    """Bars, one at least, on the rows named: 31 days at most from the first on. `label` is what a screen reader says.

    Weekends are shaded and set-ups hatched; what is late has a heavy frame and begins with an exclamation mark.
    """
    first = min(bar.start for bar in bars).replace(hour=0, minute=0, second=0, microsecond=0)
    last = max(bar.end for bar in bars)
    days = min(max(ceil((last - first) / timedelta(days=1)), 1), MOST_DAYS)
    scale = _Scale(first, max(LEAST_DAY_WIDTH, (LEAST_WIDTH - LEFT - RIGHT) / days), days)
    height = TOP + ROW * len(rows) + 6
    shown = [bar for bar in bars if bar.start < first + timedelta(days=days)]
    body = Markup("").join([_PATTERN, _days(scale, height), _rows(rows, scale), *(_bar(bar, scale) for bar in shown)])
    frame = Markup(
        '<svg class="chart gantt" viewBox="0 0 {:.0f} {}" width="{:.0f}" role="img" aria-label="{}">{}</svg>'
    )
    return frame.format(scale.width, height, scale.width, label, body)


@dataclass(frozen=True)
class _Scale:
    first: datetime
    day_width: float
    days: int

    @property
    def width(self) -> float:
        return LEFT + self.days * self.day_width + RIGHT

    def x(self, moment: datetime) -> float:
        share = (moment - self.first) / timedelta(days=1)
        return LEFT + min(max(share, 0.0), self.days) * self.day_width


def _days(scale: _Scale, height: int) -> Markup:
    marks = []
    line = Markup('<line class="grid" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>')
    text = Markup('<text class="tick" x="{:.1f}" y="{}">{}</text>')
    shade = Markup('<rect class="weekend" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>')
    every = ceil(_DATE_WIDTH / scale.day_width)
    for number in range(scale.days):
        moment = scale.first + timedelta(days=number)
        x = scale.x(moment)
        if moment.weekday() >= _SATURDAY:
            marks.append(shade.format(x, TOP, scale.day_width, height - TOP))
        marks.append(line.format(x, x, TOP - 6, height))
        if number % every == 0:
            marks.append(text.format(x + 3, TOP - 9, " ".join(day(moment.date()).split()[:3])))
    return Markup("").join(marks)


def _rows(rows: Sequence[str], scale: _Scale) -> Markup:
    marks = []
    line = Markup('<line class="grid" x1="0" x2="{:.1f}" y1="{}" y2="{}"/>')
    text = Markup('<text class="row" x="4" y="{}">{}<title>{}</title></text>')
    for number, name in enumerate(rows):
        y = TOP + ROW * number
        marks.append(line.format(scale.width, y, y))
        marks.append(text.format(y + 18, _cut(name, _NAME_LETTERS), name))
    return Markup("").join(marks)


def _bar(bar: Bar, scale: _Scale) -> Markup:
    left, right = scale.x(bar.start), scale.x(bar.end)
    width, y = max(right - left, 1.5), TOP + ROW * bar.row + 4
    box = Markup('<rect class="c{}{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="2"/>')
    parts = [box.format(bar.colour, " late" if bar.is_late else "", left, y, width, ROW - 8)]
    setup = min(scale.x(bar.start + timedelta(hours=bar.setup_hours)) - left, width)
    if setup >= 0.5:
        hatched = Markup('<rect class="setup" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>')
        parts.append(hatched.format(left, y, setup, ROW - 8))
    room = width - setup if width - setup >= _LEAST_ROOM else width  # a name is read more easily beside the hatching
    text = _cut(("! " if bar.is_late else "") + bar.text, int((room - 6) / _LETTER))
    if text:
        tag = Markup('<text class="tag" x="{:.1f}" y="{}">{}</text>')
        parts.append(tag.format(left + width - room + 3, y + 14, text))
    return Markup("<g><title>{}</title>{}</g>").format(bar.title, Markup("").join(parts))


def _cut(text: str, letters: int) -> str:
    """The text if it fits, else its beginning; nothing where not even two letters of it would be seen."""
    if len(text) <= letters:
        return text
    return text[: letters - 1] + "…" if letters >= 3 else ""
