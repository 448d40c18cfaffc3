"""Assemble reports by sections and findings, review them, record what was signed and delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import (
    ALL,
    Access,
    Log,
    amended,
    bound_dates,
    keep_audit,
    keep_no_statistics,
    secure,
    through,
)
from vln_desktop.domain.permissions import Role

revision = "report_work"
down_revision = "notifications"
branch_labels = None
depends_on = None

WORKERS = (Role.MANAGER, Role.AUDITOR)
VISIBLE = through("audit_requests", "audit_id")
KINDS = ("executive_summary", "scope", "overview", "findings", "fix_review", "methodology",
         "limitations", "disclaimer", "custom")  # fmt: skip
LEVELS = ("none", "B-B", "B-T", "B-LT")
RULES = ("internal_note", "foreign_client", "secret", "unblurred_evidence", "to_do", "no_proof",
         "severity_scheme", "no_remediation", "contradicting_count", "dead_reference")  # fmt: skip
DELIVERED_BY = ("email", "portal", "in_person", "post", "public", "other")
TOLD_BY = ("phone", "email", "chat", "in_person")
LONGEST_TEXT = 1_000_000
FROZEN_PARTS = "'published_at', 'updated_at', 'version'"
APPROVES = "NEW.approver_id := coalesce(vln.uid(), NEW.approver_id);"
SENT_BACK = "IF NEW.status IN ('draft', 'review') THEN NEW.approver_id := NULL; END IF;"
NO_STEP = "IF NEW.status = OLD.status THEN RETURN NEW; END IF;"

# What is approved is what somebody else read: open comments are answered first, and who changed a
# section last has seen nobody's second look at it. The digest is of the content as it was read.
APPROVAL = f"""IF EXISTS (SELECT FROM vln.report_comments
                   WHERE report_id = NEW.id AND resolved_at IS NULL) THEN
            RAISE EXCEPTION 'Comments on this report are still open.' USING ERRCODE = 'VL002';
        END IF;
        IF EXISTS (SELECT FROM vln.report_sections
                   WHERE report_id = NEW.id AND edited_by = vln.uid()) THEN
            RAISE EXCEPTION 'Nobody approves what they wrote: a section is yours.'
                USING ERRCODE = 'VL004';
        END IF;
        IF NEW.kind = 'fix_review' AND EXISTS (
               SELECT FROM vln.fix_review_rounds
               WHERE audit_id = NEW.audit_id AND closed_at IS NULL) THEN
            RAISE EXCEPTION 'A round of fix review of this audit is still open.'
                USING ERRCODE = 'VL002';
        END IF;
        IF NEW.approved_digest !~ '^[0-9a-f]{{64}}$' THEN
            RAISE EXCEPTION 'An approval names the content it approves.' USING ERRCODE = 'VL002';
        END IF;
        {APPROVES}"""
BACK = """IF NEW.status IN ('draft', 'review') THEN
        NEW.approver_id := NULL;
        NEW.approved_digest := '';
    END IF;"""
GUARD_CHANGES = (
    (FROZEN_PARTS, f"'approved_digest', {FROZEN_PARTS}"),
    (NO_STEP, f"IF NEW.status = OLD.status OR NEW.status <> 'approved' THEN\n"
              f"        NEW.approved_digest := OLD.approved_digest;\n    END IF;\n    {NO_STEP}"),
    (APPROVES, APPROVAL),
    (SENT_BACK, BACK),
)  # fmt: skip
STAMP = "NEW.created_at := clock_timestamp();"
FREEZE_CHANGES = ((STAMP, f"""IF NEW.content_digest IS DISTINCT FROM
           (SELECT approved_digest FROM vln.reports WHERE id = NEW.report_id) THEN
        RAISE EXCEPTION 'The content is not the one that was approved; have it approved again.'
            USING ERRCODE = 'VL002';
    END IF;
    {STAMP}"""),)  # fmt: skip

# The report is locked, so that an approval waits for the change or the change is refused.
PART = """CREATE FUNCTION vln.guard_report_part() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    stands text;
BEGIN
    SELECT status INTO stands FROM vln.reports
     WHERE id = NEW.report_id AND deleted_at IS NULL FOR SHARE;
    IF stands IS NULL OR stands NOT IN ('draft', 'review') THEN
        RAISE EXCEPTION 'An approved report cannot be changed; send it back to review first.'
            USING ERRCODE = 'VL002';
    END IF;
    RETURN NEW;
