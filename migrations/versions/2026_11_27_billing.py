"""Bill quotes by milestones, and deduct deposit invoices from the final one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from vln_desktop.db.schema import ALL, Access, Log, amended, secure
from vln_desktop.domain.permissions import Role

revision = "billing"
down_revision = "quotes"
branch_labels = None
depends_on = None

# A share of each category and rate of the quote. An amount is parted in proportion; the last group
# takes what rounding leaves.
SHARES = """CREATE FUNCTION vln.milestone_shares(milestone uuid)
RETURNS TABLE (tax_category text, tax_percent numeric, net_minor bigint, reason text, vatex text,
               departure text) LANGUAGE sql STABLE SET search_path = '' AS $$
    WITH parts AS (
        SELECT l.tax_category, l.tax_percent, sum(l.net_minor) AS net,
               max(l.exemption_reason) AS reason, max(l.vatex) AS vatex,
               max(l.departure_reason) AS departure,
               row_number() OVER (ORDER BY l.tax_category DESC, l.tax_percent) AS place
          FROM vln.billing_milestones m JOIN vln.quote_lines l ON l.quote_id = m.quote_id
         WHERE m.id = milestone GROUP BY l.tax_category, l.tax_percent),
    shared AS (
        SELECT p.*, m.amount_minor,
               round(p.net * coalesce(m.percent / 100, m.amount_minor::numeric / q.net_minor))
                   AS share
          FROM parts p, vln.billing_milestones m JOIN vln.quotes q ON q.id = m.quote_id
         WHERE m.id = milestone)
    SELECT s.tax_category, s.tax_percent,
           (CASE WHEN s.amount_minor IS NOT NULL AND s.place = (SELECT max(place) FROM shared)
                 THEN s.amount_minor - coalesce((SELECT sum(o.share) FROM shared o
                                                  WHERE o.place < s.place), 0)
                 ELSE s.share END)::bigint, s.reason, s.vatex, s.departure
      FROM shared s
$$"""

# One line of negative quantity per deposit invoice and tax group, over what is not credited of it.
WANTED = """CREATE FUNCTION vln.deduction_lines(final uuid)
RETURNS TABLE (deposit_id uuid, tax_category text, tax_percent numeric, net_minor bigint)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT d.deposit_id, rest.tax_category, rest.tax_percent, rest.net_minor
      FROM vln.invoice_deductions d, vln.creditable(d.deposit_id) rest
     WHERE d.final_id = final AND rest.net_minor <> 0
$$"""

DEDUCT = """CREATE FUNCTION vln.deduct_deposits(final uuid) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    drafted vln.invoices;
    deposit vln.invoices;
    digits int;
    made int := 0;
