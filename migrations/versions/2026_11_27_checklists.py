"""Keep checklists per service type with their results in audits, and the time spent on audits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.checklists import shipped_items
from vln_desktop.db.schema import (
    ALL,
    Access,
    Log,
    bound_dates,
    keep_audit,
    keep_no_statistics,
    secure,
    through,
)
from vln_desktop.domain.permissions import Role

revision = "checklists"
down_revision = "schemes"
branch_labels = None
depends_on = None

WORKERS = (Role.MANAGER, Role.AUDITOR)
VISIBLE = through("audit_requests", "audit_id")
MINE = "user_id = (SELECT vln.uid())"
SERVICES = ("smart_contract_audit", "platform_security_audit", "rng_analysis",
            "wallet_flow_risk_assessment", "api_security_review", "custom_assessment")  # fmt: skip
RESULTS = ("open", "pass", "fail", "not_applicable")
ACTIVITIES = ("review", "tooling", "writing", "meeting", "fix_review", "other")
EDITION = "2026.1"
NAMES = {
    "smart_contract_audit": "Smart contract audit",
    "platform_security_audit": "Platform security audit",
    "rng_analysis": "RNG analysis",
    "wallet_flow_risk_assessment": "Wallet flow risk assessment",
    "api_security_review": "API security review",
    "custom_assessment": "Custom assessment",
}

# The item is locked, so that one that is being retired waits for the result or refuses it.
DECIDE = """CREATE FUNCTION vln.decide_check() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    retired timestamptz;
    wanted text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT i.retired_at, c.service_type INTO retired, wanted
          FROM vln.checklist_items i JOIN vln.checklists c ON c.id = i.checklist_id
         WHERE i.id = NEW.item_id FOR SHARE OF i;
        IF retired IS NOT NULL THEN
            RAISE EXCEPTION 'This item of the checklist is not asked any more.'
                USING ERRCODE = 'VL002';
        END IF;
        IF wanted <> (SELECT service_type FROM vln.audit_requests WHERE id = NEW.audit_id) THEN
            RAISE EXCEPTION 'This item is for audits of another kind.' USING ERRCODE = 'VL002';
        END IF;
    END IF;
    NEW.decided_by := coalesce(vln.uid(), NEW.decided_by);
    NEW.decided_at := clock_timestamp();
    RETURN NEW;
END $$"""

# Counting writes the person's counter: whoever adds at the same moment waits for it, and one whose
# snapshot is older fails to write it, so that the sum below misses nothing at any isolation level.
KEEP_TIME = """CREATE FUNCTION vln.keep_time_entry() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    requested date;
    taken int;
BEGIN
    IF NEW.deleted_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.deleted_at IS NULL
            AND (NEW.day, NEW.minutes) = (OLD.day, OLD.minutes) THEN
        RETURN NEW;
    END IF;
    IF NEW.day > vln.today() THEN
        RAISE EXCEPTION 'Time is entered once it is spent: this day is to come.'
            USING ERRCODE = 'VL002';
    END IF;
    SELECT (created_at AT TIME ZONE 'UTC')::date INTO requested
      FROM vln.audit_requests WHERE id = NEW.audit_id;
    IF NEW.day < requested THEN
        RAISE EXCEPTION 'The audit was asked for on %, not before.', requested
            USING ERRCODE = 'VL002';
    END IF;
    PERFORM vln_priv.next_number(NEW.user_id, 'time_entry', 1);
    SELECT coalesce(sum(minutes), 0) INTO taken FROM vln.time_entries
     WHERE user_id = NEW.user_id AND day = NEW.day AND deleted_at IS NULL AND id <> NEW.id;
    IF taken + NEW.minutes > 1440 THEN
        RAISE EXCEPTION 'A day has 24 hours: %:% of % are entered already.',
            taken / 60, lpad((taken % 60)::text, 2, '0'), NEW.day USING ERRCODE = 'VL002';
    END IF;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    op.execute(DECIDE)
    op.execute(KEEP_TIME)
    _create_checklists()
    _create_items()
    _fill()
    _secure_checklists()
    _create_results()
    _create_time_entries()
    _estimate_effort()


