"""The demo in a real database: the schema's rules hold, its log is whole, people sign in."""

from __future__ import annotations

import base64
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from tests.cluster import Cluster, FreshDatabase
from tests.documents.archive_file import archive_faults
from tests.formats.en16931 import broken_rules, broken_schema
from vln_desktop.db.base import table_of
from vln_desktop.db.embedded_cluster import OWNER
from vln_desktop.db.migrations import differences
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.findings import Finding, FindingComment
from vln_desktop.db.models.invoices import Invoice
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import knock
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.e_invoice_rules import errors_of, problems
from vln_desktop.domain.e_invoices import EInvoice
from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import STEP_S, totp
from vln_desktop.errors import UserError
from vln_desktop.formats.cii import write_cii
from vln_desktop.formats.ubl import write_ubl
from vln_desktop.services.demo_people import DemoPerson, DemoPrivateKeys, read_demo_people
from vln_desktop.services.invoice_content import content_of
from vln_desktop.services.key_chain import KeyChain
from vln_desktop.services.log_seals import LogSeals
from vln_desktop.tools.demo.bulk import Bulk
from vln_desktop.tools.demo.database import Size, drop, fill, size_of

_INVOICE = table_of(Invoice).c
BULK = Bulk(users=50, clients=10, audits=400, findings=1_500, log=2_000)
OBJECTS = """
    SELECT tablename || ': ' || indexdef FROM pg_indexes WHERE schemaname = 'vln'
       AND tablename NOT LIKE 'activity_logs_2%'
    UNION ALL
    SELECT conrelid::regclass || ': ' || conname || ' ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'vln'::regnamespace
       AND conrelid::regclass::text NOT LIKE '%activity_logs_2%'
    UNION ALL
    SELECT tgrelid::regclass || ': ' || tgname || ' ' || tgenabled::text FROM pg_trigger
     WHERE NOT tgisinternal AND tgrelid::regclass::text NOT LIKE '%activity_logs_2%'
    ORDER BY 1
"""


@dataclass(frozen=True)
class Demo:
    """A filled database, and the folder that keeps its sign-ins."""

    database: FreshDatabase
    folder: Path

    @property
    def people(self) -> tuple[DemoPerson, ...]:
        return read_demo_people(self.folder)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.database.connect(OWNER) as owner:
            return owner.execute(query.encode(), values or None).fetchall()

    def one(self, query: str, *values: object) -> Any:
        return self.rows(query, *values)[0][0]


def silent(step: str) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def size_after_failure(
    cluster: Cluster, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Size | None:
    """What is found after a filling that failed: made before the demo, whose logins it shares."""

    def fail(step: str) -> None:
        if step.startswith("Printing"):
            raise UserError("the power went")

    with cluster.database(migrated_template) as fresh:
        with pytest.raises(UserError, match="the power went"):
            fill(fresh.owner_url, tmp_path_factory.mktemp("failed"), Size.SMALL, fail)
        return size_of(fresh.owner_url)


@pytest.fixture(scope="module")
def demo(
    cluster: Cluster,
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
    size_after_failure: Size | None,
) -> Iterator[Demo]:
    """The small demo with a little of the generated past: read by these tests, never changed."""
    folder = tmp_path_factory.mktemp("demo")
    with cluster.database(migrated_template) as fresh:
        fill(fresh.owner_url, folder, Size.SMALL, silent, bulk=BULK)
        yield Demo(fresh, folder)
        drop(fresh.owner_url)


@pytest.fixture
def owner(demo: Demo) -> Iterator[psycopg.Connection[Any]]:
    """The owner in a transaction that is rolled back."""
    with demo.database.connect(OWNER) as connection, connection.transaction(force_rollback=True):
        yield connection


def entered(demo: Demo, person: DemoPerson) -> Database:
    """Sign a person in with what is kept; each code is good for one sign-in."""
    door = knock(demo.database.url_for("nobody"), person.email, person.password)
    if not person.totp_secret:
        return door.open_service()
    secret = base64.b32decode(person.totp_secret)
    for ahead in (-STEP_S, 0, STEP_S):
        try:
            return door.open(totp(secret, time.time() + ahead), "test")
        except UserError:
            continue
    raise AssertionError(f"no code lets {person.email} in")


def test_every_person_signs_in_with_what_is_kept(demo: Demo) -> None:
    roles = set()
    for person in demo.people:
        database = entered(demo, person)
        roles.add(database.actor.role)
        database.dispose()
    assert roles == set(Role)


def test_every_issued_invoice_is_one_by_the_standard(demo: Demo) -> None:
    person = next(one for one in demo.people if one.role is Role.FINANCE)
    database = entered(demo, person)
    with database.reading() as connection:
        ids = connection.execute(
            select(_INVOICE.id).where(_INVOICE.number.is_not(None)).order_by(_INVOICE.number)
        ).scalars()
        invoices = [content_of(connection, one, with_payments=False) for one in ids.all()]
    database.dispose()
    broken = {
        (content.e_invoice.number, rule)
        for content in invoices
        for rule in judged(content.e_invoice)
    }
    assert broken == set()
    kinds = {content.e_invoice.kind for content in invoices}
    assert {InvoiceKind.STANDARD, InvoiceKind.CREDIT} <= kinds
    for content in invoices[:5]:
        day = content.e_invoice.issued_on
        xml = write_cii(content.e_invoice)
        assert archive_faults(InlinePress().archived_invoice(content.paper, xml, day)) == []


def judged(invoice: EInvoice) -> list[str]:
    """Return what schemas, the standard's rules and ours have against an invoice."""
    found = [problem.rule for problem in errors_of(problems(invoice))]
    for xml in (write_cii(invoice), write_ubl(invoice)):
        found += broken_schema(xml) + broken_rules(xml)
    return found


def test_nobody_else_reads_the_kept_passwords(demo: Demo) -> None:
    files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in demo.folder.iterdir()}
    assert files == {"demo-sign-ins.json": 0o600, "demo-recovery-key.txt": 0o600}


