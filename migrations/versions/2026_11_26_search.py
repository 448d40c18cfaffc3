"""Let the search for findings look into their comments as well, and rank nothing it may not tell.

Words are looked for by functions with the person's scope inside: a policy alone would be asked for
every row, as `@@` is not leakproof. A secret comment has no words here: its body is encrypted.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import keep_no_statistics

revision = "search"
down_revision = "drafts"
branch_labels = None
depends_on = None

VECTOR = "to_tsvector('english', left(body, 100000)) || to_tsvector('simple', left(body, 100000))"

QUERY = "websearch_to_tsquery('english', words) || websearch_to_tsquery('simple', words)"

# The two halves are found by their own indexes; the newest of both are what is asked for.
FOUND = """RETURN QUERY
            SELECT hit.id FROM (
                (SELECT f.id, f.created_at FROM vln.findings f
                  WHERE f.search_vector @@ query AND f.deleted_at IS NULL AND {scope}
                  ORDER BY f.created_at DESC, f.id DESC LIMIT how_many)
                UNION
                (SELECT f.id, f.created_at FROM vln.finding_comments c
                   JOIN vln.findings f ON f.id = c.finding_id
                  WHERE c.search_vector @@ query AND c.deleted_at IS NULL
                    AND f.deleted_at IS NULL AND {scope}
                  ORDER BY f.created_at DESC, f.id DESC LIMIT how_many)) hit
             ORDER BY hit.created_at DESC, hit.id DESC LIMIT how_many;"""
MINE = "f.audit_id IN (SELECT unnest(vln.my_audits()))"
MY_TEAMS = "f.team_id IN (SELECT unnest(vln.my_teams()))"

# Few audits are found by their own index; of many, each hit asks for its own assignment. Collecting
# 60,000 ids first takes seconds for a word that stands nowhere.
FEW = "f.audit_id = ANY (few)"
EACH = "(SELECT true FROM vln.my_assignments m WHERE m.my_audit = f.audit_id)"
MOST_IDS = 500

SEARCH = f"""CREATE OR REPLACE FUNCTION vln.search_findings(words text, how_many int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    query tsquery := {QUERY};
    my_word text := vln.my_role();
    few uuid[];
BEGIN
    IF NOT vln.session_ok() THEN RETURN; END IF;
    IF my_word = 'auditor' THEN
        few := ARRAY(SELECT m.my_audit FROM vln.my_assignments m LIMIT {MOST_IDS + 1});
        IF cardinality(few) <= {MOST_IDS} THEN
            {FOUND.format(scope=FEW)}
        ELSE
            {FOUND.format(scope=EACH)}
        END IF;
    ELSIF my_word = 'manager' THEN
        {FOUND.format(scope=MY_TEAMS)}
    END IF;
END $$"""

SEARCH_BEFORE = f"""CREATE OR REPLACE FUNCTION vln.search_findings(words text, how_many int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    query tsquery := {QUERY};
    my_word text := vln.my_role();
BEGIN
    IF NOT vln.session_ok() THEN RETURN; END IF;
    IF my_word = 'auditor' THEN
        RETURN QUERY SELECT f.id FROM vln.findings f
            WHERE f.search_vector @@ query AND f.deleted_at IS NULL AND {MINE}
            ORDER BY f.created_at DESC, f.id DESC LIMIT how_many;
    ELSIF my_word = 'manager' THEN
        RETURN QUERY SELECT f.id FROM vln.findings f
            WHERE f.search_vector @@ query AND f.deleted_at IS NULL AND {MY_TEAMS}
            ORDER BY f.created_at DESC, f.id DESC LIMIT how_many;
    END IF;
END $$"""


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        "finding_comments",
        sa.Column(
            "search_vector", postgresql.TSVECTOR(), sa.Computed(VECTOR, persisted=True),
            nullable=False,
        ),
        schema="vln",
    )  # fmt: skip
    op.create_index(
        "idx_finding_comments_search_vector", "finding_comments", ["search_vector"],
        schema="vln", postgresql_using="gin",
    )  # fmt: skip
    keep_no_statistics(op.execute, "finding_comments", "search_vector")
    op.execute(SEARCH)


def downgrade() -> None:
    """Undo this revision."""
    op.execute(SEARCH_BEFORE)
    op.drop_index("idx_finding_comments_search_vector", "finding_comments", schema="vln")
    op.drop_column("finding_comments", "search_vector", schema="vln")
