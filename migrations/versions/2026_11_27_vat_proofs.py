"""Keep tax numbers that an authority was asked about: the proof tells of that very number."""

from __future__ import annotations

from alembic import op

revision = "vat_proofs"
down_revision = "credit_notes"
branch_labels = None
depends_on = None

KEEP = """CREATE FUNCTION vln.keep_asked_number() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF EXISTS (SELECT FROM vln.vat_checks v WHERE v.registration_id = OLD.id) THEN
        RAISE EXCEPTION 'The authority was asked about this number; add the right one instead.'
            USING ERRCODE = 'VL002';
    END IF;
    RETURN NEW;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    op.execute(KEEP)
    op.execute(
        "CREATE TRIGGER c_asked BEFORE UPDATE ON vln.client_tax_registrations FOR EACH ROW "
        "WHEN ((OLD.number, OLD.country, OLD.client_id)"
        " IS DISTINCT FROM (NEW.number, NEW.country, NEW.client_id)) "
        "EXECUTE FUNCTION vln.keep_asked_number()"
    )


def downgrade() -> None:
    """Undo this revision."""
    op.execute("DROP TRIGGER c_asked ON vln.client_tax_registrations")
    op.execute("DROP FUNCTION vln.keep_asked_number()")
