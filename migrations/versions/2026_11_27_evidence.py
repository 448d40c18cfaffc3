"""Keep the bytes of files in pieces, checked by their hash, opened only on the record; evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, keep_audit, keep_no_statistics, secure, through
from vln_desktop.domain.permissions import Role

revision = "evidence"
down_revision = "presence"
branch_labels = None
depends_on = None

WORKERS = (Role.MANAGER, Role.AUDITOR)
MIMES = (
    "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "application/zip",
    "application/gzip", "text/markdown", "text/csv", "text/html", "application/json",
    "application/sarif+json", "application/yaml", "application/toml", "application/xml",
    "text/x-patch", "text/x-source", "text/plain",
)  # fmt: skip
FILE_CHECKS = {
    "mime_word": f"mime IN ({', '.join(repr(mime) for mime in MIMES)})",
    "name_form": r"length(name) BETWEEN 1 AND 255 AND name !~ '[[:cntrl:]/\\]'",
}
VISIBLE = through("audit_requests", "audit_id")
# Whose upload it is adds to it, until it is whole.
MINE_OPEN = (
    "EXISTS (SELECT 1 FROM vln.uploaded_files f WHERE f.id = file_id"
    " AND f.uploaded_by = (SELECT vln.uid()) AND f.stored_at IS NULL AND f.deleted_at IS NULL)"
)

# Elsewhere the policy refuses anyway: an error of our own would tell what there is.
PIECE = """CREATE FUNCTION vln.piece_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    whole bigint := (SELECT size FROM vln.uploaded_files WHERE id = NEW.file_id);
BEGIN
    IF octet_length(NEW.content) IS DISTINCT FROM least(1048576, whole - NEW.ordinal * 1048576::bigint)
       AND (vln.uid() IS NULL OR vln.works_on(NEW.audit_id)) THEN
        RAISE EXCEPTION 'This piece does not fit into the file.' USING ERRCODE = 'VL005';
    END IF;
    RETURN NEW;
END $$"""

OWN_UPLOAD = """CREATE FUNCTION vln_priv.own_upload(file uuid) RETURNS vln.uploaded_files
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    found vln.uploaded_files;
BEGIN
    SELECT * INTO found FROM vln.uploaded_files WHERE id = file FOR NO KEY UPDATE;
    IF found.id IS NULL OR found.deleted_at IS NOT NULL
       OR found.uploaded_by IS DISTINCT FROM vln.uid() OR NOT vln.works_on(found.audit_id) THEN
        RAISE EXCEPTION 'This upload does not exist, or it is not yours.' USING ERRCODE = '42501';
    END IF;
    RETURN found;
END $$"""

FINISH = """CREATE FUNCTION vln.finish_file(file uuid) RETURNS timestamptz LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found vln.uploaded_files := vln_priv.own_upload(file);
    whole bytea;
BEGIN
    IF found.stored_at IS NOT NULL THEN
        RETURN found.stored_at;
    END IF;
    SELECT coalesce(string_agg(content, ''::bytea ORDER BY ordinal), ''::bytea) INTO whole
      FROM vln.file_chunks WHERE file_id = file;
    IF octet_length(whole) <> found.size THEN
        RAISE EXCEPTION 'Pieces of this file are missing; upload it again to add them.'
            USING ERRCODE = 'VL002';
    END IF;
    IF encode(sha256(whole), 'hex') <> found.sha256 THEN
        RAISE EXCEPTION 'The stored bytes do not have the hash that was announced.'
            USING ERRCODE = 'VL002';
    END IF;
    UPDATE vln.uploaded_files SET stored_at = clock_timestamp() WHERE id = file
    RETURNING stored_at INTO found.stored_at;
    RETURN found.stored_at;
END $$"""

DISCARD = """CREATE FUNCTION vln.discard_file(file uuid) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found vln.uploaded_files := vln_priv.own_upload(file);
BEGIN
    IF found.stored_at IS NOT NULL THEN
        RAISE EXCEPTION 'This file is stored; take it out of the list instead.'
            USING ERRCODE = 'VL002';
    END IF;
    DELETE FROM vln.file_chunks WHERE file_id = file;
    DELETE FROM vln.uploaded_files WHERE id = file;
END $$"""

NOTE = """CREATE FUNCTION vln.note_opening(file uuid) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    audit uuid := (SELECT audit_id FROM vln.uploaded_files
                    WHERE id = file AND stored_at IS NOT NULL AND deleted_at IS NULL);
