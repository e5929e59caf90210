"""Whether what lies elsewhere can be reached: the doctor's look at connections and buckets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from replenish.ingest.claim import fits
from replenish.ingest.errors import InputError
from replenish.ingest.remote.address import address_of
from replenish.ingest.remote.sql import greet
from replenish.ingest.remote.storage import listed
from replenish.settings import Settings


def reached(settings: Settings, folder: Path) -> Iterator[tuple[bool, str]]:
    """For every connection and remote pattern whether it answers, and a sentence without secrets; never raises."""
    asked = {name: f"[connection.{name}]" for name in settings.connection}
    asked |= {one.connection: f"[source.{key}]" for key, one in settings.source.items() if one.connection not in asked}
    for name, where in asked.items():
        if name:
            yield _tried(settings, folder, name, where)
    for key, source in settings.source.items():
        if source.is_remote:
            yield _listed(source.files, f"[source.{key}]")


def _tried(settings: Settings, folder: Path, name: str, where: str) -> tuple[bool, str]:
    try:
        address = address_of(name, settings.connection, where)
        greet(address, folder)
    except InputError as error:
        return False, str(error)
    return True, f"{address.where} answers ({address.kind}; opened by {address.variables_text})"


def _listed(pattern: str, where: str) -> tuple[bool, str]:
    try:
        urls = listed(pattern, where, fits)
    except InputError as error:
        return False, str(error)
    return bool(urls), f"{where}: {len(urls)} files at {pattern}"
