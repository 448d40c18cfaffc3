"""A cable that is pulled out: every door says so in seconds, nothing hangs, all comes back.

The client runs on a thread inside a network namespace, the server (Debian's, with TLS, as the way
is a remote one) at the other end of a veth pair.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.netns import FarMachine, far_machine
from tests.tls import PASSWORD, PERSON, TlsServer, running_tls_server
from vln_desktop.db import engine as engine_module
from vln_desktop.db.engine import Credentials, parse_url, staff_engine
from vln_desktop.db.session import Actor, Database
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import Unavailable

pytestmark = [pytest.mark.fault, pytest.mark.timeout(180)]

ACTOR = Actor(UUID(int=1), PERSON, "Ana", Role.AUDITOR)
PROMISED_S = 11.0
"""Keepalives: 5 s of silence, then three questions 2 s apart."""
SLACK_S = 10.0
"""A busy machine; a hang would be minutes."""
RunThere = Callable[[Callable[[], Any]], "Future[Any]"]


@pytest.fixture(scope="module")
def far() -> Iterator[FarMachine]:
    with far_machine() as machine:
        yield machine


@pytest.fixture(scope="module")
def server(far: FarMachine) -> Iterator[TlsServer]:
    with running_tls_server(far.address) as running:
        yield running


@pytest.fixture
def there(far: FarMachine) -> Iterator[RunThere]:
    """Run functions on the other machine; the cable is whole before and after."""
    with far.thread() as submit:
        yield submit
        far.mend()


@pytest.fixture
def database(server: TlsServer) -> Iterator[Database]:
    _let_everybody_live(server)
    url = parse_url(server.url()).set(username=PERSON)
    engine = staff_engine(url, Credentials(PASSWORD), pool_size=2)
    yield Database(engine, ACTOR)
    engine.dispose()


def _let_everybody_live(server: TlsServer) -> None:
    """Answer what `ping` asks, on a server that has no schema of ours: the session lives."""
    with server.cluster.connect("vln") as superuser:
        superuser.execute("CREATE SCHEMA IF NOT EXISTS vln")
        superuser.execute(
            "CREATE OR REPLACE FUNCTION vln.session_ok() RETURNS boolean"
            " LANGUAGE sql AS 'SELECT true'"
        )
        superuser.execute(f'GRANT USAGE ON SCHEMA vln TO "{PERSON}"'.encode())


def long_question(database: Database) -> float:
    """Ask what takes minutes; return how long the answer, that there is none, took."""
    began = time.monotonic()
    with pytest.raises(Unavailable), database.reading() as connection:
        connection.execute(select(func.pg_sleep(600)))
    return time.monotonic() - began


def wait_for_sleep(server: TlsServer) -> None:
    """Return when the server runs pg_sleep for somebody."""
    running = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with server.cluster.connect() as superuser:
        while superuser.execute(running).fetchone() == (0,):
            pass


def test_statement_in_flight_ends_and_the_pool_recovers(
    far: FarMachine, server: TlsServer, there: RunThere, database: Database
) -> None:
    """Given a running statement, when the cable is pulled, then it ends in about ten seconds."""
    answer = there(lambda: long_question(database))
    wait_for_sleep(server)
    far.cut()

    took = answer.result(120)
    far.mend()

    assert took < PROMISED_S + SLACK_S
    assert there(database.ping).result(120) > 0
    assert database.pool_status.in_use == 0


def test_change_in_flight_is_not_taken_for_done(
    far: FarMachine, server: TlsServer, there: RunThere, database: Database
) -> None:
    """Given an open transaction, when the cable is pulled before COMMIT, then it is not told as
    done, and nothing of it is there afterwards."""
    with server.cluster.connect("vln") as superuser:
        superuser.execute("CREATE TABLE IF NOT EXISTS public.kept (number int)")
        superuser.execute(f'GRANT USAGE ON SCHEMA public TO "{PERSON}"'.encode())
        superuser.execute(f'GRANT INSERT, SELECT ON public.kept TO "{PERSON}"'.encode())

    inserted, pulled = threading.Event(), threading.Event()

    def change() -> str:
        try:
            with database.unit_of_work() as session:
                session.connection().exec_driver_sql("INSERT INTO public.kept VALUES (1)")
                inserted.set()
                pulled.wait(60)
        except Unavailable as error:
            return str(error)
        return "done"

    answer = there(change)
    assert inserted.wait(60)
    far.cut()
    pulled.set()
    said = answer.result(120)
    far.mend()

    assert "cannot be reached" in said
    with server.cluster.connect("vln") as superuser:
        assert superuser.execute("SELECT count(*) FROM public.kept").fetchone() == (0,)
    assert there(database.ping).result(120) > 0


def test_idle_connection_is_asked_before_it_is_used(
    far: FarMachine, there: RunThere, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a pooled connection, when the cable is out, then the next question says so; when it
    is in again, then all is well."""
    there(database.ping).result(120)
    monkeypatch.setattr(engine_module, "REST_S", 0.0)
    far.cut()

    def ask() -> float:
        began = time.monotonic()
        with pytest.raises(Unavailable):
            database.ping()
        return time.monotonic() - began

    took = there(ask).result(170)
    far.mend()

    assert took < PROMISED_S + engine_module.CONNECT_TIMEOUT_S + SLACK_S
    assert there(database.ping).result(120) > 0


def test_connection_that_the_server_cut_while_it_rested_is_replaced_unseen(
    server: TlsServer, there: RunThere, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    there(database.ping).result(120)
    monkeypatch.setattr(engine_module, "REST_S", 0.0)
    with server.cluster.connect() as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = %s",
            [PERSON],
        )

    assert there(database.ping).result(120) > 0


def test_connecting_to_a_black_hole_ends(far: FarMachine, there: RunThere) -> None:
    """Given an address for which nobody answers, then connecting ends within connect_timeout."""
    hole = f"{far.address.rpartition('.')[0]}.9"
    far.lose_silently(hole)
    url = parse_url(f"postgresql://{hole}/vln").set(username=PERSON)
    engine = staff_engine(url, Credentials(PASSWORD), pool_size=1)

    def ask() -> float:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="cannot be reached"):
            Database(engine, ACTOR).ping()
        return time.monotonic() - began

    took = there(ask).result(120)
    engine.dispose()

    assert took < engine_module.CONNECT_TIMEOUT_S + SLACK_S


def test_connecting_without_a_cable_ends(
    far: FarMachine, there: RunThere, database: Database
) -> None:
    far.cut()

    def ask() -> str:
        with pytest.raises(Unavailable) as caught:
            database.ping()
        return str(caught.value)

    assert "cannot be reached" in there(ask).result(120)
