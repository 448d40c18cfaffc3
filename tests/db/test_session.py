"""The two doors: what they cost, what they keep, and what their errors become."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, ForeignKey, Integer, delete, func, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column

from tests.cluster import Cluster, FreshDatabase
from tests.firm import Firm
from vln_desktop import __version__
from vln_desktop.db import engine as engine_module
from vln_desktop.db.base import SoftDeleted, Versioned
from vln_desktop.db.engine import Credentials, parse_url, staff_engine
from vln_desktop.db.session import Actor, Database, PoolStatus
from vln_desktop.db.sign_in import knock
from vln_desktop.domain.interrupts import interruptible
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import (
    Cancelled,
    Conflict,
    NotPermitted,
    Unavailable,
    UserError,
    VlnError,
)

EMAIL = "doors@vln.test"
PASSWORD = "correct horse"
ACTOR = Actor(UUID(int=1), EMAIL, "Ana", Role.AUDITOR)

SCHEMA = """
CREATE TABLE notes (
    id int PRIMARY KEY, body varchar(5) NOT NULL,
    copy_of int REFERENCES notes DEFERRABLE INITIALLY DEFERRED,
    amount numeric CONSTRAINT ck_notes_positive CHECK (amount > 0),
    deleted_at timestamptz, version int NOT NULL DEFAULT 1);
CREATE UNIQUE INDEX uq_notes_body ON notes (body) WHERE deleted_at IS NULL;
CREATE FUNCTION raise_version() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.version := OLD.version + 1; RETURN NEW; END $$;
CREATE TRIGGER version BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION raise_version();
CREATE TABLE secrets (id int);
CREATE FUNCTION refuse(state text, message text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, COLUMN = 'body'; END $$;
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO "doors@vln.test";
"""


class NotesBase(DeclarativeBase):
    """Tables of these tests alone."""


class Note(SoftDeleted, Versioned, NotesBase):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str]
    copy_of: Mapped[int | None] = mapped_column(ForeignKey("notes.id"))


@pytest.fixture(scope="module")
def made_database(cluster: Cluster) -> Iterator[FreshDatabase]:
    """A database with a table of notes and one ordinary login."""
    with cluster.database() as fresh:
        with fresh.connect() as owner:
            owner.execute(f"CREATE ROLE \"{EMAIL}\" LOGIN PASSWORD '{PASSWORD}'".encode())
            owner.execute(SCHEMA.encode())
        yield fresh
        with fresh.connect() as owner:
            owner.execute(f'DROP OWNED BY "{EMAIL}"; DROP ROLE "{EMAIL}"'.encode())


@pytest.fixture
def staff_database(made_database: FreshDatabase) -> FreshDatabase:
    """The database with its two notes, one of them archived, and nothing else."""
    with made_database.connect() as owner:
        owner.execute(
            "TRUNCATE notes; INSERT INTO notes (id, body, deleted_at)"
            " VALUES (1, 'one', NULL), (2, 'two', now())"
        )
    return made_database


@contextmanager
def opened(fresh: FreshDatabase, pool_size: int = 2) -> Iterator[Database]:
    url = parse_url(fresh.url_for(EMAIL))
    database = Database(staff_engine(url, Credentials(PASSWORD), pool_size=pool_size), ACTOR)
    try:
        yield database
    finally:
        database.dispose()


@pytest.fixture
def database(staff_database: FreshDatabase) -> Iterator[Database]:
    with opened(staff_database) as doors:
        yield doors


def ids(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.scalars(select(Note.id).order_by(Note.id)))


def bodies(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(select(Note.body).order_by(Note.id)))


def backend(connection: Connection) -> int:
    return connection.scalars(select(func.pg_backend_pid(type_=Integer()))).one()


def end_backends(fresh: FreshDatabase) -> None:
    """End the server's side of every connection of our login, and wait until they are gone."""
    with fresh.connect() as owner:
        owner.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s",
            [EMAIL],
        )


