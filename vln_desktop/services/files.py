"""Files of audits: put in piece by piece, read on the record, checked by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.adapters.files import whole_file
from vln_desktop.adapters.given_files import read_given_file
from vln_desktop.db.base import table_of
from vln_desktop.db.file_store import DatabaseStore, FileStore
from vln_desktop.db.models.files import UploadedFile
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.files import MAX_BYTES, AuditFile, FileDraft, FileKind, piece_count
from vln_desktop.domain.progress import Progress, unwatched
from vln_desktop.errors import UserError

ENTITY = "audits"

_FILES = table_of(UploadedFile)
_F = _FILES.c
_NO_FILE = "This file is not there any more, or you may not see it."


class FilesService:
    """Reads and stores files for the person signed in."""

    def __init__(self, database: Database, store: FileStore | None = None) -> None:
        self._database = database
        self._store = store or DatabaseStore(database)

    def of(self, audit_id: UUID) -> tuple[AuditFile, ...]:
        """Return an audit's files, the first one first."""
        with self._database.reading() as connection:
            return files_of(connection, audit_id)

    def get(self, file_id: UUID) -> AuditFile:
        """Return one file's metadata; raises UserError if it is not there."""
        with self._database.reading() as connection:
            return _file(connection, file_id)

    def given(self, path: Path) -> FileDraft:
        """Read and judge a file that is handed in; raises UserError for what is not taken."""
        return FileDraft.of(path.name, read_given_file(path, MAX_BYTES))

    def upload(
        self,
        audit_id: UUID,
        draft: FileDraft,
        kind: FileKind = FileKind.WORKING,
        progress: Progress = unwatched,
    ) -> AuditFile:
        """Store a file and return it once the database has found its bytes to have its hash.

        Each piece is committed by itself: after a lost link or a cancel, the same bytes go on
        where they stopped. Bytes that the audit has already are not stored twice.
        """
        with self._database.unit_of_work() as session:
            file_id, stored = self._begin(session, audit_id, draft, kind)
        if not stored:
            self._send(audit_id, file_id, draft, progress)
        return self.get(file_id)

    def read(self, file: AuditFile, progress: Progress = unwatched) -> bytes:
        """Return a file's bytes, after the opening was noted; raises UserError if damaged."""
        return b"".join(self._pieces(file, progress))

    def save(self, file: AuditFile, path: Path, progress: Progress = unwatched) -> None:
        """Write a file to a path; what is damaged is not left there."""
        with whole_file(path) as target:
            for piece in self._pieces(file, progress):
                target.write(piece)

    def discard(self, file: AuditFile, audit_id: UUID) -> Changes:
        """Remove one's own upload that is not whole."""
        self._store.discard(file.id)
        return Changes(ENTITY, frozenset({audit_id}))

    def archive(self, file: AuditFile, audit_id: UUID) -> Changes:
        """Take a file out of the audit's list; raises UserError while it is evidence."""
        return self._set_deleted(file, audit_id, func.now())

    def restore(self, file: AuditFile, audit_id: UUID) -> Changes:
        """Put a file back that was taken out of the list."""
        return self._set_deleted(file, audit_id, None)

    def _set_deleted(self, file: AuditFile, audit_id: UUID, value: Any) -> Changes:
        with self._database.unit_of_work() as session:
            changed: Any = session.execute(
                update(_FILES).where(_F.id == file.id).values(deleted_at=value)
            )
            if not changed.rowcount:
                raise UserError(_NO_FILE)
        return Changes(ENTITY, frozenset({audit_id}))

    def _begin(
        self, session: Session, audit_id: UUID, draft: FileDraft, kind: FileKind
    ) -> tuple[UUID, bool]:
        """Return the file to send pieces of, made if it is new, and whether it is whole already."""
        digest = draft.sha256
        mine = _F.uploaded_by == self._database.actor.user_id
        found = session.execute(
            select(_F.id, _F.stored_at)
            .where(
                _F.audit_id == audit_id, _F.sha256 == digest, _F.deleted_at.is_(None), self._here,
                _F.stored_at.is_not(None) | mine,
            )
            .order_by(_F.stored_at.nulls_last(), _F.id)
            .limit(1)
        ).first()  # fmt: skip
        if found is not None:
            return found.id, found.stored_at is not None
        made = uuid7()
        session.execute(
            insert(_FILES).values(
                id=made, audit_id=audit_id, storage_path=f"{self._store.scheme}{made}",
                name=draft.name, mime=draft.mime, size=len(draft.data), sha256=digest,
                kind=kind.value,
            )
        )  # fmt: skip
        return made, False

    @property
    def _here(self) -> ColumnElement[bool]:
        return _F.storage_path.startswith(self._store.scheme, autoescape=True)

    def _send(self, audit_id: UUID, file_id: UUID, draft: FileDraft, progress: Progress) -> None:
        whole = len(draft.data)
        missing = set(self._store.missing(file_id, whole))
        done = 0
        for ordinal, piece in draft.pieces():
            if ordinal in missing:
                self._store.put(audit_id, file_id, ordinal, piece)
            done += len(piece)
            progress(done, whole)
        self._store.finish(file_id)

    def _pieces(self, file: AuditFile, progress: Progress) -> Iterator[bytes]:
        """Yield a file's pieces; raises UserError after the last one if the hash is another one."""
        _check_here(file)
        with self._database.unit_of_work() as session:
            session.execute(select(func.vln.note_opening(file.id)))
        digest, done = hashlib.sha256(), 0
        for ordinal in range(piece_count(file.size)):
            piece = self._store.piece(file.id, ordinal)
            digest.update(piece)
            done += len(piece)
            progress(done, file.size)
            yield piece
        if digest.hexdigest() != file.sha256:
            raise UserError(f"The stored bytes of {file.name} are damaged: their hash is another.")


def _check_here(file: AuditFile) -> None:
    if not file.here:
        raise UserError(f"The bytes of {file.name} are kept elsewhere, not in this database.")
    if file.stored_at is None:
        raise UserError(f"{file.name} is not whole yet; upload it again to add what is missing.")


def files_of(connection: Connection, audit_id: UUID) -> tuple[AuditFile, ...]:
    """Return an audit's files, the first one first."""
    rows = connection.execute(
        select(*FILE_COLUMNS)
        .where(_F.audit_id == audit_id, _F.deleted_at.is_(None))
        .order_by(_F.created_at, _F.id)
    )
    return tuple(AuditFile(*row) for row in rows)


FILE_COLUMNS = (
    _F.id, _F.name, _F.mime, _F.size, _F.sha256, _F.kind, _F.created_at, _F.uploaded_by,
    _F.stored_at,
    _F.storage_path.startswith(DatabaseStore.scheme, autoescape=True).label("here"),
)  # fmt: skip
"""What `AuditFile` is made of, in its order."""


def _file(connection: Connection, file_id: UUID) -> AuditFile:
    row = connection.execute(
        select(*FILE_COLUMNS).where(_F.id == file_id, _F.deleted_at.is_(None))
    ).first()
    if row is None:
        raise UserError(_NO_FILE)
    return AuditFile(*row)
