"""The contestants of a backtest: every rule with every dial, each on the stock it would itself have had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from replenish.numerics.policy_simulator import SERVED, Ages, Policy, Shelf, play
from replenish.steps import simulate
from replenish.steps.panel import Floats, Ints
from replenish.steps.simulate.arena import Arena, aligned
from replenish.steps.simulate.kept import kept_windows, own_levels, own_orders
from replenish.steps.simulate.rivals import COVER, CURVE, MIN_MAX, SIGMA, SIMPLE, YOURS
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse


@dataclass
class Runner:
    """A rule with a dial on its way through history."""

    ground: Arena
    rule: str
    dial: float
    shelf: Shelf
    policy: Policy
    slot: Ints
    ages: Ages
    counted: Floats  # epochs x nodes x COUNTED
    served: NDArray[np.float32]  # nodes x buckets; no rows where the rule promises nothing
    promised: list[pl.DataFrame]

    def play(self, epoch: int) -> None:
        """Live through the buckets of an epoch."""
        ground = self.ground
        first, counted = epoch * ground.step, ground.counts(ground.step)
        of_epoch = np.arange(ground.demand.shape[1]) % ground.step
        when = (self.slot, of_epoch, first, first + ground.step)
        play(self.shelf, self.policy, ground.demand, *when, counted, self.ages)
        self.counted[epoch] = counted.sum(axis=0)
        if len(self.served):
            self.served[:, first : first + ground.step] = counted[:, :, SERVED].T

    def kept(self, first_epoch: int) -> pl.DataFrame:
        """What its promises from an epoch on came to."""
        ground = self.ground
        return kept_windows(pl.concat(self.promised), self.served, ground.demand, first_epoch * ground.step)


def first_day(ground: Arena, tonight: Tonight, epoch: int) -> date:
    """First day of an epoch."""
    return tonight.as_of + timedelta(days=1 - (ground.epochs - epoch) * ground.step * ground.bucket_days)


def contestants(house: Warehouse, ground: Arena, tonight: Tonight) -> list[Runner]:
    """Every rule with every dial, all from the same stock."""
    given = {tonight.settings.order.decision_dispersion} - {0.0}
    dials = simulate.DIALS | {CURVE: tuple(sorted({*simulate.DIALS[CURVE], *given}))}
    slot = np.full(ground.demand.shape[1], -1)
    slot[:: ground.step] = np.arange(ground.epochs)
    start = _opening(house, ground, first_day(ground, tonight, 0))
    found = [
        _runner(ground, start, rule, dial, ground.policy(ground.epochs), slot)
        for rule in (CURVE, SIMPLE, COVER, MIN_MAX, SIGMA)
        for dial in dials[rule]
    ]
    return found + list(_yours(house, ground, tonight, start, slot))


def _runner(ground: Arena, start: Floats, rule: str, dial: float, policy: Policy, slot: Ints) -> Runner:
    """A rule at its start; only the curve promises, so only what it serves is kept bucket by bucket."""
    served = np.zeros(ground.demand.shape if rule == CURVE else (0, 0), dtype=np.float32)
    counted = ground.counts(ground.epochs)
    return Runner(ground, rule, dial, ground.shelf(start), policy, slot, ground.ages(), counted, served, [])


def _yours(house: Warehouse, ground: Arena, tonight: Tonight, start: Floats, slot: Ints) -> Iterator[Runner]:
    """The user's own orders, else the user's own min/max, where the books hold any."""
    orders = own_orders(ground, house.query(_RECEIVED), first_day(ground, tonight, 0))
    if orders is not None:
        yield _runner(ground, start, YOURS, 1.0, orders, np.arange(len(slot)))
        return
    levels = own_levels(ground, ground.epochs)
    if levels is not None:
        yield _runner(ground, start, YOURS, 1.0, levels, slot)


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
