"""A disk without space under the embedded server: plain words, and nothing promised is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cluster import chosen_binaries, scratch_home
from vln_desktop.db.embedded import EmbeddedPaths, EmbeddedServer, ServerHandle
from vln_desktop.db.embedded_cluster import OWNER
from vln_desktop.errors import UserError

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]


@pytest.fixture
def disk() -> Iterator[Path]:
    """A disk of 400 MB."""
    with scratch_home() as home:
        disk = home / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "tmpfs", str(disk)]
        subprocess.run(mount, check=True)
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def server(disk: Path) -> EmbeddedServer:
    return EmbeddedServer(EmbeddedPaths.under(disk, "main"), chosen_binaries())


def fill(disk: Path) -> Path:
    """Use up every byte; the caller deletes what this returns."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(2**16))
        except OSError:
            return filler


def connect(handle: ServerHandle) -> psycopg.Connection:
    return psycopg.connect(
        host=str(handle.socket_dir), port=5432, user=OWNER, dbname="vln", autocommit=True
    )


def test_start_on_a_full_disk(server: EmbeddedServer, disk: Path) -> None:
    server.start().release()
    filler = fill(disk)

    with pytest.raises(UserError, match=r"is full\. Nothing was lost"):
        server.start()

    filler.unlink()
    server.start().release()


def test_disk_fills_up_while_rows_are_written(server: EmbeddedServer, disk: Path) -> None:
    """Given acknowledged rows, when the disk fills up, then they are there once it has space."""
    with server.start() as handle:
        with connect(handle) as connection:
            connection.execute("CREATE TABLE kept (number int)")
            filler = fill(disk)
            acknowledged = 0
            with pytest.raises(psycopg.Error):
                while True:
                    connection.execute(
                        "INSERT INTO kept SELECT generate_series(%s, %s)",
                        [acknowledged, acknowledged + 9999],
                    )
                    acknowledged += 10_000

        filler.unlink()
        handle.ensure_running()

        with connect(handle) as connection:
            row = connection.execute("SELECT count(*) FROM kept").fetchone()
        assert row == (acknowledged,)
