"""Puts the demo's rows into an empty, migrated database, as its owner and in one transaction.

The demo tells a past, which triggers that stamp the present cannot write. So they rest meanwhile:
constraints and foreign keys still hold, and what triggers would have written (numbers, steps,
totals, the activity log) is written here in their form.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, func, insert, select, text, update
from uuid_utils.compat import uuid7

from vln_desktop.db.base import Base, table_of
from vln_desktop.db.models import (
    invoices,
)
from vln_desktop.db.models.operations import Counter as CounterRow
from vln_desktop.db.models.operations import SchemaSettings
from vln_desktop.db.models.users import (
    RecoveryCode,
    SecurityEvent,
    User,
    UserSecret,
    VerificationToken,
)
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import invite_hash, new_enrolment, new_invite, recovery_hash
from vln_desktop.domain.users import StaffState
from vln_desktop.services.demo_people import DemoPerson
from vln_desktop.tools.demo.access import READINGS
from vln_desktop.tools.demo.content import DemoContent
from vln_desktop.tools.demo.people import STANDINGS
from vln_desktop.tools.demo.telling import History, Origin, Step

_INVITATION_LASTS = timedelta(days=7)
_LOGGED = text("""
    SELECT c.relname, string_to_array(encode(t.tgargs, 'escape'), '\\000') AS arguments
      FROM pg_catalog.pg_trigger t
      JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE t.tgname = 'z_log_insert' AND n.nspname = 'vln' ORDER BY c.relname
""")
_GUARDED = text("""
    SELECT DISTINCT n.nspname, c.relname FROM pg_catalog.pg_trigger t
      JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT t.tgisinternal AND n.nspname IN ('vln', 'vln_priv') AND c.relkind = 'r'
       AND c.relname NOT LIKE 'activity_logs%' ORDER BY 1, 2
""")
_WRITE_LOG = text("""
    INSERT INTO vln.activity_logs (created_at, actor_id, record_class, action, entity, record_id,
        label, audit_id, team_id, fields, changes, salt, row_hash)
    SELECT created_at, actor_id, record_class, action, entity, record_id, label, audit_id, team_id,
           fields, changes, salt, vln.activity_hash(ROW(told.*)::vln.activity_logs)
      FROM demo_log told ORDER BY created_at, id
""")
_TELL_PARTIES = text("""
    UPDATE demo_log told
       SET changes = changes || jsonb_build_object('seller', jsonb_build_array(NULL, i.seller),
                                                   'buyer', jsonb_build_array(NULL, i.buyer)),
           fields = ARRAY(SELECT unnest(fields || ARRAY['seller', 'buyer']) ORDER BY 1)
      FROM vln.invoices i
     WHERE told.entity = 'invoices' AND told.action = 'update' AND told.record_id = i.id
       AND 'number' = ANY (told.fields)
