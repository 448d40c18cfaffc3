"""Make quotes with their lines and the milestones by which they are billed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import (
    ALL,
    Access,
    Log,
    bound_dates,
    enforce_transitions,
    secure,
    through,
)
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.quotes import QUOTE_TRANSITIONS

revision = "quotes"
down_revision = "invoice_documents"
branch_labels = None
depends_on = None

FREE_WHEN_SENT = ("ARRAY['status', 'decided_on', 'decided_by', 'reference', 'updated_at',"
                  " 'version', 'number_key', 'valid_key']")  # fmt: skip

# A part of a quote changes only while it is a draft; what was sent is what the client holds.
KEEP_PARTS = """CREATE FUNCTION vln.keep_quote_parts() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    quote_status text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.quote_id <> OLD.quote_id THEN
        RAISE EXCEPTION 'A line stays on its quote.' USING ERRCODE = 'VL002';
    END IF;
    SELECT q.status INTO quote_status FROM vln.quotes q
     WHERE q.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.quote_id ELSE NEW.quote_id END FOR UPDATE;
    IF quote_status <> 'draft' THEN
        RAISE EXCEPTION 'A quote that was sent cannot be changed; make a revision instead.'
            USING ERRCODE = 'VL002';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$"""

PRICE = """CREATE FUNCTION vln.price_quote_line() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    digits int;
    gross numeric;
BEGIN
    SELECT c.digits INTO digits FROM vln.quotes q JOIN vln.currencies c ON c.code = q.currency
     WHERE q.id = NEW.quote_id;
    gross := round(NEW.quantity * NEW.unit_price, digits);
    NEW.net_minor := (gross - round(gross * NEW.discount_percent / 100, digits))
                     * (10 ^ digits)::numeric;
    RETURN NEW;
END $$"""

# As on invoices, once per category and rate (EN 16931, BR-CO-17).
TOTAL = """CREATE FUNCTION vln.total_quotes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    UPDATE vln.quotes q
       SET net_minor = sums.net, tax_minor = sums.tax, gross_minor = sums.net + sums.tax
      FROM (SELECT touched.quote_id, coalesce(sum(part.net), 0)::bigint AS net,
                   coalesce(sum(part.tax), 0)::bigint AS tax
              FROM (SELECT DISTINCT quote_id FROM changed) touched
              LEFT JOIN LATERAL (
                   SELECT sum(net_minor) AS net, round(sum(net_minor) * tax_percent / 100) AS tax
                     FROM vln.quote_lines WHERE quote_id = touched.quote_id
                    GROUP BY tax_category, tax_percent) part ON true
             GROUP BY touched.quote_id) sums
     WHERE q.id = sums.quote_id AND (q.net_minor, q.tax_minor) IS DISTINCT FROM (sums.net, sums.tax);
    RETURN NULL;
END $$"""

GUARD = f"""CREATE FUNCTION vln.guard_quote() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    today date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' THEN
            RAISE EXCEPTION 'A quote begins as a draft.' USING ERRCODE = 'VL002';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'draft' THEN
            RAISE EXCEPTION 'A quote that was sent cannot be deleted.' USING ERRCODE = 'VL002';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.status <> 'draft' AND (to_jsonb(NEW) - {FREE_WHEN_SENT})
                  IS DISTINCT FROM (to_jsonb(OLD) - {FREE_WHEN_SENT})
       OR OLD.status IN ('accepted', 'declined')
          AND (NEW.decided_on, NEW.decided_by, NEW.reference)
              IS DISTINCT FROM (OLD.decided_on, OLD.decided_by, OLD.reference) THEN
        RAISE EXCEPTION 'A quote that was sent cannot be changed; make a revision instead.'
            USING ERRCODE = 'VL002';
    END IF;
    IF NEW.status IN ('accepted', 'declined') AND OLD.status = 'sent' THEN
        SELECT (now() AT TIME ZONE e.time_zone)::date INTO today
          FROM vln.legal_entities e WHERE e.id = NEW.entity_id;
        IF NEW.decided_on IS NULL OR NEW.decided_on NOT BETWEEN NEW.sent_on AND today THEN
            RAISE EXCEPTION 'The client decided between the day it was sent and today.'
                USING ERRCODE = 'VL003';
        END IF;
        IF NEW.status = 'accepted' AND NEW.decided_on > NEW.valid_until THEN
            RAISE EXCEPTION 'The quote was valid until %; send a revision instead.', NEW.valid_until
                USING ERRCODE = 'VL003';
        END IF;
        IF btrim(NEW.decided_by) = '' THEN
            RAISE EXCEPTION 'Say who decided for the client.' USING ERRCODE = 'VL003';
        END IF;
    ELSIF (NEW.decided_on, NEW.decided_by, NEW.reference)
          IS DISTINCT FROM (OLD.decided_on, OLD.decided_by, OLD.reference) THEN
        RAISE EXCEPTION 'Who decided is recorded with the decision.' USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""

