"""Let who is signed in be found by index: the type of session_user brings a collation of its own.

`email = session_user` compares in the collation "C" of the type `name`, which no index on a text
column serves, so every statement read the whole table of people, clients included.
"""

from __future__ import annotations

from alembic import op

revision = "login_lookup"
down_revision = "scope_policies"
branch_labels = None
depends_on = None

SCANNED = "email = session_user"
FOUND = 'email = session_user COLLATE "default"'


def rewrite(found: str, instead: str) -> str:
    """Return the block that changes all functions of ours that look a login up."""
    return f"""DO $$
    DECLARE
        one record;
    BEGIN
        FOR one IN SELECT p.oid FROM pg_catalog.pg_proc p
                     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                    WHERE n.nspname IN ('vln', 'vln_priv')
                      AND strpos(p.prosrc, '{found}') > 0 LOOP
            EXECUTE replace(pg_get_functiondef(one.oid), '{found}', '{instead}');
        END LOOP;
    END $$"""


def upgrade() -> None:
    """Apply this revision."""
    op.execute(rewrite(SCANNED, FOUND))


def downgrade() -> None:
    """Undo this revision."""
    op.execute(rewrite(FOUND, SCANNED))
