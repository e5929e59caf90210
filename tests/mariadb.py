"""A real MariaDB of this machine for tests, where one is installed, with a user who must give a password."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

PASSWORD = "p@ss/w:rd#9?x"


def is_installed() -> bool:
    """Whether there is a server and what makes its folder."""
    return bool(shutil.which("mariadbd") and shutil.which("mariadb-install-db"))


@contextmanager
def mariadb() -> Iterator[tuple[str, Callable[..., None]]]:
    """URL with password, and a way to speak SQL to the server as its owner."""
    import pymysql

    with tempfile.TemporaryDirectory(prefix="my-", ignore_cleanup_errors=True) as name:
        data, socket = Path(name, "data"), str(Path(name, "sock"))
        owner = f"--user={getpass.getuser()}"
        install = [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
        ]
        subprocess.run([*install, owner], check=True, capture_output=True)
        serve = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking", owner]
        with Path(name, "log").open("wb") as log, subprocess.Popen(serve, stdout=log, stderr=log) as server:
            try:

                def speak(*statements: str) -> None:
                    with (
                        pymysql.connect(unix_socket=socket, user="root", autocommit=True) as owner,
                        owner.cursor() as it,
                    ):
                        for one in statements:
                            it.execute(one)

                _wait(Path(socket))
                speak("create database erp", f"create user reader@localhost identified by '{PASSWORD}'")
                speak("grant all on erp.* to reader@localhost")
                yield f"mysql://reader:{quote(PASSWORD, safe='')}@localhost/erp?unix_socket={socket}", speak
            finally:
                server.terminate()


def _wait(socket: Path) -> None:
    for _ in range(300):
        if socket.exists():
            return
        time.sleep(0.1)
    raise TimeoutError("MariaDB does not answer")
