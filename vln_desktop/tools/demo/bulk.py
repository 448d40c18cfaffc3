"""Generates a large past inside the server: years of audits, findings and activity.

Everything is a function of a running number, so that two runs give the same rows. Secondary indexes
and foreign keys are taken off meanwhile and put back as they were, which checks every row at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.severity_schemes import STANDARD_SCHEMES
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.codebases import CONTRACT_KINDS, make_codebase
from vln_desktop.tools.demo.content import SEED, DemoContent
from vln_desktop.tools.demo.texts import archetypes, write

BULK_AGE_DAYS = 1600
"""How long ago the generated past begins; it ends when the demo's own year begins."""

_CHUNK = 250_000
_TABLES = ("users", "clients", "audit_requests", "audit_assignments", "findings", "activity_logs")
_DESCRIPTION = 110


@dataclass(frozen=True, slots=True)
class Bulk:
    """How many rows are generated."""

    users: int
    clients: int
    audits: int
    findings: int
    log: int


_FUNCTIONS = (
    # A UUIDv7 (RFC 9562) of a moment in milliseconds whose random part follows from a number. One
    # expression of immutable parts, so that the server inlines it: twelve times faster.
    """CREATE FUNCTION pg_temp.made_id(millis bigint, number bigint, kind text) RETURNS uuid
    LANGUAGE sql IMMUTABLE AS $$
        SELECT overlay(overlay(
                   md5(kind || number::text) PLACING lpad(to_hex(millis), 12, '0') || '7'
                   FROM 1 FOR 13) PLACING 'a' FROM 17 FOR 1)::uuid
    $$""",
    """CREATE FUNCTION pg_temp.at(millis bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
    AS $$ SELECT to_timestamp(millis / 1000.0) $$""",
    # A number below `many` that looks like chance.
    """CREATE FUNCTION pg_temp.roll(number bigint, many int) RETURNS int LANGUAGE sql IMMUTABLE
    AS $$ SELECT (((number * 2654435761) # (number >> 7)) & 1073741823)::int % many $$""",
)

