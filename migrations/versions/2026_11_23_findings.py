"""Make the findings, their places, words and comments, and the search."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import (
    ALL,
    MY_AUDITS,
    MY_TEAMS,
    Access,
    Log,
    enforce_transitions,
    keep_audit,
    secure,
    through,
)
from vln_desktop.db.weaknesses import shipped_weaknesses
from vln_desktop.domain.findings import (
    POSITION_TRANSITIONS,
    REVIEW_TRANSITIONS,
    VERDICT_TRANSITIONS,
)
from vln_desktop.domain.permissions import Role

revision = "findings"
down_revision = "audits"
branch_labels = None
depends_on = None

# Title and severity as invoice lines need them; never the text.
COUNTED = ("id", "audit_id", "kind", "severity", "severity_rank", "status", "created_at",
           "updated_at", "deleted_at")  # fmt: skip
WRITTEN = ("kind", "title", "description", "impact", "likelihood", "remediation", "proof",
           "impact_level", "likelihood_level", "severity", "severity_reason", "category",
           "weakness_id", "cvss_vector", "cvss_score", "review_state", "client_position",
           "fix_verdict", "assignee_id")  # fmt: skip
# A finding begins at the beginning; its words then take legal steps, which are noted.
FRESH = "review_state = 'candidate' AND client_position = 'none' AND fix_verdict = 'none'"
NEW = ("id", "audit_id", "ordinal", "suppressed", "suppression_reason", "fingerprint",
       "fingerprint_version", "finder_id", *WRITTEN)  # fmt: skip

NUMBER = """CREATE FUNCTION vln.number_finding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    audit_number text;
    reserved int;
BEGIN
    SELECT number, team_id INTO audit_number, NEW.team_id
      FROM vln.audit_requests WHERE id = NEW.audit_id;
    IF NEW.ordinal = 0 THEN
        NEW.ordinal := vln_priv.next_number(NEW.audit_id, 'finding', 1);
    ELSE
        SELECT last_number INTO reserved FROM vln_priv.counters
         WHERE owner_id = NEW.audit_id AND kind = 'finding';
        IF NEW.ordinal < 1 OR NEW.ordinal > coalesce(reserved, 0) THEN
            RAISE EXCEPTION 'The finding number % was not reserved.', NEW.ordinal
                USING ERRCODE = 'VL002';
        END IF;
    END IF;
    NEW.number := audit_number || '-F'
        || lpad(NEW.ordinal::text, greatest(2, length(NEW.ordinal::text)), '0');
    RETURN NEW;
