"""Exchanges in a schedule: never worse, never against the laws of the plant, the same every time."""

from __future__ import annotations

from hypothesis import given, settings

from replenish.numerics.dispatch import SHORTEST, Rule, dispatch
from replenish.numerics.machine_time import idle_machines
from replenish.numerics.schedule_exchange import exchange
from replenish.numerics.schedule_goals import cost_of
from replenish.numerics.shop import Centre, Job, Option, Step, lay_out
from tests.numerics.random_shops import plants
from tests.numerics.shops import Checker


@given(plants())
@settings(max_examples=40, deadline=None)
def test_exchanges_keep_the_laws_and_never_cost(plant: tuple) -> None:
    shop = lay_out(*plant)
    start = dispatch(shop, Rule(SHORTEST))
    found = exchange(shop, idle_machines(shop), start, 60, 1)
    assert Checker(*plant).wrong(found) == []
    assert cost_of(shop, found) <= cost_of(shop, start)
    again = exchange(shop, idle_machines(shop), start, 60, 1)
    assert all((a == b).all() for a, b in zip(found, again, strict=True))


def test_an_urgent_job_overtakes_a_short_one() -> None:
    """The shortest first makes the urgent job late; one exchange puts it in time."""
    jobs = [Job([Step([Option(0, 50)])], due=900), Job([Step([Option(0, 60)])], due=60)]
    shop = lay_out(jobs, [Centre()])
    start = dispatch(shop, Rule(SHORTEST))
    assert cost_of(shop, start)[0] == 50
    assert cost_of(shop, exchange(shop, idle_machines(shop), start, 30, 0))[0] == 0