_USERS = """
    INSERT INTO vln.users (id, email, name, sort_key, role, created_at, updated_at)
    SELECT pg_temp.made_id(:since, n, 'user'), 'person' || n || '@client' || n % :clients
               || '.example',
           first || ' ' || last || ' ' || n, lower(last || ', ' || first || ' ' || n),
           'client', pg_temp.at(:since), pg_temp.at(:since)
      FROM generate_series(1, :users) AS n,
           LATERAL (SELECT (string_to_array(:first_names, ' '))[1 + n % 20] AS first,
                           (string_to_array(:last_names, ' '))[1 + n / 20 % 20] AS last) called
"""
_CLIENTS = """
    INSERT INTO vln.clients (id, code, legal_name, sort_key, country, language, currency,
                             created_at, updated_at)
    SELECT pg_temp.made_id(:since, n, 'client'), 'C' || lpad(n::text, 5, '0'),
           name, lower(name), 'GB', 'en', 'EUR', pg_temp.at(:since), pg_temp.at(:since)
      FROM generate_series(0, :clients - 1) AS n,
           LATERAL (SELECT (string_to_array(:last_names, ' '))[1 + n % 20] || ' '
                           || (string_to_array(:words, ' '))[1 + n / 20 % 20] || ' ' || n || ' Ltd'
                           AS name) called
"""
# Audit n: client n % clients, its number within the client n / clients + 1.
_AUDITS = """
    INSERT INTO vln.audit_requests (id, number, user_id, client_id, team_id, entity_id, scheme_id,
        project, service_type, status, priority, currency, starts_on, due_on, completed_at,
        created_at, updated_at)
    SELECT pg_temp.made_id(millis, n, 'audit'),
           'C' || lpad((n % :clients)::text, 5, '0') || '-' || n / :clients + 1,
           pg_temp.made_id(:since, 1 + pg_temp.roll(n, :users), 'user'),
           pg_temp.made_id(:since, n % :clients, 'client'),
           (CAST(:teams AS uuid[]))[1 + n % :team_count],
           CAST(:entity AS uuid), CAST(:scheme AS uuid),
           (string_to_array(:words, ' '))[1 + pg_temp.roll(n, 20)] || ' '
               || (string_to_array(:products, ' '))[1 + pg_temp.roll(n * 3, 10)],
           (string_to_array(:services, ' '))[1 + pg_temp.roll(n * 5, 6)], status,
           (string_to_array(:priorities, ' '))[1 + pg_temp.roll(n * 7, 10)], 'EUR',
           made::date + 12, made::date + 40,
           CASE status WHEN 'completed' THEN made + interval '45 days' END,
           made, made + interval '45 days'
      FROM generate_series(CAST(:low AS bigint), :high) AS n,
           LATERAL (SELECT :since + n * :audit_step AS millis) moment,
           LATERAL (SELECT pg_temp.at(millis) AS made,
                           (string_to_array(:statuses, ' '))[1 + pg_temp.roll(n * 11, 20)]
                               AS status) told
"""
_ASSIGNMENTS = """
    INSERT INTO vln.audit_assignments (id, audit_id, user_id, duty, created_at)
    SELECT pg_temp.made_id(millis, n, 'assignment of ' || :person),
           pg_temp.made_id(millis, n, 'audit'),
           CAST(:person AS uuid), 'auditor', pg_temp.at(millis)
      FROM generate_series(CAST(:low AS bigint), :high, :stride) AS n,
           LATERAL (SELECT :since + n * :audit_step AS millis) moment
"""
# Finding n belongs to audit n / per_audit and is its number n % per_audit + 1.
_FINDINGS = """
    INSERT INTO vln.findings (id, audit_id, team_id, ordinal, number, kind, title, description,
        impact_level, likelihood_level, severity, category, weakness_id, review_state,
        client_position, fix_verdict, assignee_id, finder_id, created_at, updated_at)
    SELECT pg_temp.made_id(millis, n, 'finding'),
           pg_temp.made_id(:since + audit * :audit_step, audit, 'audit'),
           (CAST(:teams AS uuid[]))[1 + audit % :team_count], ordinal,
           'C' || lpad((audit % :clients)::text, 5, '0') || '-' || audit / :clients + 1 || '-F'
               || lpad(ordinal::text, 2, '0'),
           k.kind, k.title, k.description, k.impact, k.likelihood, k.severity, k.category,
           k.weakness, w.review_state, w.client_position, w.fix_verdict,
           (CAST(:auditors AS uuid[]))[1 + pg_temp.roll(n, :auditor_count)],
           (CAST(:auditors AS uuid[]))[1 + pg_temp.roll(n * 3, :auditor_count)],
           pg_temp.at(millis), pg_temp.at(millis) + interval '30 days'
      FROM generate_series(CAST(:low AS bigint), :high) AS n,
           LATERAL (SELECT n / :per_audit AS audit, (n % :per_audit)::int + 1 AS ordinal) place,
           LATERAL (SELECT :since + audit * :audit_step + ordinal * 97000 AS millis) moment,
           demo_kinds k, demo_words w
     WHERE k.number = pg_temp.roll(n * 5, :kind_count) AND w.number = pg_temp.roll(n * 7, 20)
"""
_COUNTERS = """
    INSERT INTO vln_priv.counters (owner_id, kind, last_number)
    SELECT pg_temp.made_id(:since, n, 'client'), 'audit', (:audits - 1 - n) / :clients + 1
      FROM generate_series(0, :clients - 1) AS n WHERE n < :audits
    UNION ALL
    SELECT pg_temp.made_id(:since + n * :audit_step, n, 'audit'), 'finding',
           least(:per_audit, :findings - n * :per_audit)
      FROM generate_series(CAST(0 AS bigint), (:findings - 1) / :per_audit) AS n
"""
# Entry n tells of finding n * findings / log: made, confirmed, made ready.
_LOG = """
    INSERT INTO vln.activity_logs (created_at, actor_id, record_class, action, entity, record_id,
        label, audit_id, team_id, fields, changes, salt, row_hash)
    SELECT created_at, actor_id, record_class, action, entity, record_id, label, audit_id, team_id,
           fields, changes, salt, ({hash})
      FROM (
        SELECT 0::bigint AS id, pg_temp.at(:since + n * :log_step) AS created_at,
               (CAST(:auditors AS uuid[]))[1 + pg_temp.roll(finding * 3, :auditor_count)]
                   AS actor_id,
               'findings' AS record_class,
               CASE step WHEN 0 THEN 'insert' ELSE 'update' END AS action, 'findings' AS entity,
               pg_temp.made_id(:since + audit * :audit_step + ordinal * 97000, finding, 'finding')
                   AS record_id,
               'C' || lpad((audit % :clients)::text, 5, '0') || '-' || audit / :clients + 1
                   || '-F' || lpad(ordinal::text, 2, '0') AS label,
               pg_temp.made_id(:since + audit * :audit_step, audit, 'audit') AS audit_id,
               (CAST(:teams AS uuid[]))[1 + audit % :team_count] AS team_id,
               CASE step WHEN 0 THEN ARRAY['review_state', 'status']
                         ELSE ARRAY['review_state'] END AS fields,
               CASE step
                   WHEN 0 THEN '{"review_state": [null, "candidate"], "status": [null, "open"]}'
                   WHEN 1 THEN '{"review_state": ["candidate", "confirmed"]}'
                   ELSE '{"review_state": ["confirmed", "ready"]}' END::jsonb AS changes,
               decode(md5('salt' || n), 'hex') AS salt, ''::bytea AS row_hash
          FROM generate_series(CAST(:low AS bigint), :high) AS n,
               LATERAL (SELECT n * :findings / :log AS finding, n % 3 AS step) subject,
               LATERAL (SELECT finding / :per_audit AS audit,
                               (finding % :per_audit)::int + 1 AS ordinal) place
        OFFSET 0) told
"""

