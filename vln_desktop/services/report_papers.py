"""The papers of reports: published bytes, drafts as they stand now, previews while one writes."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from vln_desktop.adapters.files import write_whole
from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.reports import ReportVersion
from vln_desktop.db.session import Database
from vln_desktop.documents.press import Press
from vln_desktop.domain.files import PICTURES
from vln_desktop.domain.report_content import ReportContent, ReportSection
from vln_desktop.domain.report_json import from_json, to_json
from vln_desktop.domain.reports import SectionKind
from vln_desktop.errors import UserError
from vln_desktop.formats.report_html import report_html
from vln_desktop.formats.report_markdown import report_markdown
from vln_desktop.services.directory import Directory
from vln_desktop.services.files import FilesService
from vln_desktop.services.report_content import (
    NOTHING_UNSAVED,
    Unsaved,
    content_of_audit,
    content_of_report,
)
from vln_desktop.services.reports import choices_of, newest_report, report_detail
from vln_desktop.services.uses import note_export, note_view

_A = table_of(AuditRequest).c
_V = table_of(ReportVersion).c
FORMS = (".md", ".html", ".json")
"""The endings of files that hold a report's content in another form than a paper."""
_FEW_FINDINGS = 3
_LARGEST_PICTURE = 20 * 1024 * 1024

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """A report's PDF; `draft` tells whether it is a draft or the published bytes."""

    pdf: bytes
    draft: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """A report as it would be printed now, and what is printed in it."""

    content: ReportContent
    pdf: bytes


