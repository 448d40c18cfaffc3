"""A real PgBouncer in transaction mode in front of the test cluster.

It asks the server for each login's SCRAM secret (auth_query), so every login of the cluster works
through it, with its own password and as itself. It runs as the account that runs the server: the
kernel then says for it who it is, and PgBouncer refuses root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from tests.cluster import Cluster, scratch_home
from vln_desktop.db import embedded_platform as platform
from vln_desktop.db.embedded_cluster import PORT, SUPERUSER

_PORT = 6432
_SERVERS = 4
"""Connections to the server for each login and database. The one used last is lent first, so two
clients of one login that take turns share it, and what leaks shows."""
_CONFIGURATION = """
[databases]
* = host={server} port={port}
[pgbouncer]
listen_addr =
listen_port = {listen}
unix_socket_dir = {folder}
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 100
auth_type = scram-sha-256
auth_file = {folder}/users.txt
auth_user = {auth_user}
auth_query = SELECT rolname, rolpassword FROM pg_authid WHERE rolname = $1 AND rolcanlogin
admin_users = {auth_user}
server_reset_query_always = 0
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""


@dataclass(frozen=True, slots=True)
class Pooler:
    """A running PgBouncer; `sockets` is where clients find it."""

    sockets: Path

    def url_for(self, login: str, database: str = "vln") -> str:
        """Return the pooled address of a database for a login (an e-mail), without a password."""
        return f"postgresql://{quote(login, safe='')}@/{database}?host={self.sockets}&port={_PORT}"

    def connect(
        self, login: str, password: str, database: str, **options: Any
    ) -> psycopg.Connection[Any]:
        """Return a plain psycopg connection in autocommit, as the driver makes it by itself."""
        return psycopg.connect(
            host=str(self.sockets),
            port=_PORT,
            dbname=database,
            user=login,
            password=password,
            autocommit=True,
            **options,
        )


@contextmanager
def running_pooler(cluster: Cluster) -> Iterator[Pooler]:
    """Start PgBouncer in front of a cluster; it is gone afterwards. Skips where it is missing."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/sbin")
    if program is None:
        pytest.skip("a real pooler is needed: the package pgbouncer is missing")
    account = platform.server_account()
    with scratch_home() as home:
        folder = home / "pool"
        platform.make_folder(folder, 0o755, account)
        settings = {
            "server": cluster.handle.socket_dir, "port": PORT, "listen": _PORT,
            "folder": folder, "servers": _SERVERS, "auth_user": SUPERUSER,
        }  # fmt: skip
        (folder / "pgbouncer.ini").write_text(_CONFIGURATION.format(**settings))
        (folder / "users.txt").write_text(f'"{SUPERUSER}" ""\n')
        other = None if account.is_mine else account.uid
        process = subprocess.Popen(
            [program, str(folder / "pgbouncer.ini")],
            user=other,
            group=None if account.is_mine else account.gid,
            extra_groups=None if other is None else [],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath},
        )
        try:
            _wait_for(folder, process)
            yield Pooler(folder)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Return when the socket is there; fail with the log if PgBouncer gave up."""
    while not (folder / f".s.PGSQL.{_PORT}").exists():
        if process.poll() is not None:
            log = folder / "pgbouncer.log"
            pytest.fail(f"pgbouncer ended: {log.read_text() if log.exists() else 'no log'}")
