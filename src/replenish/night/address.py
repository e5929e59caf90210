"""Where the dashboard may listen: on this machine, unless somebody has said otherwise and set a password."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address

from replenish.night.notify import Say

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class AddressError(ValueError):
    """The dashboard cannot or must not be at this address."""


def address(host: str, port: int, say: Say) -> str:
    """Address of the server's API. Raises `AddressError` when nobody may listen there."""
    if port == 0:
        raise AddressError("port 0 is any that is free, which nobody would find again: name one with --port")
    if not _is_loopback(host):
        if not os.environ.get("PREFECT_SERVER_API_AUTH_STRING"):
            raise AddressError(
                f"{host} can be reached from outside, and whoever reaches it can start work and read its logs: keep to "
                "127.0.0.1, or set PREFECT_SERVER_API_AUTH_STRING to user:password"
            )
        os.environ.setdefault("PREFECT_API_AUTH_STRING", os.environ["PREFECT_SERVER_API_AUTH_STRING"])
        say(f"WARNING: the dashboard on {host} can be reached from outside; put an encrypting proxy before it")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        remedy = "name another with --port, or set PREFECT_API_URL to the server that is there"
        raise AddressError(f"nobody can listen on {host}, port {port} ({error}): {remedy}") from error
    name = ANYWHERE.get(host, host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}/api"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
