"""A small firm of two teams that know nothing of each other, and the logins of its people.

Built once per test cluster, because roles belong to the cluster; each test gets a clone. Half `a`
has team A with its client, audit, findings, papers and money, half `b` the same for team B.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection, func, select, update
from sqlalchemy import insert as insert_into
from uuid_utils.compat import uuid7

from tests.cluster import Cluster, FreshDatabase
from tests.factories import APPROVED, FACTORIES, PDF, Half, insert, line_of, new
from vln_desktop.db.base import table_of
from vln_desktop.db.embedded_cluster import OWNER
from vln_desktop.db.engine import owner_engine
from vln_desktop.db.models.users import Session, UserSecret
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import Door, knock
from vln_desktop.domain.permissions import Role, Service
from vln_desktop.domain.severity_schemes import IMPACT_LIKELIHOOD
from vln_desktop.domain.sign_in import invite_hash, new_invite, totp

PASSWORD = "correct horse battery staple"
TOTP_SECRET = b"20 bytes for a phone"
DOMAIN = "test.vln.gg"

_LOGINS = {
    "admin": Role.ADMIN,
    "manager.a": Role.MANAGER,
    "manager.b": Role.MANAGER,
    "manager.n": Role.MANAGER,
    "auditor.a": Role.AUDITOR,
    "auditor.b": Role.AUDITOR,
    "auditor.n": Role.AUDITOR,
    "finance": Role.FINANCE,
    "readonly": Role.READONLY,
    "worker": Role.WORKER,
}

_BUILT_APART = {
    "users", "team_members", "severity_scheme_cells", "currencies", "audit_assignments",
    "audit_status_changes", "finding_status_changes", "reports", "report_versions",
    "report_sections", "report_findings", "report_comments", "report_allowances",
    "report_deliveries", "line_items",
    "payments", "settlement_lines", "invoices", "schema_settings", "activity_logs", "counters",
    "invoice_series", "invoice_deductions", "log_seals", "finding_links", "invoice_documents",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff with a login; everybody has the same password and second factor."""

    login: str
    id: UUID
    role: Role
    token: str
    """Of a session that is open in the template, and so in each copy."""

    @property
    def email(self) -> str:
        """The address, which is the login role's name."""
        return f"{self.login}@{DOMAIN}"

    @property
    def name(self) -> str:
        """The name that grids show."""
        return self.login.replace(".", " ").title()


@dataclass(frozen=True, slots=True)
class FirmTemplate:
    """The built database and what it holds."""

    name: str
    people: Mapping[str, Person]
    a: Half
    b: Half