_HASH = text("""
    SELECT replace(prosrc, 'entry.', 'told.') FROM pg_catalog.pg_proc
     WHERE oid = CAST('vln.activity_hash' AS regproc)
""")

_LISTS = {
    "first_names": "Ada Bela Cyril Dora Edgar Fay Goran Hana Ivo June "
    "Kofi Lena Milo Nadia Otis Pia Quinn Rosa Sven Tess",
    "last_names": "Alder Birch Cedar Dunlin Elder Finch Gannet Hazel Ibis Juniper "
    "Kestrel Larch Merlin Nettle Osprey Plover Quail Rowan Sorrel Teal",
    "words": "Amber Basalt Cobalt Delta Ember Fathom Garnet Harbour Indigo Jasper "
    "Krill Lagoon Marble Nova Onyx Pebble Quartz Reef Slate Topaz",
    "products": "Vault Bridge Market Exchange Staking Wallet Lending Raffle Treasury Gateway",
    "services": " ".join(ServiceType),
    "priorities": "low low medium medium medium medium high high high critical",
    "statuses": "completed " * 13
    + "cancelled cancelled in_progress under_review report_generation approved intake",
}
"""Words to choose from, twenty, ten or six of a kind."""

_WORDS = (
    *((("ready", "will_fix", "fixed"),) * 9), *((("ready", "acknowledged", "none"),) * 3),
    *((("confirmed", "none", "none"),) * 3), ("ready", "will_fix", "partially_fixed"),
    ("candidate", "none", "none"), ("candidate", "none", "none"), ("invalid", "none", "none"),
    ("duplicate", "none", "none"),
)  # fmt: skip
_INDEXES = text("""
    SELECT c.relname AS index, pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
      FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = CAST(:table AS regclass)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)
     ORDER BY c.relname
""")
_KEYS = text("""
    SELECT conname AS key, pg_catalog.pg_get_constraintdef(oid) AS definition
      FROM pg_catalog.pg_constraint
     WHERE conrelid = CAST(:table AS regclass) AND contype = 'f' ORDER BY conname
""")


def insert_bulk(
    connection: Connection, content: DemoContent, bulk: Bulk, progress: Callable[[str], None]
) -> None:
    """Generate the rows; triggers must rest, and the firm's own rows must stand already."""
    for function in _FUNCTIONS:
        connection.execute(text(function))
    values = _values(content, bulk)
    _make_choices(connection)
    values["kind_count"] = connection.scalar(text("SELECT count(*) FROM demo_kinds"))
    with _bare_tables(connection, progress):
        connection.execute(text(_USERS), values)
        connection.execute(text(_CLIENTS), values)
        _in_chunks(connection, "audits", _AUDITS, bulk.audits, values, progress)
        _assign(connection, content, bulk, values)
        _in_chunks(connection, "findings", _FINDINGS, bulk.findings, values, progress)
        connection.execute(text(_COUNTERS), values)
        # The body of the log's own function, inlined: twice as fast as ten million calls.
        log = _LOG.replace("{hash}", connection.scalar(_HASH) or "")
        _in_chunks(connection, "log entries", log, bulk.log, values, progress)


def tidy(connection: Connection, progress: Callable[[str], None]) -> None:
    """Vacuum and analyse what was generated; needs a connection in autocommit."""
    for table in _TABLES:
        progress(f"Tidying {table.replace('_', ' ')}")
        connection.execute(text(f"VACUUM (ANALYZE) vln.{table}"))


