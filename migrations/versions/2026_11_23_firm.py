"""Make the firm's legal entities and payment accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, secure
from vln_desktop.domain.permissions import Role

revision = "firm"
down_revision = "teams"
branch_labels = None
depends_on = None


# Closed books stay closed for staff: what was reported to the tax office is not reopened alone.
KEEP_CLOSED = """CREATE FUNCTION vln.keep_closed() RETURNS trigger LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    IF NEW.lock_date < OLD.lock_date AND vln.uid() IS NOT NULL THEN
        RAISE EXCEPTION 'The books are closed up to % and stay so.', OLD.lock_date
            USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    op.execute(KEEP_CLOSED)
    op.execute(
        "CREATE TRIGGER c_closed BEFORE UPDATE ON vln.legal_entities FOR EACH ROW "
        "EXECUTE FUNCTION vln.keep_closed()"
    )
    settable = ("legal_name", "line1", "line2", "postal_code", "city", "region", "email",
                "tax_number", "vat_number", "register", "small_print", "lock_date", "logo")  # fmt: skip
    secure(
        op.execute,
        "legal_entities",
        Access(Role.FINANCE, select=ALL, update=settable),
        *(Access(role, select=ALL) for role in (Role.ADMIN, Role.MANAGER, Role.AUDITOR)),
        log=Log("money", label="legal_name", large=("logo",)),
    )
    # A change of where money goes needs a second person: nobody writes this table alone.
    secure(
        op.execute,
        "payment_accounts",
        Access(Role.FINANCE, select=ALL),
        log=Log("money", label="label"),
    )


def _create_tables() -> None:
    op.create_table(
        "legal_entities",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("legal_name", sa.Text(), nullable=False),
        sa.Column("line1", sa.Text(), nullable=False),
        sa.Column("line2", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("tax_number", sa.Text(), server_default="", nullable=False),
        sa.Column("vat_number", sa.Text(), server_default="", nullable=False),
        sa.Column("register", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column(
            "small_print",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "lock_date", sa.Date(), server_default=sa.text("DATE '1970-01-01'"), nullable=False
        ),
        sa.Column("logo", postgresql.BYTEA(), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_entities")),
        sa.UniqueConstraint("code", name=op.f("uq_legal_entities_code")),
        schema="vln",
    )
    op.create_table(
        "payment_accounts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("entity_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("routing", sa.Text(), server_default="", nullable=False),
        sa.Column("bank", sa.Text(), server_default="", nullable=False),
        sa.Column("network", sa.Text(), server_default="", nullable=False),
        sa.Column("confirmed_by", sa.UUID(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
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
            "(kind = 'crypto') = (network <> '')",
            name=op.f("ck_payment_accounts_network_of_crypto"),
        ),
        sa.CheckConstraint(
            "kind IN ('iban', 'ach', 'swift', 'crypto')", name=op.f("ck_payment_accounts_kind_word")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["vln.users.id"], name=op.f("fk_payment_accounts_confirmed_by")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["vln.legal_entities.id"], name=op.f("fk_payment_accounts_entity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_accounts")),
        schema="vln",
    )
    op.create_index(
        "idx_payment_accounts_entity_id",
        "payment_accounts",
        ["entity_id"],
        unique=False,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    for table in ("payment_accounts", "legal_entities"):
        op.drop_table(table, schema="vln")
    op.execute("DROP FUNCTION vln.keep_closed()")
