"""Make currencies, taxes, number series and invoices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, Access, Log, enforce_transitions, secure, through
from vln_desktop.domain.invoices import INVOICE_TRANSITIONS
from vln_desktop.domain.permissions import Role

revision = "invoices"
down_revision = "reports"
branch_labels = None
depends_on = None

# Only a draft may change; what an issued invoice says is frozen (§ 14 UStG, EN 16931). The keys
# are generated columns: a BEFORE trigger sees them empty, and they only follow what is frozen.
FREE_WHEN_ISSUED = ("ARRAY['status', 'settled_minor', 'updated_at', 'version', 'number_key', "
                    "'issued_key', 'due_key']")  # fmt: skip

PRICE_LINE = """CREATE FUNCTION vln.price_line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    line vln.line_items := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    invoice_status text;
    digits int;
    gross numeric;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.invoice_id <> OLD.invoice_id THEN
        RAISE EXCEPTION 'A line stays on its invoice.' USING ERRCODE = 'VL002';
    END IF;
    SELECT i.status, c.digits INTO invoice_status, digits
      FROM vln.invoices i JOIN vln.currencies c ON c.code = i.currency
     WHERE i.id = line.invoice_id FOR UPDATE OF i;
    IF invoice_status <> 'draft' THEN
        RAISE EXCEPTION 'An issued invoice cannot be changed; make a credit note instead.'
            USING ERRCODE = 'VL002';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    gross := round(NEW.quantity * NEW.unit_price, digits);
    NEW.net_minor := (gross - round(gross * NEW.discount_percent / 100, digits))
                     * (10 ^ digits)::numeric;
    RETURN NEW;
END $$"""

# Tax is rounded once per category and rate (EN 16931, BR-CO-17).
TOTAL = """CREATE FUNCTION vln.total_invoices() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    UPDATE vln.invoices i
       SET net_minor = sums.net, tax_minor = sums.tax, gross_minor = sums.net + sums.tax
      FROM (SELECT touched.invoice_id, coalesce(sum(tax_group.net), 0)::bigint AS net,
                   coalesce(sum(tax_group.tax), 0)::bigint AS tax
              FROM (SELECT DISTINCT invoice_id FROM changed) touched
              LEFT JOIN LATERAL (
                   SELECT sum(net_minor) AS net,
                          round(sum(net_minor) * tax_percent / 100) AS tax
                     FROM vln.line_items WHERE invoice_id = touched.invoice_id
                    GROUP BY tax_category, tax_percent) tax_group ON true
             GROUP BY touched.invoice_id) sums
     WHERE i.id = sums.invoice_id
       AND (i.net_minor, i.tax_minor) IS DISTINCT FROM (sums.net, sums.tax);
    RETURN NULL;
END $$"""

SELLER = """CREATE FUNCTION vln.seller_now(entity uuid) RETURNS jsonb LANGUAGE sql STABLE
SET search_path = '' AS $$
    SELECT to_jsonb(e) - ARRAY['id', 'logo', 'lock_date', 'created_at', 'updated_at',
                               'deleted_at', 'version']
      FROM vln.legal_entities e WHERE e.id = entity
$$"""

BUYER = """CREATE FUNCTION vln.buyer_now(client uuid) RETURNS jsonb LANGUAGE sql STABLE
SET search_path = '' AS $$
    SELECT jsonb_build_object(
        'code', c.code, 'legal_name', c.legal_name, 'country', c.country,
        'buyer_reference', c.buyer_reference, 'e_invoice_address', c.e_invoice_address,
        'address', (SELECT jsonb_build_object('line1', a.line1, 'line2', a.line2,
                        'postal_code', a.postal_code, 'city', a.city, 'region', a.region,
                        'country', a.country)
                      FROM vln.addresses a WHERE a.client_id = c.id
                     ORDER BY a.kind = 'billing' DESC, a.created_at DESC, a.id DESC LIMIT 1),
        'tax_numbers', (SELECT coalesce(jsonb_agg(r.number ORDER BY r.number), '[]')
                          FROM vln.client_tax_registrations r WHERE r.client_id = c.id))
      FROM vln.clients c WHERE c.id = client
$$"""

# The number comes last and from a locked row, in the transaction that issues: no gap, no reuse.
ISSUE = """CREATE FUNCTION vln.issue_invoice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    entity vln.legal_entities;
    series vln.invoice_series;