def _create_checklists() -> None:
    op.create_table(
        "checklists",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("service_type", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        *_times(),
        _one_of("checklists", "service_type", SERVICES),
        sa.CheckConstraint("btrim(name) <> '' AND length(name) <= 120",
                           name=op.f("ck_checklists_name_form")),
        sa.CheckConstraint("btrim(edition) <> '' AND length(edition) <= 20",
                           name=op.f("ck_checklists_edition_form")),
        *_parents("checklists"),
        schema="vln",
    )  # fmt: skip
    op.create_index("uq_checklists_service_type_edition", "checklists",
                    ["service_type", "edition"], unique=True, schema="vln")  # fmt: skip
    op.create_index("uq_checklists_active", "checklists", ["service_type"], unique=True,
                    schema="vln", postgresql_where=sa.text("active"))  # fmt: skip


def _create_items() -> None:
    op.create_table(
        "checklist_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("checklist_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        *_times(),
        sa.CheckConstraint("btrim(section) <> '' AND length(section) <= 80",
                           name=op.f("ck_checklist_items_section_form")),
        sa.CheckConstraint("btrim(text) <> '' AND length(text) <= 500",
                           name=op.f("ck_checklist_items_text_form")),
        sa.CheckConstraint("length(reference) <= 120",
                           name=op.f("ck_checklist_items_reference_length")),
        *_parents("checklist_items", checklist_id="checklists"),
        schema="vln",
    )  # fmt: skip
    op.create_index("idx_checklist_items_checklist_id", "checklist_items",
                    ["checklist_id", "ordinal", "id"], schema="vln")  # fmt: skip
    bound_dates(op.execute, "checklist_items", "retired_at")


def _fill() -> None:
    """Write the first edition, before anything of it is logged: nobody did it."""
    items = shipped_items(EDITION)
    ids = {item.service_type: item.checklist_id for item in items}
    lists = sa.table("checklists", *map(sa.column, ("id", "name", "service_type", "edition")),
                     schema="vln")  # fmt: skip
    op.bulk_insert(lists, [
        {"id": ids[service], "name": name, "service_type": service, "edition": EDITION}
        for service, name in NAMES.items()
    ])  # fmt: skip
    columns = ("id", "checklist_id", "ordinal", "section", "text", "reference")
    op.bulk_insert(sa.table("checklist_items", *map(sa.column, columns), schema="vln"), [
        {column: getattr(item, column) for column in columns} for item in items
    ])  # fmt: skip


def _secure_checklists() -> None:
    secure(
        op.execute,
        "checklists",
        *(Access(role, select=ALL) for role in WORKERS),
        log=Log("operations", label="service_type"),
    )
    # What an item says is granted to nobody: a result would rest on other words than were read.
    secure(
        op.execute,
        "checklist_items",
        Access(
            Role.MANAGER,
            select=ALL,
            insert=("id", "checklist_id", "ordinal", "section", "text", "reference"),
            update=("ordinal", "retired_at"),
        ),
        Access(Role.AUDITOR, select=ALL),
        log=Log("operations", hidden=("section", "text", "reference")),
    )


def _create_results() -> None:
    table = "audit_checklist_results"
    op.create_table(
        table,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("item_id", sa.UUID(), nullable=False),
        sa.Column("result", sa.Text(), server_default="open", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=True),
        sa.Column("decided_by", sa.UUID(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        *_times(),
        _one_of(table, "result", RESULTS),
        sa.CheckConstraint("length(note) <= 4000", name=op.f(f"ck_{table}_note_length")),
        sa.CheckConstraint("finding_id IS NULL OR result = 'fail'",
                           name=op.f(f"ck_{table}_only_a_failure_is_a_finding")),
        *_parents(table, audit_id="audit_requests", item_id="checklist_items",
                  finding_id="findings", decided_by="users"),
        schema="vln",
    )  # fmt: skip
    op.create_index(f"uq_{table}_audit_id_item_id", table, ["audit_id", "item_id"], unique=True,
                    schema="vln")  # fmt: skip
    for column in ("item_id", "finding_id"):
        op.create_index(f"idx_{table}_{column}", table, [column], schema="vln")
    keep_audit(op.execute, table, "finding_id>findings")
    op.execute(
        f"CREATE TRIGGER b_same_audit_later BEFORE UPDATE ON vln.{table} FOR EACH ROW "
        "WHEN (OLD.finding_id IS DISTINCT FROM NEW.finding_id) "
        "EXECUTE FUNCTION vln.same_audit('finding_id>findings')"
    )
    op.execute(
        f"CREATE TRIGGER c_decide BEFORE INSERT OR UPDATE ON vln.{table} FOR EACH ROW "
        "EXECUTE FUNCTION vln.decide_check()"
    )
    keep_no_statistics(op.execute, table, "note")
    secure(
        op.execute,
        table,
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "item_id", "result", "note", "finding_id"),
                update=("result", "note", "finding_id"),
                rows=VISIBLE,
            )
            for role in WORKERS
        ),
        log=Log("findings", audit="audit_id"),
    )


