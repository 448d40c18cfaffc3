"""Make the teams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from vln_desktop.db.schema import ALL, MY_TEAMS, Access, Log, secure
from vln_desktop.domain.permissions import Role

revision = "teams"
down_revision = "identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    _create_tables()
    mine = "id IN (SELECT unnest(vln.my_teams()))"
    secure(
        op.execute,
        "teams",
        Access(Role.ADMIN, select=ALL, insert=("id", "name"), update=("name", "deleted_at")),
        Access(Role.MANAGER, select=ALL, rows=mine),
        Access(Role.AUDITOR, select=ALL, rows=mine),
        log=Log("identity", label="name"),
    )
    secure(
        op.execute,
        "team_members",
        Access(
            Role.ADMIN,
            select=ALL,
            insert=("id", "team_id", "user_id", "duty", "valid_until"),
            update=("duty", "valid_until"),
        ),
        Access(Role.MANAGER, select=ALL, rows=MY_TEAMS),
        Access(Role.AUDITOR, select=ALL, rows=MY_TEAMS),
        log=Log("identity"),
        touched="never",
    )
    secure(
        op.execute,
        "team_invitations",
        Access(
            Role.ADMIN,
            select=("id", "team_id", "email", "invited_by", "expires_at", "accepted_at"),
            insert=("id", "team_id", "email", "invited_by", "code_hash", "expires_at"),
            check="invited_by = (SELECT vln.uid())",
        ),
        Access(
            Role.MANAGER,
            select=("id", "team_id", "email", "invited_by", "expires_at", "accepted_at"),
            rows=MY_TEAMS,
        ),
        log=Log("identity", label="email", hidden=("code_hash",)),
        touched="never",
    )


def _create_tables() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
        schema="vln",
    )
    op.create_table(
        "team_members",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("team_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("duty", sa.Text(), server_default="member", nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("duty IN ('lead', 'member')", name=op.f("ck_team_members_duty_word")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["vln.teams.id"], name=op.f("fk_team_members_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["vln.users.id"], name=op.f("fk_team_members_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_members")),
        schema="vln",
    )
    op.create_index(
        "idx_team_members_user_id", "team_members", ["user_id"], unique=False, schema="vln"
    )
    op.create_index(
        "uq_team_members_team_id_user_id",
        "team_members",
        ["team_id", "user_id"],
        unique=True,
        schema="vln",
    )
    op.create_table(
        "team_invitations",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("team_id", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.UUID(), nullable=False),
        sa.Column("code_hash", postgresql.BYTEA(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["vln.users.id"], name=op.f("fk_team_invitations_invited_by")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["vln.teams.id"],
            name=op.f("fk_team_invitations_team_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_invitations")),
        schema="vln",
    )
    op.create_index(
        "idx_team_invitations_team_id", "team_invitations", ["team_id"], unique=False, schema="vln"
    )


def downgrade() -> None:
    """Undo this revision."""
    for table in ("team_invitations", "team_members", "teams"):
        op.drop_table(table, schema="vln")
