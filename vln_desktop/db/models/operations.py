"""What the installation says of itself to every client that connects."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Timestamped


class SchemaSettings(Timestamped, Base):
    """The one row that says which clients may connect and whether this is a demo database."""

    __tablename__ = "schema_settings"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, server_default="1")
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    minimum_client: Mapped[str] = mapped_column(server_default="0.1.0")
