"""Telling people how a night went. A notification that cannot be delivered is logged, and changes nothing else."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from replenish.night import mail, webhook
from replenish.night.webhook import DeliveryError
from replenish.night_settings import NotifySettings
from replenish.settings import Company

Say = Callable[[str], None]
WAIT_SECONDS = (2.0, 8.0)  # between three tries
PATIENCE_SECONDS = 60.0  # for all of them: a server that answers a letter at a time does not hold a night up
MOST_SUBJECT, MOST_TEXT = 150, 3000  # characters


@dataclass(frozen=True)
class Message:
    """What happened, in one line and in several, with plain values for machines."""

    event: Literal["failed", "late", "held", "done", "test"]
    headline: str
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def tell(told: NotifySettings, company: Company, message: Message, say: Say) -> list[str]:
    """Send the message wherever the settings name, if they ask for its kind; the troubles, which are also said.

    Raises nothing: whom it cannot reach must not change a night.
    """
    if message.event not in (*told.on, "test"):
        return []
    troubles = []
    for name, way in _ways(told, company, message).items():
        if why := _delivered(way):
            troubles.append(_scrubbed(f"the notification by {name} was not delivered: {why}", _secrets(told)))
            say(troubles[-1])
    return troubles


def _ways(told: NotifySettings, company: Company, message: Message) -> dict[str, Callable[[], None]]:
    """Every way of sending this message that the settings name."""
    ways: dict[str, Callable[[], None]] = {}
    subject = one_line(f"{company.name}: {message.headline}")[:MOST_SUBJECT]
    text = _plain(message.text)[:MOST_TEXT]
    if told.webhook_env:
        fields: dict[str, Any] = {"text": _unaddressed(f"{subject}\n{text}".strip())}
        if told.webhook_body == "fields":
            machine = {"event": message.event, "company": company.name, "host": socket.gethostname()}
            fields |= machine | {"headline": one_line(message.headline), **message.facts}
        ways["webhook"] = lambda: webhook.post(_secret(told.webhook_env), fields)
    if told.email_to:
        ways["e-mail"] = lambda: mail.send(
            told,
            mail.letter(told, subject, f"{text}\n"),
            _secret(told.smtp_user_env) if told.smtp_user_env else "",
            _secret(told.smtp_password_env) if told.smtp_password_env else "",
        )
    return ways


def _delivered(way: Callable[[], None]) -> str:
    """Try, and try again where that may help; the answer is what went wrong in the end."""
    ends: list[str] = []
    is_over = threading.Event()

    def deliver() -> None:
        for wait in (*WAIT_SECONDS, None):
            try:
                way()
            except DeliveryError as error:
                if error.passing and wait is not None and not is_over.is_set():
                    time.sleep(wait)
                    continue
                ends.append(str(error))
            except Exception as error:
                ends.append(type(error).__name__)
            else:
                ends.append("")
            return

    thread = threading.Thread(target=deliver, daemon=True)  # looking a name up cannot be interrupted
    thread.start()
    thread.join(PATIENCE_SECONDS)
    is_over.set()
    return ends[0] if ends else f"no answer within {PATIENCE_SECONDS:g} s"


def _secret(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise DeliveryError(f"the environment variable {variable} is not set", passing=False)
    return value


def _secrets(told: NotifySettings) -> list[str]:
    names = (told.webhook_env, told.smtp_user_env, told.smtp_password_env)
    return [value for name in names if name and (value := os.environ.get(name, ""))]


def _scrubbed(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def one_line(text: str) -> str:
    """The text without anything that could begin another line or move a cursor."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _plain(text: str) -> str:
    return "\n".join("".join(one if one.isprintable() else " " for one in line) for line in text.splitlines())


def _unaddressed(text: str) -> str:
    """The text as chats show it: nothing in it calls everybody (`@channel`, `<!here>`) or hides where a link leads."""
    return text.replace("@", "@\u200b").replace("<", "\u2039").replace(">", "\u203a")