""")


@contextmanager
def resting_triggers(connection: Connection) -> Iterator[None]:
    """Let no trigger of ours fire; foreign keys and checks still hold."""
    tables = [f"{schema}.{table}" for schema, table in connection.execute(_GUARDED)]
    for table in tables:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    yield
    for table in tables:
        connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def make_staff(connection: Connection, content: DemoContent, people: Sequence[DemoPerson]) -> None:
    """Make the staff and their logins by the database's own function, then date them back.

    Everybody has the password and second factor kept beside the demo, as if enrolled long ago,
    unless their account stands otherwise. What the function tells of today is told as it was.
    """
    kept = {person.email: person for person in people}
    users, user_secrets = table_of(User), table_of(UserSecret)
    signed_in = _last_sign_ins(content)
    for user in (*content.staff, *content.others):
        person = kept[user.email]
        standing = STANDINGS.get(user.email, StaffState.ACTIVE)
        enrolled = standing not in (StaffState.INVITED, StaffState.UNINVITED)
        invite = None if person.role is Role.WORKER else invite_hash(new_invite())
        connection.execute(
            select(
                func.vln.create_staff(
                    user.id, user.email, user.name, user.sort_key, user.role, person.password,
                    invite,
                )
            )
        )  # fmt: skip
        connection.execute(
            update(user_secrets)
            .where(user_secrets.c.user_id == user.id)
            .values(
                must_change_password=not enrolled,
                totp_secret=base64.b32decode(person.totp_secret)
                if person.totp_secret and enrolled
                else None,
            )
        )
        _date_invitation(connection, user.id, user.created_at, used=enrolled)
        if enrolled and person.totp_secret:
            _make_recovery_codes(connection, user.id, user.created_at)
        if standing is StaffState.LOCKED:
            lock = text("SELECT setval(CAST(vln_priv.attempts_of(:person) AS regclass), 11)")
            connection.execute(lock, {"person": user.id})
        connection.execute(
            update(users)
            .where(users.c.id == user.id)
            .values(
                created_at=user.created_at,
                updated_at=user.created_at,
                active=user.active,
                access_ends_on=user.access_ends_on,
                last_sign_in_at=signed_in.get(user.id),
            )
        )
    connection.execute(delete(table_of(SecurityEvent)))
    for user in (user for user in content.others if not user.active):
        maker = connection.dialect.identifier_preparer
        connection.execute(text("SET LOCAL ROLE vln_rolemgr"))
        connection.execute(text(f"ALTER ROLE {maker.quote_identifier(user.email)} NOLOGIN"))
        connection.execute(text("RESET ROLE"))


def _last_sign_ins(content: DemoContent) -> dict[UUID, datetime]:
    """Return when each person signed in last; the events are sorted by time."""
    return {
        event.person_id: event.created_at
        for event in content.security_events
        if event.kind == "sign_in"
    }


def _make_recovery_codes(connection: Connection, person: UUID, at: datetime) -> None:
    """Give a person recovery codes that nobody knows, so that the count is a usual one."""
    connection.execute(
        insert(table_of(RecoveryCode)),
        [
            {"id": uuid7(), "user_id": person, "created_at": at,
             "code_hash": recovery_hash(person, code)}
            for code in new_enrolment().recovery_codes
        ],
    )  # fmt: skip


def _date_invitation(connection: Connection, person: UUID, at: datetime, *, used: bool) -> None:
    """Let an invitation be as old as the account; one that was used is no longer open."""
    token = table_of(VerificationToken)
    connection.execute(
        update(token)
        .where(token.c.user_id == person)
        .values(
            created_at=at,
            expires_at=at + _INVITATION_LASTS,
            used_at=at + timedelta(hours=2) if used else None,
        )
    )


def insert_content(
    connection: Connection, content: DemoContent, parts: Iterable[tuple[str, type[Base]]]
) -> None:
    """Insert some of the content's tables, as far as they hold rows."""
    for field, model in parts:
        insert_rows(connection, model, getattr(content, field))


def insert_rows(connection: Connection, model: type[Base], rows: Sequence[Any]) -> None:
    """Insert frozen rows; where one does not say, it was changed last when it was made."""
    table = table_of(model)
    values = [_values(row, table) for row in rows]
    if values:
        connection.execute(insert(table), values)


def _values(row: Any, table: Table) -> dict[str, Any]:
    values = asdict(row)
    if "updated_at" in table.c:
        values.setdefault("updated_at", values["created_at"])
    return values


def finish_content(connection: Connection, content: DemoContent) -> None:
    """Write what triggers keep beside the rows: counters, and the parties of issued invoices."""
    by_client = Counter(audit.client_id for audit in content.audits)
    by_audit = Counter(finding.audit_id for finding in content.findings)
    rounds = Counter(one.audit_id for one in content.fix_review_rounds)
    connection.execute(
        insert(table_of(CounterRow)),
        [{"owner_id": k, "kind": "audit", "last_number": n} for k, n in by_client.items()]
        + [{"owner_id": k, "kind": "finding", "last_number": n} for k, n in by_audit.items()]
        + [{"owner_id": k, "kind": "fix_review", "last_number": n} for k, n in rounds.items()],
    )
    for use in content.break_glass_uses:
        name = f"vln_priv.readings_{use.id.hex}"
        connection.execute(text(f"CREATE SEQUENCE {name}"))
        connection.execute(select(func.setval(name, READINGS)))
    invoice = table_of(invoices.Invoice)
    connection.execute(
        update(invoice)
        .where(invoice.c.status != "draft")
        .values(
            seller=func.vln.seller_now(invoice.c.entity_id),
            buyer=func.vln.buyer_now(invoice.c.client_id),
        )
    )


def mark_as_demo(connection: Connection) -> None:
    """Say that this is a demo: only then are the kept sign-ins accepted."""
    connection.execute(update(table_of(SchemaSettings)).values(demo=True))


