"""Settings of the night: when it begins, when it is late, and who is told; sections of `replenish.toml`."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from replenish.cron import Cron
from replenish.sections import Section, TimeZone


def _is_cron(line: str) -> str:
    """Refuse a line that no schedule can follow; an empty one is a schedule switched off."""
    if line:
        Cron.of(line)
    return line


CronLine = Annotated[str, AfterValidator(_is_cron)]


class ScheduleSettings(Section):
    """When work begins under `replenish serve`, and when a night is late."""

    time_zone: TimeZone = Field("UTC", min_length=1, description="Time zone of the cron lines, such as Europe/Berlin.")
    nightly: CronLine = Field("0 4 * * *", description="When a night begins, as a cron line.", min_length=1)
    ingest: CronLine = Field(
        "", description="When files that come during the day are loaded, as a cron line; empty is not at all."
    )
    backtest: CronLine = Field(
        "0 12 1 * *", description="When history is replayed and the dial chosen again; empty is not at all."
    )
    night_timeout_minutes: float = Field(240.0, gt=0, description="A night or a load that takes longer is ended.")
    backtest_timeout_minutes: float = Field(1440.0, gt=0, description="A backtest that takes longer is ended.")
    late_after_minutes: float = Field(
        180.0, gt=0, description="A night that is not published so long after its hour is late."
    )


def _is_variable(name: str) -> str:
    """Refuse a secret where the name of an environment variable is asked for; do not repeat it."""
    if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("give the name of an environment variable that holds the secret, not the secret itself")
    return name


def _is_address(address: str) -> str:
    if address and not re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", address):
        raise ValueError(f"{address!r} is no e-mail address: write it as name@example.com")
    return address


Variable = Annotated[str, AfterValidator(_is_variable)]
Address = Annotated[str, AfterValidator(_is_address)]
Event = Literal["failed", "late", "held", "done"]


class NotifySettings(Section):
    """Who is told of a night, and how; secrets come from the environment."""

    on: tuple[Event, ...] = Field(
        ("failed", "late", "held"),
        description="What is told: failed, late, held (the kill switch holds every line), done (published).",
    )
    webhook_env: Variable = Field("", description="Environment variable with the https address of a webhook.")
    webhook_body: Literal["text", "fields"] = Field(
        "text",
        description="text: what chats such as Slack or Mattermost read; fields: event, run_id and so on as well.",
    )
    email_to: tuple[Address, ...] = Field((), description="Addresses that get an e-mail.")
    email_from: Address = Field("", description="Address the e-mail comes from.")
    smtp_host: str = Field("", description="Mail server.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the mail server is spoken to; none only suits one on this machine."
    )
    smtp_user_env: Variable = Field("", description="Environment variable with the user's name; empty is no log-in.")
    smtp_password_env: Variable = Field("", description="Environment variable with the password.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """An e-mail needs a sender and a server, and a password never travels in the clear."""
        if self.email_to and not (self.email_from and self.smtp_host):
            raise ValueError("email_to needs email_from and smtp_host, too")
        if bool(self.smtp_user_env) != bool(self.smtp_password_env):
            raise ValueError("smtp_user_env and smtp_password_env go together")
        if self.smtp_user_env and self.smtp_security == "none":
            raise ValueError('a password would travel in the clear: set smtp_security to "starttls" or "tls"')
        return self
