"""The schedule as a picture: bars where their hours are, names cut and escaped, nothing that SVG cannot read."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date, datetime, time, timedelta

from replenish.reporting.gantt import LEFT, MOST_DAYS, ROW, TOP, Bar, gantt

MIDNIGHT = datetime.combine(date(2026, 3, 2), time.min)


def bar(row: int = 0, hours: float = 6, length: float = 6, **columns: object) -> Bar:
    start = MIDNIGHT + timedelta(hours=hours)
    usual = {"setup_hours": 0.0, "colour": 1, "text": "Pump", "title": "Pump, order 7", "is_late": False}
    return Bar(row, start, start + timedelta(hours=length), **{**usual, **columns})  # type: ignore[arg-type]


def drawn(*bars: Bar, rows: tuple[str, ...] = ("LATHE", "OVEN")) -> ET.Element:
    return ET.fromstring(gantt(rows, bars, label="schedule"))


def boxes(svg: ET.Element) -> list[dict[str, str]]:
    return [dict(one.attrib) for one in svg.iter("rect") if one.get("class") != "weekend"]


def test_weekends_are_shaded() -> None:
    svg = drawn(bar(hours=24 * 6, length=6), bar(hours=6))
    shades = [float(one.attrib["x"]) for one in svg.iter("rect") if one.get("class") == "weekend"]
    width = (float(svg.attrib["width"]) - LEFT - 8) / 7
    assert shades == [round(LEFT + day * width, 1) for day in (5, 6)]


def test_bars_stand_on_their_row_at_their_hours() -> None:
    svg = drawn(bar(0), bar(1, hours=12, length=12))
    first, second = boxes(svg)
    day = float(svg.attrib["width"]) - LEFT - 8
    assert (float(first["x"]), float(first["width"])) == (round(LEFT + day / 4, 1), round(day / 4, 1))
    assert (float(second["x"]), int(second["y"])) == (round(LEFT + day / 2, 1), TOP + ROW + 4)
    assert [one.text for one in svg.iter("text") if one.get("class") == "row"] == ["LATHE", "OVEN"]


def test_set_ups_are_hatched_and_late_ones_are_marked_in_more_than_colour() -> None:
    svg = drawn(bar(setup_hours=3.0, is_late=True))
    box, hatched = boxes(svg)
    assert box["class"] == "c1 late"
    assert float(hatched["width"]) * 2 == round(float(box["width"]), 1)
    assert [one.text for one in svg.iter("text") if one.get("class") == "tag"] == ["! Pump"]
    assert boxes(drawn(bar(setup_hours=99.0)))[1]["width"] == box["width"], "a set-up is no longer than its bar"


def test_names_are_cut_and_stay_text() -> None:
    svg = drawn(bar(text="<script>alert(1)</script>" * 9, title="<b>"), rows=('"><img src=x onerror=alert(2)>' * 3,))
    tag = next(one.text or "" for one in svg.iter("text") if one.get("class") == "tag")
    assert tag.startswith("<script>")
    assert tag.endswith("…")
    assert {one.tag for one in svg.iter()} <= {"svg", "defs", "pattern", "line", "rect", "text", "title", "g"}
    assert not [one for one in drawn(bar(length=0.01)).iter("text") if one.get("class") == "tag"]


def test_a_month_is_drawn_and_what_begins_later_is_not() -> None:
    svg = drawn(bar(), bar(hours=24 * (MOST_DAYS - 1), length=24 * 90), bar(hours=24 * MOST_DAYS))
    assert len(boxes(svg)) == 2
    assert all(float(one["x"]) + float(one["width"]) <= float(svg.attrib["width"]) for one in boxes(svg))