BEGIN
    PERFORM vln_priv.require_finance();
    SELECT * INTO drafted FROM vln.invoices i WHERE i.id = final FOR UPDATE;
    IF drafted.kind IS DISTINCT FROM 'final' OR drafted.status <> 'draft'
       OR drafted.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION 'Deposits are deducted from the draft of a final invoice.'
            USING ERRCODE = 'VL003';
    END IF;
    DELETE FROM vln.line_items l WHERE l.invoice_id = final AND l.deducts_id IS NOT NULL;
    DELETE FROM vln.invoice_deductions d WHERE d.final_id = final;
    FOR deposit IN
        SELECT i.* FROM vln.invoices i
         WHERE i.kind = 'deposit' AND i.status = 'issued' AND i.client_id = drafted.client_id
           AND i.entity_id = drafted.entity_id AND i.currency = drafted.currency
           AND (i.audit_id = drafted.audit_id OR EXISTS (
                SELECT FROM vln.billing_milestones a JOIN vln.billing_milestones b USING (quote_id)
                 WHERE a.id = i.milestone_id AND b.id = drafted.milestone_id))
         ORDER BY i.id FOR UPDATE
    LOOP
        CONTINUE WHEN EXISTS (
            SELECT FROM vln.invoice_deductions d JOIN vln.invoices f ON f.id = d.final_id
             WHERE d.deposit_id = deposit.id AND f.deleted_at IS NULL
               AND f.status IN ('draft', 'issued', 'written_off'));
        INSERT INTO vln.invoice_deductions (id, final_id, deposit_id)
        VALUES (gen_random_uuid(), final, deposit.id);
    END LOOP;
    SELECT c.digits INTO digits FROM vln.currencies c WHERE c.code = drafted.currency;
    INSERT INTO vln.line_items (id, invoice_id, ordinal, description, quantity, unit, unit_price,
        tax_category, tax_percent, exemption_reason, vatex, departure_reason, deducts_id)
    SELECT gen_random_uuid(), final, 20000 + row_number() OVER (ORDER BY i.issued_at, w.tax_category
               DESC, w.tax_percent DESC),
           CASE drafted.language WHEN 'de' THEN 'Abzüglich Anzahlungsrechnung ' ELSE
               'Less deposit invoice ' END || i.number,
           -sign(w.net_minor), 'C62', abs(w.net_minor) / (10 ^ digits)::numeric, w.tax_category,
           w.tax_percent, said.reason, said.vatex, said.departure, i.id
      FROM vln.deduction_lines(final) w JOIN vln.invoices i ON i.id = w.deposit_id,
           LATERAL (SELECT max(l.exemption_reason) AS reason, max(l.vatex) AS vatex,
                           max(l.departure_reason) AS departure FROM vln.line_items l
                     WHERE l.invoice_id = i.id AND (l.tax_category, l.tax_percent)
                           = (w.tax_category, w.tax_percent)) said;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END $$"""

KEEP = """CREATE FUNCTION vln.keep_deduction() RETURNS trigger LANGUAGE plpgsql
SET search_path = '' AS $$
BEGIN
    IF current_user = (SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c
                        WHERE c.oid = TG_RELID) THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    -- A form that writes its lines anew leaves these alone.
    IF TG_OP = 'DELETE' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'What deposits deduct is kept by the database.' USING ERRCODE = 'VL002';
END $$"""

FINAL = """CREATE FUNCTION vln.check_final() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    PERFORM FROM vln.invoices i WHERE i.id IN (
        SELECT d.deposit_id FROM vln.invoice_deductions d WHERE d.final_id = NEW.id)
     ORDER BY i.id FOR UPDATE;
    IF EXISTS (SELECT FROM vln.invoice_deductions d JOIN vln.invoices i ON i.id = d.deposit_id
                WHERE d.final_id = NEW.id AND (i.status <> 'issued'
                      OR (i.client_id, i.entity_id, i.currency)
                         <> (NEW.client_id, NEW.entity_id, NEW.currency)
                      OR EXISTS (SELECT FROM vln.invoice_deductions o
                                   JOIN vln.invoices f ON f.id = o.final_id
                                  WHERE o.deposit_id = i.id AND f.id <> NEW.id
                                    AND f.status IN ('issued', 'written_off')))) THEN
        RAISE EXCEPTION 'A deposit invoice was cancelled or deducted elsewhere; draft it from the quote anew.'
            USING ERRCODE = 'VL003';
    END IF;
    IF EXISTS (
        SELECT FROM vln.deduction_lines(NEW.id) w FULL JOIN (
            SELECT l.deducts_id AS deposit_id, l.tax_category, l.tax_percent,
                   -sum(l.net_minor) AS net_minor
              FROM vln.line_items l WHERE l.invoice_id = NEW.id AND l.deducts_id IS NOT NULL
             GROUP BY 1, 2, 3) has USING (deposit_id, tax_category, tax_percent)
         WHERE w.net_minor IS DISTINCT FROM has.net_minor) THEN
        RAISE EXCEPTION 'What is left of a deposit invoice changed; draft it from the quote anew.'
            USING ERRCODE = 'VL003';
    END IF;
    IF EXISTS (
        SELECT FROM vln.invoices i JOIN vln.billing_milestones a ON a.id = i.milestone_id
          JOIN vln.billing_milestones b ON b.quote_id = a.quote_id AND b.id = NEW.milestone_id
         WHERE i.kind = 'deposit' AND i.status = 'issued' AND NOT EXISTS (
               SELECT FROM vln.invoice_deductions d
                WHERE d.final_id = NEW.id AND d.deposit_id = i.id)) THEN
        RAISE EXCEPTION 'A deposit invoice of this quote is not deducted yet; draft it from the quote anew.'
            USING ERRCODE = 'VL003';
    END IF;
    IF EXISTS (SELECT FROM vln.tax_groups(NEW.id) part WHERE part.net_minor < 0) THEN
        RAISE EXCEPTION 'More is deducted at a tax rate than the final invoice charges.'
            USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""

