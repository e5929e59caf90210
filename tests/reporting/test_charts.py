"""Charts drawn into the page: right heights, escaped labels, no numbers that SVG cannot read."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date, timedelta

from replenish.reporting.charts import BOTTOM, HEIGHT, TOP, Layer, time_chart

STARTS = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(4)]


def drawn(*layers: Layer, label: str = "chart") -> ET.Element:
    return ET.fromstring(time_chart(STARTS, layers, label=label, currency="EUR"))


def bars(svg: ET.Element, style: str) -> list[tuple[float, float]]:
    group = next(one for one in svg.iter("g") if one.get("class") == style)
    return [(float(bar.get("y", 0)), float(bar.get("height", 0))) for bar in group.iter("rect")]


def test_bars_stand_on_each_other_and_the_scale_starts_at_zero() -> None:
    svg = drawn(Layer("Sold", "sold", "bar", [50, 100, 0, None]), Layer("Lost", "lost", "bar", [50, 0, None, None]))
    room = HEIGHT - TOP - BOTTOM
    assert bars(svg, "sold") == [(TOP + room / 2, room / 2), (TOP, room)]
    assert bars(svg, "lost") == [(TOP, room / 2)]


def test_labels_are_escaped() -> None:
    svg = drawn(Layer("<b>", "sold", "bar", [1, None, None, None]), label='"><script>alert(1)</script>')
    assert svg.get("aria-label") == '"><script>alert(1)</script>'
    assert "<b> 1 EUR" in "".join(svg.itertext())


def test_nothing_to_draw_is_still_a_chart() -> None:
    svg = drawn(Layer("Sold", "sold", "bar", [None] * 4), Layer("Stock", "line", "line", [None] * 4))
    assert svg.get("role") == "img"


def test_a_line_passes_through_its_values() -> None:
    svg = drawn(Layer("Stock", "stock", "line", [0, 100, None, 50]))
    points = next(svg.iter("polyline")).get("points", "").split()
    heights = [float(point.split(",")[1]) for point in points]
    room = HEIGHT - TOP - BOTTOM
    assert heights == [TOP + room, TOP, TOP + room / 2]
