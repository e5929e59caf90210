"""What the forecast station, scoring left out, costs beside bare statsforecast: same members, series and process."""

from __future__ import annotations

from pathlib import Path

import companies
import polars as pl
from measure import cpu_of, row, scratch

from replenish import pipeline
from replenish.night import folder as stages
from replenish.tables import plan

NODES, DAYS = 300, 730
SETTINGS = "[compute]\nworkers = 1\n"  # all in this process, so that CPU time is all there is


def bare(baseline: pl.DataFrame, member: pl.DataFrame, horizon: int) -> pl.DataFrame:
    """statsforecast alone on every series the station fitted."""
    from statsforecast import StatsForecast
    from statsforecast.models import AutoCES, AutoETS, DynamicOptimizedTheta

    from replenish.steps.forecast.fitting import FIT_WEEKS

    fitted = member.select("item_id", "location_id").unique()
    series = baseline.drop_nulls().join(fitted, on=["item_id", "location_id"], how="semi")
    long = series.sort("item_id", "location_id", "week_index").select(
        unique_id=pl.col("item_id") + "|" + pl.col("location_id"), ds=pl.col("week_index"), y=pl.col("baseline_qty")
    )
    models = [AutoCES(season_length=1, model="N"), AutoETS(season_length=1, model="ZZN"), DynamicOptimizedTheta(1)]
    return StatsForecast(models, freq=1, n_jobs=1).forecast(
        df=long.group_by("unique_id", maintain_order=True).tail(FIT_WEEKS["ets"]), h=horizon
    )


def measure(home: Path) -> tuple[float, float, int]:
    """CPU seconds of the station and of bare statsforecast, and how many series were fitted."""
    place = stages.Place.at(companies.write(home, companies.company(NODES, DAYS), SETTINGS))
    stages.ingest(place)
    tonight = stages.prepare(place)
    stages.station(place, tonight, "demand")
    with place.open() as house:
        import statsforecast.models  # noqa: F401 - neither side pays for the import

        for step in (pipeline.weeks, pipeline.rehearse, pipeline.score):
            step(house, tonight)
        ours, _ = cpu_of(lambda: (pipeline.fit(house, tonight), pipeline.forecast(house, tonight)))
        baseline, member = house.read_all(plan.Baseline, plan.Member)
    theirs, found = cpu_of(lambda: bare(baseline, member, tonight.settings.calendar.horizon_weeks + 1))
    return ours, theirs, found["unique_id"].n_unique()


if __name__ == "__main__":
    with scratch() as folder:
        station, alone, count = measure(folder / "company")
    row(f"forecast station beside bare statsforecast, {count} series fitted", f"{station / alone:.2f} x its CPU time")
