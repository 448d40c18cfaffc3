"""Keep what was sent: an issued invoice's PDF and XML, once and for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, amended, secure
from vln_desktop.domain.permissions import Role

revision = "invoice_documents"
down_revision = "vat_proofs"
branch_labels = None
depends_on = None

# A draft has no paper of its own yet; its client is not to receive one by mistake.
ISSUED_ONLY = """CREATE FUNCTION vln.check_document() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM vln.invoices i WHERE i.id = NEW.invoice_id AND i.status <> 'draft')
    THEN
        RAISE EXCEPTION 'Only an issued invoice has documents.' USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""


# The address of an e-invoice means nothing without the scheme it belongs to (BT-49-1).
SCHEME = (
    "'e_invoice_address', c.e_invoice_address,",
    "'e_invoice_address', c.e_invoice_address, 'e_invoice_scheme', c.e_invoice_scheme,",
)


def upgrade() -> None:
    """Apply this revision."""
    op.execute(amended("vln.buyer_now(uuid)", SCHEME))
    op.create_table(
        "invoice_documents",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("invoice_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", postgresql.BYTEA(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('pdf', 'cii', 'ubl')", name=op.f("ck_invoice_documents_kind_word")
        ),
        sa.CheckConstraint(
            "sha256 = encode(sha256(content), 'hex')",
            name=op.f("ck_invoice_documents_sha256_of_content"),
        ),
        sa.CheckConstraint(
            "octet_length(content) BETWEEN 1 AND 33554432",
            name=op.f("ck_invoice_documents_content_size"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["vln.invoices.id"], name=op.f("fk_invoice_documents_invoice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_documents")),
        schema="vln",
    )
    op.create_index(
        "uq_invoice_documents_invoice_id_kind",
        "invoice_documents",
        ["invoice_id", "kind"],
        unique=True,
        schema="vln",
    )
    op.execute(ISSUED_ONLY)
    for trigger in (
        "b_issued BEFORE INSERT ON vln.invoice_documents FOR EACH ROW "
        "EXECUTE FUNCTION vln.check_document()",
        "a_keep BEFORE UPDATE OR DELETE ON vln.invoice_documents FOR EACH ROW "
        "EXECUTE FUNCTION vln.refuse_change()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    secure(
        op.execute,
        "invoice_documents",
        Access(
            Role.FINANCE,
            select=ALL,
            insert=("id", "invoice_id", "kind", "content", "sha256"),
        ),
        log=Log("money", label="kind", audit="invoice_id>invoices", large=("content",)),
        touched="never",
    )


def downgrade() -> None:
    """Undo this revision."""
    op.execute(amended("vln.buyer_now(uuid)", SCHEME[::-1]))
    op.drop_table("invoice_documents", schema="vln")
    op.execute("DROP FUNCTION vln.check_document()")
