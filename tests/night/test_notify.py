"""Notifications reach real servers, and those that do not are a line in the log and nothing more."""

from __future__ import annotations

import email
import email.policy
import socket
import time
from pathlib import Path

import pytest

from replenish.night import notify
from replenish.night.notify import Message
from replenish.night_settings import NotifySettings
from replenish.settings import Company
from tests.night.sinks import Hook, Post, at_work, certificate

SHOP = Company(name="Shop & Söhne")
BROKEN = Message("failed", "the night failed", "inputs/stock.csv: no such file\nput it there", {"run_id": "r-1"})
HOOKED = NotifySettings(webhook_env="PLAN_HOOK")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tries, without the waits between them."""
    monkeypatch.setattr(notify, "WAIT_SECONDS", (0.01, 0.01))


def by_mail(server: Post, **more: object) -> NotifySettings:
    """Settings for a mail server on this machine."""
    plain = {"smtp_host": "127.0.0.1", "smtp_port": server.server_address[1], "smtp_security": "none"}
    return NotifySettings(email_to=("plan@example.com",), email_from="night@example.com", **(plain | more))


def told(settings: NotifySettings, message: Message = BROKEN, company: Company = SHOP) -> list[str]:
    """Troubles of telling the message; the same ones are said."""
    said: list[str] = []
    troubles = notify.tell(settings, company, message, said.append)
    assert said == troubles
    return troubles


def test_a_chat_gets_text_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google Chat refuses every field it does not know."""
    with at_work(Hook()) as hook:
        monkeypatch.setenv("PLAN_HOOK", hook.url)
        assert told(HOOKED) == []
    assert hook.got == [{"text": "Shop & Söhne: the night failed\ninputs/stock.csv: no such file\nput it there"}]


def test_a_machine_gets_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """Event, company and what the message knows are fields of their own."""
    with at_work(Hook()) as hook:
        monkeypatch.setenv("PLAN_HOOK", hook.url)
        assert told(HOOKED.model_copy(update={"webhook_body": "fields"})) == []
    (got,) = hook.got
    assert (got["event"], got["company"], got["run_id"]) == ("failed", "Shop & Söhne", "r-1")
    assert got["host"] == socket.gethostname()


def test_only_what_is_asked_for_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """`on` names the events; a test goes out always."""
    with at_work(Hook()) as hook:
        monkeypatch.setenv("PLAN_HOOK", hook.url)
        assert told(HOOKED, Message("done", "published")) == []
        assert told(HOOKED.model_copy(update={"on": ()})) == []
        assert hook.asked == 0
        told(HOOKED.model_copy(update={"on": ()}), Message("test", "a test"))
    assert len(hook.got) == 1


