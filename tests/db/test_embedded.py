"""The embedded server: made, shared, adopted, brought back, and closed to everybody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.cluster import UNSAFE_BUT_FAST, Cluster, chosen_binaries, scratch_home
from vln_desktop.db import embedded_cluster, embedded_platform
from vln_desktop.db.embedded import EmbeddedPaths, EmbeddedServer, ServerHandle, StartStep
from vln_desktop.db.embedded_cluster import OWNER, SUPERUSER
from vln_desktop.db.embedded_platform import server_account
from vln_desktop.errors import Unavailable, UserError

CLIENT = """
import sys
from pathlib import Path
from tests.cluster import UNSAFE_BUT_FAST, chosen_binaries
from vln_desktop.db.embedded import EmbeddedPaths, EmbeddedServer
paths = EmbeddedPaths(Path(sys.argv[1]), Path(sys.argv[2]))
server = EmbeddedServer(paths, chosen_binaries(), UNSAFE_BUT_FAST)
handle = server.start()
print(handle.postmaster_pid, flush=True)
sys.stdin.read()
handle.release()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    with scratch_home() as folder:
        yield folder


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """Where copies of the programs are kept: one copy serves all clusters."""
    with scratch_home() as folder:
        yield folder


@pytest.fixture
def new_server(home: Path, programs: Path) -> EmbeddedServer:
    """A cluster that was never started."""
    return make_server(home, programs)


@pytest.fixture(scope="module")
def made(programs: Path) -> Path:
    """A cluster that was started and stopped once, to be copied."""
    server = make_server(programs, programs)
    server.start().release()
    return server.paths.cluster


@pytest.fixture
def server(home: Path, programs: Path, made: Path) -> EmbeddedServer:
    """A cluster that was started before."""
    server = make_server(home, programs)
    subprocess.run(["cp", "-a", str(made), str(server.paths.cluster)], check=True)
    return server


def make_server(home: Path, programs: Path) -> EmbeddedServer:
    # A crash must lose nothing, so these clusters flush what they promise.
    settings = UNSAFE_BUT_FAST | {"fsync": "on", "full_page_writes": "on"}
    return EmbeddedServer(EmbeddedPaths(programs, home / "main"), chosen_binaries(), settings)


def ask(handle: ServerHandle, question: str) -> object:
    with connected(handle, OWNER) as connection:
        row = connection.execute(question.encode()).fetchone()
        assert row is not None
        return row[0]


def connected(
    handle: ServerHandle, user: str, password: str | None = None, database: str = "vln"
) -> psycopg.Connection:
    return psycopg.connect(
        host=str(handle.socket_dir),
        port=5432,
        user=user,
        password=password,
        dbname=database,
        autocommit=True,
    )


def start_client(server: EmbeddedServer) -> tuple[subprocess.Popen[str], int]:
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, str(server.paths.home), str(server.paths.cluster)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert client.stdout is not None
    return client, int(client.stdout.readline())


def end_client(client: subprocess.Popen[str]) -> None:
    client.communicate()


class TestStart:
    def test_first_start_makes_an_owned_database(self, new_server: EmbeddedServer) -> None:
        steps: list[StartStep] = []

        with new_server.start(steps.append) as handle:
            owner = ask(handle, "SELECT datdba::regrole::text FROM pg_database"
                                " WHERE datname = 'vln'")  # fmt: skip

        assert owner == OWNER
        assert steps[-4:] == [
            StartStep.INITIALISING, StartStep.STARTING, StartStep.PREPARING, StartStep.READY,
        ]  # fmt: skip

    def test_owner_has_the_attributes_of_a_hosted_owner(self, server: EmbeddedServer) -> None:
        with server.start() as handle:
            attributes = ask(
                handle,
                "SELECT array[rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolcanlogin]"
                " FROM pg_roles WHERE rolname = current_user",
            )

        assert attributes == [False, True, True, True, True]

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("listen_addresses", ""),
            ("data_checksums", "on"),
            ("server_encoding", "UTF8"),
            ("wal_level", "replica"),
            ("jit", "off"),
            ("password_encryption", "scram-sha-256"),
        ],
    )
    def test_settings(self, cluster: Cluster, setting: str, value: str) -> None:
        with cluster.connect() as connection:
            row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()

        assert row == (value,)

    def test_text_sorts_by_code_point_everywhere(self, cluster: Cluster) -> None:
        with cluster.connect() as connection:
            row = connection.execute(
                "SELECT array_agg(word ORDER BY word) FROM unnest(array['é', 'a', 'Z']) AS word"
            ).fetchone()

        assert row == (["Z", "a", "é"],)

    def test_later_start_keeps_the_data(self, server: EmbeddedServer) -> None:
        with server.start() as handle, connected(handle, OWNER) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")

        with server.start() as handle:
            assert ask(handle, "SELECT answer FROM kept") == 42

    def test_half_made_data_folder_is_made_anew(self, server: EmbeddedServer) -> None:
        server.paths.data.rename(server.paths.data.with_name("data.new"))

        with server.start() as handle:
            assert ask(handle, "SELECT 1") == 1

    def test_half_prepared_cluster_is_completed(self, server: EmbeddedServer) -> None:
        with server.start() as handle, connected(handle, SUPERUSER, database="postgres") as root:
            root.execute("DROP DATABASE vln")

        with server.start() as handle:
            assert ask(handle, "SELECT 1") == 1


