"""The page of a backtest: one file that opens from disk, with the contest, the exchange curve and promises kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from replenish.reporting.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, level_line
from replenish.reporting.format import short
from replenish.reporting.page import templates

RULE_WORDS = {
    "curve": "nightly rule (value curve)",
    "simple": "simple mode",
    "weeks_of_cover": "weeks of cover",
    "min_max": "min/max of two protection times",
    "z_sigma": "mean + z·sigma·root of protection time, 95 %",
    "yours": "your own rule",
    "today": "today, as the books tell it",
}
_LEAST_FILL = 0.7  # what serves less, or needs so much more stock, is no choice and would squeeze the picture
_KEYS_A_ROW, _KEY_HEIGHT = 2, 18
_MOST_STOCK = 3.0  # times that of the nightly rule


def write_page(
    file: Path,
    tables: Mapping[str, pl.DataFrame],
    advice: Sequence[str],
    facts: Mapping[str, Any],
    *,
    pages: Path,
) -> None:
    """Write the page: `tables` are contest, exchange, kept and outcome, `facts` company, currency, as_of and nodes."""
    judged = tables["outcome"].filter(pl.col("phase") == "test")
    values = {
        "style": Markup((pages / "styles" / "app.css").read_text(encoding="utf-8")),
        "words": RULE_WORDS,
        "advice": advice,
        "contest": tables["contest"].sort("cost").to_dicts(),
        "chart": exchange_chart(tables["exchange"], str(facts["currency"])),
        "exchange": tables["exchange"].to_dicts(),
        "kept": tables["kept"].to_dicts() if "kept" in tables else [],
        "first_day": judged["window_start"].min(),
        "last_day": judged["window_end"].max(),
        **facts,
    }
    text = templates(pages / "templates").get_template("backtest.html.j2").render(values)
    file.write_text(text, encoding="utf-8", newline="\n")


def exchange_chart(exchange: pl.DataFrame, currency: str) -> Markup:
    """Stock value from left to right, fill upwards, a line a rule through its dials."""
    nightly = exchange.filter(pl.col("rule") == "curve")["stock_value"].to_list()
    room = _MOST_STOCK * max(nightly, default=float("inf"))
    shown = exchange.filter((pl.col("fill_rate") >= _LEAST_FILL) & (pl.col("stock_value") <= room))
    most = float(shown.select(pl.col("stock_value").max()).item() or 1.0) * 1.05
    least = float(shown.select(pl.col("fill_rate").min()).item() or 0.0)
    low = int(least * 20) / 20  # round down to a twentieth

    def place(row: Mapping[str, Any], fill: str = "fill_rate") -> tuple[float, float]:
        x = LEFT + row["stock_value"] / most * (WIDTH - LEFT - RIGHT)
        y = TOP + (1.0 - max(0.0, row[fill] - low) / max(1.0 - low, 1e-9)) * (HEIGHT - TOP - BOTTOM)
        return x, y

    parts = [_frame(low, most, currency), _band(shown, place)]
    rules = list(shown.group_by("rule", maintain_order=True))
    for number, (name, points) in enumerate(rules):
        rows = points.sort("stock_value").to_dicts()
        curve = _curve(str(name[0]), [(*place(row), row) for row in rows])
        parts.append(Markup('<g class="r{}">{}{}</g>').format(number, curve, _key(number, str(name[0]))))
    frame = Markup('<svg class="chart lone" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    height = HEIGHT + 10 + _KEY_HEIGHT * -(-len(rules) // _KEYS_A_ROW)
    return frame.format(WIDTH, height, "Stock value against share of demand served, by rule", Markup("").join(parts))


def _band(shown: pl.DataFrame, place: Callable[[Mapping[str, Any], str], tuple[float, float]]) -> Markup:
    """Where the fill of the nightly rule may lie: nine cases in ten over resampled nodes and windows."""
    sure = (pl.col("rule") == "curve") & pl.col("fill_low_rate").is_not_null()
    rows = shown.filter(sure).sort("stock_value").to_dicts()
    edge = [place(row, "fill_high_rate") for row in rows] + [place(row, "fill_low_rate") for row in reversed(rows)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in edge)
    return Markup('<polygon class="sureness" points="{}"/>').format(path)


def _frame(low: float, most: float, currency: str) -> Markup:
    parts = []
    for share in (0.0, 0.5, 1.0):
        y = TOP + (1.0 - share) * (HEIGHT - TOP - BOTTOM)
        parts.append(level_line(LEFT, WIDTH - RIGHT, y, f"{low + share * (1.0 - low):.1%}"))
    text = Markup('<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    parts.append(text.format(WIDTH - RIGHT, HEIGHT - 6, "end", f"stock value to {short(most)} {currency}"))
    return Markup("").join(parts)


def _curve(rule: str, points: list[tuple[float, float, dict[str, Any]]]) -> Markup:
    """A line through the dials of a rule with a dot each, in the colour of the group around it."""
    word = RULE_WORDS[rule]
    dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.5"><title>{}</title></circle>')
    dots = [
        dot.format(x, y, f"{word} {row['dial']}: stock {short(row['stock_value'])}, fill {row['fill_rate']:.1%}")
        for x, y, row in points
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    return Markup('<polyline points="{}"/>').format(path) + Markup("").join(dots)


def _key(number: int, rule: str) -> Markup:
    """The rule's colour and name, in rows below the picture."""
    x = LEFT + number % _KEYS_A_ROW * (WIDTH - LEFT - RIGHT) // _KEYS_A_ROW
    y = HEIGHT + _KEY_HEIGHT * (1 + number // _KEYS_A_ROW)
    dot = Markup('<circle cx="{}" cy="{}" r="4"/>').format(x, y - 4)
    return dot + Markup('<text class="tick" x="{}" y="{}">{}</text>').format(x + 10, y, RULE_WORDS[rule])
