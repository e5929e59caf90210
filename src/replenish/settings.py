"""Every setting of a company, with unit and meaning: the model of `replenish.toml`."""

from __future__ import annotations

import importlib.util
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as EnvironmentFault

from replenish.hints import line_of, near
from replenish.member_names import FITTED, known_members
from replenish.night_settings import NotifySettings, ScheduleSettings
from replenish.publish_settings import PublishSettings
from replenish.sections import ExceptionSettings, OrderSettings, ProductionSettings, Section, Share, TimeZone
from replenish.source_settings import Connection, Ingest, Source


def _with_its_extra(told: str) -> str:
    """Refuse MinT where its library is not installed."""
    if told == "mint" and importlib.util.find_spec("hierarchicalforecast") is None:
        raise PydanticCustomError("hierarchy", "mint needs further packages: pip install 'replenish[hierarchy]'")
    return told


Hierarchy = Annotated[Literal["bottom_up", "mint"], AfterValidator(_with_its_extra)]


class Company(Section):
    """Who plans."""

    name: str = Field("My company", description="Name shown on the report.")
    currency: str = Field("EUR", description="Currency of all money, as an ISO code.", min_length=1, max_length=8)


class Paths(Section):
    """Where things lie, relative to the company folder."""

    inputs: str = Field("inputs", description="Folder with the input files.")
    state: str = Field(".replenish", description="Folder of the warehouse, the lock and the logs.")
    runs: str = Field("runs", description="Folder in which each night's results appear.")


class CalendarSettings(Section):
    """Time."""

    bucket: Literal["auto", "day", "week"] = Field(
        "auto", description="Planning bucket; auto is the grain of the data, at most a week."
    )
    source_grain: Literal["auto", "day", "week", "month"] = Field(
        "auto", description="How sales are dated: by day, or by the first day of a week or month."
    )
    week_start: Literal["auto", "monday", "sunday", "saturday"] = Field(
        "auto", description="First day of a week; auto follows weekly data, else Monday."
    )
    horizon_weeks: int = Field(26, ge=4, le=104, description="Weeks planned ahead.")
    history_weeks: int = Field(156, ge=8, le=520, description="Weeks of history looked at, counted back from as-of.")
    time_zone: TimeZone = Field(
        "",
        description="Time zone whose days count, for example Europe/Berlin, where a time carries an offset or is UTC; "
        "empty takes the day as it is written.",
    )


class Defaults(Section):
    """Statements about the business where an input is silent."""

    lead_time_days: float = Field(14.0, ge=0, le=3650, description="Days from order to receipt.")
    review_days: float = Field(7.0, gt=0, le=3650, description="Days between two chances to order.")
    service_target: Share = Field(0.95, description="Chance of no stock-out in a cycle, for the classical targets.")
    fill_target: Share = Field(0.95, description="Share of demand served from the shelf, for the classical targets.")
    holding_rate: float = Field(0.25, ge=0, le=10, description="Cost of holding stock, share of unit cost a year.")
    margin_share: Share = Field(0.35, description="Margin as share of price where cost or price is unknown.")
    order_cost: float = Field(0.0, ge=0, description="Cost of one order line.")


class ForecastSettings(Section):
    """The demand side."""

    members: Annotated[str | tuple[str, ...], BeforeValidator(known_members)] = Field(
        "full",
        description="full: moving average, TSB, ETS, CES and theta; light: moving average and TSB; or a list of: "
        f"{', '.join(FITTED)}. ml needs the extra replenish[ml].",
    )
    rotation_nights: int = Field(
        7, ge=1, le=28, description="Nights over which fits of ETS, CES, theta and such are spread; 1 fits all nightly."
    )
    window_weeks: int = Field(13, ge=2, le=104, description="Weeks in the seasonal moving average.")
    hierarchy: Hierarchy = Field(
        "bottom_up",
        description="bottom_up: totals are sums of nodes; mint: nodes are first reconciled with forecasts of totals. "
        "mint needs the extra replenish[hierarchy].",
    )


class Compute(Section):
    """The machine."""

    workers: int = Field(0, ge=0, le=256, description="Processes for the heavy stations; 0 is one a core.")
    memory_limit_gb: float = Field(
        2.0, gt=0, description="Memory the database may use, in GiB, before it spills to disk."
    )
    block_nodes: int = Field(2000, ge=1, description="Nodes handled at a time.")
    executor: Literal["local", "dask", "ray"] = Field(
        "local", description="Who computes the blocks: processes of this machine, a Dask or a Ray cluster."
    )
    address: str = Field(
        "",
        description="Scheduler of the cluster, such as tcp://scheduler:8786; for ray empty is the cluster this machine "
        "belongs to, and local starts one here.",
    )
    partitions: str = Field(
        "",
        description="Folder or URL, such as s3://bucket/prefix, through which blocks travel to workers of other "
        "machines; empty is a temporary folder of this machine.",
    )

    @field_validator("partitions")
    @classmethod
    def _is_a_place(cls, value: str) -> str:
        """A folder must mean the same everywhere, and what opens the door is not written on it."""
        if value and not value.startswith("/") and "://" not in value:
            raise ValueError("give a folder by its whole path, or a URL such as s3://bucket/prefix")
        if "@" in value.partition("://")[2].partition("/")[0]:
            raise ValueError("credentials belong in the environment (AWS_ACCESS_KEY_ID and the like), not in the URL")
        return value


