"""Findings of an audit as files: Markdown out and in, and a mitigation table as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from vln_desktop.adapters.files import whole_file
from vln_desktop.adapters.given_files import read_given_file
from vln_desktop.db.base import table_of
from vln_desktop.db.models.findings import Finding
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import ClientPosition, FindingDetail
from vln_desktop.domain.responses import Channel, Party, Response, ResponseDraft
from vln_desktop.errors import Conflict, UserError
from vln_desktop.formats.finding_markdown import (
    MAX_BYTES,
    MarkdownFinding,
    read_finding,
    write_finding,
)
from vln_desktop.formats.mitigation_csv import MAX_BYTES as MAX_TABLE_BYTES
from vln_desktop.formats.mitigation_csv import MitigationRow, read_table, write_table
from vln_desktop.services.findings import ENTITY, FindingsService
from vln_desktop.services.responses import ResponsesService, responses_of
from vln_desktop.services.uses import note_export

TABLE_NAME = "mitigation.csv"
MOST_FILES = 1_000

_F = table_of(Finding).c
_FROM_TABLE = "From the mitigation table."
"""The text of an answer that only sets a position or names a commit."""


class Becomes(StrEnum):
    """What a file becomes."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class TakePlan:
    """What taking in a file, or a row of a mitigation table, would do.

    A file says what a finding says (`draft`), a row what the client answers to it (`answer`).

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
    answer: ResponseDraft | None = None
    key: UUID | None = None

    @property
    def does(self) -> bool:
        """Whether taking it in would change anything."""
        return self.draft is not None or self.answer is not None


class FindingFiles:
    """Writes and takes in files for the person signed in."""

    def __init__(self, database: Database, findings: FindingsService) -> None:
        self._database = database
        self._findings = findings
        self._responses = ResponsesService(database)

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
        with self._database.reading() as connection:
            responses = responses_of(connection, [detail.id for detail in details])
        table = write_table(_mitigation(detail, responses.get(detail.id, ())) for detail in details)
        with whole_file(folder / TABLE_NAME) as file:
            file.write(table.encode("utf-8-sig"))
        note_export(self._database, "findings", rows=len(details), filtered=True)
        return len(details)

    def plan(self, audit_id: UUID, files: Sequence[Path]) -> tuple[TakePlan, ...]:
        """Return what taking the files in would do; changes nothing."""
        if len(files) > MOST_FILES:
            raise UserError(f"At most {MOST_FILES:,} files are taken in at once.")
        numbers = self._numbers(audit_id)
        return tuple(
            plan
            for file in files
            for plan in (
                self._plan_table(file, numbers)
                if file.suffix.lower() == ".csv"
                else (self._plan(file, numbers),)
            )
        )

    def apply(self, audit_id: UUID, plans: Sequence[TakePlan]) -> tuple[Changes, tuple[str, ...]]:
        """Take the chosen files in, each on its own; return the changes and what was refused.

        What somebody changed since the plan merges, and what both changed is refused with names.
        """
        done: set[UUID] = set()
        refused: list[str] = []
        for plan in plans:
            try:
                if plan.answer is not None and plan.finding_id is not None:
                    done |= self._responses.add(plan.finding_id, plan.answer, plan.key).ids
                elif plan.draft is None:
                    continue
                elif plan.finding_id is None or plan.stored is None:
                    done.add(self._findings.create(audit_id, plan.draft))
                else:
                    done |= self._findings.save(plan.finding_id, plan.stored, plan.draft).ids
            except (UserError, Conflict) as error:
                refused.append(f"{plan.name}: {error}")
        return Changes(ENTITY, frozenset(done)), tuple(refused)

    def _plan(self, file: Path, numbers: dict[str, UUID]) -> TakePlan:
        try:
            read = read_finding(_text(file))
            read.draft.validate(None)
            if read.number and read.number not in numbers:
                raise UserError(f"There is no finding {read.number[:40]} in this audit.")
        except UserError as error:
            return TakePlan(file.name, Becomes.REFUSED, reason=str(error))
        if not read.number:
            return TakePlan(file.name, Becomes.NEW, title=read.draft.title, draft=read.draft)
        detail = self._findings.get(numbers[read.number])
        stored, draft = draft_of(detail), read.draft.tidied()
        fields = tuple(
            name for name in FindingDraft.__dataclass_fields__
            if getattr(stored, name) != getattr(draft, name)
        )  # fmt: skip
        return TakePlan(
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

    def _plan_table(self, file: Path, numbers: dict[str, UUID]) -> tuple[TakePlan, ...]:
        """Return a plan for each row that a client changed, and for each that cannot be read."""
        try:
            rows = read_table(read_given_file(file, MAX_TABLE_BYTES))
        except UserError as error:
            return (TakePlan(file.name, Becomes.REFUSED, reason=str(error)),)
        plans = tuple(self._plan_row(f"{file.name}:{row.line}", row, numbers) for row in rows)
        changed = tuple(plan for plan in plans if plan.becomes is not Becomes.SAME)
        return changed or (TakePlan(file.name, Becomes.SAME),)

    def _plan_row(self, name: str, row: MitigationRow, numbers: dict[str, UUID]) -> TakePlan:
        try:
            if row.number not in numbers:
                raise UserError(f"There is no finding {row.number[:40]} in this audit.")
            finding_id = numbers[row.number]
            detail, responses = self._findings.get(finding_id), self._responses.of(finding_id)
            answer, fields = _answer(row, detail, responses)
        except UserError as error:
            return TakePlan(name, Becomes.REFUSED, row.number[:40], reason=str(error))
        becomes = Becomes.CHANGED if answer is not None else Becomes.SAME
        return TakePlan(
            name, becomes, row.number, detail.title, fields, finding_id=finding_id, answer=answer,
            key=uuid7(),
        )  # fmt: skip

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


def _mitigation(detail: FindingDetail, responses: Sequence[Response]) -> list[object]:
    """Return a finding's row: what the client answered last, and the latest verdict's commit."""
    step = detail.fixes[0] if detail.fixes else None
    return [
        detail.number, detail.title, detail.severity.value, detail.status.value,
        detail.client_position.value, _claimed(responses), "", detail.fix_verdict.value,
        step.fix_commit if step else "",
        f"{step.verified_at:%Y-%m-%d}" if step and step.verified_at else "",
    ]  # fmt: skip


def _claimed(responses: Sequence[Response]) -> str:
    """Return the commit that the client named last."""
    return next((one.fix_commit for one in reversed(responses) if one.fix_commit), "")


def _answer(
    row: MitigationRow, detail: FindingDetail, responses: Sequence[Response]
) -> tuple[ResponseDraft | None, tuple[str, ...]]:
    """Return the client's answer in a row and the fields it sets; None if it says nothing new.

    Raises UserError for a word that is no position, or a commit that is none.
    """
    try:
        position = ClientPosition(row.position or detail.client_position.value)
    except ValueError as error:
        known = ", ".join(one.value for one in ClientPosition)
        raise UserError(f"“{row.position[:40]}” is no position: {known}.") from error
    commit = row.commit if row.commit != _claimed(responses) else ""
    text = row.response if row.response not in {one.text for one in responses} else ""
    moved = position is not detail.client_position
    fields = tuple(
        name
        for name, there in (("client_position", moved), ("fix_commit", commit), ("response", text))
        if there
    )
    if not fields:
        return None, ()
    today = datetime.now(UTC).date()
    draft = ResponseDraft(
        Party.CLIENT, text or _FROM_TABLE, today, Channel.DOCUMENT,
        position if moved else None, commit,
    )  # fmt: skip
    draft.validate(today)
    return draft, fields
