"""Batches of imported files: what was imported when, what became of it, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection, exists, func, select, update
from sqlalchemy.orm import Session

from vln_desktop.db.base import table_of
from vln_desktop.db.models import findings as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import ReviewState
from vln_desktop.domain.imports import Became
from vln_desktop.errors import UserError

ENTITY = "findings"

_FINDINGS = table_of(tables.Finding)
_COMMENTS = table_of(tables.FindingComment)
_IMPORTS = table_of(tables.ScanImport)
_ITEMS = table_of(tables.ScanImportItem)


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """One file of a batch, and how many of its results became what."""

    name: str
    tool: str
    outcome: str
    results: int
    counts: dict[Became, int]
    closed: int


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """Files that were imported together; `mine` tells whether this person may take them back."""

    id: UUID
    at: datetime
    actor_id: UUID
    files: tuple[ImportedFile, ...]
    undone_at: datetime | None
    mine: bool

    @property
    def created(self) -> int:
        """How many findings it made."""
        return sum(file.counts.get(Became.CREATED, 0) for file in self.files)


@dataclass(frozen=True, slots=True)
class UndoneImport:
    """What taking a batch back did: findings archived, opened again, and kept (their numbers)."""

    changes: Changes
    archived: int
    reopened: int
    kept: tuple[str, ...]


class ImportBatches:
    """Lists and takes back imports for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, audit_id: UUID) -> tuple[ImportBatch, ...]:
        """Return an audit's batches, newest first."""
        me = self._database.actor.user_id
        with self._database.reading() as connection:
            counts = _counts(connection, audit_id)
            rows = connection.execute(
                select(_IMPORTS)
                .where(_IMPORTS.c.audit_id == audit_id)
                .order_by(_IMPORTS.c.created_at.desc(), _IMPORTS.c.batch_id, _IMPORTS.c.id)
            ).all()
        batches = []
        for batch_id, group in groupby(rows, key=lambda row: row.batch_id):
            files = list(group)
            first = files[0]
            batches.append(
                ImportBatch(
                    id=batch_id,
                    at=first.created_at,
                    actor_id=first.actor_id,
                    files=tuple(
                        ImportedFile(f.file_name, f.tool, f.outcome, f.results,
                                     counts.get(f.id, {}), len(f.closed_ids))
                        for f in files
                    ),
                    undone_at=first.undone_at,
                    mine=first.actor_id == me,
                )
            )  # fmt: skip
        return tuple(batches)

    def undo(self, batch_id: UUID) -> UndoneImport:
        """Take a batch back: archive what it made and open again what it closed.

        A finding that somebody has touched or commented on since is kept, and told. Only who
        imported may do it, once; raises UserError otherwise.
        """
        with self._database.unit_of_work() as session:
            marked = session.execute(
                update(_IMPORTS)
                .where(
                    _IMPORTS.c.batch_id == batch_id,
                    _IMPORTS.c.undone_at.is_(None),
                    _IMPORTS.c.actor_id == self._database.actor.user_id,
                )
                .values(undone_at=func.now())
                .returning(_IMPORTS.c.id, _IMPORTS.c.closed_ids)
            ).all()
            if not marked:
                raise UserError(
                    "This import was taken back already, or somebody else made it, or you may not"
                    " see it."
                )
            made = _made_by(session, [row.id for row in marked])
            archived = _archive(session, list(made))
            closed = [finding for row in marked for finding in row.closed_ids]
            reopened = _reopen(session, closed)
        kept = tuple(number for finding, number in made.items() if finding not in archived)
        changes = Changes(ENTITY, frozenset((*archived, *reopened)), "delete")
        return UndoneImport(changes, len(archived), len(reopened), kept)


def _counts(connection: Connection, audit_id: UUID) -> dict[UUID, dict[Became, int]]:
    rows = connection.execute(
        select(_ITEMS.c.import_id, _ITEMS.c.became, func.count())
        .where(_ITEMS.c.audit_id == audit_id)
        .group_by(_ITEMS.c.import_id, _ITEMS.c.became)
    )
    found: dict[UUID, dict[Became, int]] = {}
    for import_id, became, count in rows:
        found.setdefault(import_id, {})[Became(became)] = count
    return found


def _made_by(session: Session, imports: list[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(_FINDINGS.c.id, _FINDINGS.c.number)
        .join(_ITEMS, _ITEMS.c.finding_id == _FINDINGS.c.id)
        .where(
            _ITEMS.c.import_id.in_(imports),
            _ITEMS.c.became == Became.CREATED.value,
            _FINDINGS.c.deleted_at.is_(None),
        )
        .order_by(_FINDINGS.c.ordinal)
    )
    return {row.id: row.number for row in rows}


def _archive(session: Session, findings: list[UUID]) -> set[UUID]:
    """Archive findings that are as they were made, which their version tells."""
    touched = exists().where(_COMMENTS.c.finding_id == _FINDINGS.c.id)
    rows = session.execute(
        update(_FINDINGS)
        .where(_FINDINGS.c.id.in_(findings), _FINDINGS.c.version == 1, ~touched)
        .values(deleted_at=func.now())
        .returning(_FINDINGS.c.id)
    )
    return set(rows.scalars())


def _reopen(session: Session, findings: list[UUID]) -> set[UUID]:
    """Make candidates again of what the batch closed and nobody has judged since."""
    rows = session.execute(
        update(_FINDINGS)
        .where(
            _FINDINGS.c.id.in_(findings),
            _FINDINGS.c.review_state == ReviewState.INVALID.value,
            _FINDINGS.c.deleted_at.is_(None),
        )
        .values(review_state=ReviewState.CANDIDATE.value)
        .returning(_FINDINGS.c.id)
    )
    return set(rows.scalars())
