"""Let credit notes take back no more than was invoiced, and book themselves."""

from __future__ import annotations

from alembic import op

from vln_desktop.db.schema import amended

revision = "credit_notes"
down_revision = "taxes"
branch_labels = None
depends_on = None

# Per category and rate, net and tax: over all its notes an invoice gives back what it took, and
# not a cent more. A group of negative sum (a deduction, a rebate) is given back downwards.
CHECK = """CREATE FUNCTION vln.check_credit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    corrected vln.invoices;
    too_much record;
BEGIN
    SELECT * INTO corrected FROM vln.invoices WHERE id = NEW.corrects_id FOR UPDATE;
    IF corrected.kind = 'credit' OR corrected.status <> 'issued'
       OR (corrected.client_id, corrected.entity_id, corrected.currency)
          <> (NEW.client_id, NEW.entity_id, NEW.currency) THEN
        RAISE EXCEPTION 'A credit note corrects an issued invoice of the same client and seller.'
            USING ERRCODE = 'VL003';
    END IF;
    SELECT note.tax_category, note.tax_percent INTO too_much
      FROM vln.tax_groups(NEW.id) note
      LEFT JOIN vln.creditable(corrected.id) rest USING (tax_category, tax_percent)
     WHERE rest.net_minor IS NULL
        OR note.net_minor NOT BETWEEN least(0, rest.net_minor) AND greatest(0, rest.net_minor)
        OR note.tax_minor NOT BETWEEN least(0, rest.tax_minor) AND greatest(0, rest.tax_minor)
     ORDER BY 1, 2 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'At % % percent this credits more than is left of %.',
            too_much.tax_category, trim_scale(too_much.tax_percent), corrected.number
            USING ERRCODE = 'VL003';
    END IF;
    RETURN NEW;
END $$"""
GROUPS = """CREATE FUNCTION vln.tax_groups(invoice uuid)
RETURNS TABLE (tax_category text, tax_percent numeric, net_minor bigint, tax_minor bigint)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT line.tax_category, line.tax_percent, sum(line.net_minor)::bigint,
           round(sum(line.net_minor) * line.tax_percent / 100)::bigint
      FROM vln.line_items line WHERE line.invoice_id = invoice
     GROUP BY line.tax_category, line.tax_percent
$$"""
CREDITABLE = """CREATE FUNCTION vln.creditable(invoice uuid)
RETURNS TABLE (tax_category text, tax_percent numeric, net_minor bigint, tax_minor bigint)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT taken.tax_category, taken.tax_percent,
           taken.net_minor - coalesce(sum(given.net_minor), 0)::bigint,
           taken.tax_minor - coalesce(sum(given.tax_minor), 0)::bigint
      FROM vln.tax_groups(invoice) taken
      LEFT JOIN (SELECT part.* FROM vln.invoices note, vln.tax_groups(note.id) part
                  WHERE note.corrects_id = invoice AND note.status = 'issued') given
        USING (tax_category, tax_percent)
     GROUP BY taken.tax_category, taken.tax_percent, taken.net_minor, taken.tax_minor
$$"""
# What is still owed is settled at once; what the client paid already stays theirs.
BOOK = """CREATE FUNCTION vln.book_credit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' AS $$
DECLARE
    owed bigint;
BEGIN
    SELECT gross_minor - settled_minor INTO owed FROM vln.invoices WHERE id = NEW.corrects_id;
    IF owed > 0 THEN
        INSERT INTO vln.settlement_lines (id, invoice_id, credit_id, kind, amount_minor, booked_on)
        VALUES (gen_random_uuid(), NEW.corrects_id, NEW.id, 'credit',
                least(owed, NEW.gross_minor), NEW.issued_on);
    END IF;
    UPDATE vln.invoices i SET status = 'cancelled'
     WHERE i.id = NEW.corrects_id AND i.settled_minor = i.gross_minor
       AND i.gross_minor = (SELECT sum(note.gross_minor) FROM vln.invoices note
                             WHERE note.corrects_id = i.id AND note.status = 'issued');
    RETURN NULL;
END $$"""
GUARD = (
    "NEW.gross_minor IS DISTINCT FROM\n"
    "       (SELECT sum(s.amount_minor) FROM vln.settlement_lines s\n"
    "          JOIN vln.invoices note ON note.id = s.credit_id AND note.corrects_id = NEW.id\n"
    "         WHERE s.invoice_id = NEW.id AND s.kind = 'credit')",
    "(NEW.settled_minor < NEW.gross_minor OR NEW.gross_minor IS DISTINCT FROM\n"
    "       (SELECT sum(note.gross_minor) FROM vln.invoices note\n"
    "         WHERE note.corrects_id = NEW.id AND note.status = 'issued'))",
)


def upgrade() -> None:
    """Apply this revision."""
    for function in (GROUPS, CREDITABLE, CHECK, BOOK):
        op.execute(function)
    op.execute(amended("vln.guard_invoice()", GUARD))
    for function in ("tax_groups(uuid)", "creditable(uuid)"):
        op.execute(f"GRANT EXECUTE ON FUNCTION vln.{function} TO vln_finance")
    issues = "WHEN (NEW.kind = 'credit' AND OLD.status = 'draft' AND NEW.status = 'issued')"
    op.execute(
        "CREATE TRIGGER d_credit BEFORE UPDATE ON vln.invoices FOR EACH ROW "
        f"{issues} EXECUTE FUNCTION vln.check_credit()"
    )
    op.execute(
        "CREATE TRIGGER y_credit AFTER UPDATE ON vln.invoices FOR EACH ROW "
        f"{issues} EXECUTE FUNCTION vln.book_credit()"
    )


def downgrade() -> None:
    """Undo this revision."""
    op.execute("DROP TRIGGER y_credit ON vln.invoices")
    op.execute("DROP TRIGGER d_credit ON vln.invoices")
    op.execute(amended("vln.guard_invoice()", (GUARD[1], GUARD[0])))
    for function in ("book_credit()", "check_credit()", "creditable(uuid)", "tax_groups(uuid)"):
        op.execute(f"DROP FUNCTION vln.{function}")
