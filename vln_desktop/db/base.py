"""The one metadata, its naming convention, column types and the mixins of every model."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    FetchedValue,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import Date
from uuid_utils.compat import uuid7

SCHEMA = "vln"
PRIVATE_SCHEMA = "vln_priv"

_NAMES = {
    "ix": "idx_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every ORM class; tables stand in schema `vln` unless they say otherwise."""

    metadata = MetaData(schema=SCHEMA, naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: PgUUID(as_uuid=True),
        str: Text(),
        int: Integer(),
        bytes: BYTEA(),
        date: Date(),
        datetime: DateTime(timezone=True),
        Decimal: Numeric(),
        dict[str, Any]: JSONB(),
    }


class Identified:
    """A UUIDv7 primary key, made by the client."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-10)


class Created:
    """The server's time of insertion."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=90)


class Timestamped(Created):
    """Times of insertion and last change, both set by the database."""

    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), server_onupdate=func.now(), sort_order=91
    )


class SoftDeleted:
    """A row that is archived instead of deleted; the session hides it (see `db.session`)."""

    deleted_at: Mapped[datetime | None] = mapped_column(
        server_default=FetchedValue(), sort_order=92
    )


class Versioned:
    """A row that people edit: the trigger raises `version`, a stale save matches no row."""

    version: Mapped[int] = mapped_column(server_default="1", sort_order=93)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {
            "version_id_col": cls.version,
            "version_id_generator": False,
            "eager_defaults": True,
        }


def one_of(column: str, words: tuple[str, ...]) -> CheckConstraint:
    """Return the check that a text column holds one of a closed list of words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_word")


def by_database() -> Mapped[Any]:
    """Return a nullable column that triggers fill: an insert by a person does not name it."""
    return mapped_column(nullable=True, server_default=FetchedValue())


def minor_units(*, nullable: bool = False, default: str | None = None) -> Mapped[Any]:
    """Return a column of money in minor units (cents)."""
    return mapped_column(BigInteger(), nullable=nullable, server_default=default)


def table_of(model: type[Base]) -> Table:
    """Return a model's table, for Core statements that list columns."""
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is not mapped to a table")
    return table
