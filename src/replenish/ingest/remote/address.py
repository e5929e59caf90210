"""Where a database is and how to get in: URL from the settings, secrets from the environment, and none in a message."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from replenish.ingest.errors import InputError, UnreachableError
from replenish.source_settings import Connection

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_HIDDEN = "***"
_AWAY = (
    r"refused|timed out|timeout expired|unreachable|lost connection|can't connect|is starting up|closed the connection"
)


@dataclass(frozen=True)
class Address:
    """A connection ready to be opened; its secrets are shown nowhere."""

    name: str
    url: URL = field(repr=False)
    timeout_seconds: int
    time_zone: str
    variables: tuple[str, ...]
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def where(self) -> str:
        """The connection as the settings file calls it."""
        return f"[connection.{self.name}]"

    @property
    def kind(self) -> str:
        """The database's make: postgresql, mysql, mariadb, mssql or sqlite."""
        return self.url.get_backend_name()

    def trouble(self, error: BaseException, advice: str) -> InputError:
        """What went wrong, in the database's own words without our secrets; raise it `from None`."""
        words = " ".join(str(getattr(error, "orig", None) or error).split())
        kind = UnreachableError if re.search(_AWAY, words, re.IGNORECASE) else InputError
        for secret in sorted(self.secrets, key=len, reverse=True):
            words = words.replace(secret, _HIDDEN)
        return kind(f"{self.where}: {words[:500].rstrip('.? ')}. {advice}")

    @property
    def variables_text(self) -> str:
        """Names of the variables that open the door, for messages."""
        return " and ".join(self.variables) or "its url"


def address_of(name: str, connections: Mapping[str, Connection], source: str, time_zone: str = "") -> Address:
    """The connection of this name. Raises `InputError` when there is none, or a variable is not set, or no URL."""
    known = connections.get(name)
    if known is None:
        close = get_close_matches(name, connections, 1)
        remedy = f"Did you mean {close[0]!r}?" if close else f"Write a [connection.{name}] with url_env or url."
        raise InputError(f"{source} connection = {name!r}: there is no [connection.{name}]. {remedy}")
    text = _variable(name, known.url_env) if known.url_env else known.url
    password = _variable(name, known.password_env) if known.password_env else None
    url = _parsed(name, text, known.url_env or "url")
    if password is not None:
        url = url.set(password=password)
    return Address(
        name,
        url,
        known.timeout_seconds,
        time_zone,
        tuple(one for one in (known.url_env, known.password_env) if one),
        _secrets(text if known.url_env else "", str(url.password or ""), url),
    )


def _variable(name: str, variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise InputError(
            f"[connection.{name}]: the environment variable {variable} is not set. "
            "Set it where the night runs (shell, service unit or container), not in a file of the company folder."
        )
    return value


def _parsed(name: str, text: str, called: str) -> URL:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    advice = (
        f"[connection.{name}]: {called} is no database URL. Write it like postgresql://user@host:5432/database, "
        "mysql://, mssql:// or sqlite:///file.db; signs such as @ : / # in a password are written %40 %3A %2F %23."
    )
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise InputError(advice) from None
    if "@" in (url.host or ""):
        raise InputError(advice) from None
    return url


def _secrets(whole: str, password: str, url: URL) -> tuple[str, ...]:
    """Every form in which the secret may come back in an error's words."""
    hidden = [str(value) for key, value in url.query.items() if "pass" in key.lower() or "key" in key.lower()]
    forms = {whole, *(form for one in (password, *hidden) for form in (one, quote(one, safe=""), quote_plus(one)))}
    return tuple(sorted(form for form in forms if form))