def test_passwords_are_of_this_installation(demo: Demo) -> None:
    passwords = {person.password for person in demo.people}
    assert len(passwords) == len(demo.people)
    assert min(len(password) for password in passwords) >= 20


def test_the_database_says_that_it_is_a_demo(demo: Demo) -> None:
    assert demo.one("SELECT demo FROM vln.schema_settings") is True
    assert size_of(demo.database.owner_url) is Size.SMALL


def test_indexes_keys_and_triggers_are_as_before(
    demo: Demo, cluster: Cluster, migrated_template: str
) -> None:
    with cluster.connect(migrated_template, OWNER) as template:
        before = [row[0] for row in template.execute(OBJECTS.encode()).fetchall()]
    assert [row[0] for row in demo.rows(OBJECTS)] == before
    assert differences(demo.database.owner_url) == ()


def test_every_log_entry_proves_itself(demo: Demo) -> None:
    wrong = "SELECT count(*) FROM vln.activity_logs l WHERE row_hash <> vln.activity_hash(l)"
    assert demo.one(wrong) == 0
    assert demo.one("SELECT count(*) FROM vln.activity_logs") > 7_000


def test_the_log_is_sealed_and_whole(demo: Demo) -> None:
    people = {person.role: person for person in demo.people}
    database = entered(demo, people[Role.READONLY])
    try:
        found = LogSeals(database).verify()
    finally:
        database.dispose()

    assert found.fault is None
    later = "SELECT count(*) FROM vln.activity_logs WHERE created_at > (SELECT max(sealed_at)"
    assert found.state.unsealed == demo.one(f"{later} FROM vln.log_seals)")  # of tests' sign-ins
    assert found.checked == demo.one("SELECT count(*) FROM vln.activity_logs") > 1000


def test_no_log_entry_fell_into_the_default_partition(demo: Demo) -> None:
    assert demo.one("SELECT count(*) FROM vln.activity_logs_default") == 0


def test_nothing_of_the_content_is_dated_today(demo: Demo) -> None:
    """But what tests of these sign-ins have added since the demo was filled."""
    filled = demo.one(
        "SELECT created_at FROM vln.activity_logs WHERE entity = 'schema_settings'"
        " ORDER BY id DESC LIMIT 1"
    )
    midnight = filled.replace(hour=0, minute=0, second=0, microsecond=0)
    entries = "SELECT count(*) FROM vln.activity_logs WHERE created_at >= %s AND created_at < %s"
    assert demo.one(entries, midnight, filled) == 0


