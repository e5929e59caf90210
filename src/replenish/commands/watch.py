"""`replenish watch`: was the last night published in time? For timers; `replenish serve` looks by itself."""

from __future__ import annotations

from pathlib import Path

from replenish.terminal import progress, say, told

LATE = 1


def watch(folder: Path = Path(), /, *, test: bool = False) -> None:
    """Look whether the last night due in FOLDER was killed or is late, and tell it, once, to whom [notify] names.

    Exit codes: 0 nothing new is wrong, 1 a night is late or was killed, or a notification was not delivered.

    Parameters
    ----------
    folder
        Folder with replenish.toml; the present one if left out.
    test
        Send a test by every way that [notify] names, and say how it went.
    """
    with told():
        from replenish.night import attempts, watched
        from replenish.night.folder import Place

        place = Place.at(folder)
        if test:
            watched.send_test(place, say)
            return
        found = watched.look(place, attempts.now(), progress)
        say("\n".join(one.headline for one in found) or "nothing new is wrong with the last night")
    if found:
        raise SystemExit(LATE)
