"""Had we followed this rule, what would have happened? History rolled through epoch by epoch, each with its own as-of.

At every epoch the line of a night is built from what was known then; the rule of the nights decides through the very
stations of the line, on the stock that it would itself have had. Demand after an epoch reaches the simulator only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile

import numpy as np
import polars as pl

from replenish import pipeline
from replenish.night import facts, previous
from replenish.night.contestants import Runner, contestants, first_day
from replenish.night.folder import build_core, run_station, run_step
from replenish.settings import Settings
from replenish.steps import simulate
from replenish.steps.panel import Floats
from replenish.steps.simulate.arena import Arena, aligned
from replenish.steps.simulate.judge import TEST, Played
from replenish.steps.simulate.kept import kept_rows, promised_rows
from replenish.steps.simulate.rivals import CURVE, YOURS
from replenish.tables import core, plan
from replenish.tables.backtest import Advice, Replay
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

Progress = Callable[[str], None]
WINDOW_REVIEWS = 8
TEST_SHARE = 2 / 3  # of the windows; the earlier ones choose the dials
MOST_WARM_UP = 12  # decisions
DRAWS = 3  # of the demand on sold-out days
LEAST_HISTORY_WEEKS = 8  # before the first decision


@dataclass(frozen=True)
class Told:
    """What a backtest found: its tables by name, and what to do about it."""

    tables: dict[str, pl.DataFrame]
    advice: list[str]
    as_of: date
    node_count: int


def roll(house: Warehouse, settings: Settings, as_of: date | None, weeks: int, progress: Progress) -> Told:
    """Play every rule through the last `weeks` weeks before `as_of`, on the raw tables of `house`.

    Core and plan tables of `house` are overwritten: hand it a copy. Raises `NightError` where the history is too short.
    """
    grounds, tonight = _grounds(house, settings, as_of, weeks)
    ground, before = grounds[0], None
    windows = _windows(ground)
    everyone = [one for each in grounds for one in contestants(house, each, tonight)]
    for epoch in range(ground.epochs):
        day = first_day(ground, tonight, epoch)
        progress(f"{day}: decision {epoch + 1} of {ground.epochs}")
        then = _night_of(house, settings, day - timedelta(days=1), before)
        before = then
        seen = simulate.known(ground, *house.read_all(plan.Demand, plan.Forecast)) if then else None
        for one in everyone:
            if one.rule == CURVE and then is not None:
                _by_the_line(house, then, one, epoch)
            elif one.rule != YOURS and seen is not None:
                simulate.order_by_rule(one.rule, one.dial, ground, one.shelf, one.policy, one.ages, seen, epoch)
            one.play(epoch)
    return _told(house, settings, ground, tonight, windows, everyone)


def _grounds(house: Warehouse, settings: Settings, as_of: date | None, weeks: int) -> tuple[list[Arena], Tonight]:
    """Nodes, true demand, delays and costs, as the newest night knows them: one for each draw of what was missed."""
    if (tonight := _night_of(house, settings, as_of, None, stations=("demand",))) is None:
        raise facts.NightError("no sales to roll back through")
    reads = house.read_all(core.Node, core.Arc, plan.LeadTime, core.BomLine, core.Bucket, plan.Demand)
    first = house.read(plan.Demand)["bucket_start"].min()
    known_weeks = (tonight.as_of - first).days // 7 if isinstance(first, date) else 0
    weeks = min(weeks, max(0, known_weeks - LEAST_HISTORY_WEEKS))
    share, seed = settings.order.lifo_share, settings.seed
    first_draw = simulate.arena(*reads, weeks=weeks, seed=seed, as_of=tonight.as_of, lifo_share=share)
    return _draws(house, first_draw, tonight), tonight


def _draws(house: Warehouse, ground: Arena, tonight: Tonight) -> list[Arena]:
    """The same ground with further draws of demand on sold-out days; alone where the books show none."""
    grounds = [ground]
    for more in range(1, DRAWS):
        settings = tonight.settings.model_copy(update={"seed": tonight.settings.seed + more})
        for step in (pipeline.unconstrain, pipeline.learn_uplift):
            run_step(house, replace(tonight, settings=settings), step)
        demand = simulate.true_demand(ground.nodes, house.read(plan.Demand), ground.demand.shape[1])
        if np.array_equal(demand, ground.demand):
            break
        grounds.append(replace(ground, demand=demand))
    return grounds


def _windows(ground: Arena) -> tuple[simulate.Window, ...]:
    warm_up = int(np.ceil(np.quantile(2 * ground.protection, 0.95) / ground.step)) if ground.epochs else 0
    try:
        return simulate.windows_of(ground.epochs, min(warm_up, MOST_WARM_UP), WINDOW_REVIEWS, TEST_SHARE)
    except ValueError as error:
        raise facts.NightError(str(error)) from error


def _night_of(
    house: Warehouse,
    settings: Settings,
    as_of: date | None,
    before: Tonight | None,
    stations: tuple[str, ...] = ("demand", "forecast"),
) -> Tonight | None:
    """The line as of a day of the past up to its forecasts; None where nothing was known then."""
    fits = past = None
    if before is not None:
        fits, past = house.read(plan.MemberFit), previous.past_members(lambda name: house.query(f"from {name}"))
    try:
        facts.tell_settings(house, settings, as_of)
    except facts.NightError:
        if stations == ("demand",):
            raise
        return None
    known = facts.tonight(house, settings)
    previous.bring_previous(house, None, known.as_of)
    if fits is not None and past is not None:
        house.write_all((core.PreviousMemberFit, core.PreviousPastMember), (fits, past))
    tonight = build_core(house, known, None)
    house.write(core.Arc, simulate.weekly(house.read(core.Arc)))
    for name in stations:
        run_station(house, tonight, name)
    if "forecast" in stations:
        for step in takewhile(lambda step: step is not pipeline.rebalance, pipeline.STATIONS["order"]):
            run_step(house, tonight, step)
        # Shelves are replayed one by one: nothing moves between them.
        house.write(plan.Rebalance, plan.Rebalance.create_empty())
    return tonight


def _by_the_line(house: Warehouse, then: Tonight, one: Runner, epoch: int) -> None:
    """Let the stations of a night decide on the runner's own stock, and note what its orders promise."""
    ground = one.ground
    order = then.settings.order.model_copy(update={"decision_dispersion": one.dial})
    record, supply = house.read_all(plan.Record, core.OpenSupply)
    bucket, day = epoch * ground.step, then.as_of + timedelta(days=1)
    state = simulate.state_tables(ground, one.shelf, bucket, record, supply, day)
    house.write_all((plan.Record, core.OpenSupply, core.OpenDemand), state)
    house.write(plan.AgedLot, simulate.aged_lots(ground, one.ages, house.read(plan.AgedLot), day))
    told = replace(then, settings=then.settings.model_copy(update={"order": order}))
    for step in (pipeline.order, pipeline.allocate, pipeline.spend):
        run_step(house, told, step)
    # What a plant makes is not held back by components: their stock is not replayed.
    made = pl.when(pl.col("kind") == "make").then("wish_qty").otherwise("qty")
    qty = aligned(ground.nodes, house.read(plan.Order).with_columns(qty=made), "qty", 0.0)
    one.policy.given[:, epoch] = np.where(ground.is_open[:, epoch], qty, 0.0)
    one.promised.append(promised_rows(ground, house.read(plan.Wish), epoch))