BEGIN
    IF audit IS NULL OR NOT vln.works_on(audit) THEN
        RAISE EXCEPTION 'This file does not exist, or you do not work on its audit.'
            USING ERRCODE = '42501';
    END IF;
    IF NOT EXISTS (SELECT FROM vln.file_openings WHERE file_id = file AND user_id = vln.uid()
                      AND created_at > clock_timestamp() - interval '30 minutes') THEN
        INSERT INTO vln.file_openings (id, audit_id, file_id, user_id, transaction_id)
        VALUES (gen_random_uuid(), audit, file, vln.uid(), pg_current_xact_id()::text::bigint);
    END IF;
END $$"""

# A note that is committed: one of the caller's own open transaction could still be taken back.
# It holds for an hour, so that a large file can travel over a slow link.
READ = """CREATE FUNCTION vln.file_piece(file uuid, piece int) RETURNS bytea LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    audit uuid := (SELECT audit_id FROM vln.uploaded_files
                    WHERE id = file AND stored_at IS NOT NULL AND deleted_at IS NULL);
BEGIN
    IF audit IS NULL OR NOT vln.works_on(audit) THEN
        RAISE EXCEPTION 'This file does not exist, or you do not work on its audit.'
            USING ERRCODE = '42501';
    END IF;
    PERFORM FROM vln.file_openings
      WHERE file_id = file AND user_id = vln.uid()
        AND created_at > clock_timestamp() - interval '1 hour'
        AND transaction_id IS DISTINCT FROM pg_current_xact_id_if_assigned()::text::bigint;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'A file is read only after the opening was noted.' USING ERRCODE = '42501';
    END IF;
    RETURN (SELECT content FROM vln.file_chunks WHERE file_id = file AND ordinal = piece);
END $$"""

# The lock makes who archives the file wait, and see the evidence.
SHOWS = """CREATE FUNCTION vln.evidence_is_stored() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM FROM vln.uploaded_files
      WHERE id = NEW.file_id AND stored_at IS NOT NULL AND deleted_at IS NULL FOR SHARE;
    IF NOT FOUND AND (vln.uid() IS NULL OR vln.works_on(NEW.audit_id)) THEN
        RAISE EXCEPTION 'This file is not stored here; only a stored one is evidence.'
            USING ERRCODE = 'VL002';
    END IF;
    NEW.added_by := coalesce(vln.uid(), NEW.added_by);
    RETURN NEW;
END $$"""

IN_USE = """CREATE FUNCTION vln.file_in_use() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    IF EXISTS (SELECT FROM vln.finding_evidence WHERE file_id = NEW.id) THEN
        RAISE EXCEPTION 'This file is evidence of a finding; take it away there first.'
            USING ERRCODE = 'VL002';
    END IF;
    RETURN NEW;
