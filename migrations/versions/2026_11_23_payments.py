"""Make the payments and what they settle."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import ALL, Access, Log, enforce_transitions, secure
from vln_desktop.domain.payments import PAYMENT_TRANSITIONS
from vln_desktop.domain.permissions import Role

revision = "payments"
down_revision = "invoices"
branch_labels = None
depends_on = None

# In minor units. Larger ones wait for a second person, who comes with the approvals.
WRITE_OFF_LIMIT = 10_000

SETTLE = f"""CREATE FUNCTION vln.check_settlement() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    invoice vln.invoices;
    payment vln.payments;
    credit vln.invoices;
    closed date;
    used bigint;
BEGIN
    SELECT * INTO invoice FROM vln.invoices WHERE id = NEW.invoice_id FOR UPDATE;
    IF invoice.status <> 'issued' OR invoice.kind = 'credit' THEN
        RAISE EXCEPTION 'Only an issued invoice is settled.' USING ERRCODE = 'VL003';
    END IF;
    SELECT lock_date INTO closed FROM vln.legal_entities WHERE id = invoice.entity_id;
    IF NEW.booked_on <= closed THEN
        RAISE EXCEPTION 'The books are closed up to %.', closed USING ERRCODE = 'VL003';
    END IF;
    IF invoice.settled_minor + NEW.amount_minor > invoice.gross_minor THEN
        RAISE EXCEPTION 'That is more than is owed on %.', invoice.number USING ERRCODE = 'VL003';
    END IF;
    IF vln.uid() IS NOT NULL AND (NEW.kind = 'write_off' AND NEW.amount_minor > {WRITE_OFF_LIMIT}
                                  OR NEW.kind = 'rounding' AND NEW.amount_minor > 100) THEN
        RAISE EXCEPTION 'Nobody gives up that much alone: a second person is needed.'
            USING ERRCODE = 'VL004';
    END IF;
    IF NEW.kind = 'payment' THEN
        SELECT * INTO payment FROM vln.payments WHERE id = NEW.payment_id FOR UPDATE;
        SELECT coalesce(sum(amount_minor), 0) INTO used
          FROM vln.settlement_lines WHERE payment_id = NEW.payment_id;
        IF payment.status <> 'completed' OR payment.currency <> invoice.currency
           OR payment.client_id <> invoice.client_id OR payment.entity_id <> invoice.entity_id THEN
            RAISE EXCEPTION 'A completed payment of the same client, seller and currency is needed.'
                USING ERRCODE = 'VL003';
        END IF;
        IF used + NEW.amount_minor > payment.amount_minor THEN
            RAISE EXCEPTION 'That is more than is left of the payment.' USING ERRCODE = 'VL003';
        END IF;
    ELSIF NEW.kind = 'credit' THEN
        SELECT * INTO credit FROM vln.invoices WHERE id = NEW.credit_id FOR UPDATE;
        SELECT coalesce(sum(amount_minor), 0) INTO used
          FROM vln.settlement_lines WHERE credit_id = NEW.credit_id;
        IF credit.kind <> 'credit' OR credit.status <> 'issued'
           OR credit.currency <> invoice.currency OR credit.client_id <> invoice.client_id
           OR credit.entity_id <> invoice.entity_id
           OR used + NEW.amount_minor > credit.gross_minor THEN
            RAISE EXCEPTION 'An issued credit note of the same client with enough left is needed.'
                USING ERRCODE = 'VL003';
        END IF;
    END IF;
    RETURN NEW;
END $$"""

BOOK = """CREATE FUNCTION vln.book_settlement() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE vln.invoices SET settled_minor = settled_minor + NEW.amount_minor
     WHERE id = NEW.invoice_id;
    UPDATE vln.invoices SET settled_minor = settled_minor + NEW.amount_minor
     WHERE id = NEW.credit_id;
    RETURN NULL;