def _told(
    house: Warehouse,
    settings: Settings,
    ground: Arena,
    tonight: Tonight,
    windows: tuple[simulate.Window, ...],
    everyone: list[Runner],
) -> Told:
    played = _averaged(everyone)
    outcomes = pl.concat([simulate.outcome_rows(ground, one, windows, first_day(ground, tonight, 0)) for one in played])
    given = settings.order.decision_dispersion or None
    contest = simulate.contest_rows(ground, played, outcomes, windows, given)
    judged = [one for one in windows if one.phase == TEST]
    days = (first_day(ground, tonight, judged[0].first), first_day(ground, tonight, judged[-1].last))
    tables = {
        "outcome": outcomes,
        "contest": contest,
        "exchange": simulate.exchange_rows(ground, played, outcomes, windows, _today(house, ground, days)),
        "tuned": simulate.tuned_rows(outcomes, tonight.as_of),
    }
    ours = (CURVE, simulate.chosen(outcomes, CURVE, given))
    advice = simulate.advice(contest, outcomes, given)
    tables["replay"] = Replay.cast(pl.DataFrame({"as_of": [tonight.as_of], "node_count": [len(ground.lead)]}))
    told = {"position": range(1, len(advice) + 1), "sentence": advice}
    tables["advice"] = Advice.cast(pl.DataFrame(told, schema=Advice.create_empty().schema))
    promised = [one for one in everyone if (one.rule, f"{one.dial:g}") == ours and one.promised]
    if promised:
        tables["kept"] = kept_rows(pl.concat([one.kept(judged[0].first) for one in promised]))
    return Told(tables, advice, tonight.as_of, len(ground.lead))


def _averaged(everyone: list[Runner]) -> list[Played]:
    """Each rule with each dial once: the mean of its counts over the draws of demand."""
    found: dict[tuple[str, float], list[Floats]] = {}
    for one in everyone:
        found.setdefault((one.rule, one.dial), []).append(one.counted)
    return [Played(*key, np.mean(counts, axis=0)) for key, counts in found.items()]


_BOOKS = """
    select item_id, location_id, avg(on_hand_qty) as on_hand_qty
    from raw.stock
    where date >= ? and date < ? and on_hand_qty >= 0
    group by item_id, location_id
"""


def _today(house: Warehouse, ground: Arena, days: tuple[date, date]) -> dict[str, float | None]:
    """Where the books stand: stock by the snapshots, fill by sales beside demand as it was estimated."""
    held = aligned(ground.nodes, house.query(_BOOKS, days), "on_hand_qty", np.nan)
    if np.isnan(held).all():
        return {"stock_value": None, "fill_rate": None, "cost": None}
    demand = house.read(plan.Demand).filter(pl.col("bucket_start").is_between(days[0], days[1], closed="left"))
    sold, wanted = demand["sales_qty"].sum(), demand["demand_qty"].sum()
    fill = min(1.0, float(sold) / float(wanted)) if wanted else None
    return {"stock_value": float(np.nansum(held * ground.unit_cost)), "fill_rate": fill, "cost": None}