class ReportPapers:
    """Assembles and prints reports for the person signed in."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        press: Press,
        files: FilesService | None = None,
    ) -> None:
        self._database = database
        self._files = files or FilesService(database)
        self._directory = directory
        self._press = press
        self._kept: tuple[UUID | None, dict[str, bytes]] = (None, {})

    def print(self, audit_id: UUID) -> PrintedReport:
        """Return the published bytes of an audit's newest report, else a draft as it stands now.

        For who looks at it: the security events tell of it.
        """
        number, printed = self._printed(audit_id)
        note_view(self._database, "report", audit=number, draft=printed.draft)
        return printed

    def write(self, audit_id: UUID, path: Path) -> PrintedReport:
        """Write an audit's report into a file, as its ending says: .pdf, .md, .html or .json.

        The newest published version, else a draft as it stands now. Raises UserError for another
        ending, and if the file cannot be written.
        """
        form = path.suffix.lower()
        if form in FORMS:
            number, draft, data = self._in_form(audit_id, form)
            write_whole(path, data)
            note_export(self._database, "report", audit=number, draft=draft)
            return PrintedReport(data, draft)
        if form != ".pdf":
            raise UserError(f"{path.name}: a report is written as .pdf, .md, .html or .json.")
        number, printed = self._printed(audit_id)
        write_whole(path, printed.pdf)
        note_export(self._database, "report", audit=number, draft=printed.draft)
        return printed

    def draft(self, audit_id: UUID) -> ReportContent:
        """Gather what a report of an audit would print now: its newest one, else a first one."""
        with self._database.reading() as connection:
            newest = newest_report(connection, audit_id)
            if newest is not None:
                return content_of_report(
                    connection, self._directory, report_detail(connection, newest)
                )
            chosen = [choice.finding_id for choice in choices_of(connection, audit_id, None)]
            return content_of_audit(connection, self._directory, audit_id, chosen)

    def content(self, report_id: UUID, unsaved: Unsaved = NOTHING_UNSAVED) -> ReportContent:
        """Gather what a report would print now, with what is typed and not saved yet."""
        with self._database.reading() as connection:
            return content_of_report(
                connection, self._directory, report_detail(connection, report_id), unsaved
            )

    def preview(self, audit_id: UUID, report_id: UUID, unsaved: Unsaved) -> Preview:
        """Print a report as it stands, for who writes it; its pictures are fetched once."""
        content = self.content(report_id, unsaved)
        return Preview(content, self._press.report(content, self.pictures(audit_id, content)))

    def section(self, audit_id: UUID, content: ReportContent, section: ReportSection) -> bytes:
        """Print one section of a report alone, as it would stand in it: quick, whatever its length.

        Below the section of the findings stand the first few, so that one sees how they follow.
        """
        findings = content.findings
        if section.kind is SectionKind.FINDINGS:
            findings = findings[:_FEW_FINDINGS]
        alone = replace(content, sections=(section,), findings=findings)
        pictures = self.pictures(audit_id, alone) if findings is not content.findings else {}
        return self._press.report(alone, pictures)

    def frozen(self, version_id: UUID) -> tuple[ReportContent, bytes]:
        """Return the content and the bytes of a version; the security events tell of it."""
        with self._database.reading() as connection:
            row = _version(connection, version_id)
        content = from_json(json.dumps(row.content))
        note_view(self._database, "report", audit=content.audit_number, draft=False)
        return content, bytes(row.pdf)

    def save_version(self, version_id: UUID, path: Path) -> None:
        """Write the bytes of a version into a file; raises UserError if that fails."""
        with self._database.reading() as connection:
            row = _version(connection, version_id)
        write_whole(path, bytes(row.pdf))
        note_export(self._database, "report", sha256=row.sha256, draft=False)

    def reprints(self, version_id: UUID) -> bool:
        """Tell whether the frozen content still prints the very bytes that were rendered once."""
        with self._database.reading() as connection:
            row = _version(connection, version_id)
        content = from_json(json.dumps(row.content))
        rendered = bytes(row.pdf)[: row.unsigned_size]
        return self._press.report(content, self.pictures(row.audit_id, content)) == rendered

    def pictures(self, audit_id: UUID, content: ReportContent) -> dict[str, bytes]:
        """Return the bytes of the pictures that a report shows; reading them is on record.

        One that is damaged or lies elsewhere is left out: the report then names it instead. Those
        of the last audit are kept, so that a preview fetches each once.
        """
        wanted = {
            one.sha256 for f in content.findings for one in f.evidence if one.mime in PICTURES
        }
        audit, kept = self._kept
        known = wanted & kept.keys() if audit == audit_id else set()
        found = {sha256: kept[sha256] for sha256 in known}
        for file in self._files.of(audit_id) if wanted - found.keys() else ():
            if file.sha256 in wanted and file.sha256 not in found and file.size <= _LARGEST_PICTURE:
                try:
                    found[file.sha256] = self._files.read(file)
                except UserError as error:
                    log.warning("a picture of audit %s is not printed: %s", audit_id, error)
        self._kept = audit_id, found
        return found

    def _in_form(self, audit_id: UUID, form: str) -> tuple[str, bool, bytes]:
        """Return the audit's number, whether it is a draft, and the content in another form."""
        with self._database.reading() as connection:
            frozen = connection.execute(
                select(_V.content)
                .where(_V.audit_id == audit_id)
                .order_by(_V.created_at.desc(), _V.id.desc())
                .limit(1)
            ).scalar()
        draft = frozen is None
        content = self.draft(audit_id) if draft else from_json(json.dumps(frozen))
        return content.audit_number, draft, self._formed(audit_id, content, form).encode()

    def _formed(self, audit_id: UUID, content: ReportContent, form: str) -> str:
        if form == ".json":
            return f"{to_json(content)}\n"
        if form == ".md":
            return report_markdown(content)
        return report_html(content, self.pictures(audit_id, content))

    def _printed(self, audit_id: UUID) -> tuple[str, PrintedReport]:
        """Return the audit's number and its report."""
        with self._database.reading() as connection:
            published = connection.execute(
                select(_V.pdf, _A.number)
                .join(table_of(AuditRequest), _A.id == _V.audit_id)
                .where(_V.audit_id == audit_id)
                .order_by(_V.created_at.desc(), _V.id.desc())
                .limit(1)
            ).first()
        if published is not None:
            return published.number, PrintedReport(bytes(published.pdf), draft=False)
        content = self.draft(audit_id)
        pdf = self._press.report(content, self.pictures(audit_id, content))
        return content.audit_number, PrintedReport(pdf, draft=True)


def _version(connection: Connection, version_id: UUID) -> Any:
    row = connection.execute(
        select(_V.audit_id, _V.content, _V.pdf, _V.sha256, _V.unsigned_size).where(
            _V.id == version_id
        )
    ).first()
    if row is None:
        raise UserError("This version does not exist, or you may not see it.")
    return row