class TestSharing:
    def test_second_client_joins_and_the_last_one_stops(self, server: EmbeddedServer) -> None:
        first = server.start()
        second = server.start()
        shared = first.postmaster_pid == second.postmaster_pid

        first.release()
        running_with_one = second.postmaster_pid
        second.release()

        assert shared
        assert running_with_one is not None
        assert second.postmaster_pid is None

    def test_release_twice_is_harmless(self, server: EmbeddedServer) -> None:
        other = server.start()
        mine = server.start()

        mine.release()
        mine.release()

        assert ask(other, "SELECT 1") == 1
        other.release()

    def test_concurrent_first_starts_make_one_server(self, new_server: EmbeddedServer) -> None:
        with ThreadPoolExecutor(4) as pool:
            handles = list(pool.map(lambda _: new_server.start(), range(4)))
        pids = {handle.postmaster_pid for handle in handles}
        for handle in handles:
            handle.release()

        assert len(pids) == 1
        assert handles[0].postmaster_pid is None

    def test_clients_in_two_processes_share(self, server: EmbeddedServer) -> None:
        client, pid = start_client(server)

        with server.start() as handle:
            assert handle.postmaster_pid == pid
            end_client(client)
            assert handle.postmaster_pid == pid

        assert handle.postmaster_pid is None

    def test_server_of_a_killed_client_is_adopted(self, server: EmbeddedServer) -> None:
        client, pid = start_client(server)
        client.kill()
        end_client(client)

        with server.start() as handle:
            assert handle.postmaster_pid == pid
        assert handle.postmaster_pid is None

    def test_client_of_another_login_session_finds_the_socket(
        self, server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given a server, when a client with another runtime folder comes, then both share it."""
        with server.start() as first:
            monkeypatch.setattr(embedded_platform, "_runtime_bases", lambda: [home / "run"])

            with server.start() as second:
                assert second.socket_dir == first.socket_dir
                assert ask(second, "SELECT 1") == 1

    def test_planted_runtime_folder_is_not_used(
        self, server: EmbeddedServer, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given a folder that others may write to, then no socket is put into it."""
        planted = home / "planted"
        planted.mkdir()
        planted.chmod(0o777)
        bases = [planted, home / "own"]
        monkeypatch.setattr(embedded_platform, "_runtime_bases", lambda: bases)

        with server.start() as handle:
            assert handle.socket_dir.parent == home / "own"

    def test_path_too_long_for_a_socket_is_not_used(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(embedded_platform, "_runtime_bases", lambda: [home / ("x" * 90)])

        with pytest.raises(UserError, match="short and private"):
            embedded_platform.socket_folder(home)

    def test_socket_folder_goes_with_the_server(self, server: EmbeddedServer) -> None:
        with server.start() as handle:
            folder = handle.socket_dir
            assert folder.stat().st_mode & 0o777 == 0o700
            assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= 107

        assert not folder.exists()


class TestFaults:
    def test_killed_server_comes_back_with_what_it_promised(self, server: EmbeddedServer) -> None:
        with server.start() as handle:
            with connected(handle, OWNER) as connection:
                connection.execute("SET synchronous_commit = on")
                connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
            assert handle.postmaster_pid is not None
            os.kill(handle.postmaster_pid, signal.SIGKILL)

            handle.ensure_running()

            assert ask(handle, "SELECT answer FROM kept") == 42

    def test_start_after_killed_server_and_client(self, server: EmbeddedServer) -> None:
        client, pid = start_client(server)
        client.kill()
        end_client(client)
        os.kill(pid, signal.SIGKILL)

        with server.start() as handle:
            assert ask(handle, "SELECT 1") == 1

    def test_number_of_a_dead_server_now_ours_is_no_obstacle(self, server: EmbeddedServer) -> None:
        account = server_account()
        stale = server.paths.data / "postmaster.pid"
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, user=account.uid) as other:
            stale.write_text(f"{other.pid}\n{server.paths.data}\n0\n5432\n\n\n0 0\nready\n")
            os.chown(stale, account.uid, account.gid)

            with server.start() as handle:
                assert ask(handle, "SELECT 1") == 1

    def test_lost_socket_is_made_again(
        self, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("vln_desktop.db.embedded._SILENCE_S", 0.2)
        with server.start() as handle:
            (handle.socket_dir / ".s.PGSQL.5432").unlink()

            handle.ensure_running()

            assert ask(handle, "SELECT 1") == 1

    def test_other_major_version_is_refused(self, server: EmbeddedServer) -> None:
        version = server.paths.data / "PG_VERSION"
        version.write_text("9\n")

        with pytest.raises(UserError, match="made by PostgreSQL 9; this program runs"):
            server.start()

        assert version.read_text() == "9\n"

    def test_full_disk_is_one_sentence(
        self, new_server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(embedded_cluster, "_NEEDED_BYTES", 2**62)

        with pytest.raises(UserError, match="almost full"):
            new_server.start()

    def test_file_in_the_way_is_one_sentence(self, home: Path) -> None:
        (home / "file").write_text("not a folder")

        with pytest.raises(UserError, match="cannot be used"):
            EmbeddedServer(EmbeddedPaths.under(home / "file", "main"), chosen_binaries()).start()

    def test_broken_configuration_names_the_reason(self, server: EmbeddedServer) -> None:
        broken = EmbeddedServer(server.paths, chosen_binaries(), {"shared_buffers": "many"})

        with pytest.raises(Unavailable, match="contains errors"):
            broken.start()

        with server.start() as handle:
            assert ask(handle, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try to enter as somebody else")
class TestClosedDoor:
    def test_other_account_cannot_reach_the_socket(self, cluster: Cluster) -> None:
        said = psql_as_nobody(cluster, OWNER)

        assert "Permission denied" in said

    @pytest.mark.parametrize("user", [OWNER, SUPERUSER])
    def test_other_account_is_not_the_owner(self, server: EmbeddedServer, user: str) -> None:
        with server.start() as handle:
            handle.socket_dir.chmod(0o711)

            said = psql_as_nobody(Cluster(handle), user)

        assert "Peer authentication failed" in said

    def test_other_account_needs_the_password(self, server: EmbeddedServer) -> None:
        with server.start() as handle:
            handle.socket_dir.chmod(0o711)
            with connected(handle, OWNER) as connection:
                connection.execute("CREATE ROLE ana LOGIN PASSWORD 'right'")

            without = psql_as_nobody(Cluster(handle), "ana")
            wrong = psql_as_nobody(Cluster(handle), "ana", "wrong")
            right = psql_as_nobody(Cluster(handle), "ana", "right")

        assert "no password supplied" in without
        assert "password authentication failed" in wrong
        assert "ana" in right

    def test_data_is_the_system_users_alone(self, server: EmbeddedServer) -> None:
        with server.start():
            found = server.paths.cluster.stat()

        assert found.st_uid == server_account().uid
        assert found.st_mode & 0o777 == 0o700

    def test_folder_that_the_system_user_cannot_enter_is_refused(self, home: Path) -> None:
        closed = home / "closed"
        closed.mkdir(mode=0o700)

        with pytest.raises(UserError, match=f"cannot enter {closed}"):
            EmbeddedServer(EmbeddedPaths.under(closed, "main"), chosen_binaries()).start()

        assert closed.stat().st_mode & 0o777 == 0o700

    def test_root_password_less_staff_login_is_refused(self, cluster: Cluster) -> None:
        with ExitStack() as stack:
            owner = stack.enter_context(cluster.connect(user=OWNER))
            owner.execute("CREATE ROLE bea LOGIN PASSWORD 'right'")
            stack.callback(owner.execute, "DROP ROLE bea")

            with pytest.raises(psycopg.OperationalError, match="no password supplied"):
                cluster.connect(user="bea")


def psql_as_nobody(cluster: Cluster, user: str, password: str = "") -> str:
    database = "postgres" if user == SUPERUSER else "vln"
    result = subprocess.run(
        [
            "/usr/bin/psql", "--no-password", "--no-psqlrc", "-h", str(cluster.handle.socket_dir),
            "-U", user, "-d", database, "-c", "SELECT current_user",
        ],
        capture_output=True,
        text=True,
        check=False,
        user="nobody",
        env={"PGPASSWORD": password} if password else {},
    )  # fmt: skip
    return result.stdout + result.stderr