SEND = """CREATE FUNCTION vln.send_quote() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    entity vln.legal_entities;
    replaced vln.quotes;
    shares numeric;
    parts int;
BEGIN
    SELECT * INTO entity FROM vln.legal_entities WHERE id = NEW.entity_id;
    NEW.sent_at := clock_timestamp();
    NEW.sent_on := (now() AT TIME ZONE entity.time_zone)::date;
    IF NEW.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION 'An archived draft cannot be sent.' USING ERRCODE = 'VL003';
    END IF;
    IF NEW.gross_minor <= 0 THEN
        RAISE EXCEPTION 'A quote is over more than zero.' USING ERRCODE = 'VL003';
    END IF;
    IF NEW.valid_until IS NULL OR NEW.valid_until < NEW.sent_on THEN
        RAISE EXCEPTION 'Say until which day to come the quote is valid.' USING ERRCODE = 'VL003';
    END IF;
    SELECT count(*), sum(coalesce(m.percent * NEW.net_minor / 100, m.amount_minor))
      INTO parts, shares FROM vln.billing_milestones m WHERE m.quote_id = NEW.id;
    IF parts > 0 AND abs(shares - NEW.net_minor) > parts THEN
        RAISE EXCEPTION 'The milestones do not come to the whole quote.' USING ERRCODE = 'VL003';
    END IF;
    IF NEW.replaces_id IS NOT NULL THEN
        SELECT * INTO replaced FROM vln.quotes WHERE id = NEW.replaces_id FOR UPDATE;
        IF (replaced.client_id, replaced.entity_id) <> (NEW.client_id, NEW.entity_id)
           OR replaced.status NOT IN ('sent', 'declined') THEN
            RAISE EXCEPTION 'A revision replaces a quote of the same client that is not accepted.'
                USING ERRCODE = 'VL003';
        END IF;
        UPDATE vln.quotes SET status = 'replaced' WHERE id = NEW.replaces_id;
    END IF;
    NEW.seller := vln.seller_now(NEW.entity_id);
    NEW.buyer := vln.buyer_now(NEW.client_id);
    NEW.number := entity.code || '-Q' || extract(year FROM NEW.sent_on) || '-' || lpad(
        vln_priv.next_number(NEW.entity_id, 'quote' || extract(year FROM NEW.sent_on), 1)::text, 4, '0');
    RETURN NEW;
END $$"""

