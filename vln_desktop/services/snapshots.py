"""Snapshots of audited code: stored once per commit, read file by file, compared."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.adapters.git_places import is_repository
from vln_desktop.adapters.source_archive import read_sources
from vln_desktop.adapters.source_bounds import MAX_FILE_BYTES
from vln_desktop.db.base import table_of
from vln_desktop.db.models import audits as tables
from vln_desktop.db.models.findings import FindingLocation
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.commits import SHOWN_DIGITS, check_commit, is_other_commit
from vln_desktop.domain.progress import Progress, unwatched
from vln_desktop.domain.source_code import (
    CodeRead,
    LinePair,
    Snapshot,
    SnapshotDraft,
    SourceFile,
    left_out,
    remarks,
    side_by_side,
    tree_sha256,
)
from vln_desktop.errors import UserError
from vln_desktop.formats.source_lines import nsloc

ENTITY = "audits"

_GIT = "vln_desktop.adapters.source_git"
"""Imported with the first repository: its library is no part of the start."""

_FILES = table_of(tables.SourceFile)
_SNAPSHOTS = table_of(tables.SourceSnapshot)
_REPOSITORIES = table_of(tables.AuditRepository)
_SCOPE = table_of(tables.ScopeItem)
_PLACES = table_of(FindingLocation).c
_S, _F, _R = _SNAPSHOTS.c, _FILES.c, _REPOSITORIES.c
_CHUNK = 100


class SnapshotsService:
    """Stores and reads snapshots for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, source: Path, commit: str, progress: Progress = unwatched) -> CodeRead:
        """Return the source code in a folder, an archive or a commit of a git repository.

        Of a repository, `commit` may be a hash or its beginning, a tag or a branch, and what is
        committed is read, not what lies beside it; elsewhere it is a hash that is taken as typed.
        `progress` is told how many files of how many are read. Raises UserError, naming the field,
        for no such commit and for what cannot be read or holds no source code.
        """
        if is_repository(source):
            found: CodeRead = import_module(_GIT).read_commit(source, commit, progress)
            return found
        typed = commit.strip().lower()
        check_commit(typed, "commit")
        files = read_sources(source)
        return CodeRead(typed, files, tuple(remarks(files)))

    def names(self, source: Path) -> tuple[str, ...]:
        """Return the tags and branches of a git repository; none for what is no repository."""
        if not is_repository(source):
            return ()
        found: tuple[str, ...] = import_module(_GIT).names_in(source)
        return found

    def of(self, audit_id: UUID) -> tuple[Snapshot, ...]:
        """Return an audit's snapshots whose code is stored, the latest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(_S.id, _R.url, _S.commit, _S.tree_sha256, _S.created_at,
                       func.count(_F.id).label("files"))
                .join(_REPOSITORIES, _R.id == _S.repository_id)
                .join(_FILES, _F.snapshot_id == _S.id)
                .where(_S.audit_id == audit_id)
                .group_by(_S.id, _R.url, _S.commit, _S.tree_sha256, _S.created_at)
                .order_by(_S.created_at.desc(), _S.id.desc())
            )  # fmt: skip
            return tuple(Snapshot(*row) for row in rows)

    def add(
        self,
        audit_id: UUID,
        draft: SnapshotDraft,
        files: Sequence[SourceFile],
        progress: Progress = unwatched,
    ) -> Changes:
        """Store a snapshot in one transaction; an audited one becomes the audit's scope.

        `progress` is told how many files of how many are stored. Raises UserError for a commit that
        is stored already, with the same code or with another, and for an audited one where another
        is on record, unless the draft replaces that.
        """
        draft.validate()
        digest = tree_sha256(files)
        with self._database.unit_of_work() as session:
            repository = _repository(session, audit_id, draft)
            snapshot = _snapshot(session, audit_id, repository, draft, digest)
            for at in range(0, len(files), _CHUNK):
                chunk = files[at : at + _CHUNK]
                session.execute(
                    insert(_FILES), [_file_row(audit_id, snapshot, file) for file in chunk]
                )
                progress(at + len(chunk), len(files))
            if draft.audited:
                _take_scope(session, audit_id, snapshot, files)
        return Changes(ENTITY, frozenset({audit_id}))

    def compared(
        self, audit_id: UUID, commits: tuple[str, str], finding_id: UUID
    ) -> tuple[str, ...]:
        """Return the paths that are worth comparing for a finding between two commits.

        Those it points at come first, then all that differ. Raises UserError, naming the commit,
        where the code of one is not stored.
        """
        with self._database.reading() as connection:
            old, new = (_hashes(connection, _stored(connection, audit_id, c)) for c in commits)
            pointed = connection.scalars(
                select(_PLACES.path)
                .where(_PLACES.finding_id == finding_id)
                .order_by(_PLACES.ordinal)
            ).all()
        there = old.keys() | new.keys()
        first = [path for path in dict.fromkeys(pointed) if path in there]
        differ = sorted(path for path in there if old.get(path) != new.get(path))
        return (*first, *(path for path in differ if path not in first))

    def side_by_side(
        self, audit_id: UUID, commits: tuple[str, str], path: str
    ) -> tuple[LinePair, ...]:
        """Return a file at two commits line by line; one that is not there is empty."""
        with self._database.reading() as connection:
            old, new = (_text(connection, _stored(connection, audit_id, c), path) for c in commits)
        return side_by_side(old, new)


def _repository(session: Session, audit_id: UUID, draft: SnapshotDraft) -> UUID:
    """Return the repository of an address, made if it is new; it learns what is audited."""
    url = draft.url.strip()
    row = session.execute(
        select(_R.id, _R.audited_commit)
        .where(_R.audit_id == audit_id, _R.url == url)
        .order_by(_R.id)
        .limit(1)
    ).first()
    commit = draft.commit if draft.audited else ""
    if row is None:
        made = uuid7()
        session.execute(
            insert(_REPOSITORIES).values(id=made, audit_id=audit_id, url=url, audited_commit=commit)
        )
        return made
    found: UUID = row.id
    if draft.audited:
        _check_record(row.audited_commit, draft)
        session.execute(
            update(_REPOSITORIES)
            .where(_R.id == found, _R.audited_commit != commit)
            .values(audited_commit=commit)
        )
    return found


def _check_record(recorded: str, draft: SnapshotDraft) -> None:
    if is_other_commit(recorded, draft.commit) and not draft.replaces:
        raise UserError(
            f"The audited commit on record is {recorded[:SHOWN_DIGITS]}, this one is "
            f"{draft.commit[:SHOWN_DIGITS]}: store it as fixed code, or in place of that one.",
            field="commit",
        )


def _snapshot(
    session: Session, audit_id: UUID, repository: UUID, draft: SnapshotDraft, digest: str
) -> UUID:
    """Return the snapshot of a commit, made if it is new; its code must not be stored yet."""
    stored = session.scalar(
        select(_S.tree_sha256)
        .where(_S.repository_id == repository, _is_same(draft.commit))
        .order_by(_S.created_at)
        .limit(1)
    )
    if stored is not None:
        raise UserError(
            "This commit is stored already."
            if stored == digest
            else "Another tree is stored for this commit; look which of the two is right.",
            field="commit",
        )
    made = uuid7()
    session.execute(
        insert(_SNAPSHOTS).values(
            id=made,
            audit_id=audit_id,
            repository_id=repository,
            commit=draft.commit,
            tree_sha256=digest,
        )
    )
    return made


def _is_same(commit: str) -> ColumnElement[bool]:
    """Whether a snapshot's commit is this one; either may be the other's beginning."""
    return or_(_S.commit.startswith(commit), literal(commit).startswith(_S.commit))


def _file_row(audit_id: UUID, snapshot: UUID, file: SourceFile) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "audit_id": audit_id,
        "snapshot_id": snapshot,
        "path": file.path,
        "sha256": file.sha256,
        "size": len(file.data),
        "content": zlib.compress(file.data, 6),
    }


def _take_scope(
    session: Session, audit_id: UUID, snapshot: UUID, files: Sequence[SourceFile]
) -> None:
    rows = [dict(row) for row in _scope_rows(audit_id, snapshot, files)]
    for at in range(0, len(rows), _CHUNK):
        session.execute(insert(_SCOPE), rows[at : at + _CHUNK])


def _scope_rows(
    audit_id: UUID, snapshot: UUID, files: Sequence[SourceFile]
) -> Iterator[dict[str, Any]]:
    for file in files:
        reason = left_out(file.path)
        yield {
            "id": uuid7(),
            "audit_id": audit_id,
            "snapshot_id": snapshot,
            "path": file.path,
            "sha256": file.sha256,
            "nsloc": 0 if reason else nsloc(file.path, _decoded(file.data)),
            "in_scope": not reason,
            "reason": reason,
        }


def _stored(connection: Connection, audit_id: UUID, commit: str) -> UUID:
    """Return the snapshot of a commit that holds code; a commit may be named by its beginning."""
    starts = _S.commit.startswith(commit, autoescape=True) if commit else None
    found = None
    if starts is not None:
        found = connection.scalar(
            select(_S.id)
            .join(_FILES, _F.snapshot_id == _S.id)
            .where(_S.audit_id == audit_id, starts)
            .order_by(_S.created_at.desc(), _S.id)
            .limit(1)
        )
    if not isinstance(found, UUID):
        told = f"of commit {commit[:12]}" if commit else "before the fix, as no commit is noted"
        raise UserError(f"The code {told} is not stored; add a snapshot of it to the audit.")
    return found


def _hashes(connection: Connection, snapshot: UUID) -> dict[str, str]:
    rows = connection.execute(select(_F.path, _F.sha256).where(_F.snapshot_id == snapshot))
    return {row.path: row.sha256 for row in rows}


def _text(connection: Connection, snapshot: UUID, path: str) -> str:
    row = connection.execute(
        select(_F.content, _F.sha256).where(_F.snapshot_id == snapshot, _F.path == path)
    ).first()
    return "" if row is None else _decoded(_inflated(path, row.content, row.sha256))


def _inflated(path: str, content: bytes, sha256: str) -> bytes:
    """Return a file's bytes, at most as many as one may have, and only if they hash as stored."""
    try:
        data = zlib.decompressobj().decompress(content, MAX_FILE_BYTES)
    except zlib.error:
        data = b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UserError(f"The stored code of {path} is damaged: its hash is another one.")
    return data


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
