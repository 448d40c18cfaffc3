"""Evidence of findings: files that show one, with captions, in an order, printed or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.files import FindingEvidence, UploadedFile
from vln_desktop.db.models.findings import Finding
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.files import AuditFile, Evidence, FileDraft, check_caption
from vln_desktop.domain.progress import Progress, unwatched
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.files import FILE_COLUMNS, FilesService

ENTITY = "findings"

_TABLE = table_of(FindingEvidence)
_E = _TABLE.c
_F = table_of(UploadedFile).c
_GONE = "Somebody changed this evidence or took it away meanwhile; nothing was changed."


class EvidenceService:
    """Reads and changes evidence for the person signed in."""

    def __init__(self, database: Database, files: FilesService) -> None:
        self._database = database
        self._files = files

    def of(self, finding_id: UUID) -> tuple[Evidence, ...]:
        """Return the evidence of a finding, in its order."""
        with self._database.reading() as connection:
            return evidence_of(connection, (finding_id,)).get(finding_id, ())

    def add(
        self,
        finding_id: UUID,
        drafts: Sequence[tuple[FileDraft, str]],
        progress: Progress = unwatched,
    ) -> Changes:
        """Store files with their captions and let them show a finding.

        Trying again after a lost link adds nothing twice. Raises UserError for a caption that is
        too long, and for a finding that is gone.
        """
        captions = [check_caption(caption) for _, caption in drafts]
        audit_id = self._audit_of(finding_id)
        files = [
            self._files.upload(audit_id, draft, progress=progress) for draft, _caption in drafts
        ]
        for file, caption in zip(files, captions, strict=True):
            self._link(audit_id, finding_id, file.id, caption=caption, printed=file.is_picture)
        return Changes(ENTITY, frozenset({finding_id}))

    def replace(
        self,
        finding_id: UUID,
        evidence: Evidence,
        draft: FileDraft,
        progress: Progress = unwatched,
    ) -> Changes:
        """Let another file take the place of one, as after blurring; the old one leaves the list.

        What stood in the old one is archived: nobody who works on the audit sees it any more.
        """
        audit_id = self._audit_of(finding_id)
        file = self._files.upload(audit_id, draft, progress=progress)
        if file.id == evidence.file.id:
            return Changes(ENTITY, frozenset({finding_id}))
        with self._database.unit_of_work() as session:
            _unlink(session, evidence)
            session.execute(
                insert(_TABLE).values(
                    id=uuid7(), audit_id=audit_id, finding_id=finding_id, file_id=file.id,
                    caption=evidence.caption, ordinal=evidence.ordinal, printed=evidence.printed,
                )
            )  # fmt: skip
            elsewhere = select(_E.id).where(_E.file_id == evidence.file.id)
            if session.execute(elsewhere.limit(1)).first() is None:
                session.execute(
                    update(table_of(UploadedFile))
                    .where(_F.id == evidence.file.id)
                    .values(deleted_at=func.now())
                )
        return Changes(ENTITY, frozenset({finding_id}))

    def change(
        self,
        finding_id: UUID,
        evidence: Evidence,
        *,
        caption: str,
        printed: bool,
        sensitive: bool = False,
    ) -> Changes:
        """Change what is said below a file, whether it is printed and whether it is sensitive.

        Raises Conflict if somebody changed it since.
        """
        self._update(evidence, caption=check_caption(caption), printed=printed, sensitive=sensitive)
        return Changes(ENTITY, frozenset({finding_id}))

    def move(self, finding_id: UUID, order: Sequence[UUID]) -> Changes:
        """Put a finding's evidence into an order, given by ids."""
        with self._database.unit_of_work() as session:
            for ordinal, id_ in enumerate(order):
                session.execute(
                    update(_TABLE)
                    .where(_E.id == id_, _E.finding_id == finding_id, _E.ordinal != ordinal)
                    .values(ordinal=ordinal)
                )
        return Changes(ENTITY, frozenset({finding_id}))

    def take_away(self, finding_id: UUID, evidence: Evidence) -> Changes:
        """Let a file show the finding no more; it stays among the audit's files."""
        with self._database.unit_of_work() as session:
            _unlink(session, evidence)
        return Changes(ENTITY, frozenset({finding_id}))

    def put_back(self, finding_id: UUID, evidence: Evidence) -> Changes:
        """Let a file show the finding again that was taken away."""
        audit_id = self._audit_of(finding_id)
        self._link(
            audit_id, finding_id, evidence.file.id,
            caption=evidence.caption, printed=evidence.printed, ordinal=evidence.ordinal,
            sensitive=evidence.sensitive,
        )  # fmt: skip
        return Changes(ENTITY, frozenset({finding_id}))

    def _audit_of(self, finding_id: UUID) -> UUID:
        finding = table_of(Finding).c
        with self._database.reading() as connection:
            found = connection.scalar(
                select(finding.audit_id).where(
                    finding.id == finding_id, finding.deleted_at.is_(None)
                )
            )
        if not isinstance(found, UUID):
            raise UserError("This finding does not exist any more, or you may not see it.")
        return found

    def _link(
        self,
        audit_id: UUID,
        finding_id: UUID,
        file_id: UUID,
        *,
        caption: str,
        printed: bool,
        sensitive: bool = False,
        ordinal: int | None = None,
    ) -> None:
        last = select(func.coalesce(func.max(_E.ordinal) + 1, 0)).where(_E.finding_id == finding_id)
        with self._database.unit_of_work() as session:
            session.execute(
                insert(_TABLE)
                .values(
                    id=uuid7(), audit_id=audit_id, finding_id=finding_id, file_id=file_id,
                    caption=caption, printed=printed, sensitive=sensitive,
                    ordinal=last.scalar_subquery() if ordinal is None else ordinal,
                )
                .on_conflict_do_nothing()
            )  # fmt: skip

    def _update(self, evidence: Evidence, **values: Any) -> None:
        with self._database.unit_of_work() as session:
            changed = session.execute(
                update(_TABLE)
                .where(_E.id == evidence.id, _E.version == evidence.version)
                .values(**values)
                .returning(_E.id)
            ).first()
            if changed is None:
                raise Conflict(_GONE)


def _unlink(session: Session, evidence: Evidence) -> None:
    gone = session.execute(delete(_TABLE).where(_E.id == evidence.id).returning(_E.id)).first()
    if gone is None:
        raise Conflict(_GONE)


def evidence_of(
    connection: Connection, findings: Sequence[UUID]
) -> dict[UUID, tuple[Evidence, ...]]:
    """Return evidence by finding, in its order."""
    rows = connection.execute(
        select(
            _E.finding_id, _E.id, _E.caption, _E.ordinal, _E.printed, _E.added_by, _E.version,
            _E.sensitive,
            *(column.label(f"file_{column.name}") for column in FILE_COLUMNS),
        )
        .join(table_of(UploadedFile), _F.id == _E.file_id)
        .where(_E.finding_id.in_(findings))
        .order_by(_E.finding_id, _E.ordinal, _E.created_at, _E.id)
    )  # fmt: skip
    found: dict[UUID, tuple[Evidence, ...]] = {}
    for row in rows:
        found[row.finding_id] = (*found.get(row.finding_id, ()), _evidence(row))
    return found


def _evidence(row: Any) -> Evidence:
    own = len(row) - len(FILE_COLUMNS)
    return Evidence(
        row.id, AuditFile(*row[own:]), row.caption, row.ordinal, row.printed, row.added_by,
        row.version, row.sensitive,
    )  # fmt: skip