class Firm:
    """One test's own copy of the firm, and doors to it for each of its people."""

    def __init__(self, template: FirmTemplate, database: FreshDatabase, stack: ExitStack) -> None:
        self.people = dict(template.people)
        self.a = template.a
        self.b = template.b
        self.database = database
        self._stack = stack
        self._owner: psycopg.Connection[Any] | None = None

    @property
    def url(self) -> str:
        """The server's address without a login: what a profile holds."""
        return self.database.url_for("nobody")

    @property
    def owner_url(self) -> str:
        """The owner's address."""
        return self.database.owner_url

    @property
    def owner(self) -> psycopg.Connection[Any]:
        """The owner's connection, in autocommit; row-level security does not bind it."""
        if self._owner is None:
            self._owner = self._stack.enter_context(self.database.connect(OWNER))
        return self._owner

    def sign_in(self, login: str) -> Database:
        """Return the two doors of a person, such as "auditor.a"."""
        person = self.people[login]
        door = self.knock(person.email)
        database = door.resume(person.token) if door.state.second_factor else door.open_service()
        self._stack.callback(database.dispose)
        return database

    def knock(self, email: str, password: str = PASSWORD) -> Door:
        """Return the door of somebody who knows the password; it is closed with the firm."""
        door = knock(self.url, email, password)
        self._stack.callback(door.close)
        return door

    def fresh_code(self) -> str:
        """Return the code of now, which is good for one sign-in: even if one just used it."""
        self.owner.execute("UPDATE vln_priv.user_secrets SET totp_last_step = NULL")
        return totp(TOTP_SECRET, time.time())

    def newcomer(self, role: Role = Role.AUDITOR) -> tuple[str, str]:
        """Invite somebody whom no other test knows; return the address and the invitation.

        Logins belong to the server: what changes one must not be done to a person of the firm.
        """
        invite = new_invite()
        email = f"new.{uuid7().hex}@{DOMAIN}"
        self.owner.execute(
            "SELECT vln.create_staff(gen_random_uuid(), %s, 'New Person', 'new person', %s, %s,"
            " %s)", [email, role.value, PASSWORD, invite_hash(invite)]
        )  # fmt: skip
        return email, invite

    def colleague(self, role: Role = Role.AUDITOR) -> str:
        """Return the address of a newcomer who has been through the first sign-in."""
        email, _invite = self.newcomer(role)
        self.owner.execute(
            "UPDATE vln_priv.user_secrets SET must_change_password = false, totp_secret = %s"
            " WHERE user_id = (SELECT id FROM vln.users WHERE email = %s)", [TOTP_SECRET, email]
        )  # fmt: skip
        return email

    def psql(self, login: str) -> psycopg.Connection[Any]:
        """Return a plain connection of a person with a session: an insider with psql."""
        connection = self.psql_without_session(login)
        connection.execute("SELECT set_config('vln.token', %s, false)", [self.people[login].token])
        return connection

    def psql_without_session(self, login: str) -> psycopg.Connection[Any]:
        """Return a plain connection, in autocommit, of somebody who knows the password alone."""
        connection = self.database.connect(self.people[login].email, PASSWORD)
        return self._stack.enter_context(connection)

    def service(self, service: Service) -> psycopg.Connection[Any]:
        """Return a plain connection, in autocommit, of a service's login."""
        connection = self.database.connect(service_login(service), PASSWORD)
        return self._stack.enter_context(connection)

    def hire(self, role: Role) -> str:
        """Let the owner make one more person with a session; returns their login for the doors.

        Roles belong to the cluster, so each gets an address that no other test has.
        """
        person = Person(f"{role.value}.{uuid7().hex[-8:]}", uuid7(), role, secrets.token_hex())
        with owner_engine(self.owner_url).begin() as connection:
            _hire(connection, person)
        self.people[person.login] = person
        return person.login

    def half(self, letter: str) -> Half:
        """Return the half of team A or B by its letter."""
        return {"a": self.a, "b": self.b}[letter]

    def half_of(self, letter: str, login: str) -> Half:
        """Return a half in which the rows made are a person's own."""
        return replace(self.half(letter), person=self.people[login].id)


@contextmanager
def cloned_firm(cluster: Cluster, template: FirmTemplate) -> Iterator[Firm]:
    """Lend a copy of the firm; its connections are closed and it is dropped afterwards."""
    with cluster.database(template.name) as database, opened_firm(template, database) as firm:
        yield firm


@contextmanager
def opened_firm(template: FirmTemplate, database: FreshDatabase) -> Iterator[Firm]:
    """Lend a copy that exists; its connections are closed afterwards."""
    with ExitStack() as stack:
        yield Firm(template, database, stack)


def build_firm(cluster: Cluster, migrated: str) -> FirmTemplate:
    """Make the firm's database from a migrated one."""
    database = cluster.create("vln_firm", migrated)
    people = _make_people(database.owner_url)
    _make_services(database, people["admin"].id)
    with database.connect(OWNER) as owner:
        _make_catalogues(owner)
        halves = [_make_half(owner, letter, people) for letter in "ab"]
    return FirmTemplate(database.name, people, *halves)


def _make_people(owner_url: str) -> dict[str, Person]:
    """Make the staff the way an admin does: by the one function that makes logins."""
    people = {
        login: Person(login, uuid7(), role, secrets.token_hex()) for login, role in _LOGINS.items()
    }
    with owner_engine(owner_url).begin() as connection:
        for person in people.values():
            _hire(connection, person)
    return people


def service_login(service: Service) -> str:
    """Return the name of a service's login."""
    return f"svc_{service.value}"


def _make_services(database: FreshDatabase, responsible: UUID) -> None:
    """Make a login for each service; a superuser does what the owner may not."""
    with database.connect(OWNER) as owner, database.connect() as superuser:
        for service in Service:
            left = _one(owner, "SELECT vln.create_service(%s, %s, %s, %s)",
                        service_login(service), service.value, PASSWORD, responsible)  # fmt: skip
            if left:
                superuser.execute(left)


