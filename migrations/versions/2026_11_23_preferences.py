"""Make the installation's settings, preferences and saved views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, MINE, Access, Log, secure
from vln_desktop.domain.permissions import Role

revision = "preferences"
down_revision = "payments"
branch_labels = None
depends_on = None

STAFF = (Role.ADMIN, Role.MANAGER, Role.AUDITOR, Role.FINANCE, Role.READONLY)


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    op.execute("INSERT INTO vln.schema_settings (id) VALUES (1)")
    everybody = (*STAFF, Role.WORKER)
    secure(
        op.execute,
        "schema_settings",
        *(Access(role, select=ALL) for role in everybody),
        log=Log("operations", record=""),
        touched="time",
    )
    secure(
        op.execute,
        "user_preferences",
        *(
            Access(
                role,
                select=ALL,
                insert=("user_id", "key", "value"),
                update=("value",),
                delete=True,
                rows=MINE,
            )
            for role in STAFF
        ),
        log=Log("operations", record="user_id", label="key"),
        touched="time",
    )
    mine = "owner_id = (SELECT vln.uid())"
    shared = f"{mine} OR role = (SELECT vln.my_role())"
    for_view = ("id", "pane", "name", "owner_id", "role", "definition")
    secure(
        op.execute,
        "saved_views",
        Access(
            Role.ADMIN,
            select=ALL,
            insert=for_view,
            update=("name", "definition"),
            delete=True,
            rows=f"{mine} OR role IS NOT NULL",
        ),
        *(_view_access(role, mine, shared, for_view) for role in STAFF[1:]),
        log=Log("operations", label="name"),
    )


def _view_access(role: Role, mine: str, shared: str, columns: tuple[str, ...]) -> Access:
    return Access(
        role,
        select=ALL,
        insert=columns,
        update=("name", "definition"),
        delete=True,
        rows=shared if role is Role.MANAGER else mine,
        check=shared if role is Role.MANAGER else mine,
        read_rows=shared,
    )


def _create_tables() -> None:
    op.create_table(
        "schema_settings",
        sa.Column("id", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("minimum_client", sa.Text(), server_default="0.1.0", nullable=False),
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
        sa.CheckConstraint("id = 1", name=op.f("ck_schema_settings_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_settings")),
        schema="vln",
    )
    op.create_table(
        "user_preferences",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_user_preferences_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_user_preferences")),
        schema="vln",
    )
    op.create_table(
        "saved_views",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("pane", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.UUID(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
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
            "num_nonnulls(owner_id, role) = 1", name=op.f("ck_saved_views_owner_or_role")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["vln.users.id"], name=op.f("fk_saved_views_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        schema="vln",
    )
    op.create_index(
        "uq_saved_views_pane_owner_id_role_name",
        "saved_views",
        ["pane", "owner_id", "role", "name"],
        unique=True,
        schema="vln",
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    """Undo this revision."""
    for table in ("saved_views", "user_preferences", "schema_settings"):
        op.drop_table(table, schema="vln")