END $$"""
WRITTEN_BY = """CREATE FUNCTION vln.note_report_writer() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        -- The beginning of a report is its author's; what is a template's is nobody's yet.
        NEW.edited_by := NULL;
    ELSIF (NEW.title, NEW.text) IS DISTINCT FROM (OLD.title, OLD.text) THEN
        NEW.edited_by := coalesce(vln.uid(), NEW.edited_by);
    ELSE
        NEW.edited_by := OLD.edited_by;
    END IF;
    RETURN NEW;
END $$"""
RESOLVE = """CREATE FUNCTION vln.resolve_report_comment() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NEW.resolved_at IS NOT DISTINCT FROM OLD.resolved_at THEN
        NEW.resolved_by := OLD.resolved_by;
    ELSIF NEW.resolved_at IS NULL THEN
        NEW.resolved_by := NULL;
    ELSE
        NEW.resolved_at := clock_timestamp();
        NEW.resolved_by := coalesce(vln.uid(), NEW.resolved_by);
    END IF;
    RETURN NEW;
END $$"""
DELIVER = """CREATE FUNCTION vln.record_delivery() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    report record;
BEGIN
    SELECT v.sha256, r.status, r.distribution, r.public_consent, r.embargo_until INTO report
      FROM vln.report_versions v JOIN vln.reports r ON r.id = v.report_id
     WHERE v.id = NEW.version_id AND v.report_id = NEW.report_id;
    IF report.status IS NULL OR report.status NOT IN ('published', 'archived') THEN
        RAISE EXCEPTION 'Only a published version is delivered.' USING ERRCODE = 'VL002';
    END IF;
    IF NEW.channel = 'public' AND NOT (report.distribution = 'public' AND report.public_consent
            AND coalesce(report.embargo_until, vln.today()) <= vln.today()) THEN
        RAISE EXCEPTION
            'Public publication needs the consent of the client and a passed embargo.'
            USING ERRCODE = 'VL002';
    END IF;
    IF NEW.delivered_at > clock_timestamp() THEN
        RAISE EXCEPTION 'A delivery is recorded once it is made.' USING ERRCODE = 'VL002';
    END IF;
    NEW.sha256 := report.sha256;
    NEW.recorded_by := coalesce(vln.uid(), NEW.recorded_by);
    RETURN NEW;
END $$"""
TELL = """CREATE FUNCTION vln.record_urgent_notice() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NEW.told_at > clock_timestamp() THEN
        RAISE EXCEPTION 'A notice is recorded once it was given.' USING ERRCODE = 'VL002';
    END IF;
    NEW.recorded_by := coalesce(vln.uid(), NEW.recorded_by);
    RETURN NEW;
END $$"""
# Names of other clients are told only where the paper itself names them, to who publishes it, and
# never unseen: the question is noted with the security events.
NAMED = """CREATE FUNCTION vln.clients_named(report uuid, printed text) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    audit uuid := (SELECT audit_id FROM vln.reports WHERE id = report AND deleted_at IS NULL);
    lowered text := lower(printed);
BEGIN
    IF audit IS NULL OR coalesce(vln.my_role() <> 'manager', true) OR NOT vln.works_on(audit) THEN
        RAISE EXCEPTION 'Only a manager of its audit asks this of a report.'
            USING ERRCODE = '42501';
    END IF;
    IF octet_length(printed) > 8000000 THEN
        RAISE EXCEPTION 'This text is longer than any report.' USING ERRCODE = 'VL005';
    END IF;
    PERFORM vln_priv.note('viewed', vln.uid(),
                          jsonb_build_object('what', 'client names', 'report', report));
    RETURN QUERY
        WITH words AS MATERIALIZED (
            SELECT DISTINCT w AS word FROM regexp_split_to_table(lowered, '[^[:alnum:]]+') w)
        SELECT c.legal_name FROM vln.clients c
         WHERE c.deleted_at IS NULL
           AND c.id <> (SELECT client_id FROM vln.audit_requests WHERE id = audit)
           AND lower((regexp_match(c.legal_name, '[[:alnum:]]+'))[1]) IN (SELECT word FROM words)
           AND position(lower(c.legal_name) IN lowered) > 0
         ORDER BY c.legal_name LIMIT 100;