TRIGGERS = (
    "b_keep BEFORE INSERT OR UPDATE OR DELETE ON vln.quote_lines FOR EACH ROW "
    "EXECUTE FUNCTION vln.keep_quote_parts()",
    "c_price BEFORE INSERT OR UPDATE ON vln.quote_lines FOR EACH ROW "
    "EXECUTE FUNCTION vln.price_quote_line()",
    "b_keep BEFORE INSERT OR UPDATE OR DELETE ON vln.billing_milestones FOR EACH ROW "
    "EXECUTE FUNCTION vln.keep_quote_parts()",
    "c_guard BEFORE INSERT OR UPDATE OR DELETE ON vln.quotes FOR EACH ROW "
    "EXECUTE FUNCTION vln.guard_quote()",
    "d_send BEFORE UPDATE ON vln.quotes FOR EACH ROW "
    "WHEN (OLD.status = 'draft' AND NEW.status = 'sent') EXECUTE FUNCTION vln.send_quote()",
    *(
        f"y_total_{event.lower()} AFTER {event} ON vln.quote_lines "
        f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT "
        "EXECUTE FUNCTION vln.total_quotes()"
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
)
FUNCTIONS = ("send_quote", "guard_quote", "total_quotes", "price_quote_line", "keep_quote_parts")


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    for function in (KEEP_PARTS, PRICE, TOTAL, GUARD, SEND):
        op.execute(function)
    for trigger in TRIGGERS:
        op.execute(f"CREATE TRIGGER {trigger}")
    enforce_transitions(op.execute, "quotes", "status", QUOTE_TRANSITIONS)
    typed = ("language", "valid_until", "payment_days", "note")
    begun = ("id", "entity_id", "client_id", "audit_id", "currency", "replaces_id")
    decided = ("status", "decided_on", "decided_by", "reference", "deleted_at")
    totals = ("id", "entity_id", "client_id", "audit_id", "status", "number", "number_key",
              "currency", "valid_until", "valid_key", "sent_on", "decided_on", "net_minor",
              "tax_minor", "gross_minor", "created_at", "updated_at", "deleted_at",
              "version")  # fmt: skip
    secure(
        op.execute,
        "quotes",
        Access(Role.FINANCE, select=ALL, insert=(*begun, *typed), update=(*typed, *decided)),
        Access(
            Role.MANAGER,
            select=totals,
            rows=f"audit_id IS NOT NULL AND {through('audit_requests', 'audit_id')}",
        ),
        log=Log("money", label="number", audit="audit_id"),
    )
    bound_dates(op.execute, "quotes", "valid_until", "decided_on", "deleted_at")
    line = ("ordinal", "description", "quantity", "unit", "unit_price", "discount_percent",
            "tax_category", "tax_percent", "exemption_reason", "vatex",
            "departure_reason")  # fmt: skip
    secure(
        op.execute,
        "quote_lines",
        Access(Role.FINANCE, select=ALL, insert=("id", "quote_id", *line), update=line,
               delete=True),
        log=Log("money", audit="quote_id>quotes"),
    )  # fmt: skip
    share = ("ordinal", "due_when", "percent", "amount_minor")
    secure(
        op.execute,
        "billing_milestones",
        Access(Role.FINANCE, select=ALL, insert=("id", "quote_id", *share), update=share,
               delete=True),
        log=Log("money", label="due_when", audit="quote_id>quotes"),
    )  # fmt: skip


def _times() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    )  # fmt: skip


