"""Fixtures of the ingest tests."""

from tests.ingest.company import make_company

__all__ = ["make_company"]
