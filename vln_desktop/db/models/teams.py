"""Teams of staff and who belongs to them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Created,
    Identified,
    SoftDeleted,
    Timestamped,
    Versioned,
    one_of,
)


class Team(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A group of auditors with a manager; audits belong to a team."""

    __tablename__ = "teams"
    __table_args__ = (
        CheckConstraint("name = btrim(name) AND length(name) BETWEEN 1 AND 100", name="name_form"),
        Index("idx_teams_name", "name", "id"),
    )

    name: Mapped[str] = mapped_column(unique=True)


class TeamMember(Identified, Created, Base):
    """A person's place in a team, until `valid_until` if it is set."""

    __tablename__ = "team_members"
    __table_args__ = (
        one_of("duty", ("lead", "member")),
        Index("uq_team_members_team_id_user_id", "team_id", "user_id", unique=True),
        Index("idx_team_members_user_id", "user_id"),
    )

    team_id: Mapped[UUID] = mapped_column(ForeignKey("vln.teams.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    duty: Mapped[str] = mapped_column(server_default="member")
    valid_until: Mapped[date | None]


class TeamInvitation(Identified, Created, Base):
    """An invitation to a team; the code itself is never stored."""

    __tablename__ = "team_invitations"
    __table_args__ = (Index("idx_team_invitations_team_id", "team_id"),)

    team_id: Mapped[UUID] = mapped_column(ForeignKey("vln.teams.id", ondelete="CASCADE"))
    email: Mapped[str]
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    code_hash: Mapped[bytes]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
