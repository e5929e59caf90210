"""One PostgreSQL for all tests of databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.ingest.company import make_company
from tests.postgres import postgres

__all__ = ["make_company"]


@pytest.fixture(scope="session", name="server")
def a_server() -> Iterator[tuple[str, str, Callable[[str], str]]]:
    with postgres() as server:
        yield server