class TestReading:
    def test_a_list_is_one_round_trip(self, database: Database, tmp_path: Path) -> None:
        """Given a warm pool, when a list is read, then nothing else crosses the line."""
        with database.reading() as connection:
            connection.execute(select(Note.id).where(Note.id > 0)).all()
        with database.reading() as connection:
            driver = connection.connection.driver_connection
        assert driver is not None

        with (tmp_path / "trace").open("w") as trace:
            driver.pgconn.trace(trace.fileno())
            with database.reading() as connection:
                rows = connection.execute(select(Note.id).where(Note.id > 0)).all()
            driver.pgconn.untrace()

        assert len(rows) == 2
        assert (tmp_path / "trace").read_text().count("ReadyForQuery") == 1

    @pytest.mark.parametrize(
        ("sent", "received"),
        [
            ("'00000000-0000-0000-0000-000000000007'::uuid", UUID(int=7)),
            ("12.340::numeric", Decimal("12.340")),
            ("'2026-11-23 09:30Z'::timestamptz", datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
            ("'2026-11-23'::date", date(2026, 11, 23)),
            ("'zażółć'::text", "zażółć"),
            ("'{1,2}'::int[]", [1, 2]),
            ("""'{"a": [1, null]}'::jsonb""", {"a": [1, None]}),
            (r"'\x00ff'::bytea", b"\0\xff"),
            ("true", True),
            ("4611686018427387904::bigint", 2**62),
            ("NULL::text", None),
        ],
    )
    def test_values_keep_their_types(self, database: Database, sent: str, received: object) -> None:
        with database.reading() as connection:
            assert connection.scalar(text("SELECT " + sent.replace(":", r"\:"))) == received

    def test_leaves_no_transaction_behind(self, database: Database) -> None:
        with database.reading() as connection:
            first = connection.execute(select(func.pg_current_xact_id())).scalar()
            second = connection.execute(select(func.pg_current_xact_id())).scalar()

        assert first != second


class TestUnitOfWork:
    def test_commits_all(self, database: Database) -> None:
        with database.unit_of_work() as session:
            session.add(Note(id=3, body="three"))

        assert ids(database) == [1, 2, 3]

    def test_rolls_back_all(self, database: Database) -> None:
        def work() -> None:
            with database.unit_of_work() as session:
                session.add(Note(id=3, body="three"))
                session.flush()
                raise UserError("no")

        with pytest.raises(UserError, match="no"):
            work()

        assert ids(database) == [1, 2]

    def test_objects_stay_readable(self, database: Database) -> None:
        with database.unit_of_work() as session:
            note = session.get_one(Note, 1)
            note.body = "uno"

        assert (note.body, note.version) == ("uno", 2)

    def test_two_people_edit_one_record(self, database: Database) -> None:
        def edit_at_the_same_time() -> None:
            with database.unit_of_work() as mine:
                note = mine.get_one(Note, 1)
                with database.unit_of_work() as theirs:
                    theirs.get_one(Note, 1).body = "uno"
                note.body = "eins"

        with pytest.raises(Conflict, match="nothing was overwritten"):
            edit_at_the_same_time()

        with database.reading() as connection:
            assert connection.scalar(select(Note.body).where(Note.id == 1)) == "uno"


class TestSoftDeletes:
    def test_hidden_in_select(self, database: Database) -> None:
        with database.unit_of_work() as session:
            assert session.scalars(select(Note.id)).all() == [1]

    def test_hidden_in_get(self, database: Database) -> None:
        with database.unit_of_work() as session:
            assert session.get(Note, 2) is None

    def test_hidden_in_count(self, database: Database) -> None:
        with database.unit_of_work() as session:
            assert session.scalar(select(func.count()).select_from(Note)) == 1

    def test_hidden_behind_an_alias(self, database: Database) -> None:
        other = aliased(Note)
        with database.unit_of_work() as session:
            assert session.scalars(select(other.id)).all() == [1]

    def test_untouched_by_bulk_update(self, database: Database) -> None:
        with database.unit_of_work() as session:
            session.execute(update(Note).values(body="new"))

        assert bodies(database) == ["new", "two"]

    def test_untouched_by_bulk_delete(self, database: Database) -> None:
        with database.unit_of_work() as session:
            session.execute(delete(Note))

        assert ids(database) == [2]

    def test_shown_on_request(self, database: Database) -> None:
        with database.unit_of_work() as session:
            found = session.scalars(
                select(Note.id).order_by(Note.id).execution_options(include_deleted=True)
            )
            assert found.all() == [1, 2]


class TestErrors:
    @pytest.mark.parametrize(
        ("statement", "error", "words", "field"),
        [
            ("INSERT INTO notes VALUES (1, 'x')", UserError, "already a record with this id", "id"),
            ("INSERT INTO notes VALUES (9, 'one')", UserError, "this body", "body"),
            ("INSERT INTO notes VALUES (9, NULL)", UserError, "“body” must not be empty", "body"),
            ("INSERT INTO notes VALUES (9, 'longer')", UserError, "too long", None),
            ("INSERT INTO notes VALUES (9, 'x', 5)", UserError, "needs is gone", "copy_of"),
            ("INSERT INTO notes VALUES (9, 'x', 1, -1)", UserError, "ck notes positive", None),
            ("SELECT 'x'\\:\\:int", UserError, "wrong form", None),
            ("SELECT '2026-02-30'\\:\\:date", UserError, "out of range", None),
            ("SELECT 9999999999\\:\\:int", UserError, "too large", None),
            ("SELECT * FROM secrets", NotPermitted, "permission denied for table secrets", None),
            (
                "SELECT refuse('VL001', 'The audit is closed.')",
                UserError,
                "^The audit is c",
                "body",
            ),
            ("SELECT refuse('P0001', 'No gaps.')", UserError, "^No gaps.$", "body"),
            ("SELECT refuse('42501', 'Only managers.')", NotPermitted, "^Only managers.$", None),
            ("SELECT refuse('40001', '')", Conflict, "same records", None),
            ("SELECT refuse('40P01', '')", Conflict, "waited for each other", None),
            ("SELECT refuse('53100', '')", Unavailable, "disk is full", None),
            ("SELECT refuse('57P01', '')", Unavailable, "cannot be reached", None),
            ("SELECT refuse('08006', '')", Unavailable, "cannot be reached", None),
            ("SELECT refuse('55P03', '')", Unavailable, "Somebody else", None),
        ],
    )
    def test_of_the_server(
        self,
        database: Database,
        statement: str,
        error: type[VlnError],
        words: str,
        field: str | None,
    ) -> None:
        with pytest.raises(error, match=words) as caught, database.unit_of_work() as session:
            session.execute(text(statement))

        assert getattr(caught.value, "field", None) == field

    def test_at_commit(self, database: Database) -> None:
        with pytest.raises(UserError, match="needs is gone"), database.unit_of_work() as session:
            session.add(Note(id=3, body="three", copy_of=99))

        assert ids(database) == [1, 2]

    def test_nul_in_a_text(self, database: Database) -> None:
        with pytest.raises(UserError, match="NUL"), database.unit_of_work() as session:
            session.add(Note(id=3, body="a\0b"))

    def test_number_beyond_the_column(self, database: Database) -> None:
        with pytest.raises(UserError, match="too large"), database.unit_of_work() as session:
            session.add(Note(id=2**40, body="big"))

    def test_bug_stays_a_bug(self, database: Database) -> None:
        with pytest.raises(ProgrammingError), database.reading() as connection:
            connection.execute(text("SELEC 1"))

    def test_statement_timeout(self, database: Database) -> None:
        def sleep() -> None:
            with database.unit_of_work() as session:
                session.execute(text("SET LOCAL statement_timeout = 10"))
                session.execute(select(func.pg_sleep(60)))

        with pytest.raises(Unavailable, match="too long"):
            sleep()

    def test_connection_lost_inside_work(
        self, database: Database, staff_database: FreshDatabase
    ) -> None:
        def work() -> None:
            with database.unit_of_work() as session:
                session.add(Note(id=3, body="three"))
                session.flush()
                end_backends(staff_database)

        with pytest.raises(Unavailable, match="cannot be reached"):
            work()

        assert ids(database) == [1, 2]


class TestPool:
    def test_connection_that_died_at_rest_is_replaced_unseen(
        self,
        database: Database,
        staff_database: FreshDatabase,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(engine_module, "REST_S", 0.0)
        assert ids(database) == [1, 2]
        end_backends(staff_database)

        assert ids(database) == [1, 2]

    def test_all_in_use(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database._engine.pool, "_timeout", 0.05)
        with database.reading(), database.reading():
            with pytest.raises(Unavailable, match="in use"), database.reading():
                pass
            assert database.pool_status == PoolStatus(size=2, open=2, in_use=2)

        assert database.pool_status == PoolStatus(size=2, open=2, in_use=0)

    def test_newest_connection_is_used_again(self, database: Database) -> None:
        with database.reading() as first, database.reading() as second:
            backend(first)
            newest = backend(second)
        with database.reading() as again:
            last_returned = backend(again)

        with database.reading() as connection:
            assert backend(connection) == last_returned
        assert newest != 0

    def test_ping_measures_the_round_trip(self, firm: Firm) -> None:
        database = firm.sign_in("readonly")

        measured = database.ping()

        assert measured > 0
        assert database.round_trip_ms == measured

    def test_server_sees_the_program_and_its_version(self, database: Database) -> None:
        with database.reading() as connection:
            name = connection.scalar(select(func.current_setting("application_name")))

        assert name == f"vln-desktop {__version__}"


class TestCancelling:
    def test_cancel_stops_the_statement_on_the_server(self, database: Database) -> None:
        """Given a long statement, when another thread cancels, then it ends as cancelled."""
        stops: list[Callable[[], None]] = []
        registered = threading.Event()

        @contextmanager
        def register(stop: Callable[[], None]) -> Iterator[None]:
            stops.append(stop)
            registered.set()
            yield

        def cancel_when_running() -> None:
            registered.wait(10)
            wait_for_sleep(database)
            stops[0]()

        canceller = threading.Thread(target=cancel_when_running)
        canceller.start()
        with (
            pytest.raises(Cancelled),
            interruptible(register),
            database.reading() as connection,
        ):
            connection.execute(select(func.pg_sleep(60)))
        canceller.join()

        assert ids(database) == [1, 2]

    def test_without_a_task_nothing_is_registered(self, database: Database) -> None:
        assert ids(database) == [1, 2]


def wait_for_sleep(database: Database) -> None:
    """Return when the server runs pg_sleep for us."""
    running = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    with database.reading() as connection:
        while not connection.scalar(running):
            pass


class TestSignIn:
    @pytest.fixture
    def staffed(self, staff_database: FreshDatabase) -> Iterator[FreshDatabase]:
        """The least that a sign-in reads of the real schema."""
        with staff_database.connect() as owner:
            owner.execute(
                f"""CREATE SCHEMA vln;
                CREATE TABLE vln.users (id uuid, email text, name text, role text);
                INSERT INTO vln.users
                VALUES ('00000000-0000-0000-0000-000000000001', '{EMAIL}', 'Ana', 'auditor');
                CREATE FUNCTION vln.sign_in_state() RETURNS TABLE (id uuid, email text, name text,
                    role text, second_factor boolean, password_change boolean, enrolled boolean,
                    locked boolean) LANGUAGE sql STABLE SECURITY DEFINER
                AS 'SELECT *, true, false, true, false FROM vln.users WHERE email = session_user';
                GRANT USAGE ON SCHEMA vln TO "{EMAIL}" """.encode()
            )
        yield staff_database
        with staff_database.connect() as owner:
            owner.execute(
                f"""DROP SCHEMA vln CASCADE; REVOKE pg_read_all_data FROM "{EMAIL}";
                ALTER ROLE "{EMAIL}" LOGIN NOSUPERUSER NOBYPASSRLS""".encode()
            )

    def test_tells_who_is_signed_in(self, staffed: FreshDatabase) -> None:
        door = knock(staffed.url_for("ignored"), f" {EMAIL.upper()} ", PASSWORD)
        door.close()

        assert (door.state.id, door.state.email) == (ACTOR.user_id, ACTOR.email)
        assert (door.state.name, door.state.role) == (ACTOR.name, ACTOR.role)

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            (EMAIL, "wrong"),
            (EMAIL, ""),
            (EMAIL, "nul\0"),
            ("nobody@vln.test", PASSWORD),
            ("", ""),
            ("x" * 64, PASSWORD),
            ("' OR 1=1 --", "'; DROP ROLE x"),
        ],
    )
    def test_wrong_login(self, staffed: FreshDatabase, email: str, password: str) -> None:
        with pytest.raises(UserError, match=r"^E-mail or password is wrong\.$") as caught:
            knock(staffed.url_for("x"), email, password)

        assert caught.value.field == "password"

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ('ALTER ROLE "doors@vln.test" NOLOGIN', "account is disabled"),
            ('ALTER ROLE "doors@vln.test" BYPASSRLS', "bypasses row-level security"),
            ('ALTER ROLE "doors@vln.test" SUPERUSER', "bypasses row-level security"),
            ('GRANT pg_read_all_data TO "doors@vln.test"', "bypasses row-level security"),
            ("UPDATE vln.users SET role = 'client'", "no access to the desktop"),
            ("DELETE FROM vln.users", "no access to the desktop"),
            ('REVOKE USAGE ON SCHEMA vln FROM "doors@vln.test"', "not belong to VLN's staff"),
            ("DROP FUNCTION vln.sign_in_state()", "db upgrade"),
        ],
    )
    def test_unsuitable_login(self, staffed: FreshDatabase, change: str, words: str) -> None:
        with staffed.connect() as owner:
            owner.execute(change.encode())

        with pytest.raises(UserError, match=words):
            knock(staffed.url_for("x"), EMAIL, PASSWORD)

    def test_server_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable, match="cannot be reached"):
            knock(f"postgresql:///vln?host={tmp_path}", EMAIL, PASSWORD)

    def test_database_that_is_not_there(self, staffed: FreshDatabase) -> None:
        gone = FreshDatabase(staffed.cluster, "vln_gone")

        with pytest.raises(UserError, match="no database of that name"):
            knock(gone.url_for("x"), EMAIL, PASSWORD)
