"""Settings as they might be: `order.paths=200` in place of what the file says, checked as the file is."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from replenish.hints import near
from replenish.settings import Settings, SettingsError

NOT_THE_PLAN = ("compute", "ingest", "paths", "source")  # where things lie, and how they are read


def overridden(settings: Settings, changes: Sequence[str]) -> Settings:
    """The settings with each `section.key=value` put in; of two values for a key the later counts.

    A value is read as TOML, else as text. Raises `SettingsError` naming the change, what is wrong with it and the
    nearest valid key.
    """
    values = settings.model_dump()
    for change in changes:
        path, value = _parsed(change)
        section = values
        for part in path[:-1]:
            section = section[part]
        section[path[-1]] = value
    try:
        return Settings.model_validate(values)
    except ValidationError as fault:
        raise SettingsError("\n".join(_explained(dict(one)) for one in fault.errors())) from fault


def _parsed(change: str) -> tuple[list[str], Any]:
    key, has_value, text = change.partition("=")
    path = key.strip().split(".")
    if not has_value:
        raise SettingsError(f"--set {change}: give a key and a value, such as order.windows=3")
    model: type[BaseModel] = Settings
    for place, part in enumerate(path):
        names = set(model.model_fields) - (set(NOT_THE_PLAN) if model is Settings else set())
        if model is Settings and part in NOT_THE_PLAN:
            raise SettingsError(f"--set {change}: {part} says where things lie, not what is planned")
        if part not in names:
            raise SettingsError(f"--set {change}: {key.strip()}: there is no such setting{near(part, names)}")
        kind, is_last = model.model_fields[part].annotation, place == len(path) - 1
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            model = kind
            if is_last:
                raise SettingsError(f"--set {change}: {part} is a section: name a key of it")
        elif not is_last:
            raise SettingsError(f"--set {change}: {part} is no section")
    return path, _value(text.strip())


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _explained(fault: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    return f"--set {key}={fault['input']}: {fault['msg'][:1].lower()}{fault['msg'][1:]}"
