"""A command as a person at the terminal gives it, run in this process."""

from __future__ import annotations

from replenish import cli


def asked(*words: object) -> int:
    """Exit code of a command; a traceback fails the test."""
    try:
        cli.app([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)
    return 0