def _hire(connection: Connection, person: Person) -> None:
    invite = None if person.role is Role.WORKER else invite_hash(person.token)
    connection.execute(
        select(
            func.vln.create_staff(
                person.id, person.email, person.name, person.name.lower(), person.role.value,
                PASSWORD, invite,
            )
        )
    )  # fmt: skip
    if invite is not None:
        _enrol(connection, person)


def _enrol(connection: Connection, person: Person) -> None:
    """Let a person be past their first sign-in, with an open session."""
    user_secrets, sessions = table_of(UserSecret), table_of(Session)
    connection.execute(
        update(user_secrets)
        .where(user_secrets.c.user_id == person.id)
        .values(must_change_password=False, totp_secret=TOTP_SECRET)
    )
    connection.execute(
        insert_into(sessions).values(
            id=uuid7(), user_id=person.id, db_role=person.email, device="test",
            token_hash=hashlib.sha256(person.token.encode()).digest(),
            expires_at=func.now() + timedelta(days=1),
            confirmed_at=func.now() + timedelta(days=1),
        )
    )  # fmt: skip


def _make_catalogues(owner: psycopg.Connection[Any]) -> None:
    for code, name, digits in (("EUR", "Euro", 2), ("USD", "US dollar", 2), ("JPY", "Yen", 0)):
        insert(owner, "currencies", {"code": code, "name": name, "digits": digits})


def _make_half(owner: psycopg.Connection[Any], letter: str, people: Mapping[str, Person]) -> Half:
    auditor, manager = people[f"auditor.{letter}"].id, people[f"manager.{letter}"].id
    half = Half(letter, manager, auditor, auditor)
    requester = new(owner, "users", half)
    half.named["requester"] = requester["id"]
    half.keys["users"] = {"id": auditor}
    half.keys["currencies"] = {"code": "EUR"}
    half.keys["schema_settings"] = {"id": 1}
    _make_scheme(owner, half)
    for table in FACTORIES:
        if table not in _BUILT_APART:
            half.keys[table] = _key(new(owner, table, half))
        if table == "teams":
            _make_members(owner, half)
        if table == "audit_requests":
            half.keys["audit_assignments"] = _key(
                new(owner, "audit_assignments", half, user_id=auditor)
            )
            half.keys["counters"] = {"owner_id": half.id("audit_requests"), "kind": "finding"}
    _make_history(owner, half)
    _make_reports(owner, half)
    _make_money(owner, half)
    owner.execute("SELECT vln_priv.seal_rows(NULL)")
    half.keys["log_seals"] = {"seq": _one(owner, "SELECT max(seq) FROM vln.log_seals")}
    return half


def _key(row: Mapping[str, Any]) -> dict[str, Any]:
    forms = (("id",), ("user_id", "key"), ("user_id",), ("key_id",), ("file_id", "ordinal"))
    names = next(names for names in forms if row.keys() >= set(names))
    return {name: row[name] for name in names}


def link_findings(owner: psycopg.Connection[Any], half: Half) -> None:
    """Link the half's finding to a second one, which is made here: most tests count one."""
    half.named["other_finding"] = new(owner, "findings", half)["id"]
    half.keys["finding_links"] = _key(new(owner, "finding_links", half))


def _make_scheme(owner: psycopg.Connection[Any], half: Half) -> None:
    """The firm's standard scheme for the half, and an empty one to add a cell to."""
    scheme = new(owner, "severity_schemes", half)["id"]
    half.named["scheme"] = scheme
    for (impact, likelihood), severity in IMPACT_LIKELIHOOD.items():
        new(owner, "severity_scheme_cells", half, impact=impact.value,
            likelihood=likelihood.value, severity=severity.value)  # fmt: skip
    half.keys["severity_scheme_cells"] = {
        "scheme_id": scheme, "impact": "high", "likelihood": "high",
    }  # fmt: skip
    half.named["empty_scheme"] = new(owner, "severity_schemes", half)["id"]


def _make_members(owner: psycopg.Connection[Any], half: Half) -> None:
    new(owner, "team_members", half, user_id=half.manager, duty="lead")
    half.keys["team_members"] = _key(new(owner, "team_members", half, user_id=half.auditor))


