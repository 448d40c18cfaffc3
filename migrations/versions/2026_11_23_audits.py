"""Make the clients and their audits, with people, code and files."""

from __future__ import annotations

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
from vln_desktop.domain.audits import AUDIT_TRANSITIONS
from vln_desktop.domain.permissions import Role

revision = "audits"
down_revision = "firm"
branch_labels = None
depends_on = None

# Number and status words only: no project, no client, no money.
STATUS_ONLY = ("id", "service_type", "status", "priority", "priority_rank", "created_at",
               "updated_at", "starts_on", "due_on", "due_key", "completed_at", "version",
               "deleted_at")  # fmt: skip
NAMES = (*STATUS_ONLY, "number", "project", "client_id", "team_id", "user_id", "entity_id",
         "search_vector")  # fmt: skip
WORK = (*NAMES, "description", "scheme_id")
EDITABLE = ("project", "description", "priority", "scheme_id", "starts_on", "due_on", "status")
ON_MY_AUDITS = "id IN (SELECT unnest(vln.my_audits()))"

NUMBER = """CREATE FUNCTION vln.number_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    IF NEW.number = '' THEN
        SELECT code || '-' || vln_priv.next_number(NEW.client_id, 'audit', 1) INTO NEW.number
          FROM vln.clients WHERE id = NEW.client_id;
    END IF;
    RETURN NEW;
END $$"""

STATUS = """CREATE FUNCTION vln.note_audit_status() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'INSERT' OR OLD.status <> NEW.status THEN
        INSERT INTO vln.audit_status_changes (id, audit_id, actor_id, before, after)
        VALUES (gen_random_uuid(), NEW.id, vln.uid(),
                CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status);
    END IF;
    RETURN NULL;
END $$"""

