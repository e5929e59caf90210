"""`replenish serve`: the nights on their schedule, until stopped."""

from __future__ import annotations

from pathlib import Path

from replenish.terminal import say, told


def serve(folder: Path = Path(), /, *, host: str = "127.0.0.1", port: int = 4200) -> None:
    """Plan the company in FOLDER night after night: a Prefect server, its dashboard, and [schedule].

    Stays in the foreground until Ctrl-C or SIGTERM. Where PREFECT_API_URL is set, that server is used and none is
    started. A night that is late or was killed is told to whom [notify] names.

    Parameters
    ----------
    folder
        Folder with replenish.toml; the present one if left out.
    host
        Address of the dashboard; this machine only, if left out. Others need PREFECT_SERVER_API_AUTH_STRING.
    port
        Port of the dashboard.
    """
    with told():
        from replenish.night.service import serve as keep_serving

        keep_serving(folder, host=host, port=port, say=say)
