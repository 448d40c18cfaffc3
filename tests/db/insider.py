"""The insider with psql: what people with valid logins try, and what stops them.

Each attempt is made twice. With the guard it is refused; with the guard taken away, in a
transaction that is rolled back, it succeeds: so the test can fail, and the guard is the reason.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from tests.db.refusal import PERMISSION
from tests.firm import Firm
from vln_desktop.db.embedded_cluster import OWNER
from vln_desktop.db.schema import amended

DONE = "done"
"""The attempt worked: a statement ran, or showed a row that says something."""
NOTHING = "nothing"
"""It ran, but found, changed and told nothing."""

POSTGRES = "PostgreSQL"
"""The guard of what no grant gives: only a superuser may, or nobody."""

_VARIABLE = re.compile(r""":(['"])([\w.]+)\1""")
_COUNTED = ("INSERT", "UPDATE", "DELETE", "MERGE", "SELECT")

Cursor = psycopg.Cursor[Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing an insider tries.

    In the scripts `:'x'` stands for a value of the firm as a literal and `:"x"` as an identifier,
    as in psql; see `value_of`. `given` is what the owner did before, `without` what a superuser
    does to take the guard away. `refused` and `succeeds` are outcomes: an SQLSTATE, DONE or
    NOTHING.
    """

    name: str
    who: tuple[str, ...]
    script: str
    guard: str
    refused: str = PERMISSION
    without: str = ""
    given: str = ""
    succeeds: str = DONE
    signed_in: bool = True


def value_of(firm: Firm, login: str, name: str) -> object:
    """Return what a variable stands for.

    `me.id`, `admin.email`, `auditor.b.token`: of people; `a.findings`: the key of a half's row;
    `b.paid_invoice`: what a half names; `owner`, `database`, `log_partition`.
    """
    simple = {
        "owner": OWNER,
        "database": firm.database.name,
        "log_partition": _log_partition(firm),
    }
    if name in simple:
        return simple[name]
    subject, _, what = name.rpartition(".")
    if subject in {"a", "b"}:
        half = firm.half(subject)
        return half.named[what] if what in half.named else half.keys[what]["id"]
    if subject == "entry":
        return firm.half(what[-1]).keys["activity_logs"]["created_at"]
    person = firm.people[login if subject == "me" else subject]
    return getattr(person, what)


def _log_partition(firm: Firm) -> str:
    created = firm.a.keys["activity_logs"]["created_at"]
    return f"activity_logs_{created:%Y_%m}"


def filled(firm: Firm, login: str, script: str) -> sql.Composed:
    """Return a script with its variables filled in."""
    parts: list[sql.Composable] = []
    position = 0
    for found in _VARIABLE.finditer(script):
        parts.append(sql.SQL(script[position : found.start()]))
        value = value_of(firm, login, found[2])
        parts.append(sql.Literal(value) if found[1] == "'" else sql.Identifier(str(value)))
        position = found.end()
    parts.append(sql.SQL(script[position:]))
    return sql.Composed(parts)


def outcome(connection: psycopg.Connection[Any], script: sql.Composed) -> str:
    """Run a script, undo it, and return its SQLSTATE, DONE or NOTHING."""
    try:
        with connection.transaction(force_rollback=True):
            return _told(connection.execute(script))
    except psycopg.Error as error:
        return error.sqlstate or type(error).__name__


def _told(cursor: Cursor) -> str:
    while cursor.nextset():
        pass
    if cursor.description is not None:
        told = any(value not in (None, False, 0, "") for row in cursor for value in row)
        return DONE if told else NOTHING
    counted = (cursor.statusmessage or "").startswith(_COUNTED)
    return NOTHING if counted and cursor.rowcount == 0 else DONE


class Insiders:
    """The people of a firm at their psql, and a superuser who takes guards away for a moment."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        self._superuser = firm.database.connect()
        self._open: dict[tuple[str, bool], psycopg.Connection[Any]] = {}

    def close(self) -> None:
        """Close the superuser's connection; the others are the firm's to close."""
        self._superuser.close()

    def tried(self, attempt: Attempt, login: str) -> str:
        """Make an attempt as the person's own login, and return its outcome."""
        if attempt.given:
            return self._as_person(attempt, login, attempt.given)
        self._seat_colleague(attempt)
        connection = self._connection(login, signed_in=attempt.signed_in)
        script = filled(self.firm, login, attempt.script)
        result = outcome(connection, script)
        if connection.closed:  # an attempt on others has cut it
            result = outcome(self._connection(login, signed_in=attempt.signed_in), script)
        return result

    def unguarded(self, attempt: Attempt, login: str) -> str:
        """Make an attempt where its guard is missing, and return its outcome."""
        return self._as_person(attempt, login, attempt.given, attempt.without)

    def _seat_colleague(self, attempt: Attempt) -> None:
        """Let somebody be connected who has just read something, for those who look at them."""
        if "pg_stat_activity" not in attempt.script:
            return
        colleague = self._connection("auditor.b", signed_in=True)
        try:
            colleague.execute("SELECT title FROM vln.findings")
        except psycopg.OperationalError:
            self._seat_colleague(attempt)

    def _connection(self, login: str, *, signed_in: bool) -> psycopg.Connection[Any]:
        known = self._open.get((login, signed_in))
        if known is not None and not known.closed:
            return known
        connect = self.firm.psql if signed_in else self.firm.psql_without_session
        connection = self._open[login, signed_in] = connect(login)
        connection.execute("SET idle_session_timeout = 0")  # as an insider would
        return connection

    def _as_person(self, attempt: Attempt, login: str, *before: str) -> str:
        self._seat_colleague(attempt)
        superuser, firm = self._superuser, self.firm
        with superuser.transaction(force_rollback=True):
            for script in before:
                superuser.execute(filled(firm, login, script))
            speak_as(superuser, firm, login, signed_in=attempt.signed_in)
            return outcome(superuser, filled(firm, login, attempt.script))


def speak_as(
    superuser: psycopg.Connection[Any], firm: Firm, login: str, *, signed_in: bool = True
) -> None:
    """Make a superuser's connection a person's, `session_user` and all, for its transaction."""
    person = firm.people[login]
    superuser.execute(
        sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(person.email))
    )
    superuser.execute(
        "SELECT set_config('vln.token', %s, true)", [person.token if signed_in else ""]
    )


def edited(function: str, *changes: tuple[str, str]) -> str:
    """Return a script that takes a check out of a function; it fails if it is not there."""
    return amended(function, *changes) + ";"