def _values(content: DemoContent, bulk: Bulk) -> dict[str, object]:
    begin = content.teams[0].created_at
    end = min(client.created_at for client in content.clients) - timedelta(days=50)
    millis = (end - begin) // timedelta(milliseconds=1)
    auditors = [str(person.id) for person in content.staff if person.role == "auditor"]
    return {
        **_LISTS,
        **asdict(bulk),
        "since": _millis(begin),
        "audit_step": millis // bulk.audits,
        "log_step": millis // bulk.log,
        "per_audit": -(-bulk.findings // bulk.audits),
        "teams": [str(team.id) for team in content.teams],
        "team_count": len(content.teams),
        "entity": content.legal_entities[-1].id,
        "scheme": STANDARD_SCHEMES[0].id,
        "auditors": auditors,
        "auditor_count": len(auditors),
    }


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _make_choices(connection: Connection) -> None:
    """Keep the written findings' titles and first sentences, often ones more often."""
    connection.execute(
        text("""CREATE TEMP TABLE demo_kinds (number int PRIMARY KEY, kind text, title text,
                description text, impact text, likelihood text, severity text, category text,
                weakness text) ON COMMIT DROP""")
    )
    rows = [{"n": n, **row} for n, row in enumerate(_kinds())]
    connection.execute(
        text("""INSERT INTO demo_kinds VALUES (:n, :kind, :title, :description, :impact,
                :likelihood, :severity, :category, :weakness)"""),
        rows,
    )
    connection.execute(
        text("""CREATE TEMP TABLE demo_words (number int PRIMARY KEY, review_state text,
                client_position text, fix_verdict text) ON COMMIT DROP""")
    )
    connection.execute(
        text("INSERT INTO demo_words VALUES (:n, :review, :position, :verdict)"),
        [
            {"n": n, "review": review, "position": position, "verdict": verdict}
            for n, (review, position, verdict) in enumerate(_WORDS)
        ],
    )
    connection.execute(text("ANALYZE demo_kinds, demo_words"))


def _kinds() -> Iterator[dict[str, str | None]]:
    """Write every archetype for several codebases; rare severities for fewer of them."""
    chance = Chance(SEED, "bulk")
    copies = {5: 1, 4: 2, 3: 4, 2: 5, 1: 4}
    for number, name in enumerate(_LISTS["words"].split()):
        codebases = [
            make_codebase(kind, name, "bulk.example", chance)
            for kind in (*CONTRACT_KINDS, "platform", "generator")
        ]
        for archetype in archetypes():
            if number >= copies[archetype.severity.rank]:
                continue
            slots = next(c.slots for c in codebases if c.supports(archetype.needs))
            written = write(archetype, slots, chance, number)
            first, _, _ = written.sections["description"].partition("\n")
            yield {
                "kind": archetype.kind,
                "title": written.title,
                "description": first[:_DESCRIPTION],
                "impact": archetype.impact_level.value,
                "likelihood": archetype.likelihood_level.value,
                "severity": archetype.severity.value,
                "category": archetype.category,
                "weakness": archetype.weakness,
            }


def _assign(
    connection: Connection, content: DemoContent, bulk: Bulk, values: dict[str, object]
) -> None:
    """Give auditors narrow and wide scopes: one in twenty of all audits, and the last thousand."""
    by_name = {person.email.partition("@")[0]: person.id for person in content.staff}
    for name, low, stride in (("leila", 0, 20), ("tomasz", max(bulk.audits - 1000, 0), 1)):
        connection.execute(
            text(_ASSIGNMENTS),
            {**values, "person": str(by_name[name]), "low": low, "high": bulk.audits - 1,
             "stride": stride},
        )  # fmt: skip


def _in_chunks(
    connection: Connection,
    what: str,
    statement: str,
    count: int,
    values: dict[str, object],
    progress: Callable[[str], None],
) -> None:
    for low in range(0, count, _CHUNK):
        high = min(low + _CHUNK, count)
        progress(f"Generating {what}: {high:,} of {count:,}")
        connection.execute(text(statement), {**values, "low": low, "high": high - 1})


@contextmanager
def _bare_tables(connection: Connection, progress: Callable[[str], None]) -> Iterator[None]:
    """Take secondary indexes and foreign keys off the generated tables, and put them back."""
    indexes = []
    keys = []
    for table in _TABLES:
        for row in connection.execute(_INDEXES, {"table": f"vln.{table}"}).all():
            # Of a partitioned table it says ONLY, which would leave the partitions without.
            indexes.append(row.definition.replace(" ON ONLY ", " ON "))
            connection.execute(text(f'DROP INDEX vln."{row.index}"'))
        for row in connection.execute(_KEYS, {"table": f"vln.{table}"}).all():
            keys.append(f'ALTER TABLE vln.{table} ADD CONSTRAINT "{row.key}" {row.definition}')
            connection.execute(text(f'ALTER TABLE vln.{table} DROP CONSTRAINT "{row.key}"'))
    yield
    for number, statement in enumerate([*indexes, *keys], start=1):
        progress(f"Putting back indexes and keys: {number} of {len(indexes) + len(keys)}")
        connection.exec_driver_sql(statement)
