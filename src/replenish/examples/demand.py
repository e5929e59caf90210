"""True demand: level, growth, season, weekday and events give a mean; a negative binomial draws around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.examples.company import Company, Season
from replenish.examples.days import DATES, DAY_COUNT, START, WARM_UP_DAYS, WEEKDAYS, index_of, year_share

_FADING_DAYS = 150.0
_LAUNCH_CURVE_DAYS = 10.0


@dataclass(frozen=True)
class Demand:
    """Mean and drawn demand, a row a day of the walk and a column a row of the company's profile, in base units."""

    mean: np.ndarray
    drawn: np.ndarray


def true_demand(company: Company, rng: np.random.Generator) -> Demand:
    """Demand as customers feel it, served or not."""
    profile = company.profile
    mean = profile["mean_per_day"].to_numpy()[None, :] * np.ones((DAY_COUNT, 1))
    years = (np.arange(DAY_COUNT) - WARM_UP_DAYS) / 365.25
    mean = mean * (1.0 + profile["growth_rate"].to_numpy()[None, :]) ** years[:, None]
    mean = mean * np.array(company.weekday)[WEEKDAYS][:, None]
    mean = mean * _life(profile) * _seasons(company) * event_factor(company) * _open(company)
    return Demand(mean, _draw(mean, profile["dispersion"].to_numpy(), rng))


def event_factor(company: Company) -> np.ndarray:
    """Product of the true uplifts of the events that touch a node on a day."""
    nodes = company.profile.join(company.tables["item"].select("item_id", "category"), on="item_id", how="left")
    factor = np.ones((DAY_COUNT, nodes.height))
    for event in company.tables["event"].iter_rows(named=True):
        touched = np.ones(nodes.height, dtype=bool)
        for column in ("item_id", "location_id", "category"):
            if event[column] is not None:
                touched &= (nodes[column] == event[column]).to_numpy()
        first, last = max(0, index_of(event["start_date"])), index_of(event["end_date"])
        if last >= 0:
            factor[first : last + 1, touched] *= company.uplifts[event["event_id"]]
    return factor


def _life(profile: pl.DataFrame) -> np.ndarray:
    """0 before the first sale with a short ramp after it; slow decay from the day an item begins to fade."""
    days = np.arange(DAY_COUNT)[:, None]
    begins = _day_indices(profile["sold_from"])[None, :]
    fades = _day_indices(profile["fades_from"])[None, :]
    started = np.where(np.isnan(begins), np.inf, days - begins + 1)
    ramp = np.clip(started / _LAUNCH_CURVE_DAYS, 0.0, 1.0)
    faded = np.where(np.isnan(fades), 0.0, np.maximum(0.0, days - fades))
    return ramp * np.exp(-faded / _FADING_DAYS)


def _day_indices(dates: pl.Series) -> np.ndarray:
    return (dates - START).dt.total_days().cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _seasons(company: Company) -> np.ndarray:
    nodes = company.profile.join(company.tables["item"].select("item_id", "category"), on="item_id", how="left")
    curves = {category: _curve(season) for category, season in company.seasons.items()}
    flat = np.ones(DAY_COUNT)
    return np.column_stack([curves.get(category, flat) for category in nodes["category"]])


def _curve(season: Season) -> np.ndarray:
    shape = np.exp(season.strength * np.cos(2.0 * np.pi * (year_share() - season.peak_week / 52.18)))
    return shape / shape[-365:].mean()


def _open(company: Company) -> np.ndarray:
    """0 on days the location's calendar names as closed; weekdays are already in the weekday profile."""
    nodes = company.profile.join(
        company.tables["location"].select("location_id", "calendar_id"), on="location_id", how="left"
    )
    closed = company.tables["calendar"].filter(pl.col("date").is_not_null() & (pl.col("hours") == 0))
    is_open = np.ones((DAY_COUNT, nodes.height))
    for calendar_id, date in closed.select("calendar_id", "date").iter_rows():
        there = (nodes["calendar_id"] == calendar_id).fill_null(False).to_numpy()
        is_open[np.ix_(np.equal(DATES, np.datetime64(date)), there)] = 0.0
    return is_open


def _draw(mean: np.ndarray, dispersion: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Negative binomial with variance = dispersion * mean; dispersion must exceed 1."""
    successes = np.maximum(mean / (dispersion - 1.0), 1e-12)
    drawn = rng.negative_binomial(successes, np.broadcast_to(1.0 / dispersion, mean.shape)).astype(float)
    return np.where(mean > 0.0, drawn, 0.0)
