"""The queries that the founding decision (ADR-004) names, over the same ones through bare psycopg.

Ours go through the door that services use, a connection borrowed and given back each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.users import User
from vln_desktop.db.session import Database
from vln_desktop.tools.bench.line import Bench, Line, ratio

USER_GOAL = 3.5
AUDITS_GOAL = 2.5
ROUNDS_PER_ROUND = 20
"""These take a fraction of a millisecond: so many more of them."""

Values = dict[str, object]
_USER = table_of(User).c
_AUDIT = table_of(AuditRequest).c
_USERS = select(_USER.id, _USER.email, _USER.name, _USER.role, _USER.active).where(
    _USER.email == bindparam("email")
)
_RECENT = (
    select(
        _AUDIT.id, _AUDIT.number, _AUDIT.project, _AUDIT.service_type, _AUDIT.status,
        _AUDIT.priority, _AUDIT.due_on, _AUDIT.created_at,
    )
    .where(
        _AUDIT.user_id == bindparam("person"),
        _AUDIT.status == bindparam("status"),
        _AUDIT.deleted_at.is_(None),
    )
    .order_by(_AUDIT.created_at.desc(), _AUDIT.id.desc())
    .limit(10)
)  # fmt: skip


def measure(bench: Bench) -> Iterator[Line]:
    """Look up a user by e-mail as an admin, and a client's ten recent audits as a manager."""
    email, (person, status) = _some_email(bench.admin), _somebody_with_audits(bench.manager)
    rounds = bench.rounds * ROUNDS_PER_ROUND
    some: Values = {"email": email}
    recent: Values = {"person": person, "status": status}
    for name, database, statement, values, goal in (
        ("user by e-mail", bench.admin, _USERS, some, USER_GOAL),
        ("ten recent audits", bench.manager, _RECENT, recent, AUDITS_GOAL),
    ):
        ours = partial(listed, database, statement, values)
        with ExitStack() as stack:
            baseline = bare(stack, database, statement, values)
            found = len(baseline())
            yield ratio(name, ours, baseline, goal=goal, rounds=rounds, detail=f"{found} rows")


def listed(database: Database, statement: Select[Any], values: Values) -> list[Row[Any]]:
    """Fetch rows the way a service does."""
    with database.reading() as connection:
        return list(connection.execute(statement, values).all())


def bare(
    stack: ExitStack, database: Database, statement: Select[Any], values: Values
) -> Callable[[], list[Any]]:
    """Return what fetches the same rows by a prepared statement on a binary cursor."""
    connection = stack.enter_context(database.reading())
    compiled = statement.compile(
        dialect=connection.dialect, compile_kwargs={"render_postcompile": True}
    )
    text, parameters = str(compiled), compiled.params | values
    driver: Any = connection.connection.driver_connection
    cursor = stack.enter_context(driver.cursor(binary=True))

    def fetch() -> list[Any]:
        rows: list[Any] = cursor.execute(text, parameters, prepare=True).fetchall()
        return rows

    return fetch


def _some_email(database: Database) -> str:
    statement = select(_USER.email).order_by(_USER.sort_key, _USER.id).offset(10).limit(1)
    with database.reading() as connection:
        return str(connection.execute(statement).scalar_one())


def _somebody_with_audits(database: Database) -> tuple[object, str]:
    """Return a person and a status of which there are ten audits, or as many as there are."""
    newest = select(_AUDIT.user_id, _AUDIT.status).order_by(_AUDIT.created_at, _AUDIT.id)
    some = newest.limit(1000).subquery()
    statement = (
        select(some.c.user_id, some.c.status)
        .group_by(some.c.user_id, some.c.status)
        .order_by(func.count().desc(), some.c.user_id)
        .limit(1)
    )
    with database.reading() as connection:
        person, status = connection.execute(statement).one()
    return person, status
