"""The one error of this station."""

from __future__ import annotations


class InputError(ValueError):
    """An input that stops the run: the message names the file, what is wrong with it and what to do."""
