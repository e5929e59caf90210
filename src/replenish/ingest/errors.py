"""The errors of this station."""

from __future__ import annotations


class InputError(ValueError):
    """An input that stops the run: the message names the file, what is wrong with it and what to do."""


class UnreachableError(InputError):
    """A database or a bucket that does not answer: trying again later may help."""
