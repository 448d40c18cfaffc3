"""Let auditors' policies ask for a row's assignment by index instead of collecting all of them."""

from __future__ import annotations

from alembic import op

from vln_desktop.db.schema import assigned

revision = "scope_policies"
down_revision = "log_cost"
branch_labels = None
depends_on = None

# Its owner's view: the table's own policies, which ask it, do not bind it. A barrier, so that
# nobody's function sees another person's rows before they are sorted out. Its column is named like
# no other, so that a policy need not say whose `audit_id` it means.
MY_ASSIGNMENTS = """CREATE VIEW vln.my_assignments WITH (security_barrier) AS
    SELECT a.audit_id AS my_audit FROM vln.audit_assignments a
     WHERE a.user_id = (SELECT vln.uid())
       AND (a.valid_until IS NULL
            OR a.valid_until >= (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date))"""

COLLECTED = r"(\w+) IN \( SELECT unnest\(vln\.my_audits\(\)\) AS unnest\)"
PROBED = (
    r"\( SELECT true(?: AS bool)?\s+FROM vln\.my_assignments"
    r"\s+WHERE \(my_assignments\.my_audit = \w+\.(\w+)\)\)"
)
IN_ARRAY = r"(\w+) = ANY \(vln\.my_audits\(\)\)"
IN_VIEW = r"EXISTS \(SELECT FROM vln\.my_assignments WHERE my_audit = (\w+)\)"


def rewrite(found: str, instead: str, called: str, call_instead: str) -> str:
    """Return the block that puts one form of the scope in the place of another, everywhere."""
    return rf"""DO $$
    DECLARE
        one record;
        changed text;
    BEGIN
        FOR one IN SELECT * FROM pg_catalog.pg_policies
                    WHERE schemaname = 'vln' AND concat(qual, with_check) ~ '{found}' LOOP
            changed := format('ALTER POLICY %I ON vln.%I', one.policyname, one.tablename);
            IF one.qual IS NOT NULL THEN
                changed := concat(changed, ' USING (',
                                  regexp_replace(one.qual, '{found}', '{instead}', 'g'), ')');
            END IF;
            IF one.with_check IS NOT NULL THEN
                changed := concat(changed, ' WITH CHECK (',
                                  regexp_replace(one.with_check, '{found}', '{instead}', 'g'), ')');
            END IF;
            EXECUTE changed;
        END LOOP;
        FOR one IN SELECT p.oid FROM pg_catalog.pg_proc p
                    WHERE p.pronamespace = 'vln'::regnamespace AND p.prosrc ~ '{called}' LOOP
            EXECUTE regexp_replace(pg_get_functiondef(one.oid), '{called}', '{call_instead}', 'g');
        END LOOP;
    END $$"""


def upgrade() -> None:
    """Apply this revision."""
    op.execute(MY_ASSIGNMENTS)
    op.execute("GRANT SELECT ON vln.my_assignments TO vln_auditor")
    view = r"EXISTS (SELECT FROM vln.my_assignments WHERE my_audit = \1)"
    op.execute(rewrite(COLLECTED, assigned(r"\1"), IN_ARRAY, view))


def downgrade() -> None:
    """Undo this revision."""
    op.execute(rewrite(PROBED, r"(\1 IN (SELECT unnest(vln.my_audits())))",
                       IN_VIEW, r"\1 = ANY (vln.my_audits())"))  # fmt: skip
    op.execute("DROP VIEW vln.my_assignments")