@pytest.mark.parametrize(
    "table",
    ["audit_requests", "uploaded_files", "findings", "reports", "invoices", "clients"],
)
def test_the_log_tells_how_each_record_became_what_it_is(demo: Demo, table: str) -> None:
    told: dict[Any, dict[str, Any]] = {}
    entries = demo.rows(
        "SELECT record_id, changes FROM vln.activity_logs WHERE entity = %s "
        "AND record_id IN (SELECT record_id FROM vln.activity_logs WHERE entity = %s "
        "AND action = 'insert' AND 'id' = ANY (fields)) ORDER BY created_at, id",
        table, table,
    )  # fmt: skip
    for record, changes in entries:
        state = told.setdefault(record, {})
        for field, (before, after) in changes.items():
            assert state.get(field) == before, (table, field)
            state[field] = after
    present = demo.rows(f"SELECT id, to_jsonb(t) - 'search_vector' FROM vln.{table} t")
    for record, row in present:
        if record not in told:
            continue
        for field in ("created_at", "updated_at", "version"):
            row.pop(field, None)
        assert _instants(told[record]) == _instants({k: v for k, v in row.items() if v is not None})
    assert len(told) >= 11


def _instants(row: dict[str, Any]) -> dict[str, Any]:
    """Read times as instants: the log and the server write them differently."""
    return {
        key: datetime.fromisoformat(value) if key.endswith("_at") and value else value
        for key, value in row.items()
        if value is not None
    }


def test_totals_are_those_the_database_would_compute(demo: Demo) -> None:
    wrong = """
        SELECT i.id FROM vln.invoices i JOIN LATERAL (
               SELECT sum(net) AS net, sum(tax) AS tax FROM (
                      SELECT sum(net_minor) AS net,
                             round(sum(net_minor) * tax_percent / 100) AS tax
                        FROM vln.line_items WHERE invoice_id = i.id
                       GROUP BY tax_category, tax_percent) g) s ON true
         WHERE (i.net_minor, i.tax_minor) IS DISTINCT FROM (s.net, s.tax)
    """
    assert demo.rows(wrong) == []


def test_issued_invoices_keep_seller_and_buyer(demo: Demo) -> None:
    assert demo.rows("""SELECT number FROM vln.invoices WHERE (number IS NULL)
                        IS DISTINCT FROM (seller IS NULL AND buyer IS NULL)""") == []  # fmt: skip


def test_a_generated_finding_belongs_to_its_audit(demo: Demo) -> None:
    assert demo.rows("""SELECT f.number FROM vln.findings f
                          JOIN vln.audit_requests a ON a.id = f.audit_id
                         WHERE f.team_id <> a.team_id OR f.created_at < a.created_at
                            OR f.number NOT LIKE a.number || '-F%%'""") == []  # fmt: skip


def test_a_generated_log_entry_names_its_finding(demo: Demo) -> None:
    wrong = """
        SELECT l.id FROM vln.activity_logs l LEFT JOIN vln.findings f ON f.id = l.record_id
         WHERE l.entity = 'findings'
           AND (f.number, f.audit_id, f.team_id) IS DISTINCT FROM (l.label, l.audit_id, l.team_id)
    """
    assert demo.rows(wrong) == []


@pytest.mark.parametrize("which", ["ACME-1", "C00003-1"])
def test_the_next_finding_gets_the_next_number(owner: psycopg.Connection[Any], which: str) -> None:
    row = owner.execute(
        "SELECT a.id, max(f.ordinal) FROM vln.audit_requests a JOIN vln.findings f "
        "ON f.audit_id = a.id WHERE a.number = %s GROUP BY a.id", [which],
    ).fetchone()  # fmt: skip
    assert row is not None
    made = owner.execute(
        "INSERT INTO vln.findings (id, audit_id, title, severity) "
        "VALUES (gen_random_uuid(), %s, 'New', 'low') RETURNING ordinal", [row[0]],
    ).fetchone()  # fmt: skip
    assert made == (row[1] + 1,)


def test_the_next_audit_of_a_client_gets_the_next_number(
    owner: psycopg.Connection[Any],
) -> None:
    made = owner.execute(
        "INSERT INTO vln.audit_requests (id, user_id, client_id, team_id, entity_id, project, "
        "service_type, currency) SELECT gen_random_uuid(), user_id, client_id, team_id, entity_id, "
        "'Next', service_type, currency FROM vln.audit_requests WHERE number = 'ACME-1' "
        "RETURNING number"
    ).fetchone()
    assert made == ("ACME-5",)