END $$"""

GUARD = """CREATE FUNCTION vln.guard_payment() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF (NEW.amount_minor, NEW.currency, NEW.client_id, NEW.entity_id, NEW.received_on)
       IS DISTINCT FROM
       (OLD.amount_minor, OLD.currency, OLD.client_id, OLD.entity_id, OLD.received_on) THEN
        RAISE EXCEPTION 'What was received cannot be changed.' USING ERRCODE = 'VL002';
    END IF;
    IF OLD.status = 'completed' AND NEW.status <> 'completed' AND EXISTS (
        SELECT FROM vln.settlement_lines WHERE payment_id = OLD.id) THEN
        RAISE EXCEPTION 'The payment settles an invoice.' USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    for function in (SETTLE, BOOK, GUARD):
        op.execute(function)
    for trigger in (
        "b_check BEFORE INSERT ON vln.settlement_lines FOR EACH ROW "
        "EXECUTE FUNCTION vln.check_settlement()",
        "y_book AFTER INSERT ON vln.settlement_lines FOR EACH ROW "
        "EXECUTE FUNCTION vln.book_settlement()",
        "a_keep BEFORE UPDATE OR DELETE ON vln.settlement_lines FOR EACH ROW "
        "EXECUTE FUNCTION vln.refuse_change()",
        "c_guard BEFORE UPDATE ON vln.payments FOR EACH ROW EXECUTE FUNCTION vln.guard_payment()",
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    enforce_transitions(op.execute, "payments", "status", PAYMENT_TRANSITIONS)
    secure(
        op.execute,
        "payments",
        Access(
            Role.FINANCE,
            select=ALL,
            insert=("id", "client_id", "entity_id", "audit_id", "method", "status", "reference",
                    "amount_minor", "currency", "received_on"),
            update=("status", "reference"),
            insert_check="status IN ('pending', 'processing', 'completed')",
        ),
        log=Log("money", audit="audit_id"),
    )  # fmt: skip
    secure(
        op.execute,
        "settlement_lines",
        Access(
            Role.FINANCE,
            select=ALL,
            insert=("id", "invoice_id", "payment_id", "credit_id", "kind", "amount_minor",
                    "booked_on", "note"),
        ),
        log=Log("money", label="kind", audit="invoice_id>invoices"),
        touched="never",
    )  # fmt: skip


def _create_tables() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("entity_id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
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
            "method IN ('credit_card', 'ach', 'wire', 'check', 'crypto')",
            name=op.f("ck_payments_method_word"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'processing', 'completed', 'failed', 'refunded', 'cancelled')",
            name=op.f("ck_payments_status_word"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_amount_range")),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_payments_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["vln.clients.id"], name=op.f("fk_payments_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["currency"], ["vln.currencies.code"], name=op.f("fk_payments_currency")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["vln.legal_entities.id"], name=op.f("fk_payments_entity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        schema="vln",
    )
    op.create_index("idx_payments_audit_id", "payments", ["audit_id"], unique=False, schema="vln")
    op.create_index(
        "idx_payments_client_id",
        "payments",
        ["client_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_payments_created_at", "payments", ["created_at", "id"], unique=False, schema="vln"
    )
    op.create_index(
        "idx_payments_status",
        "payments",
        ["status", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "settlement_lines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("invoice_id", sa.UUID(), nullable=False),
        sa.Column("payment_id", sa.UUID(), nullable=True),
        sa.Column("credit_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(kind = 'credit') = (credit_id IS NOT NULL)",
            name=op.f("ck_settlement_lines_credit_of_kind"),
        ),
        sa.CheckConstraint(
            "(kind = 'payment') = (payment_id IS NOT NULL)",
            name=op.f("ck_settlement_lines_payment_of_kind"),
        ),
        sa.CheckConstraint(
            "kind IN ('payment', 'credit', 'bank_fee', 'withholding_tax', 'discount', 'fx', 'rounding', 'write_off')",
            name=op.f("ck_settlement_lines_kind_word"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_settlement_lines_amount_range")),
        sa.ForeignKeyConstraint(
            ["credit_id"], ["vln.invoices.id"], name=op.f("fk_settlement_lines_credit_id")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["vln.invoices.id"], name=op.f("fk_settlement_lines_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["vln.payments.id"], name=op.f("fk_settlement_lines_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_lines")),
        schema="vln",
    )
    op.create_index(
        op.f("idx_settlement_lines_credit_id"),
        "settlement_lines",
        ["credit_id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_settlement_lines_invoice_id",
        "settlement_lines",
        ["invoice_id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_settlement_lines_payment_id",
        "settlement_lines",
        ["payment_id"],
        unique=False,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    for table in ("settlement_lines", "payments"):
        op.drop_table(table, schema="vln")
    for function in ("guard_payment", "book_settlement", "check_settlement"):
        op.execute(f"DROP FUNCTION vln.{function}()")
