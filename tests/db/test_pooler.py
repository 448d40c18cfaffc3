"""Through a real PgBouncer in transaction mode: what works, what leaks, what cannot be done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select

from tests.firm import PASSWORD, Firm
from tests.pooler import Pooler
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.migrations import upgrade
from vln_desktop.db.pooling import require_direct
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import knock
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.interrupts import interruptible
from vln_desktop.errors import Cancelled, UserError
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.grids import FINDINGS
from vln_desktop.services.listing import Listing

BLANK = FindingDraft("Reentrancy", "", "", "", "", "")
SignIn = Callable[[str], Database]


@pytest.fixture
def enter(pooler: Pooler, firm: Firm) -> Iterator[SignIn]:
    """Sign a person of the firm in through the pooler."""
    opened: list[Database] = []

    def enter(login: str) -> Database:
        person = firm.people[login]
        url = pooler.url_for(person.email, firm.database.name)
        opened.append(knock(url, person.email, PASSWORD, pooled=True).resume(person.token))
        return opened[-1]

    yield enter
    for database in opened:
        database.dispose()


@pytest.fixture
def plain(pooler: Pooler, firm: Firm) -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """Connections through the pooler as the driver makes them by itself."""
    opened: list[psycopg.Connection[Any]] = []

    def connect(login: str, **options: Any) -> psycopg.Connection[Any]:
        email = firm.people[login].email
        opened.append(pooler.connect(email, PASSWORD, firm.database.name, **options))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


class TestWork:
    def test_rows_are_listed(self, enter: SignIn, firm: Firm) -> None:
        listed = list(Listing(enter("auditor.a"), FINDINGS).records(""))

        assert listed
        assert listed == list(Listing(firm.sign_in("auditor.a"), FINDINGS).records(""))

    def test_rows_are_changed(self, enter: SignIn, firm: Firm) -> None:
        service = FindingsService(enter("auditor.a"))
        finding = service.create(firm.a.id("audit_requests"), BLANK)
        base = draft_of(service.get(finding))

        service.save(finding, base, replace(base, title="Reentrancy in withdraw"))

        direct = FindingsService(firm.sign_in("auditor.a"))
        assert direct.get(finding).title == "Reentrancy in withdraw"

    def test_rights_are_the_persons_own(self, enter: SignIn) -> None:
        mine = {row["number"] for row in Listing(enter("auditor.a"), FINDINGS).records("")}
        theirs = {row["number"] for row in Listing(enter("auditor.b"), FINDINGS).records("")}

        assert mine
        assert theirs
        assert not mine & theirs

    def test_wrong_password_is_told_as_on_the_server(self, pooler: Pooler, firm: Firm) -> None:
        email = firm.people["auditor.a"].email
        with pytest.raises(UserError, match=r"^E-mail or password is wrong\.$"):
            knock(pooler.url_for(email, firm.database.name), email, "wrong", pooled=True)

    def test_two_windows_of_one_person_take_turns(self, enter: SignIn) -> None:
        """Given clients that share the server's connections, when each asks the same statement
        often enough to be prepared, then nothing breaks."""
        windows = [enter("auditor.a"), enter("auditor.a")]

        for _ in range(12):
            for window in windows:
                with window.reading() as connection:
                    connection.execute(select(func.current_setting("server_version")))
                with window.unit_of_work() as session:
                    session.execute(select(func.current_setting("server_version")))

    def test_statement_is_cancelled(self, enter: SignIn, firm: Firm) -> None:
        """Given a statement that runs, when another thread cancels it, then it ends as such."""
        database = enter("auditor.a")
        stops: list[Callable[[], None]] = []
        registered = threading.Event()

        @contextmanager
        def register(stop: Callable[[], None]) -> Iterator[None]:
            stops.append(stop)
            registered.set()
            yield

        def cancel_when_running() -> None:
            registered.wait(10)
            wait_for_sleep(firm)
            stops[0]()

        canceller = threading.Thread(target=cancel_when_running)
        canceller.start()
        with pytest.raises(Cancelled), interruptible(register), database.reading() as connection:
            connection.execute(select(func.pg_sleep(60)))
        canceller.join()

        assert database.ping() > 0


class TestWhatTheNextOneSees:
    """`set_config(…, true)` ends with its transaction; a plain SET stays for whoever comes next."""

    @pytest.mark.parametrize("others", ["auditor.a", "auditor.b"])
    def test_nothing_of_a_transaction(self, enter: SignIn, others: str) -> None:
        mine, theirs = enter("auditor.a"), enter(others)

        for _ in range(5):
            with mine.unit_of_work() as session:
                session.execute(select(func.set_config("vln.probe", "mine", True)))
                seen = session.scalar(select(func.current_setting("vln.probe", True)))
            assert seen == "mine"
            for door in (theirs.reading, theirs.unit_of_work):
                with door() as other:
                    left = other.scalar(select(func.current_setting("vln.probe", True)))
                assert not left

    def test_a_plain_set_leaks(self, plain: Callable[..., psycopg.Connection[Any]]) -> None:
        """The danger is real: a second client of the login finds what the first one SET."""
        first, second = plain("auditor.a"), plain("auditor.a")

        first.execute("SET vln.probe = 'a secret'")

        assert second.execute("SELECT current_setting('vln.probe', true)").fetchone() == (
            "a secret",
        )

    def test_prepared_statements_of_the_driver_break(
        self, plain: Callable[..., psycopg.Connection[Any]]
    ) -> None:
        """The danger is real: the driver's own statements collide, so ours are never prepared."""
        first, second = (plain("auditor.a", prepare_threshold=0) for _ in range(2))
        first.execute("SELECT 1")

        with pytest.raises(psycopg.errors.DuplicatePreparedStatement):
            second.execute("SELECT 1")

    def test_nobody_is_told_of_notifications(
        self, plain: Callable[..., psycopg.Connection[Any]], firm: Firm
    ) -> None:
        listener = plain("auditor.a")
        listener.execute("LISTEN changes")
        with suppress(psycopg.Error):
            listener.execute("SELECT 1")
        firm.owner.execute("NOTIFY changes")

        assert not list(listener.notifies(timeout=0.2, stop_after=1))


class TestWhatItCannotDo:
    def test_migrations_are_refused_before_anything_is_changed(
        self, pooler: Pooler, firm: Firm
    ) -> None:
        person = firm.people["admin"]
        url = pooler.url_for(person.email, firm.database.name).replace("@/", f":{PASSWORD}@/")

        with pytest.raises(UserError, match="leads to a pooler"):
            upgrade(url.replace(" ", "%20"))

    def test_the_server_itself_is_no_pooler(self, firm: Firm) -> None:
        require_direct(owner_engine(firm.owner_url))


def wait_for_sleep(firm: Firm) -> None:
    """Return when the server runs pg_sleep for somebody."""
    running = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with firm.database.connect() as superuser:
        while superuser.execute(running).fetchone() == (0,):
            pass