END $$"""
FUNCTIONS = ("guard_report_part", "note_report_writer", "resolve_report_comment",
             "record_delivery", "record_urgent_notice")  # fmt: skip
TABLES = ("report_sections", "report_findings", "report_comments", "report_allowances",
          "report_deliveries", "urgent_notices")  # fmt: skip


def upgrade() -> None:
    """Apply this revision."""
    for function in (PART, WRITTEN_BY, RESOLVE, DELIVER, TELL):
        op.execute(function)
    _create_sections()
    _create_findings()
    _create_comments()
    _create_allowances()
    _create_deliveries()
    _create_notices()
    _move_texts()
    _bind_approval()
    _record_signatures()
    _mark_evidence()
    op.execute(NAMED)
    op.execute("REVOKE ALL ON FUNCTION vln.clients_named(uuid, text) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION vln.clients_named(uuid, text) TO {Role.MANAGER.group}")


def _mark_evidence() -> None:
    """Let evidence say that it shows what must be blurred before it is printed."""
    op.add_column("finding_evidence", sa.Column("sensitive", sa.Boolean(), nullable=False,
                  server_default=sa.text("false")), schema="vln")  # fmt: skip
    for role in WORKERS:
        op.execute(
            f"GRANT INSERT (sensitive), UPDATE (sensitive) ON vln.finding_evidence TO {role.group}"
        )


def _create_sections() -> None:
    table = "report_sections"
    op.create_table(
        table,
        *_head(),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("left_out", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("edited_by", sa.UUID(), nullable=True),
        *_times(),
        _one_of(table, "kind", KINDS),
        sa.CheckConstraint("length(title) <= 200", name=op.f(f"ck_{table}_title_length")),
        sa.CheckConstraint("kind <> 'custom' OR btrim(title) <> ''",
                           name=op.f(f"ck_{table}_custom_has_title")),
        sa.CheckConstraint(f"length(text) <= {LONGEST_TEXT}",
                           name=op.f(f"ck_{table}_text_length")),
        *_parents(table, edited_by="users"),
        schema="vln",
    )  # fmt: skip
    op.create_index(f"idx_{table}_report_id", table, ["report_id", "ordinal", "id"], schema="vln")
    op.create_index(f"uq_{table}_report_id_kind", table, ["report_id", "kind"], unique=True,
                    schema="vln", postgresql_where=sa.text("kind <> 'custom'"))  # fmt: skip
    keep_no_statistics(op.execute, table, "title", "text")
    _belongs(table)
    _trigger(table, "d_writer BEFORE INSERT OR UPDATE", "note_report_writer")
    written = ("ordinal", "title", "text", "left_out")
    secure(
        op.execute,
        table,
        *(
            Access(role, select=ALL, insert=("id", "audit_id", "report_id", "kind", *written),
                   update=written, rows=VISIBLE)
            for role in WORKERS
        ),
        log=Log("findings", label="kind", audit="audit_id"),
    )  # fmt: skip


def _create_findings() -> None:
    table = "report_findings"
    op.create_table(
        table,
        *_head(),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("left_out", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        *_times(),
        *_parents(table, finding_id="findings"),
        schema="vln",
    )
    op.create_index(f"uq_{table}_report_id_finding_id", table, ["report_id", "finding_id"],
                    unique=True, schema="vln")  # fmt: skip
    op.create_index(f"idx_{table}_finding_id", table, ["finding_id"], schema="vln")
    _belongs(table, "finding_id>findings")
    secure(
        op.execute,
        table,
        *(
            Access(role, select=ALL, update=("ordinal", "left_out"), rows=VISIBLE,
                   insert=("id", "audit_id", "report_id", "finding_id", "ordinal", "left_out"))
            for role in WORKERS
        ),
        log=Log("findings", audit="audit_id"),
    )  # fmt: skip


def _create_comments() -> None:
    table = "report_comments"
    op.create_table(
        table,
        *_head(),
        sa.Column("section_id", sa.UUID(), nullable=True),
        sa.Column("finding_id", sa.UUID(), nullable=True),
        sa.Column("author_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.UUID(), nullable=True),
        *_times(),
        sa.CheckConstraint("btrim(text) <> '' AND length(text) <= 20000",
                           name=op.f(f"ck_{table}_text_form")),
        sa.CheckConstraint("section_id IS NULL OR finding_id IS NULL",
                           name=op.f(f"ck_{table}_one_place")),
        *_parents(table, section_id="report_sections", finding_id="findings", author_id="users",
                  resolved_by="users"),
        schema="vln",
    )  # fmt: skip
    op.create_index(f"idx_{table}_report_id", table, ["report_id", "created_at", "id"],
                    schema="vln")  # fmt: skip
    for column in ("section_id", "finding_id"):
        op.create_index(f"idx_{table}_{column}", table, [column], schema="vln")
    bound_dates(op.execute, table, "resolved_at")
    keep_no_statistics(op.execute, table, "text")
    _belongs(table, "section_id>report_sections", "finding_id>findings", later=False)
    _trigger(table, "d_resolve BEFORE UPDATE", "resolve_report_comment")
    own = f"{VISIBLE} AND author_id = (SELECT vln.uid())"
    secure(
        op.execute,
        table,
        *(
            Access(role, select=ALL, update=("resolved_at",), rows=VISIBLE, insert_check=own,
                   insert=("id", "audit_id", "report_id", "section_id", "finding_id",
                           "author_id", "text"))
            for role in WORKERS
        ),
        log=Log("findings", audit="audit_id"),
    )  # fmt: skip


def _create_allowances() -> None:
    table = "report_allowances"
    op.create_table(
        table,
        *_head(),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("allowed_by", sa.UUID(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        *_times(),
        _one_of(table, "rule", RULES),
        sa.CheckConstraint("key ~ '^[0-9a-f]{64}$'", name=op.f(f"ck_{table}_key_form")),
        sa.CheckConstraint("btrim(reason) <> '' AND length(reason) <= 1000",
                           name=op.f(f"ck_{table}_reason_form")),
        *_parents(table, allowed_by="users"),
        schema="vln",
    )  # fmt: skip
    op.create_index(f"uq_{table}_report_id_key", table, ["report_id", "key"], unique=True,
                    schema="vln", postgresql_where=sa.text("withdrawn_at IS NULL"))  # fmt: skip
    bound_dates(op.execute, table, "withdrawn_at")
    keep_no_statistics(op.execute, table, "reason")
    _belongs(table, later=False)
    own = f"{VISIBLE} AND allowed_by = (SELECT vln.uid())"
    secure(
        op.execute,
        table,
        *(
            Access(role, select=ALL, update=("withdrawn_at",), rows=VISIBLE, insert_check=own,
                   insert=("id", "audit_id", "report_id", "rule", "key", "reason", "allowed_by"))
            for role in WORKERS
        ),
        log=Log("findings", label="rule", audit="audit_id"),
    )  # fmt: skip


def _create_deliveries() -> None:
    table = "report_deliveries"
    op.create_table(
        table,
        *_head(),
        sa.Column("version_id", sa.UUID(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.UUID(), nullable=False),
        _created(),
        _one_of(table, "channel", DELIVERED_BY),
        sa.CheckConstraint("btrim(recipient) <> '' AND length(recipient) <= 300",
                           name=op.f(f"ck_{table}_recipient_form")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f(f"ck_{table}_note_length")),
        *_parents(table, version_id="report_versions", recorded_by="users"),
        schema="vln",
    )  # fmt: skip
    op.create_index(f"idx_{table}_report_id", table, ["report_id", "delivered_at", "id"],
                    schema="vln")  # fmt: skip
    op.create_index(f"idx_{table}_version_id", table, ["version_id"], schema="vln")
    bound_dates(op.execute, table, "delivered_at")
    keep_no_statistics(op.execute, table, "recipient", "note")
    keep_audit(op.execute, table, "report_id>reports", "version_id>report_versions")
    _trigger(table, "c_deliver BEFORE INSERT", "record_delivery")
    _keep(table)
    own = f"{VISIBLE} AND recorded_by = (SELECT vln.uid())"
    secure(
        op.execute,
        table,
        *(
            Access(role, select=ALL, rows=VISIBLE, insert_check=own,
                   insert=("id", "audit_id", "report_id", "version_id", "recipient", "channel",
                           "delivered_at", "note", "recorded_by"))
            for role in WORKERS
        ),
        log=Log("findings", label="channel", audit="audit_id"),
        touched="never",
    )  # fmt: skip


def _create_notices() -> None:
    table = "urgent_notices"
    op.create_table(
        table,
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.UUID(), nullable=False),
        _created(),
        _one_of(table, "channel", TOLD_BY),
        sa.CheckConstraint("btrim(recipient) <> '' AND length(recipient) <= 300",
                           name=op.f(f"ck_{table}_recipient_form")),
        sa.CheckConstraint("btrim(text) <> '' AND length(text) <= 20000",
                           name=op.f(f"ck_{table}_text_form")),
        *_keys(table, audit_id="audit_requests", finding_id="findings", recorded_by="users"),
        schema="vln",
    )  # fmt: skip
    op.create_index(f"idx_{table}_audit_id", table, ["audit_id", "told_at", "id"], schema="vln")
    op.create_index(f"idx_{table}_finding_id", table, ["finding_id"], schema="vln")
    bound_dates(op.execute, table, "told_at")
    keep_no_statistics(op.execute, table, "recipient", "text")
    keep_audit(op.execute, table, "finding_id>findings")
    _trigger(table, "c_tell BEFORE INSERT", "record_urgent_notice")
    _keep(table)
    own = f"{VISIBLE} AND recorded_by = (SELECT vln.uid())"
    secure(
        op.execute,
        table,
        *(
            Access(role, select=ALL, rows=VISIBLE, insert_check=own,
                   insert=("id", "audit_id", "finding_id", "recipient", "channel", "told_at",
                           "text", "recorded_by"))
            for role in WORKERS
        ),
        log=Log("findings", label="channel", audit="audit_id"),
        touched="never",
    )  # fmt: skip


def _move_texts() -> None:
    """Make sections of the two texts that a report had, before a trigger can refuse it."""
    op.execute("ALTER TABLE vln.report_sections DISABLE TRIGGER USER")
    for ordinal, kind, column in ((1, "executive_summary", "summary"),
                                  (6, "methodology", "methodology")):  # fmt: skip
        op.execute(
            "INSERT INTO vln.report_sections (id, audit_id, report_id, ordinal, kind, text)"
            f" SELECT gen_random_uuid(), audit_id, id, {ordinal}, '{kind}', {column}"
            f" FROM vln.reports WHERE {column} <> ''"
        )
    op.execute("ALTER TABLE vln.report_sections ENABLE TRIGGER USER")
    for column in ("summary", "methodology"):
        op.drop_column("reports", column, schema="vln")


def _bind_approval() -> None:
    op.add_column("reports", sa.Column("approved_digest", sa.Text(), server_default="",
                                       nullable=False), schema="vln")  # fmt: skip
    op.execute(f"GRANT UPDATE (approved_digest) ON vln.reports TO {Role.MANAGER.group}")
    op.execute(amended("vln.guard_report()", *GUARD_CHANGES))


def _record_signatures() -> None:
    table = "report_versions"
    for name, kind, default in (
        ("content_digest", sa.Text(), ""),
        ("unsigned_sha256", sa.Text(), ""),
        ("unsigned_size", sa.Integer(), "0"),
        ("signature_level", sa.Text(), "none"),
        ("signer", sa.Text(), ""),
        ("certificate_sha256", sa.Text(), ""),
    ):
        op.add_column(table, sa.Column(name, kind, server_default=default, nullable=False),
                      schema="vln")  # fmt: skip
        op.execute(f"GRANT INSERT ({name}) ON vln.{table} TO {Role.MANAGER.group}")
    levels = ", ".join(f"'{level}'" for level in LEVELS)
    for name, rule in (
        ("signature_level_word", f"signature_level IN ({levels})"),
        ("signer_of_signature",
         "(signature_level = 'none') = (signer = '' AND certificate_sha256 = '')"),
        # What is signed is what was rendered: the signature stands behind it, in the same bytes.
        ("begins_unsigned",
         "unsigned_sha256 = '' OR unsigned_sha256 = "
         "encode(sha256(substr(pdf, 1, unsigned_size)), 'hex')"),
    ):  # fmt: skip
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule, schema="vln")
    op.execute(amended("vln.guard_report_version()", *FREEZE_CHANGES))


def _head() -> tuple[sa.Column[object], ...]:
    return tuple(
        sa.Column(name, sa.UUID(), nullable=False) for name in ("id", "audit_id", "report_id")
    )


def _created() -> sa.Column[object]:
    return sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                     nullable=False)  # fmt: skip


def _times() -> tuple[sa.Column[object], ...]:
    return (
        _created(),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )  # fmt: skip


def _one_of(table: str, column: str, words: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}_word"))


def _parents(table: str, **parents: str) -> tuple[sa.Constraint, ...]:
    return _keys(table, audit_id="audit_requests", report_id="reports", **parents)


def _keys(table: str, **parents: str) -> tuple[sa.Constraint, ...]:
    return (
        *(
            sa.ForeignKeyConstraint(
                [column], [f"vln.{parent}.id"], name=op.f(f"fk_{table}_{column}")
            )
            for column, parent in parents.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _belongs(table: str, *references: str, later: bool = True) -> None:
    """Let rows belong to a report of their audit that can still be changed; `later`, always."""
    keep_audit(op.execute, table, "report_id>reports", *references)
    events = "INSERT OR UPDATE" if later else "INSERT"
    _trigger(table, f"c_report BEFORE {events}", "guard_report_part")


def _trigger(table: str, head: str, function: str) -> None:
    name, when = head.split(" ", 1)
    op.execute(
        f"CREATE TRIGGER {name} {when} ON vln.{table} FOR EACH ROW EXECUTE FUNCTION vln.{function}()"
    )


def _keep(table: str) -> None:
    _trigger(table, "a_keep BEFORE UPDATE OR DELETE", "refuse_change")
    op.execute(
        f"CREATE TRIGGER b_keep BEFORE TRUNCATE ON vln.{table} FOR EACH STATEMENT "
        "EXECUTE FUNCTION vln.refuse_change()"
    )


def downgrade() -> None:
    """Undo this revision; of the sections only the two texts that a report had are kept."""
    op.execute("DROP FUNCTION vln.clients_named(uuid, text)")
    op.drop_column("finding_evidence", "sensitive", schema="vln")
    for function, changes in (("guard_report_version", FREEZE_CHANGES),
                              ("guard_report", GUARD_CHANGES)):  # fmt: skip
        back = tuple((new, old) for old, new in reversed(changes))
        op.execute(amended(f"vln.{function}()", *back))
    for name in ("begins_unsigned", "signer_of_signature", "signature_level_word"):
        op.drop_constraint(op.f(f"ck_report_versions_{name}"), "report_versions", schema="vln")
    for name in ("certificate_sha256", "signer", "signature_level", "unsigned_size",
                 "unsigned_sha256", "content_digest"):  # fmt: skip
        op.drop_column("report_versions", name, schema="vln")
    op.drop_column("reports", "approved_digest", schema="vln")
    _move_texts_back()
    for table in reversed(TABLES):
        op.drop_table(table, schema="vln")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION vln.{name}()")


def _move_texts_back() -> None:
    for column in ("summary", "methodology"):
        op.add_column("reports", sa.Column(column, sa.Text(), server_default="", nullable=False),
                      schema="vln")  # fmt: skip
        keep_no_statistics(op.execute, "reports", column)
        for role in WORKERS:
            op.execute(f"GRANT INSERT ({column}), UPDATE ({column}) ON vln.reports TO {role.group}")
    op.execute("ALTER TABLE vln.reports DISABLE TRIGGER USER")
    for column, kind in (("summary", "executive_summary"), ("methodology", "methodology")):
        op.execute(
            f"UPDATE vln.reports r SET {column} = s.text FROM vln.report_sections s"
            f" WHERE s.report_id = r.id AND s.kind = '{kind}'"
        )
    op.execute("ALTER TABLE vln.reports ENABLE TRIGGER USER")