def write_log(
    connection: Connection, history: History, since: datetime, tables: Iterable[str]
) -> None:
    """Write the activity log of these tables' rows, as the log's trigger would have done.

    `since` dates the rows of tables that have no time of their own.
    """
    connection.execute(text("CREATE TEMP TABLE demo_log (LIKE vln.activity_logs) ON COMMIT DROP"))
    connection.execute(text("CREATE TEMP SEQUENCE demo_log_order"))
    wanted = set(tables)
    for table, arguments in connection.execute(_LOGGED).all():
        if table in wanted:
            _log_origins(connection, table, arguments, history.origins.get(table, ()), since)
            _log_steps(connection, table, arguments, history.steps.get(table, ()))
    connection.execute(_TELL_PARTIES)
    connection.execute(_WRITE_LOG)
    connection.execute(text("DROP TABLE demo_log"))
    connection.execute(text("DROP SEQUENCE demo_log_order"))


def _log_origins(
    connection: Connection,
    table: str,
    arguments: Sequence[str],
    origins: Sequence[Origin],
    since: datetime,
) -> None:
    record_class, record, label, audit, hidden, large, *_ = arguments
    columns = {column.name for column in Base.metadata.tables[f"vln.{table}"].columns}
    digests = " || ".join(
        f"jsonb_build_object('{name}', vln.digest_of(to_jsonb(t) ->> '{name}'))"
        for name in filter(None, large.split(","))
    )
    covered = " || ".join(
        f"CASE WHEN t.{name} IS NULL THEN '{{}}' ELSE jsonb_build_object('{name}', '[hidden]') END"
        for name in filter(None, hidden.split(","))
    )
    at = "t.created_at" if "created_at" in columns else "CAST(:since AS timestamptz)"
    # Rows that nobody is named for are the catalogues', which have no maker.
    join = f"JOIN told o ON o.id = t.{record}" if origins else "LEFT JOIN told o ON false"
    connection.execute(
        text(f"""
            WITH told AS (SELECT * FROM jsonb_to_recordset(CAST(:told AS jsonb))
                              AS o(id uuid, actor uuid, initial jsonb))
            INSERT INTO demo_log
            SELECT nextval('demo_log_order'), {at}, o.actor, '{record_class}', 'insert', '{table}',
                   {f"t.{record}" if record else "NULL"}, {_first_label(label)}, {_audit(audit)},
                   {_team(audit)}, said.fields, said.changes, uuid_send(gen_random_uuid()), ''
              FROM vln.{table} t {join}
             CROSS JOIN LATERAL (
                   SELECT array_agg(key ORDER BY key) AS fields,
                          jsonb_object_agg(key, jsonb_build_array(NULL, value)) AS changes
                     FROM jsonb_each(to_jsonb(t) - 'search_vector'
                          || coalesce(o.initial, '{{}}') {f"|| {digests}" if digests else ""}
                          {f"|| {covered}" if covered else ""})
                    WHERE value <> 'null' AND key NOT IN ('updated_at', 'version', 'created_at')
                   ) said
        """),
        {
            "since": since,
            "told": json.dumps(
                [{"id": o.id, "actor": o.actor, "initial": o.initial} for o in origins],
                default=str,
            ),
        },
    )


def _log_steps(
    connection: Connection, table: str, arguments: Sequence[str], steps: Sequence[Step]
) -> None:
    record_class, record, label, audit, *_ = arguments
    if not steps:
        return
    connection.execute(
        text(f"""
            INSERT INTO demo_log
            SELECT nextval('demo_log_order'), s.at, s.actor, '{record_class}', 'update', '{table}',
                   t.{record}, {_label(label)}, {_audit(audit)}, {_team(audit)},
                   ARRAY(SELECT jsonb_object_keys(s.changes) ORDER BY 1), s.changes,
                   uuid_send(gen_random_uuid()), ''
              FROM jsonb_to_recordset(CAST(:steps AS jsonb))
                   AS s(id uuid, at timestamptz, actor uuid, changes jsonb)
              JOIN vln.{table} t ON t.{record} = s.id
        """),
        {"steps": json.dumps([asdict(step) for step in steps], default=str)},
    )


def _label(column: str) -> str:
    return f"coalesce(t.{column}::text, '')" if column else "''"


def _first_label(column: str) -> str:
    """Return the label a row had when it was made: a draft has no number yet."""
    if not column:
        return "''"
    first = f"CASE WHEN jsonb_exists(o.initial, '{column}') THEN o.initial ->> '{column}'"
    return f"coalesce({first} ELSE t.{column}::text END, '')"


def _audit(argument: str) -> str:
    column, _, parent = argument.partition(">")
    if parent:
        return f"(SELECT p.audit_id FROM vln.{parent} p WHERE p.id = t.{column})"
    return f"t.{column}" if column else "NULL::uuid"


def _team(argument: str) -> str:
    return f"(SELECT a.team_id FROM vln.audit_requests a WHERE a.id = {_audit(argument)})"