def test_a_draft_is_issued_with_the_series_next_number(owner: psycopg.Connection[Any]) -> None:
    row = owner.execute(
        "UPDATE vln.invoices SET status = 'issued' WHERE id = (SELECT id FROM vln.invoices "
        "WHERE status = 'draft' ORDER BY id LIMIT 1) RETURNING number, series_id"
    ).fetchone()
    assert row is not None
    numbers = owner.execute(
        "SELECT number FROM vln.invoices WHERE series_id = %s ORDER BY number", [row[1]]
    ).fetchall()
    assert [int(n[0].rpartition("-")[2]) for n in numbers] == list(range(1, len(numbers) + 1))
    assert numbers[-1][0] == row[0]


def test_the_newcomer_sees_one_audit_and_its_findings(demo: Demo) -> None:
    newcomer = next(person for person in demo.people if person.email == "diego@vln.gg")
    database = entered(demo, newcomer)
    audit, finding = table_of(AuditRequest).c, table_of(Finding).c
    with database.reading() as connection:
        audits = list(connection.scalars(select(audit.number)))
        seen = list(connection.scalars(select(finding.audit_id).distinct()))
    database.dispose()
    assert audits == ["FJORDMYNT-2"]
    assert len(seen) == 1


def test_a_failure_half_way_leaves_the_database_empty(size_after_failure: Size | None) -> None:
    assert size_after_failure is None


def test_data_that_is_no_demo_is_not_dropped(fresh_database: FreshDatabase) -> None:
    with fresh_database.connect(OWNER) as owner:
        owner.execute("INSERT INTO vln.users (id, email, name, sort_key, role) "
                      "VALUES (gen_random_uuid(), 'a@b.example', 'A', 'a', 'client')")  # fmt: skip
    with pytest.raises(UserError, match="no demo"):
        drop(fresh_database.owner_url)


def test_a_demo_in_use_is_not_dropped(demo: Demo) -> None:
    with demo.database.connect(OWNER), pytest.raises(UserError, match="in use"):
        drop(demo.database.owner_url)


def _machine(demo: Demo, name: str) -> tuple[Database, KeyChain]:
    person = next(person for person in demo.people if person.email == f"{name}@vln.gg")
    database = entered(demo, person)
    return database, KeyChain(database, DemoPrivateKeys(demo.folder, person.email))


def test_its_people_read_what_is_encrypted(demo: Demo) -> None:
    database, chain = _machine(demo, "marcus")
    with database.reading() as connection:
        ring = chain.ring(connection)
        rows = connection.execute(
            select(FindingComment.id, FindingComment.secret_body).where(
                FindingComment.secret_body.is_not(None)
            )
        ).all()
    database.dispose()
    read = {ring.decrypt(row.secret_body, row.id) for row in rows}
    assert len(rows) >= 2
    assert all(len(text) > 40 for text in read)
    assert demo.one("SELECT count(*) FROM vln.audit_credentials") >= 4


def test_the_newcomer_waits_to_be_let_in(demo: Demo) -> None:
    database, chain = _machine(demo, "diego")
    with database.reading() as connection, pytest.raises(UserError, match="not been let in"):
        chain.ring(connection)
    database.dispose()


def test_the_log_of_the_demo_holds_nothing_encrypted(demo: Demo) -> None:
    hidden = """SELECT DISTINCT entity, key, changes -> key ->> 1 FROM vln.activity_logs,
                jsonb_object_keys(changes) AS key WHERE key IN
                ('secret_body', 'wrapped_key', 'vouch') OR
                (entity = 'audit_credentials' AND key IN ('secret', 'note', 'username'))"""
    told = demo.rows(hidden)
    assert {(entity, key) for entity, key, _ in told} == {
        ("finding_comments", "secret_body"), ("key_envelopes", "wrapped_key"),
        ("key_envelopes", "vouch"), ("audit_credentials", "secret"),
        ("audit_credentials", "note"), ("audit_credentials", "username"),
    }  # fmt: skip
    assert {value for _, _, value in told} == {"[hidden]"}