END $$"""

RESERVE = """CREATE FUNCTION vln.reserve_finding_numbers(audit uuid, how_many int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT vln.works_on(audit) THEN
        RAISE EXCEPTION 'You do not work on this audit.' USING ERRCODE = '42501';
    END IF;
    IF how_many NOT BETWEEN 1 AND 100000 THEN
        RAISE EXCEPTION 'Between 1 and 100,000 numbers are reserved at once.'
            USING ERRCODE = 'VL002';
    END IF;
    RETURN vln_priv.next_number(audit, 'finding', how_many);
END $$"""

WORDS = """CREATE FUNCTION vln.note_finding_words() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    before jsonb := jsonb_build_object('severity', OLD.severity, 'review_state', OLD.review_state,
        'client_position', OLD.client_position, 'fix_verdict', OLD.fix_verdict);
    after jsonb := jsonb_build_object('severity', NEW.severity, 'review_state', NEW.review_state,
        'client_position', NEW.client_position, 'fix_verdict', NEW.fix_verdict);
BEGIN
    INSERT INTO vln.finding_status_changes (id, audit_id, finding_id, actor_id, word, before, after)
    SELECT gen_random_uuid(), NEW.audit_id, NEW.id, vln.uid(), key, before ->> key, after ->> key
      FROM jsonb_object_keys(before) AS key
     WHERE before -> key <> after -> key;
    RETURN NULL;
END $$"""

MOVE_TEAM = """CREATE FUNCTION vln.move_findings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE vln.findings SET team_id = NEW.team_id WHERE audit_id = NEW.id;
    UPDATE vln.activity_logs SET team_id = NEW.team_id WHERE audit_id = NEW.id;
    RETURN NULL;
END $$"""

# `@@` is not leakproof, so under row-level security its index would not be used: the scope is here.
SEARCH = """CREATE FUNCTION vln.search_findings(words text, how_many int) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    query tsquery := websearch_to_tsquery('english', words) || websearch_to_tsquery('simple', words);
    my_word text := vln.my_role();
BEGIN
    IF NOT vln.session_ok() THEN RETURN; END IF;
    IF my_word = 'auditor' THEN
        RETURN QUERY SELECT f.id FROM vln.findings f
            WHERE f.search_vector @@ query AND f.deleted_at IS NULL
              AND f.audit_id IN (SELECT unnest(vln.my_audits()))
            ORDER BY f.created_at DESC, f.id DESC LIMIT how_many;
    ELSIF my_word = 'manager' THEN
        RETURN QUERY SELECT f.id FROM vln.findings f
            WHERE f.search_vector @@ query AND f.deleted_at IS NULL
              AND f.team_id IN (SELECT unnest(vln.my_teams()))
            ORDER BY f.created_at DESC, f.id DESC LIMIT how_many;
    END IF;
END $$"""

SEARCH_AUDITS = """CREATE FUNCTION vln.search_audits(words text, how_many int) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    query tsquery := websearch_to_tsquery('simple', words);
    my_word text := vln.my_role();
BEGIN
    IF NOT vln.session_ok() THEN RETURN; END IF;
    RETURN QUERY SELECT a.id FROM vln.audit_requests a
        WHERE a.search_vector @@ query AND a.deleted_at IS NULL
          AND CASE my_word WHEN 'auditor' THEN a.id IN (SELECT unnest(vln.my_audits()))
                           WHEN 'manager' THEN a.team_id IN (SELECT unnest(vln.my_teams()))
                           WHEN 'finance' THEN true ELSE false END
        ORDER BY a.created_at DESC, a.id DESC LIMIT how_many;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    for function in (NUMBER, RESERVE, WORDS, MOVE_TEAM, SEARCH, SEARCH_AUDITS):
        op.execute(function)
    for trigger in (
        "b_number BEFORE INSERT ON vln.findings FOR EACH ROW EXECUTE FUNCTION vln.number_finding()",
        "y_words AFTER UPDATE ON vln.findings FOR EACH ROW "
        "WHEN ((OLD.severity, OLD.review_state, OLD.client_position, OLD.fix_verdict) "
        "IS DISTINCT FROM (NEW.severity, NEW.review_state, NEW.client_position, NEW.fix_verdict)) "
        "EXECUTE FUNCTION vln.note_finding_words()",
        "y_team AFTER UPDATE ON vln.audit_requests FOR EACH ROW "
        "WHEN (OLD.team_id IS DISTINCT FROM NEW.team_id) EXECUTE FUNCTION vln.move_findings()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    keep_audit(
        op.execute, "finding_locations", "finding_id>findings", "snapshot_id>source_snapshots"
    )
    keep_audit(op.execute, "finding_comments", "finding_id>findings")
    for function in (
        "reserve_finding_numbers(uuid, int)",
        "search_findings(text, int)",
        "search_audits(text, int)",
    ):
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_staff")
    enforce_transitions(op.execute, "findings", "review_state", REVIEW_TRANSITIONS)
    enforce_transitions(op.execute, "findings", "client_position", POSITION_TRANSITIONS)
    enforce_transitions(op.execute, "findings", "fix_verdict", VERDICT_TRANSITIONS)
    _secure_findings()
    _secure_children()
    _fill_weaknesses()


def _fill_weaknesses() -> None:
    """Fill the catalogue that imports point to; the log tells of people's changes only."""
    op.execute("ALTER TABLE vln.weaknesses DISABLE TRIGGER z_log")
    columns = [sa.column(name, sa.Text()) for name in ("id", "catalogue", "name", "cwe")]
    table = sa.table("weaknesses", *columns, schema="vln")
    op.bulk_insert(table, [asdict(weakness) for weakness in shipped_weaknesses()])
    op.execute("ALTER TABLE vln.weaknesses ENABLE TRIGGER z_log")


def _secure_findings() -> None:
    secure(
        op.execute,
        "weaknesses",
        *(Access(role, select=ALL) for role in (Role.MANAGER, Role.AUDITOR)),
        log=Log("operations", record="", label="id"),
        touched="never",
    )
    changed = (*WRITTEN, "deleted_at")
    secure(
        op.execute,
        "findings",
        *(
            Access(
                role,
                select=ALL,
                insert=NEW,
                update=changed,
                rows=rows,
                insert_check=f"{rows} AND {FRESH}",
            )
            for role, rows in ((Role.MANAGER, MY_TEAMS), (Role.AUDITOR, MY_AUDITS))
        ),
        Access(Role.FINANCE, select=(*COUNTED, "number", "title")),
        Access(Role.ADMIN, select=(*COUNTED, "number")),
        Access(Role.READONLY, select=COUNTED),
        log=Log("findings", label="number", audit="audit_id"),
    )


def _secure_children() -> None:
    visible = through("audit_requests", "audit_id")
    workers = (Role.MANAGER, Role.AUDITOR)
    place = ("id", "audit_id", "finding_id", "snapshot_id", "ordinal", "path", "start_line",
             "end_line", "function", "snippet")  # fmt: skip
    secure(
        op.execute,
        "finding_locations",
        *(Access(role, select=ALL, insert=place, delete=True, rows=visible) for role in workers),
        log=Log("findings", audit="audit_id"),
        touched="never",
    )
    secure(
        op.execute,
        "finding_status_changes",
        *(Access(role, select=ALL, rows=visible) for role in workers),
        log=None,
        touched="never",
    )
    secure(
        op.execute,
        "finding_comments",
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "finding_id", "author_id", "body"),
                update=("body", "deleted_at"),
                rows=f"{visible} AND author_id = (SELECT vln.uid())",
                read_rows=visible,
            )
            for role in workers
        ),
        log=Log("findings", audit="audit_id"),
    )


