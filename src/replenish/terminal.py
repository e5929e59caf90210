"""Speaking to the one at the terminal: lines written at once, and troubles as one message and an exit code."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

# signs that a terminal obeys instead of showing: control characters, and those that turn the direction of writing
_OBEYED = (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_SHOWN = {sign: f"\\x{sign:02x}" if sign < 256 else f"\\u{sign:04x}" for sign in _OBEYED}


@contextmanager
def told() -> Iterator[None]:
    """Turn the errors a user can mend into one clear message and an exit code."""
    try:
        with _interruptible(), _answer_alone():
            yield
    except Exception as error:
        from replenish.night.trouble import exit_code, sentence

        code = exit_code(error)
        if code is None:
            raise
        _write(sys.stderr, f"replenish: {sentence(error)}")
        raise SystemExit(code) from error


@contextmanager
def _answer_alone() -> Iterator[None]:
    """What compiled libraries print of their own accord goes to standard error: only the answer is on standard output.

    A solver's stray line in front of it would make an answer in JSON unreadable.
    """
    before = sys.stdout
    try:
        number, aside = before.fileno(), sys.stderr.fileno()
    except (OSError, ValueError):  # nobody's terminal or file, such as a test's
        yield
        return
    before.flush()
    with os.fdopen(os.dup(number), "w", encoding=before.encoding, errors=before.errors) as answer:
        os.dup2(aside, number)
        sys.stdout = answer
        try:
            yield
        finally:
            ctypes.CDLL(None).fflush(None)
            os.dup2(answer.fileno(), number)
            sys.stdout = before


@contextmanager
def _interruptible() -> Iterator[None]:
    """After Ctrl-C every error is that Ctrl-C, whatever a library in whose code it fell makes of it."""
    pressed: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    except BaseException as error:
        if pressed:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def progress(line: str) -> None:
    """One line of what is going on, on standard error."""
    _write(sys.stderr, line)


def say(line: str) -> None:
    """One line of the answer, on standard output."""
    _write(sys.stdout, line)


def _write(stream: TextIO, line: str) -> None:
    """Write a line at once; a reader that has gone away (`| head`) does not end the night.

    What input files bring along, such as a binary file's headings, is shown and does not steer the terminal.
    """
    try:
        stream.write(f"{line.translate(_SHOWN)}\n")
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
