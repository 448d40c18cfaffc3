"""What the installation says of itself to every client that connects."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import PRIVATE_SCHEMA, Base, Identified, Timestamped, one_of
from vln_desktop.domain.permissions import Service


class SchemaSettings(Timestamped, Base):
    """The one row that says which clients may connect and whether this is a demo database."""

    __tablename__ = "schema_settings"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, server_default="1")
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    minimum_client: Mapped[str] = mapped_column(server_default="0.1.0")
    log_id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    """Which activity log this is, wherever the database is restored to: witnesses go by it."""


class ServiceLogin(Identified, Timestamped, Base):
    """A machine's login: who answers for it, and when its password is to be changed."""

    __tablename__ = "service_logins"
    __table_args__ = (one_of("kind", tuple(service.value for service in Service)),)

    login: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    rotate_on: Mapped[date]
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class Counter(Base):
    """The last number given within an owner: audits of a client, findings of an audit."""

    __tablename__ = "counters"
    __table_args__ = ({"schema": PRIVATE_SCHEMA},)

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    last_number: Mapped[int]