def _create_tables() -> None:
    _create_quotes()
    op.create_table(
        "quote_lines",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("quote_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(15, 3), nullable=False),
        sa.Column("unit", sa.Text(), server_default="C62", nullable=False),
        sa.Column("unit_price", sa.Numeric(19, 4), nullable=False),
        sa.Column("discount_percent", sa.Numeric(5, 2), server_default="0", nullable=False),
        sa.Column("tax_category", sa.Text(), nullable=False),
        sa.Column("tax_percent", sa.Numeric(5, 2), nullable=False),
        sa.Column("exemption_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("vatex", sa.Text(), server_default="", nullable=False),
        sa.Column("departure_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("net_minor", sa.BigInteger(), server_default="0", nullable=False),
        *_times(),
        sa.CheckConstraint(
            "tax_category IN ('S', 'Z', 'E', 'AE', 'K', 'G', 'O')",
            name=op.f("ck_quote_lines_tax_category_word"),
        ),
        sa.CheckConstraint(
            "length(description) BETWEEN 1 AND 2000", name=op.f("ck_quote_lines_description_length")
        ),
        sa.CheckConstraint(
            "quantity > 0 AND quantity < 'NaN'", name=op.f("ck_quote_lines_quantity_range")
        ),
        sa.CheckConstraint(
            "unit_price >= 0 AND unit_price < 'NaN'", name=op.f("ck_quote_lines_unit_price_range")
        ),
        sa.CheckConstraint(
            "discount_percent BETWEEN 0 AND 100", name=op.f("ck_quote_lines_discount_range")
        ),
        sa.CheckConstraint("tax_percent BETWEEN 0 AND 100", name=op.f("ck_quote_lines_tax_range")),
        sa.CheckConstraint(
            "tax_category = 'S' OR tax_percent = 0", name=op.f("ck_quote_lines_tax_of_category")
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"],
            ["vln.quotes.id"],
            name=op.f("fk_quote_lines_quote_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_lines")),
        schema="vln",
    )
    op.create_index("uq_quote_lines_quote_id_ordinal", "quote_lines", ["quote_id", "ordinal"],
                    unique=True, schema="vln")  # fmt: skip
    op.create_table(
        "billing_milestones",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("quote_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("due_when", sa.Text(), nullable=False),
        sa.Column("percent", sa.Numeric(5, 2), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        *_times(),
        sa.CheckConstraint(
            "due_when IN ('start', 'report', 'fix_review')",
            name=op.f("ck_billing_milestones_due_when_word"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(percent, amount_minor) = 1", name=op.f("ck_billing_milestones_one_share")
        ),
        sa.CheckConstraint(
            "(percent IS NULL OR percent > 0 AND percent <= 100)"
            " AND (amount_minor IS NULL OR amount_minor > 0)",
            name=op.f("ck_billing_milestones_share_range"),
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"],
            ["vln.quotes.id"],
            name=op.f("fk_billing_milestones_quote_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_milestones")),
        schema="vln",
    )
    op.create_index(
        "uq_billing_milestones_quote_id_ordinal", "billing_milestones", ["quote_id", "ordinal"],
        unique=True, schema="vln",
    )  # fmt: skip


def _create_quotes() -> None:
    op.create_table(
        "quotes",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("entity_id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=True),
        sa.Column("replaces_id", sa.UUID(), nullable=True),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("number_key", sa.Text(), sa.Computed("coalesce(number, '')", persisted=True),
                  nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("valid_key", sa.Date(),
                  sa.Computed("coalesce(valid_until, DATE '9999-12-31')", persisted=True),
                  nullable=False),
        sa.Column("payment_days", sa.SmallInteger(), server_default="14", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("seller", postgresql.JSONB(), nullable=True),
        sa.Column("buyer", postgresql.JSONB(), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        *_times(),
        sa.CheckConstraint(
            "status IN ('draft', 'sent', 'accepted', 'declined', 'replaced')",
            name=op.f("ck_quotes_status_word"),
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (status = 'draft')", name=op.f("ck_quotes_number_when_sent")
        ),
        sa.CheckConstraint("gross_minor = net_minor + tax_minor", name=op.f("ck_quotes_gross_sum")),
        sa.CheckConstraint("payment_days BETWEEN 0 AND 180", name=op.f("ck_quotes_days_range")),
        sa.CheckConstraint(
            "length(note) <= 4000 AND length(decided_by) <= 200 AND length(reference) <= 200",
            name=op.f("ck_quotes_texts"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"vln.{target}"], name=op.f(f"fk_quotes_{column}"))
            for column, target in (
                ("entity_id", "legal_entities.id"), ("client_id", "clients.id"),
                ("audit_id", "audit_requests.id"), ("replaces_id", "quotes.id"),
                ("currency", "currencies.code"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotes")),
        sa.UniqueConstraint("number", name=op.f("uq_quotes_number")),
        schema="vln",
    )  # fmt: skip
    for name, columns in (
        ("created_at", ["created_at", "id"]), ("number_key", ["number_key", "id"]),
        ("valid_key", ["valid_key", "id"]), ("status", ["status", "created_at", "id"]),
        ("client_id", ["client_id", "created_at", "id"]),
        ("audit_id", ["audit_id", "created_at", "id"]), ("replaces_id", ["replaces_id"]),
    ):  # fmt: skip
        op.create_index(f"idx_quotes_{name}", "quotes", columns, schema="vln")


def downgrade() -> None:
    """Undo this revision."""
    for table in ("billing_milestones", "quote_lines", "quotes"):
        op.drop_table(table, schema="vln")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION vln.{function}()")