def _make_history(owner: psycopg.Connection[Any], half: Half) -> None:
    """Steps that the database notes by itself."""
    owner.execute("UPDATE vln.audit_requests SET status = 'intake', scheme_id = %s WHERE id = %s",
                  [half.named["scheme"], half.id("audit_requests")])  # fmt: skip
    owner.execute("UPDATE vln.findings SET review_state = 'confirmed' WHERE id = %s",
                  [half.id("findings")])  # fmt: skip
    for table in ("audit_status_changes", "finding_status_changes"):
        half.keys[table] = {
            "id": _one(owner, f"SELECT id FROM vln.{table} WHERE audit_id = %s LIMIT 1",
                       half.id("audit_requests"))
        }  # fmt: skip
    entry = owner.execute("SELECT id, created_at FROM vln.activity_logs WHERE record_id = %s"
                          " ORDER BY id LIMIT 1", [half.id("findings")]).fetchone()  # fmt: skip
    assert entry is not None
    half.keys["activity_logs"] = {"id": entry[0], "created_at": entry[1]}


def _make_reports(owner: psycopg.Connection[Any], half: Half) -> None:
    half.keys["reports"] = _key(new(owner, "reports", half))
    for part in ("report_sections", "report_findings", "report_comments", "report_allowances"):
        half.keys[part] = _key(new(owner, part, half))
    owner.execute("UPDATE vln.report_comments SET resolved_at = now(), resolved_by = %s"
                  " WHERE id = %s", [half.manager, half.id("report_comments")])  # fmt: skip
    half.named["approved_report"] = _approved_report(owner, half)
    published = _approved_report(owner, half)
    version = new(owner, "report_versions", half, report_id=published, published_by=half.manager,
                  pdf=PDF)  # fmt: skip
    half.keys["report_versions"] = _key(version)
    owner.execute("UPDATE vln.reports SET status = 'published' WHERE id = %s", [published])
    half.named["published_report"] = published
    half.keys["report_deliveries"] = _key(new(owner, "report_deliveries", half))


def _approved_report(owner: psycopg.Connection[Any], half: Half) -> UUID:
    report: UUID = new(owner, "reports", half)["id"]
    owner.execute("UPDATE vln.reports SET status = 'review' WHERE id = %s", [report])
    owner.execute("UPDATE vln.reports SET status = 'approved', approver_id = %s,"
                  " approved_digest = %s WHERE id = %s",
                  [half.manager, APPROVED, report])  # fmt: skip
    return report


def _make_money(owner: psycopg.Connection[Any], half: Half) -> None:
    """A draft, an issued invoice, and one that a payment has settled in part."""
    draft = new(owner, "invoices", half)
    half.keys["invoices"] = _key(draft)
    half.keys["line_items"] = _key(insert(owner, "line_items", line_of(draft["id"], 1)))
    half.named["issued_invoice"] = issued_invoice(owner, half)
    half.named["paid_invoice"] = issued_invoice(owner, half)
    half.keys["invoice_series"] = {
        "id": _one(owner, "SELECT series_id FROM vln.invoices WHERE id = %s",
                   half.named["issued_invoice"])
    }  # fmt: skip
    half.keys["invoice_documents"] = _key(new(owner, "invoice_documents", half))
    half.keys["invoice_deductions"] = _key(
        new(owner, "invoice_deductions", half, deposit_id=half.named["paid_invoice"])
    )
    half.keys["payments"] = _key(new(owner, "payments", half, status="completed"))
    half.keys["settlement_lines"] = _key(
        new(owner, "settlement_lines", half, kind="payment", amount_minor=50_000,
            invoice_id=half.named["paid_invoice"], payment_id=half.id("payments"))
    )  # fmt: skip


def issued_invoice(
    connection: psycopg.Connection[Any], half: Half, net: int = 1000, **changes: Any
) -> UUID:
    """Make an invoice with one line over `net` units plus 19 % and issue it; return its id."""
    invoice: UUID = new(connection, "invoices", half, **changes)["id"]
    insert(connection, "line_items", line_of(invoice, 1, net))
    connection.execute("UPDATE vln.invoices SET status = 'issued' WHERE id = %s", [invoice])
    return invoice


def _one(connection: psycopg.Connection[Any], query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return row[0]
