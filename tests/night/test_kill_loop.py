"""kill -9 at random moments of loading, planning and publishing: nothing lost, nothing twice, nothing half there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.night import crashing

pytestmark = pytest.mark.slow

KILLS = 120


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company whose nights nobody disturbs."""
    return crashing.undisturbed(tmp_path_factory.mktemp("undisturbed") / "company")


def test_a_hundred_kills_change_nothing(undisturbed: Path, tmp_path: Path) -> None:
    """Each night is killed thirty times in random stages, at random moments of them, and then comes out the same."""
    chance = random.Random(20261130)
    seconds = crashing.stage_seconds(undisturbed)
    company = crashing.write_company(tmp_path / "company")
    ends: dict[str, int] = {"killed": 0, "finished": 0}
    for night in range(crashing.NIGHTS):
        crashing.hand_in(company, night)
        for _ in range(KILLS // crashing.NIGHTS):
            stage = chance.choice(crashing.STAGES)
            ends[crashing.kill_in(company, stage, chance.random() * seconds[stage])] += 1
            crashing.check(company)
        crashing.plan(company)
        crashing.check(company)
    assert ends["killed"] >= 100, ends
    assert crashing.differing(company / "runs", undisturbed / "runs") == []
