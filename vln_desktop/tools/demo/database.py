"""Makes, recognises and resets a demo database on an embedded server."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, func, make_url, select, text

from vln_desktop.db.base import table_of
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.failures import plain_failures
from vln_desktop.db.models.findings import Finding
from vln_desktop.db.models.operations import SchemaSettings
from vln_desktop.db.models.reports import ReportVersion
from vln_desktop.db.models.users import User
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import new_enrolment
from vln_desktop.errors import UserError
from vln_desktop.services.demo_people import (
    DemoPerson,
    write_demo_people,
    write_demo_recovery,
)
from vln_desktop.tools.demo.approvals import name_approved_content
from vln_desktop.tools.demo.bulk import BULK_AGE_DAYS, Bulk, insert_bulk, tidy
from vln_desktop.tools.demo.content import FIRM_AGE_DAYS, SEED, DemoContent, make_content
from vln_desktop.tools.demo.encrypted import TABLES, Locked, fresh_private_key, lock_up
from vln_desktop.tools.demo.history import tell_history
from vln_desktop.tools.demo.loading import (
    finish_content,
    insert_content,
    insert_rows,
    make_staff,
    mark_as_demo,
    resting_triggers,
    write_log,
)
from vln_desktop.tools.demo.tables import FIRM, YEAR
from vln_desktop.tools.demo.versions import print_versions

Progress = Callable[[str], None]
"""Told what is being made, an English sentence."""


class Size(StrEnum):
    """How much a demo database holds."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


BULK = {
    Size.MEDIUM: Bulk(users=1_000, clients=100, audits=24_000, findings=100_000, log=200_000),
    Size.LARGE: Bulk(
        users=10_000, clients=1_000, audits=1_200_000, findings=5_000_000, log=10_000_000
    ),
}
"""What is generated in the server beside the written content."""


def size_of(owner_url: str) -> Size | None:
    """Return how large a migrated database's demo is; None if it is empty.

    Raises UserError if it holds data that is no demo.
    """
    with plain_failures(), owner_engine(owner_url).connect() as connection:
        if connection.scalar(select(func.count()).select_from(table_of(User))) == 0:
            return None
        if not connection.scalar(select(table_of(SchemaSettings).c.demo)):
            raise UserError("This database holds data that is no demo; nothing was changed.")
        finding = table_of(Finding).c.id
        limit = BULK[Size.MEDIUM].findings
        counted = select(func.count()).select_from(select(finding).limit(2 * limit).subquery())
        count = connection.scalar(counted) or 0
    if count >= 2 * limit:
        return Size.LARGE
    return Size.MEDIUM if count >= limit else Size.SMALL


def fill(
    owner_url: str,
    cluster: Path,
    size: Size,
    progress: Progress,
    *,
    today: date | None = None,
    bulk: Bulk | None = None,
) -> None:
    """Fill an empty, migrated database with a demo and keep its sign-ins in the cluster's folder.

    One transaction: after a failure the database is as empty as before. `bulk` replaces what the
    size says.
    """
    day = today or datetime.now(UTC).date()
    amount = bulk or BULK.get(size)
    progress("Writing the demo's content")
    content = make_content(day, firm_age_days=BULK_AGE_DAYS if amount else FIRM_AGE_DAYS)
    people = _people(content)
    addresses = {user.email for user in content.staff}
    offered = tuple(person for person in people if person.email in addresses)
    locked = lock_up(content, offered, SEED)
    engine = owner_engine(owner_url)
    with plain_failures(), engine.begin() as connection:
        with resting_triggers(connection):
            _load(connection, content, people, locked, amount, progress)
        mark_as_demo(connection)
        _seal(connection, progress)
        write_demo_people(cluster, offered)
        write_demo_recovery(cluster, locked.recovery)
    with plain_failures(), engine.connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        if amount:
            tidy(plain, progress)
        else:
            plain.execute(text("ANALYZE"))


def _load(
    connection: Connection,
    content: DemoContent,
    people: tuple[DemoPerson, ...],
    locked: Locked,
    amount: Bulk | None,
    progress: Progress,
) -> None:
    founded = content.teams[0].created_at
    connection.execute(select(func.vln.ensure_log_partitions(founded.date(), func.current_date())))
    make_staff(connection, content, people)
    insert_content(connection, content, FIRM)
    progress("Printing the published reports")
    versions = tuple(print_versions(content))
    history = locked.told(tell_history(content, versions))
    write_log(connection, history, founded, [model.__tablename__ for _, model in FIRM])
    if amount:
        insert_bulk(connection, content, amount, progress)
    progress("Inserting audits, findings and invoices")
    insert_content(connection, content, YEAR)
    finish_content(connection, content)
    insert_rows(connection, ReportVersion, versions)
    name_approved_content(connection, content)
    locked.insert(connection)
    progress("Writing the activity log")
    later = [*(model.__tablename__ for _, model in YEAR), ReportVersion.__tablename__, *TABLES]
    write_log(connection, history, founded, later)


def _seal(connection: Connection, progress: Progress) -> None:
    """Seal the log, batch by batch; 100,000 entries take a third of a second."""
    sealed = 0
    while made := connection.scalar(select(func.vln_priv.seal_rows(None))):
        sealed += made
        progress(f"Sealing the activity log: {sealed:,} entries")


def _people(content: DemoContent) -> tuple[DemoPerson, ...]:
    """Give everybody a password, a second factor and a private key of this installation's own."""
    return tuple(
        DemoPerson(
            user.email,
            user.name,
            Role(user.role),
            secrets.token_urlsafe(18),
            "" if user.role == Role.WORKER else new_enrolment().typed_secret,
            fresh_private_key(Role(user.role)),
        )
        for user in (*content.staff, *content.others)
    )  # fmt: skip


def drop(owner_url: str) -> None:
    """Drop a demo's database and its logins, and leave an empty database of the same name.

    Raises UserError for what is no demo, and while somebody is connected to it.
    """
    if size_of(owner_url) is None:
        return
    url = make_url(owner_url)
    with plain_failures(), owner_engine(owner_url).begin() as connection:
        users = table_of(User).c
        logins = connection.scalars(select(users.email).where(users.role.in_(list(Role)))).all()
        maker = connection.dialect.identifier_preparer
        names = [maker.quote_identifier(login) for login in logins]
    maintenance = url.set(database="postgres").render_as_string(hide_password=False)
    with plain_failures(), owner_engine(maintenance).connect() as connection:
        plain = connection.execution_options(isolation_level="AUTOCOMMIT")
        _require_unused(plain, url.database or "")
        # The logins first: if this stops half-way, the database still says that it is a demo.
        plain.execute(text("SET ROLE vln_rolemgr"))
        for login in names:
            plain.execute(text(f"DROP ROLE IF EXISTS {login}"))
        plain.execute(text("RESET ROLE"))
        name = maker.quote_identifier(url.database or "")
        plain.execute(text(f"DROP DATABASE {name}"))
        plain.execute(text(f"CREATE DATABASE {name}"))


def _require_unused(connection: Connection, name: str) -> None:
    others = connection.scalar(
        text("SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = :name"),
        {"name": name},
    )
    if others:
        raise UserError("The demo database is in use; close its windows and try again.")
