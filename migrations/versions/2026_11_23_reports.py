"""Make the reports and their frozen versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, enforce_transitions, secure, through
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.reports import REPORT_TRANSITIONS

revision = "reports"
down_revision = "scans"
branch_labels = None
depends_on = None

STATUS_ONLY = ("id", "audit_id", "kind", "status", "language", "distribution", "created_at",
               "updated_at", "published_at", "deleted_at", "version")  # fmt: skip
WRITTEN = ("kind", "title", "summary", "methodology", "language", "distribution",
           "embargo_until", "public_consent", "status", "deleted_at")  # fmt: skip

GUARD = """CREATE FUNCTION vln.guard_report() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    IF OLD.status NOT IN ('draft', 'review')
       AND (to_jsonb(NEW) - ARRAY['status', 'approver_id', 'published_at', 'updated_at', 'version'])
           IS DISTINCT FROM
           (to_jsonb(OLD) - ARRAY['status', 'approver_id', 'published_at', 'updated_at', 'version'])
    THEN
        RAISE EXCEPTION 'An approved report cannot be changed; send it back to review first.'
            USING ERRCODE = 'VL002';
    END IF;
    IF NEW.status = OLD.status THEN RETURN NEW; END IF;
    IF vln.my_role() = 'auditor' AND (NEW.status IN ('approved', 'published', 'archived')
                                      OR OLD.status IN ('published', 'archived')) THEN
        RAISE EXCEPTION 'A manager approves and publishes reports.' USING ERRCODE = '42501';
    END IF;
    IF NEW.status = 'approved' AND OLD.status = 'review' THEN
        IF OLD.author_id = vln.uid() THEN
            RAISE EXCEPTION 'Nobody approves their own report.' USING ERRCODE = 'VL004';
        END IF;
        NEW.approver_id := coalesce(vln.uid(), NEW.approver_id);
    END IF;
    IF NEW.status IN ('draft', 'review') THEN NEW.approver_id := NULL; END IF;
    IF NEW.status = 'published' AND OLD.status = 'approved' THEN
        -- The last change was the approval: an older version shows what was not approved.
        IF NOT EXISTS (SELECT FROM vln.report_versions
                       WHERE report_id = NEW.id AND created_at >= OLD.updated_at) THEN
            RAISE EXCEPTION 'A report is published with a frozen version.' USING ERRCODE = 'VL002';
        END IF;
        IF NEW.distribution = 'public' AND NOT (NEW.public_consent
            AND coalesce(NEW.embargo_until, vln.today()) <= vln.today()) THEN
            RAISE EXCEPTION 'Public publication needs the consent of the client and a passed embargo.'
                USING ERRCODE = 'VL002';
        END IF;
        NEW.published_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$"""

# A version may only be frozen of an approved report, by the manager who publishes it.
FREEZE = """CREATE FUNCTION vln.guard_report_version() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vln.reports
                   WHERE id = NEW.report_id AND audit_id = NEW.audit_id AND status = 'approved') THEN
        RAISE EXCEPTION 'Only an approved report is published.' USING ERRCODE = 'VL002';
    END IF;
    NEW.created_at := clock_timestamp();
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    op.execute(GUARD)
    op.execute(FREEZE)
    for trigger in (
        "c_guard BEFORE UPDATE ON vln.reports FOR EACH ROW EXECUTE FUNCTION vln.guard_report()",
        "b_guard BEFORE INSERT ON vln.report_versions FOR EACH ROW "
        "EXECUTE FUNCTION vln.guard_report_version()",
        "a_keep BEFORE UPDATE OR DELETE ON vln.report_versions FOR EACH ROW "
        "EXECUTE FUNCTION vln.refuse_change()",
        "b_keep BEFORE TRUNCATE ON vln.report_versions FOR EACH STATEMENT "
        "EXECUTE FUNCTION vln.refuse_change()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    enforce_transitions(op.execute, "reports", "status", REPORT_TRANSITIONS)
    visible = through("audit_requests", "audit_id")
    own = f"{visible} AND author_id = (SELECT vln.uid())"
    new = (
        "id",
        "audit_id",
        "author_id",
        *(c for c in WRITTEN if c not in {"status", "deleted_at"}),
    )
    secure(
        op.execute,
        "reports",
        *(
            Access(
                role,
                select=ALL,
                insert=new,
                update=WRITTEN,
                rows=visible,
                insert_check=own,
            )
            for role in (Role.MANAGER, Role.AUDITOR)
        ),
        Access(Role.FINANCE, select=STATUS_ONLY),
        Access(Role.ADMIN, select=STATUS_ONLY),
        Access(Role.READONLY, select=STATUS_ONLY),
        log=Log("findings", audit="audit_id"),
    )
    publishes = f"{visible} AND published_by = (SELECT vln.uid())"
    secure(
        op.execute,
        "report_versions",
        Access(
            Role.MANAGER,
            select=ALL,
            insert=(
                "id",
                "audit_id",
                "report_id",
                "ordinal",
                "content",
                "pdf",
                "sha256",
                "published_by",
            ),
            rows=visible,
            insert_check=publishes,
        ),
        Access(Role.AUDITOR, select=ALL, rows=visible),
        log=Log("findings", audit="audit_id", large=("pdf", "content")),
        touched="never",
    )


def _create_tables() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("author_id", sa.UUID(), nullable=False),
        sa.Column("approver_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="preliminary", nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("methodology", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("distribution", sa.Text(), server_default="client", nullable=False),
        sa.Column("embargo_until", sa.Date(), nullable=True),
        sa.Column("public_consent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
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
            "distribution IN ('client', 'restricted', 'public')",
            name=op.f("ck_reports_distribution_word"),
        ),
        sa.CheckConstraint(
            "kind IN ('preliminary', 'final', 'fix_review', 'public_summary', 'attestation')",
            name=op.f("ck_reports_kind_word"),
        ),
        sa.CheckConstraint("language IN ('en', 'de')", name=op.f("ck_reports_language_word")),
        sa.CheckConstraint(
            "status IN ('draft', 'review', 'approved', 'published', 'archived')",
            name=op.f("ck_reports_status_word"),
        ),
        sa.CheckConstraint(
            "approver_id IS NULL OR approver_id <> author_id",
            name=op.f("ck_reports_approver_other"),
        ),
        sa.ForeignKeyConstraint(
            ["approver_id"], ["vln.users.id"], name=op.f("fk_reports_approver_id")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_reports_audit_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["vln.users.id"], name=op.f("fk_reports_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        schema="vln",
    )
    op.create_index(
        "idx_reports_audit_id",
        "reports",
        ["audit_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_reports_created_at", "reports", ["created_at", "id"], unique=False, schema="vln"
    )
    op.create_index(
        "idx_reports_status", "reports", ["status", "created_at", "id"], unique=False, schema="vln"
    )
    op.create_table(
        "report_versions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pdf", postgresql.BYTEA(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("published_by", sa.UUID(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "sha256 = encode(sha256(pdf), 'hex')", name=op.f("ck_report_versions_sha256_of_pdf")
        ),
        sa.CheckConstraint("ordinal >= 1", name=op.f("ck_report_versions_ordinal_range")),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_report_versions_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["vln.users.id"], name=op.f("fk_report_versions_published_by")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["vln.reports.id"], name=op.f("fk_report_versions_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_versions")),
        schema="vln",
    )
    op.create_index(
        "uq_report_versions_report_id_ordinal",
        "report_versions",
        ["report_id", "ordinal"],
        unique=True,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    for table in ("report_versions", "reports"):
        op.drop_table(table, schema="vln")
    for function in ("guard_report_version", "guard_report"):
        op.execute(f"DROP FUNCTION vln.{function}()")