COMPLETED = """CREATE FUNCTION vln.date_completion() RETURNS trigger LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    NEW.completed_at := CASE WHEN NEW.status = 'completed' THEN clock_timestamp() END;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    for function in (NUMBER, STATUS, COMPLETED):
        op.execute(function)
    for trigger in (
        "b_number BEFORE INSERT ON vln.audit_requests FOR EACH ROW "
        "EXECUTE FUNCTION vln.number_audit()",
        "c_completed BEFORE UPDATE ON vln.audit_requests FOR EACH ROW "
        "WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION vln.date_completion()",
        "y_status AFTER INSERT OR UPDATE ON vln.audit_requests FOR EACH ROW "
        "EXECUTE FUNCTION vln.note_audit_status()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    enforce_transitions(op.execute, "audit_requests", "status", AUDIT_TRANSITIONS)
    keep_audit(op.execute, "source_snapshots", "repository_id>audit_repositories")
    keep_audit(op.execute, "scope_items", "snapshot_id>source_snapshots")
    _secure_schemes()
    _secure_audits()
    _secure_scope()
    _secure_clients()


def _secure_schemes() -> None:
    workers = (Role.MANAGER, Role.AUDITOR)
    secure(
        op.execute,
        "severity_schemes",
        *(Access(role, select=ALL) for role in workers),
        log=Log("operations", label="name"),
    )
    secure(
        op.execute,
        "severity_scheme_cells",
        *(Access(role, select=ALL) for role in workers),
        log=Log("operations", record="scheme_id", label="severity"),
        touched="never",
    )


def _secure_audits() -> None:
    new = ("id", "user_id", "client_id", "team_id", "entity_id", "service_type", "currency",
           "estimate_minor", *EDITABLE)  # fmt: skip
    secure(
        op.execute,
        "audit_requests",
        Access(Role.ADMIN, select=(*STATUS_ONLY, "number", "client_id", "team_id")),
        Access(
            Role.MANAGER,
            select=ALL,
            insert=new,
            update=(*EDITABLE, "estimate_minor", "deleted_at"),
            rows=MY_TEAMS,
            insert_check=f"{MY_TEAMS} AND status = 'pending'",
        ),
        Access(Role.AUDITOR, select=WORK, update=("status", "scheme_id"), rows=ON_MY_AUDITS),
        Access(Role.FINANCE, select=(*NAMES, "estimate_minor", "currency")),
        Access(Role.READONLY, select=STATUS_ONLY),
        log=Log("findings", label="number", audit="id"),
    )
    visible = through("audit_requests", "audit_id")
    secure(
        op.execute,
        "audit_status_changes",
        *(
            Access(role, select=ALL, rows=visible)
            for role in (Role.ADMIN, Role.MANAGER, Role.AUDITOR, Role.FINANCE)
        ),
        Access(Role.READONLY, select=("id", "audit_id", "before", "after", "created_at")),
        log=None,
        touched="never",
    )
    # Plain predicates here: the policy of audit_requests asks this table through my_audits().
    secure(
        op.execute,
        "audit_assignments",
        Access(Role.ADMIN, select=ALL),
        Access(
            Role.MANAGER,
            select=ALL,
            insert=("id", "audit_id", "user_id", "duty", "valid_until"),
            update=("duty", "valid_until"),
            rows=visible,
        ),
        Access(Role.AUDITOR, select=ALL, rows=MY_AUDITS),
        log=Log("findings", audit="audit_id"),
        touched="never",
    )


def _secure_scope() -> None:
    visible = through("audit_requests", "audit_id")
    for table, label, columns, changeable, touched in (
        ("audit_repositories", "",
         ("url", "audited_commit", "branch", "compiler", "chains"),
         ("url", "audited_commit", "branch", "compiler", "chains"), "version"),
        ("source_snapshots", "", ("repository_id", "commit", "tree_sha256"), None, "never"),
        ("scope_items", "",
         ("snapshot_id", "path", "sha256", "nsloc", "in_scope", "reason", "address", "chain_id"),
         ("in_scope", "reason", "sha256", "nsloc"), "version"),
        ("uploaded_files", "",
         ("storage_path", "name", "mime", "size", "sha256", "kind"), ("deleted_at",), "never"),
    ):  # fmt: skip
        secure(
            op.execute,
            table,
            *(
                Access(
                    role,
                    select=ALL,
                    insert=("id", "audit_id", *columns),
                    update=changeable,
                    rows=visible,
                )
                for role in (Role.MANAGER, Role.AUDITOR)
            ),
            log=Log("findings", label=label, audit="audit_id"),
            touched="version" if touched == "version" else "never",
        )


def _secure_clients() -> None:
    mine = "EXISTS (SELECT 1 FROM vln.audit_requests mine WHERE mine.client_id = {column})"
    of_client = mine.format(column="clients.id")
    named = ("id", "code", "legal_name", "sort_key", "country", "language", "deleted_at")
    new = ("id", "code", "legal_name", "sort_key", "country", "language", "currency",
           "payment_days", "business", "buyer_reference", "e_invoice_address",
           "e_invoice_scheme")  # fmt: skip
    secure(
        op.execute,
        "clients",
        Access(Role.FINANCE, select=ALL, insert=new, update=(*new[2:], "deleted_at")),
        Access(Role.MANAGER, select=ALL, rows=of_client),
        Access(Role.AUDITOR, select=named, rows=of_client),
        Access(Role.ADMIN, select=named),
        log=Log("money", label="code"),
    )
    for table, label, columns, readers in (
        ("contacts", "", ("client_id", "name", "email", "phone", "duty"),
         (Role.MANAGER, Role.AUDITOR)),
        ("addresses", "",
         ("client_id", "kind", "line1", "line2", "postal_code", "city", "region", "country"), ()),
        ("client_tax_registrations", "", ("client_id", "country", "number"), ()),
        ("client_agreements", "kind",
         ("client_id", "kind", "signed_on", "ends_on", "return_or_destroy_on"), (Role.MANAGER,)),
    ):  # fmt: skip
        secure(
            op.execute,
            table,
            Access(Role.FINANCE, select=ALL, insert=("id", *columns), update=columns[1:]),
            *(
                Access(role, select=ALL, rows=mine.format(column=f"{table}.client_id"))
                for role in readers
            ),
            log=Log("money", label=label),
        )
    secure(
        op.execute,
        "vat_checks",
        Access(
            Role.FINANCE,
            select=ALL,
            insert=("id", "registration_id", "checked_at", "valid", "source", "reference"),
        ),
        log=Log("money"),
        touched="never",
    )


def _create_tables() -> None:
    op.create_table(
        "clients",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("payment_days", sa.SmallInteger(), server_default="14", nullable=False),
        sa.Column("business", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("buyer_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("e_invoice_address", sa.Text(), server_default="", nullable=False),
        sa.Column("e_invoice_scheme", sa.Text(), server_default="", nullable=False),
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
        sa.CheckConstraint("code ~ '^[A-Z][A-Z0-9]{1,9}$'", name=op.f("ck_clients_code_form")),
        sa.CheckConstraint(
            "payment_days BETWEEN 0 AND 180", name=op.f("ck_clients_payment_days_range")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("code", name=op.f("uq_clients_code")),
        schema="vln",
    )
    op.create_index(
        "idx_clients_sort_key", "clients", ["sort_key", "id"], unique=False, schema="vln"
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
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
            "duty IN ('technical', 'billing', 'management')", name=op.f("ck_contacts_duty_word")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_contacts_email_form")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["vln.clients.id"], name=op.f("fk_contacts_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        schema="vln",
    )
    op.create_index("idx_contacts_client_id", "contacts", ["client_id"], unique=False, schema="vln")
    op.create_table(
        "addresses",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("line1", sa.Text(), nullable=False),
        sa.Column("line2", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
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
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f("ck_addresses_country_form")),
        sa.CheckConstraint(
            "kind IN ('billing', 'registered')", name=op.f("ck_addresses_kind_word")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["vln.clients.id"], name=op.f("fk_addresses_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        schema="vln",
    )
    op.create_index(
        "idx_addresses_client_id", "addresses", ["client_id"], unique=False, schema="vln"
    )
    op.create_table(
        "client_tax_registrations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
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
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["vln.clients.id"], name=op.f("fk_client_tax_registrations_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_tax_registrations")),
        schema="vln",
    )
    op.create_index(
        "uq_client_tax_registrations_client_id_number",
        "client_tax_registrations",
        ["client_id", "number"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "vat_checks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("registration_id", sa.UUID(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["vln.client_tax_registrations.id"],
            name=op.f("fk_vat_checks_registration_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vat_checks")),
        schema="vln",
    )
    op.create_index(
        "idx_vat_checks_registration_id",
        "vat_checks",
        ["registration_id", "checked_at"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "client_agreements",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("return_or_destroy_on", sa.Date(), nullable=True),
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
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('nda', 'dpa')", name=op.f("ck_client_agreements_kind_word")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["vln.clients.id"], name=op.f("fk_client_agreements_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_agreements")),
        schema="vln",
    )
    op.create_index(
        "idx_client_agreements_client_id",
        "client_agreements",
        ["client_id"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "severity_schemes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_severity_schemes")),
        sa.UniqueConstraint("name", name=op.f("uq_severity_schemes_name")),
        schema="vln",
    )
    op.create_table(
        "severity_scheme_cells",
        sa.Column("scheme_id", sa.UUID(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("likelihood", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "impact IN ('high', 'medium', 'low')", name=op.f("ck_severity_scheme_cells_impact_word")
        ),
        sa.CheckConstraint(
            "likelihood IN ('high', 'medium', 'low')",
            name=op.f("ck_severity_scheme_cells_likelihood_word"),
        ),
        sa.CheckConstraint(
            "severity IN ('critical', 'high', 'medium', 'low', 'informational')",
            name=op.f("ck_severity_scheme_cells_severity_word"),
        ),
        sa.ForeignKeyConstraint(
            ["scheme_id"],
            ["vln.severity_schemes.id"],
            name=op.f("fk_severity_scheme_cells_scheme_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "scheme_id", "impact", "likelihood", name=op.f("pk_severity_scheme_cells")
        ),
        schema="vln",
    )
    op.create_table(
        "audit_requests",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("team_id", sa.UUID(), nullable=False),
        sa.Column("entity_id", sa.UUID(), nullable=False),
        sa.Column("scheme_id", sa.UUID(), nullable=True),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("priority", sa.Text(), server_default="medium", nullable=False),
        sa.Column(
            "priority_rank",
            sa.Integer(),
            sa.Computed(
                "CASE priority WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("estimate_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "due_key",
            sa.Date(),
            sa.Computed("coalesce(due_on, DATE '9999-12-31')", persisted=True),
            nullable=False,
        ),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "search_vector",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', number || ' ' || project)", persisted=True),
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
            "priority IN ('low', 'medium', 'high', 'critical')",
            name=op.f("ck_audit_requests_priority_word"),
        ),
        sa.CheckConstraint(
            "service_type IN ('smart_contract_audit', 'platform_security_audit', 'rng_analysis', 'wallet_flow_risk_assessment', 'api_security_review', 'custom_assessment')",
            name=op.f("ck_audit_requests_service_type_word"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'intake', 'approved', 'in_progress', 'under_review', 'report_generation', 'completed', 'cancelled')",
            name=op.f("ck_audit_requests_status_word"),
        ),
        sa.CheckConstraint(
            "due_on IS NULL OR starts_on IS NULL OR due_on >= starts_on",
            name=op.f("ck_audit_requests_dates"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["vln.clients.id"], name=op.f("fk_audit_requests_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["vln.legal_entities.id"], name=op.f("fk_audit_requests_entity_id")
        ),
        sa.ForeignKeyConstraint(
            ["scheme_id"], ["vln.severity_schemes.id"], name=op.f("fk_audit_requests_scheme_id")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["vln.teams.id"], name=op.f("fk_audit_requests_team_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_audit_requests_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_audit_requests_number")),
        schema="vln",
    )
    op.create_index(
        "idx_audit_requests_client_id",
        "audit_requests",
        ["client_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_audit_requests_created_at",
        "audit_requests",
        ["created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_audit_requests_due_key",
        "audit_requests",
        ["due_key", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_audit_requests_priority_rank",
        "audit_requests",
        ["priority_rank", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_audit_requests_search_vector",
        "audit_requests",
        ["search_vector"],
        unique=False,
        schema="vln",
        postgresql_using="gin",
    )
    op.create_index(
        "idx_audit_requests_status",
        "audit_requests",
        ["status", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_audit_requests_team_id",
        "audit_requests",
        ["team_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_audit_requests_user_id",
        "audit_requests",
        ["user_id", "status", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "audit_status_changes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_audit_status_changes_audit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_status_changes")),
        schema="vln",
    )
    op.create_index(
        "idx_audit_status_changes_audit_id",
        "audit_status_changes",
        ["audit_id", "created_at"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "audit_assignments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("duty", sa.Text(), server_default="auditor", nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "duty IN ('lead', 'auditor', 'reviewer')", name=op.f("ck_audit_assignments_duty_word")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_audit_assignments_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_audit_assignments_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_assignments")),
        schema="vln",
    )
    op.create_index(
        "idx_audit_assignments_audit_id",
        "audit_assignments",
        ["audit_id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "uq_audit_assignments_user_id_audit_id",
        "audit_assignments",
        ["user_id", "audit_id"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "audit_repositories",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("audited_commit", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), server_default="", nullable=False),
        sa.Column("compiler", sa.Text(), server_default="", nullable=False),
        sa.Column("chains", sa.Text(), server_default="", nullable=False),
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
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "audited_commit ~ '^([0-9a-f]{7,64})?$'", name=op.f("ck_audit_repositories_commit_form")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_audit_repositories_audit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_repositories")),
        schema="vln",
    )
    op.create_index(
        "idx_audit_repositories_audit_id",
        "audit_repositories",
        ["audit_id"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "source_snapshots",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("repository_id", sa.UUID(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("tree_sha256", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "tree_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_source_snapshots_tree_sha256_form")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_source_snapshots_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["repository_id"],
            ["vln.audit_repositories.id"],
            name=op.f("fk_source_snapshots_repository_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_snapshots")),
        schema="vln",
    )
    op.create_index(
        op.f("idx_source_snapshots_audit_id"),
        "source_snapshots",
        ["audit_id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "uq_source_snapshots_repository_id_commit",
        "source_snapshots",
        ["repository_id", "commit"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "scope_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("snapshot_id", sa.UUID(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("nsloc", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_scope", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=True),
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
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("sha256 ~ '^([0-9a-f]{64})?$'", name=op.f("ck_scope_items_sha256_form")),
        sa.CheckConstraint("nsloc >= 0", name=op.f("ck_scope_items_nsloc_range")),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_scope_items_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["vln.source_snapshots.id"], name=op.f("fk_scope_items_snapshot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scope_items")),
        schema="vln",
    )
    op.create_index(
        "idx_scope_items_audit_id", "scope_items", ["audit_id", "path"], unique=False, schema="vln"
    )
    op.create_table(
        "uploaded_files",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("storage_path", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('upload', 'report', 'working')", name=op.f("ck_uploaded_files_kind_word")
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_uploaded_files_sha256_form")),
        sa.CheckConstraint(
            "size BETWEEN 0 AND 104857600", name=op.f("ck_uploaded_files_size_range")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_uploaded_files_audit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploaded_files")),
        schema="vln",
    )
    op.create_index(
        "idx_uploaded_files_audit_id",
        "uploaded_files",
        ["audit_id", "created_at"],
        unique=False,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    for table in (
        "uploaded_files",
        "scope_items",
        "source_snapshots",
        "audit_repositories",
        "audit_assignments",
        "audit_status_changes",
        "audit_requests",
        "severity_scheme_cells",
        "severity_schemes",
        "client_agreements",
        "vat_checks",
        "client_tax_registrations",
        "addresses",
        "contacts",
        "clients",
    ):
        # The policies of clients and audits speak of each other.
        op.execute(f"DROP TABLE vln.{table} CASCADE")
    for function in ("date_completion", "note_audit_status", "number_audit"):
        op.execute(f"DROP FUNCTION vln.{function}()")
