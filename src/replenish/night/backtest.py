"""Had we followed this rule, what would have happened? History rolled through epoch by epoch, each with its own as-of.

At every epoch the line of a night is built from what was known then; the rule of the nights decides through the very
stations of the line, on the stock that it would itself have had. Demand after an epoch reaches the simulator only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile

import numpy as np
import polars as pl

from replenish import pipeline
from replenish.night import facts, previous
from replenish.night.folder import build_core, run_station, run_step
from replenish.numerics.policy_simulator import Ages, Policy, Shelf, play
from replenish.pipeline import Tonight
from replenish.settings import Settings
from replenish.steps import simulate
from replenish.steps.panel import Floats, Ints
from replenish.steps.simulate.arena import Arena, aligned
from replenish.steps.simulate.judge import TEST, Played
from replenish.steps.simulate.kept import kept_rows, own_levels, own_orders, promised_rows
from replenish.steps.simulate.rivals import COVER, CURVE, MIN_MAX, SIGMA, SIMPLE, YOURS
from replenish.tables import core, plan
from replenish.warehouse import Warehouse

Progress = Callable[[str], None]
WINDOW_REVIEWS = 8
TEST_SHARE = 2 / 3  # of the windows; the earlier ones choose the dials
MOST_WARM_UP = 12  # decisions
LEAST_HISTORY_WEEKS = 8  # before the first decision


@dataclass
class Runner:
    """A rule with a dial on its way through history."""

    rule: str
    dial: float
    shelf: Shelf
    policy: Policy
    slot: Ints
    window: Ints
    counted: Floats
    ages: Ages


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
    ground, tonight = _ground(house, settings, as_of, weeks)
    windows = _windows(ground)
    everyone = _everyone(house, ground, tonight)
    promised, before = [], None
    for epoch in range(ground.epochs):
        day = _day(ground, tonight, epoch)
        progress(f"{day}: decision {epoch + 1} of {ground.epochs}")
        then = _night_of(house, settings, day - timedelta(days=1), before)
        before = then
        seen = simulate.known(ground, *house.read_all(plan.Demand, plan.Forecast)) if then else None
        for one in everyone:
            if one.rule == CURVE and then is not None:
                promised.extend(_by_the_line(house, then, ground, one, epoch))
            elif one.rule != YOURS and seen is not None:
                simulate.order_by_rule(one.rule, one.dial, ground, one.shelf, one.policy, one.ages, seen, epoch)
            first = epoch * ground.step
            when = (one.slot, one.window, first, first + ground.step)
            play(one.shelf, one.policy, ground.demand, *when, one.counted, one.ages)
    return _told(house, settings, ground, tonight, windows, everyone, promised)


def _ground(house: Warehouse, settings: Settings, as_of: date | None, weeks: int) -> tuple[Arena, Tonight]:
    """Nodes, true demand, delays and costs, as the newest night knows them."""
    tonight = _night_of(house, settings, as_of, None, stations=("demand",))
    if tonight is None:
        raise facts.NightError("no sales to roll back through")
    reads = house.read_all(core.Node, core.Arc, plan.LeadTime, core.BomLine, core.Bucket, plan.Demand)
    first = house.read(plan.Demand)["bucket_start"].min()
    known_weeks = (tonight.as_of - first).days // 7 if isinstance(first, date) else 0
    weeks = min(weeks, max(0, known_weeks - LEAST_HISTORY_WEEKS))
    share = settings.order.lifo_share
    ground = simulate.arena(*reads, weeks=weeks, seed=settings.seed, as_of=tonight.as_of, lifo_share=share)
    return ground, tonight


def _windows(ground: Arena) -> tuple[simulate.Window, ...]:
    warm_up = int(np.ceil(np.quantile(2 * ground.protection, 0.95) / ground.step)) if ground.epochs else 0
    try:
        return simulate.windows_of(ground.epochs, min(warm_up, MOST_WARM_UP), WINDOW_REVIEWS, TEST_SHARE)
    except ValueError as error:
        raise facts.NightError(str(error)) from error


def _day(ground: Arena, tonight: Tonight, epoch: int) -> date:
    """First day of an epoch."""
    return tonight.as_of + timedelta(days=1 - (ground.epochs - epoch) * ground.step * ground.bucket_days)


def _everyone(house: Warehouse, ground: Arena, tonight: Tonight) -> list[Runner]:
    """Every rule with every dial, all from the same stock."""
    in_force = tonight.settings.order.decision_dispersion
    dials = simulate.DIALS | {CURVE: tuple(sorted({*simulate.DIALS[CURVE], in_force}))}
    slot = np.full(ground.demand.shape[1], -1)
    slot[:: ground.step] = np.arange(ground.epochs)
    by_epoch = np.repeat(np.arange(ground.epochs), ground.step)
    start = _opening(house, ground, _day(ground, tonight, 0))
    found = []
    for rule in (CURVE, SIMPLE, COVER, MIN_MAX, SIGMA):
        for dial in dials[rule]:
            # The rule in force is counted bucket by bucket: its promises are for windows of their own.
            window = np.arange(len(slot)) if (rule, dial) == (CURVE, in_force) else by_epoch
            found.append(_begin(ground, rule, dial, start, ground.policy(ground.epochs), slot, window))
    return found + list(_yours(house, ground, tonight, start, slot, by_epoch))


def _begin(ground: Arena, rule: str, dial: float, start: Floats, policy: Policy, slot: Ints, window: Ints) -> Runner:
    """A rule before its first decision, with room for what is counted."""
    counted = ground.counts(int(window[-1]) + 1)
    return Runner(rule, dial, ground.shelf(start), policy, slot, window, counted, ground.ages())


def _yours(
    house: Warehouse, ground: Arena, tonight: Tonight, start: Floats, slot: Ints, by_epoch: Ints
) -> Iterator[Runner]:
    """The user's own orders, else the user's own min/max, where the books hold any."""
    orders = own_orders(ground, house.query(_RECEIVED), _day(ground, tonight, 0))
    if orders is not None:
        slots = np.arange(len(slot))
        yield _begin(ground, YOURS, 1.0, start, orders, slots, by_epoch)
        return
    levels = own_levels(ground, ground.epochs)
    if levels is not None:
        yield _begin(ground, YOURS, 1.0, start, levels, slot, by_epoch)


_RECEIVED = """
    select open_order.item_id, open_order.location_id, receipt.date, receipt.qty
    from staging.receipt as receipt
    join staging.open_order as open_order using (order_id, line_id)
    where open_order.kind <> 'sales'
    order by all
