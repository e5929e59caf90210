from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from statsforecast.models import AutoETS

from replenish.steps.forecast.rotation import has_turn
from replenish.tables.plan import Baseline, Member, MemberFit, Segment
from tests.steps.demand_world import AS_OF, KEY, buckets, fit

ONE = timedelta(days=1)


def frames(weekly):
    """plan.baseline and plan.segment of steady nodes with these ordinary weeks, newest last."""
    count, weeks = weekly.shape
    keys = pl.DataFrame({"item_id": [f"i{n:03d}" for n in range(count)], "location_id": "l"})
    base = keys.join(pl.DataFrame({"week_index": range(-weeks, 0)}), how="cross").with_columns(
        baseline_qty=pl.Series(weekly.ravel()).fill_nan(None),
        estimate_variance_qty2=pl.lit(0.0),
        is_censored=pl.lit(False),
    )
    segment = keys.with_columns(
        available_buckets=pl.lit(weeks), average_interval=1.0, squared_variation=0.1, demand_class=pl.lit("smooth"),
        value_year=1.0, abc_class=pl.lit("A"), xyz_class=pl.lit("X"),
    )  # fmt: skip
    return Baseline.cast(base.select(Baseline.column_names())), Segment.cast(segment.select(Segment.column_names()))


def steady(count=12, weeks=60, seed=1):
    return np.random.default_rng(seed).poisson(12, (count, weeks)).astype(float)


def night(weekly, as_of=AS_OF, previous=None, **rule):
    """A night's tables: forecasts of the members and what is kept of them."""
    member, kept = fit(
        *frames(weekly), buckets(weekly.shape[1], 4, as_of=as_of), 4, previous=previous, as_of=as_of, **rule
    )
    Member.validate(member)
    MemberFit.validate(kept)
    return member, kept


def fitted_on(kept, day):
    return set(kept.filter(fitted_date=day)["item_id"])


def of(frame, item, member="ets"):
    return frame.filter(item_id=item, member=member)


@pytest.mark.parametrize("nights", [1, 2, 7, 28])
def test_every_node_has_one_turn_in_a_rotation(nights):
    keys = pl.DataFrame({"item_id": [f"i{n}" for n in range(2000)], "location_id": "l"})
    turns = np.stack([has_turn(keys, AS_OF + n * ONE, nights) for n in range(nights)])
    assert (turns.sum(axis=0) == 1).all()
    assert turns.sum(axis=1).min() > 0.7 * 2000 / nights


def test_a_first_night_fits_all_and_a_second_those_whose_turn_it_is():
    weekly = steady(40)
    _, first = night(weekly)
    _, second = night(weekly, AS_OF + ONE, first)
    assert fitted_on(first, AS_OF) == {f"i{n:03d}" for n in range(40)}
    keys = second.select(KEY).unique(maintain_order=True)
    assert fitted_on(second, AS_OF + ONE) == set(keys.filter(has_turn(keys, AS_OF + ONE, 7))["item_id"])
    assert 0 < len(fitted_on(second, AS_OF + ONE)) < 20


def test_weeks_that_did_not_change_keep_their_forecasts():
    weekly = steady()
    member, first = night(weekly)
    again, second = night(weekly, AS_OF, first, nights=28)
    assert again.equals(member)
    assert second.equals(first)


def test_a_new_week_runs_through_the_old_parameters():
    whole = steady(weeks=61)
    _, first = night(whole[:, :-1])
    member, second = night(whole, AS_OF + 7 * ONE, first, nights=28)
    kept = fitted_on(second, AS_OF)
    assert len(kept) > 8
    for item in kept:
        theirs = AutoETS(season_length=1, model="ZZN").fit(whole[int(item[1:]), :-1]).forward(whole[int(item[1:])], 5)
        np.testing.assert_array_equal(of(member, item)["member_qty"].to_numpy(), np.maximum(theirs["mean"], 0))
        assert of(second, item)["parameters"].to_list() == of(first, item)["parameters"].to_list()
        assert of(second, item)["weeks"].item() == 60


def test_weeks_that_move_by_a_day_start_where_the_fit_started():
    weekly = np.random.default_rng(3).poisson(12, (12, 110)).astype(float)
    _, first = night(weekly)
    member, second = night(weekly, AS_OF + ONE, first, nights=28)
    item = sorted(fitted_on(second, AS_OF))[0]
    own = weekly[int(item[1:])]
    assert of(first, item)["first_date"].item() == AS_OF + ONE - timedelta(days=7 * 104)
    theirs = AutoETS(season_length=1, model="ZZN").fit(own[-104:]).forward(own[-104:], 5)
    np.testing.assert_array_equal(of(member, item)["member_qty"].to_numpy(), np.maximum(theirs["mean"], 0))