@pytest.mark.parametrize(
    ("codes", "asked", "trouble"),
    [
        ((503, 200), 2, ""),
        ((429, 500, 200), 3, ""),
        ((500,), 3, "the webhook answered 500"),
        ((404,), 1, "the webhook answered 404"),
        ((302,), 1, "the webhook points elsewhere"),
    ],
)
def test_tries_again_where_that_may_help(
    codes: tuple[int, ...], asked: int, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is busy is asked three times at most; one that refuses, or points elsewhere, once."""
    with at_work(Hook(codes)) as hook:
        monkeypatch.setenv("PLAN_HOOK", hook.url)
        troubles = told(HOOKED)
    assert hook.asked == asked
    assert len(hook.got) == (0 if trouble else 1)
    assert [trouble in one for one in troubles] == ([True] if trouble else [])
    assert "s3cr3t" not in "".join(troubles)


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("http://hooks.example.com/s3cr3t", "must begin with https://"),
        ("file:///s3cr3t", "is no URL"),
        ("https://[s3cr3t", "is no URL"),
        ("https://hooks.example.com/s3cr3t\r\nX-Evil: 1", "is no URL"),
        ("s3cr3t", "is no URL"),
        ("http://127.0.0.1:1/s3cr3t", "cannot be reached: Connection refused"),
    ],
)
def test_an_address_that_does_not_work_is_told_and_not_repeated(
    url: str, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trouble says what to mend, and keeps the secret."""
    monkeypatch.setenv("PLAN_HOOK", url)
    (said,) = told(HOOKED)
    assert trouble in said
    assert "s3cr3t" not in said


def test_a_missing_secret_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who set up the timer forgot the environment: the name of the variable says so."""
    monkeypatch.delenv("PLAN_HOOK", raising=False)
    (said,) = told(HOOKED)
    assert "PLAN_HOOK is not set" in said


def test_an_answer_a_letter_at_a_time_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience is for all of it, not for each letter."""
    monkeypatch.setattr(notify, "PATIENCE_SECONDS", 0.5)
    with at_work(Hook(drip_seconds=0.4)) as hook:
        monkeypatch.setenv("PLAN_HOOK", hook.url)
        start = time.monotonic()
        assert "no answer within 0.5 s" in told(HOOKED)[0]
        assert time.monotonic() - start < 2


def test_a_stranger_with_the_right_address_gets_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A certificate nobody vouches for ends the delivery before a word is said; one that is trusted does not."""
    context, paper = certificate(tmp_path)
    with at_work(Hook()) as hook:
        hook.socket = context.wrap_socket(hook.socket, server_side=True)
        monkeypatch.setenv("PLAN_HOOK", hook.url.replace("http:", "https:"))
        assert "self-signed certificate" in told(HOOKED)[0]
        assert hook.asked == 0
        monkeypatch.setenv("SSL_CERT_FILE", str(paper))
        assert told(HOOKED) == []
    assert len(hook.got) == 1


def test_nothing_in_a_name_calls_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A company's name, or a row of a file, cannot ring a whole channel or disguise a link."""
    evil = Company(name="<!channel> @here\n<https://evil.example|click>")
    with at_work(Hook()) as hook:
        monkeypatch.setenv("PLAN_HOOK", hook.url)
        told(HOOKED, company=evil)
    text = hook.got[0]["text"]
    assert not set("<>") & set(text)
    assert "@here" not in text


def test_an_e_mail_arrives_whole() -> None:
    """Sender, recipient, subject and text, umlauts included."""
    with at_work(Post()) as post:
        assert told(by_mail(post)) == []
    (letter,) = post.letters
    got = email.message_from_string(letter, policy=email.policy.default)
    assert (got["To"], got["From"]) == ("plan@example.com", "night@example.com")
    assert got["Subject"] == "Shop & Söhne: the night failed"
    assert got.get_content().strip() == BROKEN.text


def test_a_name_cannot_become_a_header() -> None:
    """Line breaks in a company's name stay inside the subject."""
    evil = Company(name="Shop\r\nBcc: all@example.com\r\n\r\nBuy now\u2028X: y")
    with at_work(Post()) as post:
        assert told(by_mail(post), company=evil) == []
    (letter,) = post.letters
    got = email.message_from_string(letter, policy=email.policy.default)
    assert got["Bcc"] is None
    assert got["X"] is None
    assert got["Subject"] == "Shop Bcc: all@example.com Buy now X: y: the night failed"
    assert sum(line.startswith("RCPT") for line in post.heard) == 1


def test_a_password_only_travels_encrypted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """STARTTLS with a certificate that is trusted: in; else not a word of the log-in is said."""
    monkeypatch.setenv("MAIL_USER", "me")
    monkeypatch.setenv("MAIL_PASSWORD", "hunter2")
    secret = {"smtp_security": "starttls", "smtp_user_env": "MAIL_USER", "smtp_password_env": "MAIL_PASSWORD"}
    context, paper = certificate(tmp_path)
    with at_work(Post(login="me", trusted=context)) as post, at_work(Post(login="me")) as plain:
        assert "self-signed certificate" in told(by_mail(post, **secret))[0]
        assert "does not speak it" in told(by_mail(plain, **secret))[0]
        assert not [line for line in (*post.heard, *plain.heard) if line.startswith("AUTH")]
        monkeypatch.setenv("SSL_CERT_FILE", str(paper))
        assert told(by_mail(post, **secret)) == []
        post.login = ""
        (said,) = told(by_mail(post, **secret))
    assert len(post.letters) == 1
    assert "refused the log-in (535)" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(("code", "asked"), [(550, 1), (451, 3)])
def test_a_refused_recipient_is_told(code: int, asked: int) -> None:
    """For good: once. For now: three times."""
    with at_work(Post(refuse=code)) as post:
        (said,) = told(by_mail(post))
    assert f"refused every recipient [{code}]" in said
    assert sum(line.startswith("RCPT") for line in post.heard) == asked


def test_one_way_that_fails_does_not_close_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The webhook is down, the e-mail still goes."""
    monkeypatch.setenv("PLAN_HOOK", "http://127.0.0.1:1/x")
    with at_work(Post()) as post:
        (said,) = told(by_mail(post, webhook_env="PLAN_HOOK"))
    assert "by webhook" in said
    assert len(post.letters) == 1