"""
_ON_HAND = """
    select item_id, location_id, arg_max(on_hand_qty, date) as on_hand_qty
    from staging.stock
    where date < ? and date >= ? - interval 28 day and on_hand_qty is not null
    group by item_id, location_id
"""


def _opening(house: Warehouse, ground: Arena, day: date) -> Floats:
    """Stock on the first morning by the books, else what a protection time sells: the warm-up makes up for it."""
    usual = np.ceil(ground.demand[:, : int(ground.protection.max(initial=1))].mean(axis=1) * ground.protection)
    booked = aligned(ground.nodes, house.query(_ON_HAND, [day, day]), "on_hand_qty", np.nan)
    return np.asarray(np.where(np.isnan(booked), usual, np.maximum(booked, 0.0)), dtype=np.float64)


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
        for step in takewhile(lambda step: step is not pipeline.order, pipeline.STATIONS["order"]):
            run_step(house, tonight, step)
    return tonight


def _by_the_line(house: Warehouse, then: Tonight, ground: Arena, one: Runner, epoch: int) -> list[pl.DataFrame]:
    """Let the stations of a night decide on the runner's own stock; what its orders promise where it is in force."""
    in_force = then.settings.order.decision_dispersion
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
    return [promised_rows(ground, house.read(plan.Wish), epoch)] if one.dial == in_force else []


def _told(
    house: Warehouse,
    settings: Settings,
    ground: Arena,
    tonight: Tonight,
    windows: tuple[simulate.Window, ...],
    everyone: list[Runner],
    promised: list[pl.DataFrame],
) -> Told:
    in_force = settings.order.decision_dispersion
    shape = (ground.epochs, -1, *everyone[0].counted.shape[1:])
    played = [Played(one.rule, one.dial, one.counted.reshape(shape).sum(axis=1)) for one in everyone]
    outcomes = pl.concat([simulate.outcome_rows(ground, one, windows, _day(ground, tonight, 0)) for one in played])
    contest = simulate.contest_rows(ground, played, outcomes, windows, in_force)
    judged = [one for one in windows if one.phase == TEST]
    days = (_day(ground, tonight, judged[0].first), _day(ground, tonight, judged[-1].last))
    tables = {
        "outcome": outcomes,
        "contest": contest,
        "exchange": simulate.exchange_rows(outcomes, _today(house, ground, days)),
    }
    in_line = next(one for one in everyone if (one.rule, one.dial) == (CURVE, in_force))
    if promised:
        tables["kept"] = kept_rows(pl.concat(promised), in_line.counted, judged[0].first * ground.step)
    return Told(tables, simulate.advice(contest, outcomes, in_force), tonight.as_of, len(ground.lead))


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
