"""Stock against fill of the whole company: two curves, tonight's targets, and today."""

from __future__ import annotations

from collections.abc import Callable
from math import floor

import polars as pl
from markupsafe import Markup

from replenish.reporting.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, level_line, round_up
from replenish.reporting.format import percent, short

LINES = {"by_cost": "each item by what its missed unit costs", "one_level": "one service level for all"}
POINTS = {"targets": "tonight’s targets", "today": "today"}
_LOWEST = 0.5  # what serves less is no choice and would squeeze the picture
_MOST = 1.6  # times the larger stock of the two points: what lies further right is no choice either

Place = Callable[[float, float], tuple[float, float]]


def exchange_picture(curve: pl.DataFrame, currency: str) -> Markup:
    """Stock value from left to right, share of demand served upwards; `curve` is mart.exchange_curve, sorted."""
    shown = _shown(curve)
    most = round_up(float(shown.select(pl.col("stock_value").max()).item() or 0.0))
    low = floor(20 * float(shown.select(pl.col("fill_rate").min()).item() or 0.0)) / 20

    def place(stock: float, fill: float) -> tuple[float, float]:
        x = LEFT + min(stock / most, 1.0) * (WIDTH - LEFT - RIGHT)
        return x, TOP + (1.0 - (fill - low) / max(1.0 - low, 1e-9)) * (HEIGHT - TOP - BOTTOM)

    parts = [_frame(low, most, currency, place)]
    parts += [_line(shown.filter(pl.col("rule") == rule), rule, place, currency) for rule in LINES]
    parts += [_mark(row, place, currency) for row in shown.iter_rows(named=True) if row["rule"] in POINTS]
    label = "Stock value against share of demand served. " + " ".join(_said(row, currency) for row in _marked(shown))
    frame = Markup('<svg class="chart lone" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    return frame.format(WIDTH, HEIGHT, label, Markup("").join(parts))


def _shown(curve: pl.DataFrame) -> pl.DataFrame:
    is_point = pl.col("rule").is_in(list(POINTS))
    room = _MOST * float(curve.filter(is_point).select(pl.col("stock_value").max()).item() or float("inf"))
    least = float(curve.filter(~is_point).select(pl.col("stock_value").min()).item() or 0.0)
    near = pl.col("stock_value") <= max(room, 2.0 * least)
    return curve.filter(is_point | (near & (pl.col("fill_rate") >= _LOWEST)))


def _marked(shown: pl.DataFrame) -> list[dict[str, object]]:
    return shown.filter(pl.col("rule").is_in(list(POINTS))).to_dicts()


def _said(row: dict[str, object], currency: str) -> str:
    stock, fill = short(float(str(row["stock_value"]))), percent(float(str(row["fill_rate"])), 1)
    return f"{POINTS[str(row['rule'])].capitalize()}: stock {stock} {currency}, {fill} served."


def _frame(low: float, most: float, currency: str, place: Place) -> Markup:
    shares = {low: percent(low), (1.0 + low) / 2: percent((1.0 + low) / 2, 1), 1.0: percent(1.0)}
    parts = [level_line(LEFT, WIDTH - RIGHT, place(0.0, share)[1], told) for share, told in shares.items()]
    text = Markup('<text class="tick" x="{:.1f}" y="{}" text-anchor="{}">{}</text>')
    for share in (0.0, 0.5, 1.0):
        anchor = "end" if share == 1.0 else "middle" if share else "start"
        unit = f" {currency} of stock" if share == 1.0 else ""
        parts.append(text.format(place(share * most, 1.0)[0], HEIGHT - 6, anchor, short(share * most) + unit))
    return Markup("").join(parts)


def _line(rows: pl.DataFrame, rule: str, place: Place, currency: str) -> Markup:
    dots, path = [], []
    dot = Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="2.5"><title>{}</title></circle>')
    for row in rows.sort("stock_value").iter_rows(named=True):
        x, y = place(row["stock_value"], row["fill_rate"])
        path.append(f"{x:.1f},{y:.1f}")
        told = f"{LINES[rule]}: stock {short(row['stock_value'])} {currency}, {percent(row['fill_rate'], 1)} served"
        dots.append(dot.format(rule, x, y, told))
    line = Markup('<polyline class="{}" points="{}"/>').format(rule, " ".join(path))
    return line + Markup("").join(dots)


def _mark(row: dict[str, object], place: Place, currency: str) -> Markup:
    """A named point: a filled square for today, an open one for the targets."""
    x, y = place(float(str(row["stock_value"])), float(str(row["fill_rate"])))
    rule = str(row["rule"])
    square = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="10" height="10"><title>{}</title></rect>')
    left = x > WIDTH * 0.75
    text = Markup('<text class="mark" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    name = text.format(x - 9 if left else x + 9, y + 16, "end" if left else "start", POINTS[rule])
    return square.format(rule, x - 5, y - 5, _said(row, currency)) + name
