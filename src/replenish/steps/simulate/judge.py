"""What each rule would have cost, window by window, and who won: the counts of a backtest as tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from replenish.numerics.contest_of_rules import Difference, flattest, paired_difference, paired_ratio, rolling_windows
from replenish.numerics.policy_simulator import BUCKETS, CLOSING, DEMAND, EXPIRED, LINES, SERVED
from replenish.steps.panel import Floats
from replenish.steps.simulate.arena import Arena
from replenish.steps.simulate.rivals import CURVE, SIGMA, SIMPLE, USUAL_SERVICE, YOURS
from replenish.tables.backtest import Contest, Exchange, Outcome, Tuned

TUNE, TEST = "tune", "test"


@dataclass(frozen=True)
class Window:
    """Epochs first..last-1 of history, and what they serve for."""

    phase: str
    first: int
    last: int


@dataclass(frozen=True)
class Played:
    """A rule with a dial after the last epoch: what was counted in each epoch [epochs, nodes, COUNTED]."""

    rule: str
    dial: float
    counted: Floats


def windows_of(epochs: int, warm_up: int, reviews: int, test_share: float) -> tuple[Window, ...]:
    """Windows of `reviews` decisions after the warm-up that do not overlap; the later share of them judges.

    Raises ValueError where fewer than two windows fit.
    """
    origins = rolling_windows(epochs, warm_up, reviews, reviews)
    if len(origins) < 2:
        raise ValueError(
            f"a backtest needs a warm-up of {warm_up} decisions and two windows of {reviews}: {epochs} decisions are "
            "too few. Hand in a longer history of sales"
        )
    tuned = min(max(1, round(len(origins) * (1.0 - test_share))), len(origins) - 1)
    return tuple(Window(TUNE if k < tuned else TEST, first, first + reviews) for k, first in enumerate(origins))


def costs(arena: Arena, played: Played, windows: tuple[Window, ...]) -> dict[str, Floats]:
    """Money of each kind [windows, nodes]."""
    counted = np.stack([played.counted[one.first : one.last].sum(axis=0) for one in windows])
    parts = {
        "holding_cost": counted[:, :, CLOSING] * arena.holding_cost,
        "shortage_cost": (counted[:, :, DEMAND] - counted[:, :, SERVED]) * arena.shortage_cost,
        "order_cost": counted[:, :, LINES] * arena.order_cost,
        "waste_cost": counted[:, :, EXPIRED] * arena.waste_cost,
    }
    return parts | {"cost": sum(parts.values(), np.zeros(counted.shape[:2]))}


def outcome_rows(arena: Arena, played: Played, windows: tuple[Window, ...], first_day: date) -> pl.DataFrame:
    """One row a window; only customer-facing demand counts into fill."""
    money = costs(arena, played, windows)
    days, rows = arena.step * arena.bucket_days, []
    facing = ~np.isin(np.arange(len(arena.parent)), arena.parent)
    for k, one in enumerate(windows):
        seen = played.counted[one.first : one.last].sum(axis=0)
        wanted, served = seen[facing, DEMAND], seen[facing, SERVED]
        rows.append(
            {
                "rule": played.rule,
                "dial": f"{played.dial:g}",
                "window_index": k,
                "phase": one.phase,
                "window_start": first_day + timedelta(days=one.first * days),
                "window_end": first_day + timedelta(days=one.last * days - 1),
                "demand_qty": wanted.sum(),
                "lost_qty": max(0.0, wanted.sum() - served.sum()),
                "fill_rate": _ratio(served.sum(), wanted.sum()),
                "fill_value_rate": _ratio(served @ arena.unit_price[facing], wanted @ arena.unit_price[facing]),
                "stock_value": seen[:, CLOSING] @ arena.unit_cost / max(1.0, seen[:, BUCKETS].max(initial=1.0)),
                "line_count": int(seen[:, LINES].sum()),
                **{name: float(values[k].sum()) for name, values in money.items()},
            }
        )
    return Outcome.cast(pl.DataFrame(rows).select(Outcome.column_names()))


def _ratio(part: float, whole: float) -> float | None:
    return min(1.0, float(part / whole)) if whole > 0 else None


def chosen(outcomes: pl.DataFrame, rule: str, in_force: float | None) -> str:
    """Dial of a rule: the one in force, else the flattest of the cheapest on the windows of phase `tune`."""
    return _cheapest(outcomes.filter(pl.col("phase") == TUNE), rule) if in_force is None else f"{in_force:g}"


def _cheapest(outcomes: pl.DataFrame, rule: str) -> str:
    by_dial = outcomes.filter(pl.col("rule") == rule).group_by("dial").agg(pl.col("cost").sum())
    ordered = by_dial.sort(pl.col("dial").cast(pl.Float64))
    return str(ordered["dial"][flattest(ordered["cost"].to_numpy())])


def tuned_rows(outcomes: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """For the nights to come: the dial of each rule on all windows, those that chose and those that judged."""
    count = outcomes["window_index"].n_unique()
    rows = [
        {"rule": rule, "dial": _cheapest(outcomes, rule), "as_of": as_of, "window_count": count}
        for rule in (CURVE, SIMPLE)
    ]
    return Tuned.cast(pl.DataFrame(rows).select(Tuned.column_names()))


def contest_rows(
    arena: Arena, everyone: list[Played], outcomes: pl.DataFrame, windows: tuple[Window, ...], in_force: float | None
) -> pl.DataFrame:
    """Every rule with its chosen dial beside the rule of the nights: with the dial `in_force`, else the chosen one."""
    judged = tuple(one for one in windows if one.phase == TEST)
    found = {(one.rule, f"{one.dial:g}"): one for one in everyone}
    ours = costs(arena, found[CURVE, chosen(outcomes, CURVE, in_force)], judged)["cost"]
    rows = []
    for rule in dict.fromkeys(one.rule for one in everyone):
        dial = chosen(outcomes, rule, {CURVE: in_force, SIGMA: USUAL_SERVICE}.get(rule))
        one = found[rule, dial]
        theirs = costs(arena, one, judged)["cost"]
        apart = paired_difference(ours, theirs, np.random.default_rng(1))
        rows.append(_contest_row(arena, one, dial, apart, float(theirs.sum()), outcomes, judged))
    return Contest.cast(pl.DataFrame(rows).select(Contest.column_names()))


def _contest_row(
    arena: Arena,
    one: Played,
    dial: str,
    apart: Difference,
    cost: float,
    outcomes: pl.DataFrame,
    judged: tuple[Window, ...],
) -> dict[str, object]:
    told = outcomes.filter((pl.col("rule") == one.rule) & (pl.col("dial") == dial) & (pl.col("phase") == TEST))
    seen, low, high = _fill_interval(arena, one, judged)
    window_cost = cost / max(1, len(judged))
    saved = {
        f"saved_{name}": -value / window_cost if window_cost > 0 else 0.0
        for name, value in (("rate", apart.mean), ("low_rate", apart.high), ("high_rate", apart.low))
    }
    even = abs(saved["saved_rate"]) < 0.01 or not (apart.is_cheaper or apart.is_dearer)
    return {
        "rule": one.rule,
        "dial": dial,
        "cost": cost,
        "fill_rate": _ratio(seen[:, :, SERVED].sum(), seen[:, :, DEMAND].sum()),
        "fill_low_rate": low,
        "fill_high_rate": high,
        "stock_value": told["stock_value"].mean(),
        "lost_qty": told["lost_qty"].sum(),
        "line_count": told["line_count"].sum(),
        "waste_cost": told["waste_cost"].sum(),
        **saved,
        "won_count": apart.windows_won,
        "window_count": apart.windows,
        "verdict": "even" if even else ("cheaper" if apart.is_cheaper else "dearer"),
    }


def _fill_interval(arena: Arena, one: Played, judged: tuple[Window, ...]) -> tuple[Floats, float | None, float | None]:
    """Counts of customer-facing nodes [windows, nodes, COUNTED], and the interval of their fill rate."""
    facing = ~np.isin(np.arange(len(arena.parent)), arena.parent)
    seen = np.stack([one.counted[each.first : each.last].sum(axis=0) for each in judged])[:, facing]
    return seen, *paired_ratio(seen[:, :, SERVED], seen[:, :, DEMAND], np.random.default_rng(1))


def exchange_rows(
    arena: Arena,
    everyone: list[Played],
    outcomes: pl.DataFrame,
    windows: tuple[Window, ...],
    today: dict[str, float | None],
) -> pl.DataFrame:
    """Stock and fill of every rule and dial on the windows that judge, with the interval of fill, and of the books."""
    test = tuple(one for one in windows if one.phase == TEST)
    intervals = {(one.rule, f"{one.dial:g}"): _fill_interval(arena, one, test)[1:] for one in everyone}
    told = [(*key, *interval) for key, interval in intervals.items()]
    schema = {"rule": pl.String, "dial": pl.String, "fill_low_rate": pl.Float64, "fill_high_rate": pl.Float64}
    band = pl.DataFrame(told, schema=schema, orient="row")
    judged = outcomes.filter(pl.col("phase") == TEST)
    points = judged.group_by("rule", "dial", maintain_order=True).agg(
        pl.col("stock_value").mean(),
        fill_rate=1.0 - pl.col("lost_qty").sum() / pl.col("demand_qty").sum(),
        cost=pl.col("cost").sum(),
    )
    points = points.join(band, on=["rule", "dial"], how="left", maintain_order="left")
    books = pl.DataFrame([{"rule": "today", "dial": "", **today}], schema=points.schema)
    shown = pl.concat([points, books.filter(pl.col("stock_value").is_not_null())])
    return Exchange.cast(shown.with_columns(pl.col("fill_rate").clip(0.0, 1.0)).select(Exchange.column_names()))


def advice(contest: pl.DataFrame, outcomes: pl.DataFrame, in_force: float | None) -> list[str]:
    """What to do about it, in sentences: keep your rule if it was not beaten, and what becomes of the one dial."""
    lines = []
    yours = contest.filter(pl.col("rule") == YOURS)
    for row in yours.iter_rows(named=True):
        saved = f"{row['saved_rate']:.1%} of its cost ({row['saved_low_rate']:.1%} to {row['saved_high_rate']:.1%})"
        if row["verdict"] == "cheaper":
            lines.append(f"the nightly rule beats yours: it saves {saved}")
        else:
            lines.append(f"your rule was not beaten ({row['verdict']}: {saved}). Keep it: leave the nightly orders off")
    best = _cheapest(outcomes, CURVE)
    if in_force is None:
        lines.append(f"nights from now on use a decision dispersion of {best}, the cheapest over all windows")
    elif f"{in_force:g}" != best:
        lines.append(f"over all windows [order] decision_dispersion = {best} was cheaper than {in_force:g}")
    cheaper = contest.filter((pl.col("rule") != YOURS) & (pl.col("verdict") == "dearer")).iter_rows(named=True)
    told = [f"{row['rule']} with dial {row['dial']} was cheaper by {-row['saved_rate']:.1%}" for row in cheaper]
    return lines + told
