"""Settings as they might be: a change is checked as the file is, and its fault is told with the nearest key."""

from __future__ import annotations

import pytest

from replenish.night.override import overridden
from replenish.settings import Settings, SettingsError


def test_a_change_counts_and_the_rest_stays() -> None:
    before = Settings(order={"paths": 200})
    after = overridden(before, ["defaults.service_target = 0.98", "order.windows=1", "order.windows=3", "seed=5"])
    assert (after.defaults.service_target, after.order.windows, after.order.paths, after.seed) == (0.98, 3, 200, 5)
    assert before.order.windows == 2


def test_a_value_may_be_a_list_or_plain_text() -> None:
    members = overridden(Settings(), ['forecast.members=["ets", "theta"]']).forecast.members
    assert tuple(members) == ("ets", "theta")
    assert overridden(Settings(), ["order.method=min_max"]).order.method == "min_max"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("order.pths=200", "did you mean 'paths'"),
        ("ordr.paths=200", "did you mean 'order'"),
        ("order.paths", "give a key and a value"),
        ("order=3", "is a section"),
        ("seed.paths=3", "seed is no section"),
        ("order.paths=6", "greater than or equal to 20"),
        ("order.paths=", "valid integer"),
        ("defaults.service_target=nan", "--set defaults.service_target"),
        ("order.method=magic", "--set order.method=magic"),
        ("paths.runs=elsewhere", "not what is planned"),
        ("", "give a key and a value"),
    ],
)
def test_a_change_that_cannot_be_is_one_clear_message(change: str, told: str) -> None:
    with pytest.raises(SettingsError, match="--set") as fault:
        overridden(Settings(), [change])
    assert told in str(fault.value)
