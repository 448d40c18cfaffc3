"""Let managers make severity schemes and retire them; what a scheme says never changes."""

from __future__ import annotations

from alembic import op

from vln_desktop.db.schema import Access, allow, bound_dates
from vln_desktop.domain.permissions import Role

revision = "schemes"
down_revision = "known_issues"
branch_labels = None
depends_on = None

# Impact and likelihood in the order of the words: high, medium, low.
MAKE = """CREATE FUNCTION vln.make_severity_scheme(
    scheme uuid, named text, graded_by text, severities text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    levels text[] := ARRAY['high', 'medium', 'low'];
    wanted int := CASE WHEN graded_by IN ('matrix', 'impact') THEN 9 ELSE 0 END;
BEGIN
    IF vln.my_role() IS DISTINCT FROM 'manager' OR NOT vln.session_ok() THEN
        RAISE EXCEPTION 'Only who leads a team makes severity schemes.' USING ERRCODE = '42501';
    END IF;
    IF coalesce(cardinality(severities), 0) <> wanted THEN
        RAISE EXCEPTION 'A scheme of this kind has % severities.', wanted USING ERRCODE = 'VL005';
    END IF;
    IF graded_by = 'impact' AND EXISTS (
        SELECT FROM generate_series(0, 8) at
         WHERE severities[at + 1] <> severities[at / 3 * 3 + 1]) THEN
        RAISE EXCEPTION 'By impact alone, likelihood changes nothing.' USING ERRCODE = 'VL005';
    END IF;
    INSERT INTO vln.severity_schemes (id, name, method) VALUES (scheme, named, graded_by);
    INSERT INTO vln.severity_scheme_cells (scheme_id, impact, likelihood, severity)
    SELECT scheme, levels[at / 3 + 1], levels[at % 3 + 1], severities[at + 1]
      FROM generate_series(0, wanted - 1) at;
END $$"""
SIGNATURE = "vln.make_severity_scheme(uuid, text, text, text[])"
NAME = "btrim(name) = name AND length(name) BETWEEN 1 AND 120"


def upgrade() -> None:
    """Apply this revision."""
    op.create_check_constraint(
        op.f("ck_severity_schemes_name_form"), "severity_schemes", NAME, schema="vln"
    )
    bound_dates(op.execute, "severity_schemes", "deleted_at")
    op.execute(MAKE)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO vln_manager")
    allow(op.execute, "severity_schemes", Access(Role.MANAGER, update=("name", "deleted_at")))


def downgrade() -> None:
    """Undo this revision."""
    op.execute("DROP POLICY manager_update ON vln.severity_schemes")
    op.execute("REVOKE UPDATE (name, deleted_at) ON vln.severity_schemes FROM vln_manager")
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    for name in ("deleted_at_years", "name_form"):
        op.drop_constraint(op.f(f"ck_severity_schemes_{name}"), "severity_schemes", schema="vln")