# After the final invoice is out, its deposits stand in it: neither more of them, nor less.
DEPOSIT = """CREATE FUNCTION vln.check_deposit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
BEGIN
    PERFORM FROM vln.quotes q JOIN vln.billing_milestones m ON m.quote_id = q.id
     WHERE m.id = NEW.milestone_id FOR UPDATE OF q;
    IF EXISTS (
        SELECT FROM vln.invoices f JOIN vln.billing_milestones a ON a.id = f.milestone_id
          JOIN vln.billing_milestones b ON b.quote_id = a.quote_id AND b.id = NEW.milestone_id
         WHERE f.kind = 'final' AND f.status IN ('issued', 'written_off')) THEN
        RAISE EXCEPTION 'The final invoice of this quote is issued already.' USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""
CREDIT = (
    "    SELECT note.tax_category, note.tax_percent INTO too_much",
    "    IF EXISTS (SELECT FROM vln.invoice_deductions d JOIN vln.invoices f ON f.id = d.final_id\n"
    "                WHERE d.deposit_id = corrected.id AND f.status IN ('issued', 'written_off'))"
    " THEN\n"
    "        RAISE EXCEPTION 'A final invoice deducts this deposit; credit that one instead.'\n"
    "            USING ERRCODE = 'VL003';\n"
    "    END IF;\n"
    "    SELECT note.tax_category, note.tax_percent INTO too_much",
)

DRAFT = """CREATE FUNCTION vln.draft_milestone(milestone uuid, invoice uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    part vln.billing_milestones;
    quote vln.quotes;
    client vln.clients;
    stands uuid;
    sort text;
    digits int;
BEGIN
    PERFORM vln_priv.require_finance();
    SELECT q.* INTO quote FROM vln.quotes q JOIN vln.billing_milestones m ON m.quote_id = q.id
     WHERE m.id = milestone FOR UPDATE OF q;
    SELECT m.* INTO part FROM vln.billing_milestones m WHERE m.id = milestone;
    IF quote.status IS DISTINCT FROM 'accepted' THEN
        RAISE EXCEPTION 'Only an accepted quote is billed.' USING ERRCODE = 'VL003';
    END IF;
    SELECT i.id INTO stands FROM vln.invoices i
     WHERE i.milestone_id = milestone AND i.deleted_at IS NULL AND i.status <> 'cancelled';
    IF stands IS NOT NULL THEN
        IF EXISTS (SELECT FROM vln.invoices i
                    WHERE i.id = stands AND i.kind = 'final' AND i.status = 'draft') THEN
            PERFORM vln.deduct_deposits(stands);
        END IF;
        RETURN stands;
    END IF;
    SELECT CASE WHEN count(*) = 1 THEN 'standard' WHEN max(m.ordinal) = part.ordinal THEN 'final'
                ELSE 'deposit' END INTO sort
      FROM vln.billing_milestones m WHERE m.quote_id = quote.id;
    IF sort = 'deposit' AND EXISTS (
        SELECT FROM vln.invoices f JOIN vln.billing_milestones m ON m.id = f.milestone_id
         WHERE m.quote_id = quote.id AND f.kind = 'final' AND f.deleted_at IS NULL
           AND f.status <> 'cancelled') THEN
        RAISE EXCEPTION 'The final invoice of this quote is begun already.' USING ERRCODE = 'VL003';
    END IF;
    SELECT c.* INTO client FROM vln.clients c WHERE c.id = quote.client_id;
    INSERT INTO vln.invoices (id, entity_id, client_id, audit_id, account_id, kind, currency,
        language, payment_days, buyer_reference, milestone_id)
    VALUES (invoice, quote.entity_id, quote.client_id, quote.audit_id,
        (SELECT (array_agg(a.id))[1] FROM vln.payment_accounts a
          WHERE a.entity_id = quote.entity_id AND a.currency = quote.currency
            AND a.deleted_at IS NULL HAVING count(*) = 1),
        sort, quote.currency, quote.language, quote.payment_days, client.buyer_reference,
        milestone);
    IF sort = 'deposit' THEN
        SELECT c.digits INTO digits FROM vln.currencies c WHERE c.code = quote.currency;
        INSERT INTO vln.line_items (id, invoice_id, ordinal, description, quantity, unit,
            unit_price, tax_category, tax_percent, exemption_reason, vatex, departure_reason)
        SELECT gen_random_uuid(), invoice,
               row_number() OVER (ORDER BY s.tax_category DESC, s.tax_percent DESC),
               CASE quote.language WHEN 'de' THEN 'Anzahlung auf Angebot ' ELSE
                   'Deposit on quote ' END || quote.number, 1, 'C62',
               s.net_minor / (10 ^ digits)::numeric, s.tax_category, s.tax_percent, s.reason,
               s.vatex, s.departure
          FROM vln.milestone_shares(milestone) s WHERE s.net_minor <> 0;
        RETURN invoice;
    END IF;
    INSERT INTO vln.line_items (id, invoice_id, ordinal, description, quantity, unit, unit_price,
        discount_percent, tax_category, tax_percent, exemption_reason, vatex, departure_reason)
    SELECT gen_random_uuid(), invoice, l.ordinal, l.description, l.quantity, l.unit, l.unit_price,
           l.discount_percent, l.tax_category, l.tax_percent, l.exemption_reason, l.vatex,
           l.departure_reason
      FROM vln.quote_lines l WHERE l.quote_id = quote.id;
    IF sort = 'final' THEN PERFORM vln.deduct_deposits(invoice); END IF;
    RETURN invoice;
END $$"""

# Finance learns that a report is approved, and nothing of what it says.
STATE = """CREATE FUNCTION vln.billing_state(quote uuid)
RETURNS TABLE (milestone_id uuid, due_when text, percent numeric, net_minor bigint, ready boolean,
               invoice_id uuid, invoice_number text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM vln_priv.require_finance();
    RETURN QUERY
    SELECT m.id, m.due_when, m.percent,
           (SELECT sum(s.net_minor)::bigint FROM vln.milestone_shares(m.id) s),
           q.status = 'accepted' AND (m.due_when = 'start' OR EXISTS (
               SELECT FROM vln.reports r WHERE r.audit_id = q.audit_id AND r.deleted_at IS NULL
                  AND r.status IN ('approved', 'published')
                  AND r.kind = CASE m.due_when WHEN 'report' THEN 'final' ELSE 'fix_review' END)),
           i.id, coalesce(i.number, '')
      FROM vln.billing_milestones m JOIN vln.quotes q ON q.id = m.quote_id
      LEFT JOIN vln.invoices i ON i.milestone_id = m.id AND i.deleted_at IS NULL
           AND i.status <> 'cancelled'
     WHERE m.quote_id = billing_state.quote ORDER BY m.ordinal, m.id;
END $$"""
FOR_FINANCE = (
    "deduct_deposits(uuid)", "draft_milestone(uuid, uuid)", "billing_state(uuid)",
)  # fmt: skip
HELPERS = ("milestone_shares(uuid)", "deduction_lines(uuid)", "keep_deduction()", "check_final()",
           "check_deposit()")  # fmt: skip
TRIGGERS = (
    ("a_deduction_update", "line_items", "BEFORE UPDATE ON vln.line_items FOR EACH ROW WHEN"
     " (OLD.deducts_id IS NOT NULL OR NEW.deducts_id IS NOT NULL)"
     " EXECUTE FUNCTION vln.keep_deduction()"),
    ("a_deduction_delete", "line_items", "BEFORE DELETE ON vln.line_items FOR EACH ROW WHEN"
     " (OLD.deducts_id IS NOT NULL) EXECUTE FUNCTION vln.keep_deduction()"),
    ("d_final", "invoices", "BEFORE UPDATE ON vln.invoices FOR EACH ROW WHEN (NEW.kind = 'final'"
     " AND OLD.status = 'draft' AND NEW.status = 'issued') EXECUTE FUNCTION vln.check_final()"),
    ("d_deposit", "invoices", "BEFORE UPDATE ON vln.invoices FOR EACH ROW WHEN"
     " (NEW.kind = 'deposit' AND OLD.status = 'draft' AND NEW.status = 'issued')"
     " EXECUTE FUNCTION vln.check_deposit()"),
)  # fmt: skip


def upgrade() -> None:
    """Apply this revision."""
    _add_columns()
    op.create_table(
        "invoice_deductions",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("final_id", sa.UUID(), nullable=False),
        sa.Column("deposit_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"),
                  nullable=False),
        *(
            sa.ForeignKeyConstraint([column], ["vln.invoices.id"],
                                    name=op.f(f"fk_invoice_deductions_{column}"))
            for column in ("final_id", "deposit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_deductions")),
        schema="vln",
    )  # fmt: skip
    op.create_index("uq_invoice_deductions_final_id_deposit_id", "invoice_deductions",
                    ["final_id", "deposit_id"], unique=True, schema="vln")  # fmt: skip
    op.create_index("idx_invoice_deductions_deposit_id", "invoice_deductions", ["deposit_id"],
                    schema="vln")  # fmt: skip
    secure(
        op.execute,
        "invoice_deductions",
        Access(Role.FINANCE, select=ALL),
        log=Log("money", audit="final_id>invoices"),
        touched="never",
    )
    for function in (SHARES, WANTED, DEDUCT, KEEP, FINAL, DEPOSIT, DRAFT, STATE):
        op.execute(function)
    op.execute(amended("vln.check_credit()", CREDIT))
    for signature in FOR_FINANCE:
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{signature} TO vln_finance")
    for name, _, body in TRIGGERS:
        event, rest = body.split(" ON ", 1)
        op.execute(f"CREATE TRIGGER {name} {event} ON {rest}")


def _add_columns() -> None:
    for table, column, target in (
        ("invoices", "milestone_id", "billing_milestones"),
        ("line_items", "deducts_id", "invoices"),
    ):
        op.add_column(table, sa.Column(column, sa.UUID(), nullable=True), schema="vln")
        op.create_foreign_key(op.f(f"fk_{table}_{column}"), table, target, [column], ["id"],
                              source_schema="vln", referent_schema="vln")  # fmt: skip
    op.create_index("idx_line_items_deducts_id", "line_items", ["deducts_id"], schema="vln")
    op.create_index(
        "uq_invoices_milestone_id", "invoices", ["milestone_id"], unique=True, schema="vln",
        postgresql_where=sa.text("deleted_at IS NULL AND status <> 'cancelled'"),
    )  # fmt: skip


def downgrade() -> None:
    """Undo this revision."""
    op.execute(amended("vln.check_credit()", (CREDIT[1], CREDIT[0])))
    for name, table, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON vln.{table}")
    op.drop_table("invoice_deductions", schema="vln")
    for signature in (*FOR_FINANCE, *HELPERS[::-1]):
        op.execute(f"DROP FUNCTION vln.{signature}")
    op.drop_column("line_items", "deducts_id", schema="vln")
    op.drop_column("invoices", "milestone_id", schema="vln")