END $$"""

FUNCTIONS = {
    "vln.piece_fits()": PIECE, "vln_priv.own_upload(uuid)": OWN_UPLOAD,
    "vln.finish_file(uuid)": FINISH, "vln.discard_file(uuid)": DISCARD,
    "vln.note_opening(uuid)": NOTE, "vln.file_piece(uuid, int)": READ,
    "vln.evidence_is_stored()": SHOWS, "vln.file_in_use()": IN_USE,
}  # fmt: skip
CALLED = ("finish_file(uuid)", "discard_file(uuid)", "note_opening(uuid)", "file_piece(uuid, int)")
TABLES = ("finding_evidence", "file_openings", "file_chunks")


def upgrade() -> None:
    """Apply this revision."""
    _extend_files()
    _create_pieces()
    _create_openings()
    _create_evidence()
    for signature, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    for signature in CALLED:
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{signature} TO vln_manager, vln_auditor")
    for table, name, when, function in (
        ("file_chunks", "b_piece_fits", "BEFORE INSERT", "piece_fits"),
        ("finding_evidence", "b_stored", "BEFORE INSERT", "evidence_is_stored"),
        ("uploaded_files", "b_in_use", "BEFORE UPDATE OF deleted_at", "file_in_use"),
    ):
        condition = "WHEN (NEW.deleted_at IS NOT NULL)" if function == "file_in_use" else ""
        op.execute(
            f"CREATE TRIGGER {name} {when} ON vln.{table} FOR EACH ROW {condition} "
            f"EXECUTE FUNCTION vln.{function}()"
        )
    keep_audit(op.execute, "file_chunks", "file_id>uploaded_files")
    keep_audit(op.execute, "finding_evidence", "finding_id>findings", "file_id>uploaded_files")
    keep_no_statistics(op.execute, "file_chunks", "content")
    keep_no_statistics(op.execute, "finding_evidence", "caption")
    _secure()


def _extend_files() -> None:
    op.add_column(
        "uploaded_files",
        sa.Column("uploaded_by", sa.UUID(), server_default=sa.text("vln.uid()"), nullable=True),
        schema="vln",
    )
    op.add_column(
        "uploaded_files",
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        schema="vln",
    )
    op.create_foreign_key(
        op.f("fk_uploaded_files_uploaded_by"), "uploaded_files", "users", ["uploaded_by"], ["id"],
        source_schema="vln", referent_schema="vln",
    )  # fmt: skip
    for name, rule in FILE_CHECKS.items():
        op.create_check_constraint(
            op.f(f"ck_uploaded_files_{name}"), "uploaded_files", rule, schema="vln"
        )


def _secure() -> None:
    secure(
        op.execute,
        "file_chunks",
        *(
            Access(
                role,
                select=("file_id", "ordinal", "audit_id", "created_at"),
                insert=("file_id", "ordinal", "audit_id", "content"),
                rows=VISIBLE,
                insert_check=f"{VISIBLE} AND {MINE_OPEN}",
            )
            for role in WORKERS
        ),
        log=None,
        touched="never",
    )
    secure(
        op.execute,
        "file_openings",
        *(Access(role, select=ALL, rows=VISIBLE) for role in WORKERS),
        log=Log("findings", record="file_id", audit="audit_id"),
        touched="never",
    )
    secure(
        op.execute,
        "finding_evidence",
        *(
            Access(
                role,
                select=ALL,
                insert=("id", "audit_id", "finding_id", "file_id", "caption", "ordinal", "printed"),
                update=("caption", "ordinal", "printed"),
                delete=True,
                rows=VISIBLE,
            )
            for role in WORKERS
        ),
        log=Log("findings", audit="audit_id"),
    )


def _now(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"vln.{target}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, target in columns.items()
    ]


def _create_pieces() -> None:
    op.create_table(
        "file_chunks",
        sa.Column("file_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        _now("created_at"),
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 1048576",
                           name=op.f("ck_file_chunks_content_length")),
        sa.CheckConstraint("ordinal BETWEEN 0 AND 99", name=op.f("ck_file_chunks_ordinal_range")),
        *_references("file_chunks", audit_id="audit_requests", file_id="uploaded_files"),
        sa.PrimaryKeyConstraint("file_id", "ordinal", name=op.f("pk_file_chunks")),
        schema="vln",
    )  # fmt: skip
    # Pictures and archives are compressed already: the server does not try again.
    op.execute("ALTER TABLE vln.file_chunks ALTER COLUMN content SET STORAGE EXTERNAL")


def _create_openings() -> None:
    op.create_table(
        "file_openings",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("file_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        _now("created_at"),
        *_references("file_openings", audit_id="audit_requests", user_id="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_openings")),
        schema="vln",
    )
    for name, columns in (
        ("audit_id", ["audit_id", "created_at"]),
        ("file_id", ["file_id", "user_id", "created_at"]),
    ):
        op.create_index(f"idx_file_openings_{name}", "file_openings", columns, schema="vln")


def _create_evidence() -> None:
    op.create_table(
        "finding_evidence",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("finding_id", sa.UUID(), nullable=False),
        sa.Column("file_id", sa.UUID(), nullable=False),
        sa.Column("caption", sa.Text(), server_default="", nullable=False),
        sa.Column("ordinal", sa.Integer(), server_default="0", nullable=False),
        sa.Column("printed", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("added_by", sa.UUID(), nullable=True),
        _now("created_at"),
        _now("updated_at"),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("length(caption) <= 300",
                           name=op.f("ck_finding_evidence_caption_length")),
        *_references("finding_evidence", audit_id="audit_requests", finding_id="findings",
                     file_id="uploaded_files", added_by="users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_evidence")),
        schema="vln",
    )  # fmt: skip
    op.create_index("uq_finding_evidence_finding_id_file_id", "finding_evidence",
                    ["finding_id", "file_id"], unique=True, schema="vln")  # fmt: skip
    for column in ("file_id", "audit_id"):
        op.create_index(
            f"idx_finding_evidence_{column}", "finding_evidence", [column], schema="vln"
        )


def downgrade() -> None:
    """Undo this revision."""
    op.execute("DROP TRIGGER b_in_use ON vln.uploaded_files")
    for table in TABLES:
        op.drop_table(table, schema="vln")
    for signature in reversed(FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    for name in FILE_CHECKS:
        op.drop_constraint(op.f(f"ck_uploaded_files_{name}"), "uploaded_files", schema="vln")
    for column in ("stored_at", "uploaded_by"):
        op.drop_column("uploaded_files", column, schema="vln")