def _create_tables() -> None:
    op.create_table(
        "weaknesses",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("catalogue", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cwe", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "catalogue IN ('cwe', 'swc')", name=op.f("ck_weaknesses_catalogue_word")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weaknesses")),
        schema="vln",
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column(
            "team_id",
            sa.UUID(),
            server_default=sa.text("'00000000-0000-0000-0000-000000000000'"),
            nullable=False,
        ),
        sa.Column("ordinal", sa.Integer(), server_default="0", nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="vulnerability", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("impact", sa.Text(), server_default="", nullable=False),
        sa.Column("likelihood", sa.Text(), server_default="", nullable=False),
        sa.Column("remediation", sa.Text(), server_default="", nullable=False),
        sa.Column("proof", sa.Text(), server_default="", nullable=False),
        sa.Column("impact_level", sa.Text(), nullable=True),
        sa.Column("likelihood_level", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column(
            "severity_rank",
            sa.SmallInteger(),
            sa.Computed(
                "CASE severity WHEN 'critical' THEN 5 WHEN 'high' THEN 4 WHEN 'medium' THEN 3 WHEN 'low' THEN 2 WHEN 'informational' THEN 1 END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("severity_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("category", sa.Text(), server_default="other", nullable=False),
        sa.Column("weakness_id", sa.Text(), nullable=True),
        sa.Column("cvss_vector", sa.Text(), server_default="", nullable=False),
        sa.Column("cvss_score", sa.Numeric(precision=3, scale=1), nullable=True),
        sa.Column("review_state", sa.Text(), server_default="candidate", nullable=False),
        sa.Column("client_position", sa.Text(), server_default="none", nullable=False),
        sa.Column("fix_verdict", sa.Text(), server_default="none", nullable=False),
        sa.Column(
            "status",
            sa.Text(),
            sa.Computed(
                "CASE WHEN review_state = 'invalid' THEN 'invalid' WHEN review_state = 'out_of_scope' THEN 'invalid' WHEN review_state = 'duplicate' THEN 'duplicate' WHEN fix_verdict = 'fixed' THEN 'remediated' WHEN client_position = 'acknowledged' THEN 'accepted_risk' WHEN client_position = 'will_fix' THEN 'acknowledged' ELSE 'open' END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("suppressed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("suppression_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("fingerprint", sa.Text(), server_default="", nullable=False),
        sa.Column("fingerprint_version", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("assignee_id", sa.UUID(), nullable=True),
        sa.Column("finder_id", sa.UUID(), nullable=True),
        sa.Column(
            "search_vector",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', left(description, 100000)), 'B') || setweight(to_tsvector('simple', left(proof, 100000)), 'C')",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "category IN ('access_control', 'arithmetic', 'authentication', 'configuration', 'cryptography', 'data_exposure', 'flow_control', 'front_running', 'logic_error', 'race_condition', 'reentrancy', 'timestamp_dependency', 'unchecked_call', 'other')",
            name=op.f("ck_findings_category_word"),
        ),
        sa.CheckConstraint(
            "client_position IN ('none', 'will_fix', 'acknowledged', 'disputed')",
            name=op.f("ck_findings_client_position_word"),
        ),
        sa.CheckConstraint(
            "fix_verdict IN ('none', 'fixed', 'partially_fixed', 'not_fixed', 'cannot_verify')",
            name=op.f("ck_findings_fix_verdict_word"),
        ),
        sa.CheckConstraint(
            "impact_level IN ('high', 'medium', 'low')", name=op.f("ck_findings_impact_level_word")
        ),
        sa.CheckConstraint(
            "kind IN ('vulnerability', 'gas', 'quality', 'centralization')",
            name=op.f("ck_findings_kind_word"),
        ),
        sa.CheckConstraint(
            "likelihood_level IN ('high', 'medium', 'low')",
            name=op.f("ck_findings_likelihood_level_word"),
        ),
        sa.CheckConstraint(
            "review_state IN ('candidate', 'confirmed', 'ready', 'invalid', 'duplicate', 'out_of_scope')",
            name=op.f("ck_findings_review_state_word"),
        ),
        sa.CheckConstraint(
            "severity IN ('critical', 'high', 'medium', 'low', 'informational')",
            name=op.f("ck_findings_severity_word"),
        ),
        sa.CheckConstraint(
            "title <> '' AND length(title) <= 300", name=op.f("ck_findings_title_length")
        ),
        sa.CheckConstraint(
            "cvss_score IS NULL OR cvss_score BETWEEN 0 AND 10", name=op.f("ck_findings_cvss_range")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["vln.users.id"], name=op.f("fk_findings_assignee_id")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_findings_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["finder_id"], ["vln.users.id"], name=op.f("fk_findings_finder_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["vln.teams.id"], name=op.f("fk_findings_team_id")),
        sa.ForeignKeyConstraint(
            ["weakness_id"], ["vln.weaknesses.id"], name=op.f("fk_findings_weakness_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        schema="vln",
    )
    op.create_index(
        "idx_findings_assignee_id",
        "findings",
        ["assignee_id", "created_at", "id"],
        unique=False,
        schema="vln",
        postgresql_where=sa.text("assignee_id IS NOT NULL"),
    )
    op.create_index(
        "idx_findings_audit_id",
        "findings",
        ["audit_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_findings_created_at", "findings", ["created_at", "id"], unique=False, schema="vln"
    )
    op.create_index(
        "idx_findings_search_vector",
        "findings",
        ["search_vector"],
        unique=False,
        schema="vln",
        postgresql_using="gin",
    )
    op.create_index(
        "idx_findings_severity_rank",
        "findings",
        ["severity_rank", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_findings_status",
        "findings",
        ["status", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_findings_team_id",
        "findings",
        ["team_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_findings_updated_at", "findings", ["updated_at", "id"], unique=False, schema="vln"
    )
    op.create_index(
        "uq_findings_audit_id_fingerprint",
        "findings",
        ["audit_id", "fingerprint"],
        unique=True,
        schema="vln",
        postgresql_where=sa.text("fingerprint <> '' AND deleted_at IS NULL"),
    )
    op.create_index(
        "uq_findings_audit_id_ordinal",
        "findings",
        ["audit_id", "ordinal"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "finding_locations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("snapshot_id", sa.UUID(), nullable=True),
        sa.Column("ordinal", sa.Integer(), server_default="0", nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("start_line", sa.Integer(), nullable=True),
        sa.Column("end_line", sa.Integer(), nullable=True),
        sa.Column("function", sa.Text(), nullable=True),
        sa.Column("snippet", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "end_line IS NULL OR end_line >= start_line",
            name=op.f("ck_finding_locations_end_line_range"),
        ),
        sa.CheckConstraint(
            "start_line IS NULL OR start_line >= 1",
            name=op.f("ck_finding_locations_start_line_range"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_finding_locations_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["vln.findings.id"],
            name=op.f("fk_finding_locations_finding_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["vln.source_snapshots.id"],
            name=op.f("fk_finding_locations_snapshot_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_locations")),
        schema="vln",
    )
    op.create_index(
        "idx_finding_locations_finding_id",
        "finding_locations",
        ["finding_id", "ordinal"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "finding_status_changes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_finding_status_changes_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["vln.findings.id"], name=op.f("fk_finding_status_changes_finding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_status_changes")),
        schema="vln",
    )
    op.create_index(
        "idx_finding_status_changes_finding_id",
        "finding_status_changes",
        ["finding_id", "created_at"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "finding_comments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("body <> ''", name=op.f("ck_finding_comments_body_not_empty")),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_finding_comments_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["vln.users.id"], name=op.f("fk_finding_comments_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["vln.findings.id"], name=op.f("fk_finding_comments_finding_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_comments")),
        schema="vln",
    )
    op.create_index(
        "idx_finding_comments_finding_id",
        "finding_comments",
        ["finding_id", "created_at"],
        unique=False,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    op.execute("DROP TRIGGER y_team ON vln.audit_requests")
    for table in (
        "finding_comments",
        "finding_status_changes",
        "finding_locations",
        "findings",
        "weaknesses",
    ):
        op.drop_table(table, schema="vln")
    for function in (
        "search_audits(text, int)",
        "search_findings(text, int)",
        "move_findings()",
        "note_finding_words()",
        "reserve_finding_numbers(uuid, int)",
        "number_finding()",
    ):
        op.execute(f"DROP FUNCTION vln.{function}")