BEGIN
    SELECT * INTO entity FROM vln.legal_entities WHERE id = NEW.entity_id;
    NEW.issued_at := clock_timestamp();
    NEW.issued_on := coalesce(NEW.issued_on, (now() AT TIME ZONE entity.time_zone)::date);
    IF NEW.issued_on <= entity.lock_date THEN
        RAISE EXCEPTION 'The books of % are closed up to %.', entity.legal_name, entity.lock_date
            USING ERRCODE = 'VL003';
    END IF;
    IF NEW.issued_on > (now() AT TIME ZONE entity.time_zone)::date THEN
        RAISE EXCEPTION 'An invoice cannot be dated in the future.' USING ERRCODE = 'VL003';
    END IF;
    IF NEW.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION 'An archived draft cannot be issued.' USING ERRCODE = 'VL003';
    END IF;
    IF NOT EXISTS (SELECT FROM vln.line_items WHERE invoice_id = NEW.id) THEN
        RAISE EXCEPTION 'An invoice needs at least one line.' USING ERRCODE = 'VL003';
    END IF;
    IF NEW.account_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM vln.payment_accounts WHERE id = NEW.account_id AND entity_id = NEW.entity_id
    ) THEN
        RAISE EXCEPTION 'The account belongs to another seller.' USING ERRCODE = 'VL003';
    END IF;
    IF NEW.kind = 'credit' AND NOT EXISTS (
        SELECT FROM vln.invoices i WHERE i.id = NEW.corrects_id AND i.kind <> 'credit'
           AND i.status = 'issued' AND i.client_id = NEW.client_id
           AND i.entity_id = NEW.entity_id AND i.currency = NEW.currency) THEN
        RAISE EXCEPTION 'A credit note corrects an issued invoice of the same client and seller.'
            USING ERRCODE = 'VL003';
    END IF;
    IF NEW.gross_minor <= 0 THEN
        RAISE EXCEPTION 'An invoice is over more than zero.' USING ERRCODE = 'VL003';
    END IF;
    NEW.seller := vln.seller_now(NEW.entity_id);
    NEW.buyer := vln.buyer_now(NEW.client_id);
    NEW.due_on := NEW.issued_on + NEW.payment_days;
    INSERT INTO vln.invoice_series (id, entity_id, kind, year, prefix)
    VALUES (gen_random_uuid(), NEW.entity_id, NEW.kind, extract(year FROM NEW.issued_on),
            entity.code || '-' || CASE NEW.kind WHEN 'credit' THEN 'CN' WHEN 'deposit' THEN 'D'
                WHEN 'final' THEN 'F' ELSE 'R' END || extract(year FROM NEW.issued_on) || '-')
    ON CONFLICT (entity_id, kind, year) DO NOTHING;
    UPDATE vln.invoice_series SET last_number = last_number + 1
     WHERE entity_id = NEW.entity_id AND kind = NEW.kind
       AND year = extract(year FROM NEW.issued_on)
    RETURNING * INTO series;
    NEW.series_id := series.id;
    NEW.number := series.prefix
        || lpad(series.last_number::text, greatest(4, length(series.last_number::text)), '0');
    RETURN NEW;
END $$"""

GUARD = f"""CREATE FUNCTION vln.guard_invoice() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' THEN
            RAISE EXCEPTION 'An invoice begins as a draft.' USING ERRCODE = 'VL002';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'draft' THEN
            RAISE EXCEPTION 'An issued invoice cannot be deleted.' USING ERRCODE = 'VL002';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.status <> 'draft' AND (to_jsonb(NEW) - {FREE_WHEN_ISSUED})
                  IS DISTINCT FROM (to_jsonb(OLD) - {FREE_WHEN_ISSUED}) THEN
        RAISE EXCEPTION 'An issued invoice cannot be changed; make a credit note instead.'
            USING ERRCODE = 'VL002';
    END IF;
    IF NEW.status = 'cancelled' AND OLD.status = 'issued' AND NEW.gross_minor IS DISTINCT FROM
       (SELECT sum(s.amount_minor) FROM vln.settlement_lines s
          JOIN vln.invoices note ON note.id = s.credit_id AND note.corrects_id = NEW.id
         WHERE s.invoice_id = NEW.id AND s.kind = 'credit') THEN
        RAISE EXCEPTION 'An invoice is cancelled by a credit note over the whole amount.'
            USING ERRCODE = 'VL003';
    END IF;
    IF NEW.status = 'written_off' AND OLD.status = 'issued' AND
       (NEW.settled_minor < NEW.gross_minor OR NOT EXISTS (
            SELECT FROM vln.settlement_lines WHERE invoice_id = NEW.id AND kind = 'write_off')) THEN
        RAISE EXCEPTION 'Book the rest as a write-off first.' USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""