def test_a_skipped_night_starves_nobody():
    weekly = steady()
    _, first = night(weekly)
    _, late = night(weekly, AS_OF + 7 * ONE, first)
    assert fitted_on(late, AS_OF + 7 * ONE) == fitted_on(first, AS_OF)
    _, chain = night(weekly, AS_OF + ONE, first)
    for back in range(2, 9):
        before = chain
        _, chain = night(weekly, AS_OF + back * ONE, before)
        assert chain["fitted_date"].min() > AS_OF + (back - 7) * ONE


def test_a_fit_from_the_future_is_not_believed():
    weekly = steady()
    _, first = night(weekly, AS_OF + ONE)
    _, earlier = night(weekly, AS_OF, first)
    assert fitted_on(earlier, AS_OF) == fitted_on(first, AS_OF + ONE)


def test_history_handed_in_anew_is_fitted_anew():
    weekly = steady()
    _, first = night(weekly)
    _, second = night(weekly, AS_OF + ONE, first, nights=28)
    quiet = fitted_on(second, AS_OF)
    item = min(quiet)
    _, second = night(weekly, AS_OF + ONE, first, nights=28, restated=(item,))
    assert fitted_on(second, AS_OF) == quiet - {item}


def test_a_member_that_joins_is_fitted_and_one_that_leaves_is_forgotten():
    weekly = steady(4)
    _, first = night(weekly, members=("ets",))
    _, second = night(weekly, AS_OF + ONE, first, members=("ets", "theta"), nights=28)
    assert fitted_on(second, AS_OF + ONE) == fitted_on(first, AS_OF)
    _, third = night(weekly, AS_OF + 2 * ONE, second, members=("theta",), nights=28)
    assert set(third["member"]) == {"theta"}
    assert fitted_on(third, AS_OF + ONE) >= {"i000", "i001"} - fitted_on(third, AS_OF + 2 * ONE)


def test_errors_that_begin_to_lean_call_for_a_fit():
    rng = np.random.default_rng(9)
    calm = rng.poisson(40, (12, 80)).astype(float)
    _, first = night(calm, members=("theta",))
    jumped = np.concatenate([calm, rng.poisson(90, (12, 12))], axis=1)
    moved = {f"i{n:03d}" for n in range(6)}
    jumped[6:, 80:] = rng.poisson(40, (6, 12))
    slow = first.with_columns(parameters=pl.concat_list(pl.col("parameters").list.first(), pl.lit(0.1), pl.lit(1.0)))
    _, later = night(
        jumped,
        AS_OF + 7 * 12 * ONE,
        slow.with_columns(fitted_date=AS_OF + 7 * 12 * ONE - ONE),
        members=("theta",),
        nights=28,
    )
    refitted = set(later.filter(pl.col("weeks") == 92)["item_id"])
    turn = fitted_on(later, AS_OF + 7 * 12 * ONE)
    assert moved <= refitted
    assert len(refitted - moved - turn) <= 1


def test_a_lean_that_was_there_when_it_was_fitted_is_no_news():
    weekly = np.random.default_rng(9).poisson(40, (6, 80)).astype(float)
    weekly[:, -12:] += 60
    _, first = night(weekly, members=("theta",))
    slow = first.with_columns(
        parameters=pl.concat_list(pl.col("parameters").list.first(), pl.lit(0.1), pl.lit(1.0)), tracking_rate=0.9
    )
    _, second = night(weekly, AS_OF + ONE, slow, members=("theta",), nights=28)
    for item in fitted_on(second, AS_OF):
        assert of(second, item, "theta")["parameters"].item().to_list()[1:] == [0.1, 1.0]


def test_an_ordinary_night_does_not_depend_on_how_nodes_are_blocked():
    weekly = steady(12)
    _, first = night(weekly)
    member, kept = night(weekly, AS_OF + ONE, first)
    base, segment = frames(weekly)
    for n in range(12):
        mine = pl.col("item_id") == f"i{n:03d}"
        calendar = buckets(60, 4, as_of=AS_OF + ONE)
        part = fit(base.filter(mine), segment.filter(mine), calendar, 4, previous=first.filter(mine), as_of=AS_OF + ONE)
        assert part[0].equals(member.filter(mine))
        assert part[1].equals(kept.filter(mine))


def test_what_could_not_be_fitted_is_not_tried_again_before_its_turn():
    weekly = steady(3)
    weekly[0, 5] = 1e15
    member, first = night(weekly, members=("mstl",))
    assert member.is_empty()
    assert first["model"].null_count() == 3
    member, second = night(weekly, AS_OF + ONE, first, members=("mstl",), nights=28)
    assert member.is_empty()
    assert second.filter(fitted_date=AS_OF).height > 0


def test_without_members_or_nodes_nothing_is_told():
    weekly = steady(2)
    assert night(weekly, members=())[1].is_empty()
    assert night(steady(2, 10))[1].is_empty()