class Settings(BaseSettings):
    """All settings; `REPLENISH_ORDER__PATHS=200` in the environment beats the file."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="REPLENISH_",
        env_nested_delimiter="__",
        hide_input_in_errors=True,  # someone may have written a password where it does not belong
    )

    seed: int = Field(1, ge=0, description="Seed of every random draw.")
    company: Company = Company()
    paths: Paths = Paths()
    calendar: CalendarSettings = CalendarSettings()
    source: dict[str, Source] = Field({}, description="Mappings of files to input tables, by a name of your choice.")
    connection: dict[str, Connection] = Field({}, description="Databases to read from, by a name of your choice.")
    ingest: Ingest = Ingest()
    defaults: Defaults = Defaults()
    forecast: ForecastSettings = ForecastSettings()
    order: OrderSettings = OrderSettings()
    production: ProductionSettings = ProductionSettings()
    exceptions: ExceptionSettings = ExceptionSettings()
    publish: PublishSettings = PublishSettings()
    compute: Compute = Compute()
    schedule: ScheduleSettings = ScheduleSettings()
    notify: NotifySettings = NotifySettings()


class SettingsError(ValueError):
    """The settings cannot be understood; the message names file, line, key, fault and nearest valid key."""


def load(file: Path) -> Settings:
    """Settings of the company whose `replenish.toml` this is; a missing file means all defaults.

    The environment (`REPLENISH_ORDER__PATHS=200`) beats the file. Raises `SettingsError` with file, line, key, what is
    wrong and the nearest valid key when file or environment cannot be understood.
    """
    text = _read(file)
    try:
        from_file = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise SettingsError(f"{file}: not valid TOML: {fault}") from fault
    from_environment = _environment()
    try:
        return Settings(**_merged(from_file, from_environment))
    except ValidationError as fault:
        faults = [_explain(one, file, text, from_environment) for one in fault.errors()]
        raise SettingsError("\n".join(faults)) from fault


def _read(file: Path) -> str:
    """Text of the file, empty where there is none; a byte order mark, as some editors write, is no fault."""
    if not file.exists():
        return ""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{file}: cannot be read as UTF-8 text: {fault}") from fault


def _environment() -> dict[str, Any]:
    """What `REPLENISH_*` variables say; a nested name that is no section is an error, as it is in the file."""
    sections = {name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        first, nested, _ = name.upper().removeprefix("REPLENISH_").partition("__")
        if name.upper().startswith("REPLENISH_") and nested and first not in sections:
            remedy = near(first, sections)
            raise SettingsError(f"environment variable {name}: there is no setting {first.lower()!r}{remedy}")
    try:
        return EnvSettingsSource(Settings)()
    except EnvironmentFault as fault:
        raise SettingsError(f"environment variable REPLENISH_*: {fault}: {fault.__cause__}") from fault


def _merged(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """Both together, section by section; where both speak, `high` counts."""
    result = dict(low)
    for key, value in high.items():
        below = result.get(key)
        result[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return result


def _explain(fault: ErrorDetails, file: Path, text: str, from_environment: Mapping[str, Any]) -> str:
    """One fault as a sentence: where, which key, what is wrong, what was probably meant."""
    path = tuple(str(part) for part in fault["loc"])
    key = ".".join(path)
    if _holds(from_environment, path):
        where = f"environment variable REPLENISH_{'__'.join(path).upper()}"
    else:
        line = line_of(text, path)
        where = f"{file}, line {line}" if line else f"{file}"
    if path[:1] == ("connection",) and fault["type"] != "value_error":
        known = "url, url_env, password_env, timeout_seconds"
        return f"{where}: {key}: not understood. A [connection.*] has {known}; a password itself never stands here"
    if fault["type"] == "extra_forbidden":
        names = _names_at(path[:-1])
        return f"{where}: {key}: there is no such setting{near(path[-1], names)}"
    if fault["type"] == "missing":
        return f"{where}: {key}: this setting is required here"
    if fault["type"] == "model_type":
        return f"{where}: {key} is a section: write [{key}] and its settings on the lines below it"
    if fault["type"] == "value_error":
        return f"{where}: {key}: {fault['ctx']['error']}"
    message = fault["msg"][:1].lower() + fault["msg"][1:]
    return f"{where}: {key} = {fault['input']!r}: {message}"


def _holds(values: Any, path: tuple[str, ...]) -> bool:
    for part in path:
        if not isinstance(values, Mapping) or part not in values:
            return False
        values = values[part]
    return True


def _names_at(path: tuple[str, ...]) -> set[str]:
    """Valid keys of the section at this path."""
    model: type[BaseModel] = Settings
    for part in path:
        if model is Settings and part == "source":
            return set(Source.model_fields)
        annotation = model.model_fields[part].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return set()
        model = annotation
    return set(model.model_fields)