# Another currency has other decimals: the lines' amounts are computed again.
REPRICE = """CREATE FUNCTION vln.reprice_lines() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE vln.line_items SET ordinal = ordinal WHERE invoice_id = NEW.id;
    RETURN NULL;
END $$"""

KEEP_SERIES = """CREATE FUNCTION vln.guard_series() RETURNS trigger LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    IF NEW.last_number NOT IN (OLD.last_number, OLD.last_number + 1)
       OR (NEW.last_number > 0 AND NEW.prefix <> OLD.prefix)
       OR (NEW.entity_id, NEW.kind, NEW.year) <> (OLD.entity_id, OLD.kind, OLD.year) THEN
        RAISE EXCEPTION 'Invoice numbers are neither skipped nor reused.' USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    for function in (PRICE_LINE, TOTAL, SELLER, BUYER, ISSUE, GUARD, REPRICE, KEEP_SERIES):
        op.execute(function)
    for trigger in (
        "b_price BEFORE INSERT OR UPDATE OR DELETE ON vln.line_items "
        "FOR EACH ROW EXECUTE FUNCTION vln.price_line()",
        "c_guard BEFORE INSERT OR UPDATE OR DELETE ON vln.invoices "
        "FOR EACH ROW EXECUTE FUNCTION vln.guard_invoice()",
        "d_issue BEFORE UPDATE ON vln.invoices FOR EACH ROW "
        "WHEN (OLD.status = 'draft' AND NEW.status = 'issued') "
        "EXECUTE FUNCTION vln.issue_invoice()",
        "y_reprice AFTER UPDATE ON vln.invoices FOR EACH ROW "
        "WHEN (OLD.currency IS DISTINCT FROM NEW.currency) EXECUTE FUNCTION vln.reprice_lines()",
        "c_guard BEFORE UPDATE ON vln.invoice_series "
        "FOR EACH ROW EXECUTE FUNCTION vln.guard_series()",
        *(
            f"y_total_{event.lower()} AFTER {event} ON vln.line_items "
            f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT "
            "EXECUTE FUNCTION vln.total_invoices()"
            for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
        ),
    ):
        op.execute(f"CREATE TRIGGER {trigger}")
    for function in ("seller_now(uuid)", "buyer_now(uuid)"):
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_finance")
    enforce_transitions(op.execute, "invoices", "status", INVOICE_TRANSITIONS)
    for table in ("legal_entities", "payment_accounts", "clients", "audit_requests"):
        op.create_foreign_key(
            op.f(f"fk_{table}_currency"),
            table,
            "currencies",
            ["currency"],
            ["code"],
            source_schema="vln",
            referent_schema="vln",
        )
    _secure_taxes()
    _secure_invoices()


def _secure_taxes() -> None:
    readers = (Role.FINANCE, Role.MANAGER)
    secure(
        op.execute,
        "currencies",
        *(Access(role, select=ALL) for role in (*readers, Role.ADMIN, Role.AUDITOR)),
        log=Log("money", record="", label="code"),
        touched="never",
    )
    rate = ("country", "name", "percent", "valid_from", "valid_to")
    secure(
        op.execute,
        "tax_rates",
        Access(Role.FINANCE, select=ALL, insert=("id", *rate), update=("valid_to",)),
        log=Log("money", label="name"),
    )
    treatment = ("entity_id", "buyer", "business", "category", "rate_id", "vatex", "wording")
    secure(
        op.execute,
        "tax_treatments",
        Access(
            Role.FINANCE,
            select=ALL,
            insert=("id", *treatment),
            update=("rate_id", "vatex", "wording"),
        ),
        log=Log("money", label="category"),
    )
    secure(
        op.execute,
        "invoice_series",
        Access(
            Role.FINANCE,
            select=ALL,
            insert=("id", "entity_id", "kind", "year", "prefix"),
            update=("prefix",),
        ),
        log=Log("money", label="prefix"),
    )


def _secure_invoices() -> None:
    typed = ("client_id", "audit_id", "account_id", "currency", "language", "issued_on",
             "payment_days", "supply_from", "supply_to", "po_number", "buyer_reference", "note",
             "tax_currency", "tax_currency_rate")  # fmt: skip
    totals = ("id", "entity_id", "client_id", "audit_id", "kind", "status", "number", "number_key",
              "currency", "issued_on", "issued_key", "due_on", "due_key", "net_minor",
              "tax_minor", "gross_minor", "settled_minor", "created_at", "updated_at",
              "deleted_at", "version")  # fmt: skip
    secure(
        op.execute,
        "invoices",
        Access(
            Role.FINANCE,
            select=ALL,
            insert=("id", "entity_id", "kind", "corrects_id", *typed),
            update=("entity_id", *typed, "status", "deleted_at"),
        ),
        Access(
            Role.MANAGER,
            select=totals,
            rows=f"audit_id IS NOT NULL AND {through('audit_requests', 'audit_id')}",
        ),
        log=Log("money", label="number", audit="audit_id"),
    )
    line = ("ordinal", "description", "quantity", "unit", "unit_price", "discount_percent",
            "tax_category", "tax_percent", "exemption_reason")  # fmt: skip
    secure(
        op.execute,
        "line_items",
        Access(
            Role.FINANCE, select=ALL, insert=("id", "invoice_id", *line), update=line, delete=True
        ),
        log=Log("money", audit="invoice_id>invoices"),
    )


def _create_tables() -> None:
    op.create_table(
        "currencies",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digits", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z]{3}$'", name=op.f("ck_currencies_code_form")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_currencies")),
        schema="vln",
    )
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
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
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_tax_rates_percent_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rates")),
        schema="vln",
    )
    op.create_index(
        "uq_tax_rates_country_name_valid_from",
        "tax_rates",
        ["country", "name", "valid_from"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "tax_treatments",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("entity_id", sa.UUID(), nullable=False),
        sa.Column("buyer", sa.Text(), nullable=False),
        sa.Column("business", sa.Boolean(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("rate_id", sa.UUID(), nullable=True),
        sa.Column("vatex", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "wording",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
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
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "category IN ('S', 'Z', 'E', 'AE', 'K', 'G', 'O')",
            name=op.f("ck_tax_treatments_category_word"),
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["vln.legal_entities.id"], name=op.f("fk_tax_treatments_entity_id")
        ),
        sa.ForeignKeyConstraint(
            ["rate_id"], ["vln.tax_rates.id"], name=op.f("fk_tax_treatments_rate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_treatments")),
        schema="vln",
    )
    op.create_index(
        "uq_tax_treatments_entity_id_buyer_business",
        "tax_treatments",
        ["entity_id", "buyer", "business"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "invoice_series",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("entity_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), server_default="0", nullable=False),
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
            "kind IN ('standard', 'deposit', 'final', 'credit')",
            name=op.f("ck_invoice_series_kind_word"),
        ),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_invoice_series_last_number_range")),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["vln.legal_entities.id"], name=op.f("fk_invoice_series_entity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_series")),
        sa.UniqueConstraint("prefix", name=op.f("uq_invoice_series_prefix")),
        schema="vln",
    )
    op.create_index(
        "uq_invoice_series_entity_id_kind_year",
        "invoice_series",
        ["entity_id", "kind", "year"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "invoices",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("entity_id", sa.UUID(), nullable=False),
        sa.Column("client_id", sa.UUID(), nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=True),
        sa.Column("account_id", sa.UUID(), nullable=True),
        sa.Column("series_id", sa.UUID(), nullable=True),
        sa.Column("corrects_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="standard", nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column(
            "number_key",
            sa.Text(),
            sa.Computed("coalesce(number, '')", persisted=True),
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "issued_key",
            sa.Date(),
            sa.Computed("coalesce(issued_on, DATE '9999-12-31')", persisted=True),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "due_key",
            sa.Date(),
            sa.Computed("coalesce(due_on, DATE '9999-12-31')", persisted=True),
            nullable=False,
        ),
        sa.Column("payment_days", sa.SmallInteger(), server_default="14", nullable=False),
        sa.Column("supply_from", sa.Date(), nullable=True),
        sa.Column("supply_to", sa.Date(), nullable=True),
        sa.Column("po_number", sa.Text(), server_default="", nullable=False),
        sa.Column("buyer_reference", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("seller", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("buyer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax_currency", sa.Text(), nullable=True),
        sa.Column("tax_currency_rate", sa.Numeric(precision=18, scale=8), nullable=True),
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
            "(kind = 'credit') = (corrects_id IS NOT NULL)",
            name=op.f("ck_invoices_credit_corrects"),
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (status = 'draft')", name=op.f("ck_invoices_number_when_issued")
        ),
        sa.CheckConstraint(
            "kind IN ('standard', 'deposit', 'final', 'credit')", name=op.f("ck_invoices_kind_word")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'issued', 'cancelled', 'written_off')",
            name=op.f("ck_invoices_status_word"),
        ),
        sa.CheckConstraint(
            "gross_minor = net_minor + tax_minor", name=op.f("ck_invoices_gross_sum")
        ),
        sa.CheckConstraint(
            "settled_minor BETWEEN least(0, gross_minor) AND greatest(0, gross_minor)",
            name=op.f("ck_invoices_settled_range"),
        ),
        sa.CheckConstraint(
            "supply_to IS NULL OR supply_to >= supply_from", name=op.f("ck_invoices_supply_period")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["vln.payment_accounts.id"], name=op.f("fk_invoices_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["vln.audit_requests.id"], name=op.f("fk_invoices_audit_id")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["vln.clients.id"], name=op.f("fk_invoices_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["vln.invoices.id"], name=op.f("fk_invoices_corrects_id")
        ),
        sa.ForeignKeyConstraint(
            ["currency"], ["vln.currencies.code"], name=op.f("fk_invoices_currency")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["vln.legal_entities.id"], name=op.f("fk_invoices_entity_id")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["vln.invoice_series.id"], name=op.f("fk_invoices_series_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
        schema="vln",
    )
    op.create_index(
        "idx_invoices_audit_id",
        "invoices",
        ["audit_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        "idx_invoices_client_id",
        "invoices",
        ["client_id", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_index(
        op.f("idx_invoices_corrects_id"), "invoices", ["corrects_id"], unique=False, schema="vln"
    )
    op.create_index(
        "idx_invoices_created_at", "invoices", ["created_at", "id"], unique=False, schema="vln"
    )
    op.create_index(
        "idx_invoices_due_key", "invoices", ["due_key", "id"], unique=False, schema="vln"
    )
    op.create_index(
        "idx_invoices_issued_key", "invoices", ["issued_key", "id"], unique=False, schema="vln"
    )
    op.create_index(
        "idx_invoices_number_key", "invoices", ["number_key", "id"], unique=False, schema="vln"
    )
    op.create_index(
        "idx_invoices_status",
        "invoices",
        ["status", "created_at", "id"],
        unique=False,
        schema="vln",
    )
    op.create_table(
        "line_items",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("invoice_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=15, scale=3), nullable=False),
        sa.Column("unit", sa.Text(), server_default="C62", nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=19, scale=4), nullable=False),
        sa.Column(
            "discount_percent", sa.Numeric(precision=5, scale=2), server_default="0", nullable=False
        ),
        sa.Column("tax_category", sa.Text(), nullable=False),
        sa.Column("tax_percent", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("exemption_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("net_minor", sa.BigInteger(), server_default="0", nullable=False),
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
        sa.CheckConstraint("description <> ''", name=op.f("ck_line_items_description_not_empty")),
        sa.CheckConstraint(
            "tax_category = 'S' OR tax_percent = 0", name=op.f("ck_line_items_tax_of_category")
        ),
        sa.CheckConstraint(
            "tax_category IN ('S', 'Z', 'E', 'AE', 'K', 'G', 'O')",
            name=op.f("ck_line_items_tax_category_word"),
        ),
        sa.CheckConstraint(
            "discount_percent BETWEEN 0 AND 100", name=op.f("ck_line_items_discount_range")
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_line_items_quantity_range")),
        sa.CheckConstraint("tax_percent BETWEEN 0 AND 100", name=op.f("ck_line_items_tax_range")),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_line_items_unit_price_range")),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["vln.invoices.id"],
            name=op.f("fk_line_items_invoice_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_items")),
        schema="vln",
    )
    op.create_index(
        "uq_line_items_invoice_id_ordinal",
        "line_items",
        ["invoice_id", "ordinal"],
        unique=True,
        schema="vln",
    )


def downgrade() -> None:
    """Undo this revision."""
    for table in ("legal_entities", "payment_accounts", "clients", "audit_requests"):
        op.drop_constraint(f"fk_{table}_currency", table, schema="vln")
    for table in (
        "line_items",
        "invoices",
        "invoice_series",
        "tax_treatments",
        "tax_rates",
        "currencies",
    ):
        op.drop_table(table, schema="vln")
    for function in (
        "guard_series()",
        "reprice_lines()",
        "guard_invoice()",
        "issue_invoice()",
        "buyer_now(uuid)",
        "seller_now(uuid)",
        "total_invoices()",
        "price_line()",
    ):
        op.execute(f"DROP FUNCTION vln.{function}")
