"""Findings of an audit as files: Markdown out and in, and a mitigation table as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from vln_desktop.adapters.files import whole_file
from vln_desktop.adapters.given_files import read_given_file
from vln_desktop.db.base import table_of
from vln_desktop.db.models.findings import Finding
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.csv_cells import csv_cell
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import FindingDetail
from vln_desktop.errors import Conflict, UserError
from vln_desktop.formats.finding_markdown import (
    MAX_BYTES,
    MarkdownFinding,
    read_finding,
    write_finding,
)
from vln_desktop.services.findings import ENTITY, FindingsService
from vln_desktop.services.uses import note_export

TABLE_NAME = "mitigation.csv"
MOST_FILES = 1_000

_F = table_of(Finding).c
_COLUMNS = ("number", "title", "severity", "status", "client_position", "fix_verdict", "fix_commit",
            "verified")  # fmt: skip


class Becomes(StrEnum):
    """What a file becomes."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class MarkdownPlan:
    """What taking a file in would do.

    `fields` differ from the stored finding; `stale`: the finding was changed since the file was
    written, so its older words would stand on top; `reason` says why a file is refused.
    """

    name: str
    becomes: Becomes
    number: str = ""
    title: str = ""
    fields: tuple[str, ...] = ()
    stale: bool = False
    reason: str = ""
    finding_id: UUID | None = None
    stored: FindingDraft | None = None
    draft: FindingDraft | None = None


class FindingFiles:
    """Writes and takes in files for the person signed in."""

    def __init__(self, database: Database, findings: FindingsService) -> None:
        self._database = database
        self._findings = findings

    def write(self, audit_id: UUID, folder: Path) -> int:
        """Write a file for each finding and the mitigation table; return how many findings.

        Files of the same names are replaced whole. Raises UserError for an audit without findings
        or a folder that cannot be written.
        """
        details = [self._findings.get(id_) for id_ in self._ids(audit_id)]
        if not details:
            raise UserError("There is no finding in this audit yet.")
        for detail in details:
            text = write_finding(MarkdownFinding(detail.number, detail.version, draft_of(detail)))
            with whole_file(folder / f"{detail.number}.md") as file:
                file.write(text.encode())
        with whole_file(folder / TABLE_NAME) as file:
            file.write(_table(details).encode("utf-8-sig"))
        note_export(self._database, "findings", rows=len(details), filtered=True)
        return len(details)

    def plan(self, audit_id: UUID, files: Sequence[Path]) -> tuple[MarkdownPlan, ...]:
        """Return what taking the files in would do; changes nothing."""
        if len(files) > MOST_FILES:
            raise UserError(f"At most {MOST_FILES:,} files are taken in at once.")
        numbers = self._numbers(audit_id)
        return tuple(self._plan(file, numbers) for file in files)

    def apply(
        self, audit_id: UUID, plans: Sequence[MarkdownPlan]
    ) -> tuple[Changes, tuple[str, ...]]:
        """Take the chosen files in, each on its own; return the changes and what was refused.

        What somebody changed since the plan merges, and what both changed is refused with names.
        """
        done: set[UUID] = set()
        refused: list[str] = []
        for plan in plans:
            if plan.draft is None:
                continue
            try:
                if plan.finding_id is None or plan.stored is None:
                    done.add(self._findings.create(audit_id, plan.draft))
                else:
                    done |= self._findings.save(plan.finding_id, plan.stored, plan.draft).ids
            except (UserError, Conflict) as error:
                refused.append(f"{plan.name}: {error}")
        return Changes(ENTITY, frozenset(done)), tuple(refused)

    def _plan(self, file: Path, numbers: dict[str, UUID]) -> MarkdownPlan:
        try:
            read = read_finding(_text(file))
            read.draft.validate(None)
            if read.number and read.number not in numbers:
                raise UserError(f"There is no finding {read.number[:40]} in this audit.")
        except UserError as error:
            return MarkdownPlan(file.name, Becomes.REFUSED, reason=str(error))
        if not read.number:
            return MarkdownPlan(file.name, Becomes.NEW, title=read.draft.title, draft=read.draft)
        detail = self._findings.get(numbers[read.number])
        stored, draft = draft_of(detail), read.draft.tidied()
        fields = tuple(
            name for name in FindingDraft.__dataclass_fields__
            if getattr(stored, name) != getattr(draft, name)
        )  # fmt: skip
        return MarkdownPlan(
            file.name,
            Becomes.CHANGED if fields else Becomes.SAME,
            read.number,
            draft.title,
            fields,
            detail.version > read.version and bool(fields),
            finding_id=detail.id,
            stored=stored,
            draft=draft if fields else None,
        )

    def _ids(self, audit_id: UUID) -> list[UUID]:
        return list(self._numbers(audit_id).values())

    def _numbers(self, audit_id: UUID) -> dict[str, UUID]:
        statement = (
            select(_F.number, _F.id)
            .where(_F.audit_id == audit_id, _F.deleted_at.is_(None))
            .order_by(_F.ordinal)
        )
        with self._database.reading() as connection:
            return {row.number: row.id for row in connection.execute(statement)}


def _text(file: Path) -> str:
    try:
        return read_given_file(file, MAX_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError("The file is not UTF-8 text.") from error


def _table(details: Sequence[FindingDetail]) -> str:
    """Return the mitigation table; the latest verdict's commit stands beside it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for detail in details:
        step = detail.fixes[0] if detail.fixes else None
        writer.writerow(
            [
                detail.number, csv_cell(detail.title), detail.severity.value, detail.status.value,
                detail.client_position.value, detail.fix_verdict.value,
                step.fix_commit if step else "",
                f"{step.verified_at:%Y-%m-%d}" if step and step.verified_at else "",
            ]
        )  # fmt: skip
    return out.getvalue()
