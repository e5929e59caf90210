"""One POST of JSON to a webhook, over a connection whose certificate is checked."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from ipaddress import ip_address
from typing import Any, NoReturn
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10.0
BUSY = 429


class DeliveryError(RuntimeError):
    """A notification was not taken; `passing` says whether trying again may help."""

    def __init__(self, why: str, *, passing: bool) -> None:
        super().__init__(why)
        self.passing = passing


class _NoWayRound(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the message to somebody nobody named."""

    def redirect_request(self, *_: Any) -> NoReturn:
        raise DeliveryError("the webhook points elsewhere: name its final address", passing=False)


def post(url: str, fields: dict[str, Any]) -> None:
    """Hand the fields to the webhook at `url`. Raises `DeliveryError`, which never repeats that secret address."""
    _check(url)
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "replenish"}
    request = urllib.request.Request(url, json.dumps(fields).encode(), headers, method="POST")
    trusted = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    try:
        with urllib.request.build_opener(_NoWayRound, trusted).open(request, timeout=TIMEOUT_SECONDS):
            return
    except urllib.error.HTTPError as error:
        code = error.code
        error.close()
        passing = code >= http.client.INTERNAL_SERVER_ERROR or code == BUSY
        raise DeliveryError(f"the webhook answered {code}", passing=passing) from None
    except urllib.error.URLError as error:
        is_certificate = isinstance(error.reason, ssl.SSLCertVerificationError)
        why = getattr(error.reason, "verify_message", "") or getattr(error.reason, "strerror", "") or error.reason
        raise DeliveryError(f"the webhook cannot be reached: {why}", passing=not is_certificate) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(f"the webhook cannot be reached: {type(error).__name__}", passing=True) from None


def _check(url: str) -> None:
    """Refuse an address that would send the message in the clear over a network, or to a file."""
    try:
        parts = urlsplit(url)
        at_home = parts.hostname == "localhost" or _is_loopback(parts.hostname or "")
    except ValueError:
        raise DeliveryError("the webhook's address is no URL", passing=False) from None
    if not url.isprintable() or " " in url or not parts.hostname:
        raise DeliveryError("the webhook's address is no URL", passing=False)
    if parts.scheme != "https" and not (parts.scheme == "http" and at_home):
        raise DeliveryError("the webhook's address must begin with https://", passing=False)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
