"""One e-mail through a mail server, over a connection whose certificate is checked."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from replenish.night.webhook import TIMEOUT_SECONDS, DeliveryError
from replenish.night_settings import NotifySettings

FOR_NOW = range(400, 500)


def letter(told: NotifySettings, subject: str, text: str) -> EmailMessage:
    """The e-mail; subject and text hold nothing that could pass for a header."""
    message = EmailMessage()
    message["From"] = told.email_from
    message["To"] = ", ".join(told.email_to)
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=told.email_from.partition("@")[2])
    message.set_content(text)
    return message


def send(told: NotifySettings, message: EmailMessage, user: str, password: str) -> None:
    """Hand the e-mail to the mail server. Raises `DeliveryError`."""
    trusted = ssl.create_default_context()
    try:
        with _connected(told, trusted) as server:
            if told.smtp_security == "starttls":
                server.starttls(context=trusted)
            if user:
                server.login(user, password)
            refused = server.send_message(message)
    except smtplib.SMTPNotSupportedError:
        why = f'the mail server does not speak it: see [notify] smtp_security (now "{told.smtp_security}")'
        raise DeliveryError(why, passing=False) from None
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(f"the mail server refused the log-in ({error.smtp_code})", passing=False) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        raise DeliveryError(f"the mail server refused every recipient {codes}", passing=_passing(codes)) from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(
            f"the mail server answered {error.smtp_code}", passing=_passing([error.smtp_code])
        ) from None
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(f"the mail server's certificate: {error.verify_message}", passing=False) from None
    except (OSError, smtplib.SMTPException) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise DeliveryError(f"the mail server cannot be reached: {why}", passing=True) from None
    if refused:
        raise DeliveryError(f"the mail server refused {len(refused)} of the recipients", passing=False)


def _connected(told: NotifySettings, trusted: ssl.SSLContext) -> smtplib.SMTP:
    if told.smtp_security == "tls":
        return smtplib.SMTP_SSL(told.smtp_host, told.smtp_port, timeout=TIMEOUT_SECONDS, context=trusted)
    return smtplib.SMTP(told.smtp_host, told.smtp_port, timeout=TIMEOUT_SECONDS)


def _passing(codes: list[int]) -> bool:
    """Whether the server only says "not now"."""
    return all(code in FOR_NOW for code in codes)