def _create_time_entries() -> None:
    table = "time_entries"
    op.create_table(
        table,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        *_times(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True)),
        _one_of(table, "activity", ACTIVITIES),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f(f"ck_{table}_minutes_range")),
        sa.CheckConstraint("length(note) <= 500", name=op.f(f"ck_{table}_note_length")),
        *_parents(table, audit_id="audit_requests", user_id="users"),
        schema="vln",
    )
    op.create_index(f"idx_{table}_audit_id", table, ["audit_id", "day", "id"], schema="vln")
    op.create_index(f"idx_{table}_user_id", table, ["user_id", "day"], schema="vln")
    bound_dates(op.execute, table, "day", "deleted_at")
    keep_no_statistics(op.execute, table, "day", "minutes", "activity", "note")
    op.execute(
        f"CREATE TRIGGER c_keep BEFORE INSERT OR UPDATE ON vln.{table} FOR EACH ROW "
        "EXECUTE FUNCTION vln.keep_time_entry()"
    )
    written = ("day", "minutes", "activity", "note")
    secure(
        op.execute,
        table,
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "user_id", *written),
                update=(*written, "deleted_at"),
                rows=f"{VISIBLE} AND {MINE}",
                read_rows=rows,
            )
            for role, rows in ((Role.MANAGER, VISIBLE), (Role.AUDITOR, f"{VISIBLE} AND {MINE}"))
        ),
        # Auditors read the log of their audits, and not how long their colleagues work.
        log=Log("findings", audit="audit_id", hidden=written),
    )


def _estimate_effort() -> None:
    op.add_column("audit_requests", sa.Column("effort_minutes", sa.Integer(), nullable=True),
                  schema="vln")  # fmt: skip
    op.create_check_constraint(
        op.f("ck_audit_requests_effort_minutes_range"),
        "audit_requests",
        "effort_minutes BETWEEN 1 AND 600000",
        schema="vln",
    )
    op.execute("GRANT SELECT (effort_minutes) ON vln.audit_requests TO vln_auditor")
    op.execute("GRANT UPDATE (effort_minutes) ON vln.audit_requests TO vln_manager")


def _times(*more: sa.Column[object]) -> tuple[sa.Column[object], ...]:
    now = sa.text("now()")
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        *more,
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )


def _one_of(table: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}_word"))


def _parents(table: str, **parents: str) -> tuple[sa.Constraint, ...]:
    return (
        *(
            sa.ForeignKeyConstraint(
                [column], [f"vln.{parent}.id"], name=op.f(f"fk_{table}_{column}")
            )
            for column, parent in parents.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    """Undo this revision."""
    op.drop_column("audit_requests", "effort_minutes", schema="vln")
    op.execute("DELETE FROM vln_priv.counters WHERE kind = 'time_entry'")
    for table in ("time_entries", "audit_checklist_results", "checklist_items", "checklists"):
        op.drop_table(table, schema="vln")
    op.execute("DROP FUNCTION vln.keep_time_entry()")
    op.execute("DROP FUNCTION vln.decide_check()")
