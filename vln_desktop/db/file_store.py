"""Where the bytes of files lie: pieces in the database; another store would offer the same."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from vln_desktop.db.base import table_of
from vln_desktop.db.models.files import FileChunk
from vln_desktop.db.session import Database
from vln_desktop.domain.files import piece_count

_CHUNKS = table_of(FileChunk)


class FileStore(Protocol):
    """Keeps the bytes of files whose metadata the database knows; pieces count from 0."""

    scheme: str
    """How `storage_path` begins for what lies here."""

    def missing(self, file_id: UUID, size: int) -> tuple[int, ...]:
        """Return the places of the pieces that are not there yet."""

    def put(self, audit_id: UUID, file_id: UUID, ordinal: int, piece: bytes) -> None:
        """Keep a piece, committed when this returns; one that is there already stays."""

    def finish(self, file_id: UUID) -> None:
        """Declare a file whole; raises UserError if its bytes do not have its hash."""

    def discard(self, file_id: UUID) -> None:
        """Remove a file that is not whole, and what is known of it."""

    def piece(self, file_id: UUID, ordinal: int) -> bytes:
        """Return a piece of a file that is whole, after its opening was noted."""


class DatabaseStore:
    """Keeps pieces as rows; policies and functions decide who adds to a file and who reads it."""

    scheme = "db:"

    def __init__(self, database: Database) -> None:
        self._database = database

    def missing(self, file_id: UUID, size: int) -> tuple[int, ...]:
        """Return the places of the pieces that are not there yet."""
        with self._database.reading() as connection:
            there = set(
                connection.scalars(select(_CHUNKS.c.ordinal).where(_CHUNKS.c.file_id == file_id))
            )
        return tuple(ordinal for ordinal in range(piece_count(size)) if ordinal not in there)

    def put(self, audit_id: UUID, file_id: UUID, ordinal: int, piece: bytes) -> None:
        """Keep a piece, committed when this returns; one that is there already stays."""
        with self._database.unit_of_work() as session:
            session.execute(
                insert(_CHUNKS)
                .values(file_id=file_id, ordinal=ordinal, audit_id=audit_id, content=piece)
                .on_conflict_do_nothing()
            )

    def finish(self, file_id: UUID) -> None:
        """Declare a file whole; raises UserError if its bytes do not have its hash."""
        with self._database.unit_of_work() as session:
            session.execute(select(func.vln.finish_file(file_id)))

    def discard(self, file_id: UUID) -> None:
        """Remove a file that is not whole, and what is known of it."""
        with self._database.unit_of_work() as session:
            session.execute(select(func.vln.discard_file(file_id)))

    def piece(self, file_id: UUID, ordinal: int) -> bytes:
        """Return a piece of a file that is whole; empty for a place where there is none."""
        with self._database.reading() as connection:
            found = connection.scalar(select(func.vln.file_piece(file_id, ordinal)))
        return bytes(found or b"")
