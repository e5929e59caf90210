"""`replenish --help` answers at once: the best of ten starts."""

from __future__ import annotations

import subprocess
import time

from measure import COMMAND, row

TRIES = 10


def seconds() -> float:
    """Wall seconds of one start."""
    start = time.perf_counter()
    subprocess.run([COMMAND, "--help"], capture_output=True, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    row("`replenish --help`", f"{min(seconds() for _ in range(TRIES)):.2f} s")
