"""Approving, freezing, signing and delivering reports: what nobody takes back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import insert, update
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import reports as tables
from vln_desktop.db.session import Database
from vln_desktop.documents.press import Press
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.leaks import Leak
from vln_desktop.domain.report_content import ReportContent
from vln_desktop.domain.report_json import approval_digest, to_json
from vln_desktop.domain.report_work import DeliveryDraft, PublishedVersion, ReportDetail
from vln_desktop.domain.reports import ReportStatus
from vln_desktop.domain.signatures import Signature, SignatureLevel, SignedPaper
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.leak_guard import LeakGuard
from vln_desktop.services.report_content import content_of_report
from vln_desktop.services.report_papers import ReportPapers
from vln_desktop.services.reports import changes_of, report_detail

_REPORTS = table_of(tables.Report)
_R = _REPORTS.c
_CHANGED = "The report changed since you looked at it; look at it again before you approve it."
_NOT_APPROVED = "The report changed since it was approved; send it back to review."

Signs = Callable[[bytes], SignedPaper]
"""Signs a paper: it may ask a token or a time-stamp authority, so it blocks."""


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing made: the version's id, the hash of its bytes and its signature."""

    version_id: UUID
    sha256: str
    signature: Signature | None
    changes: Changes


class ReportPublishing:
    """Takes reports from review to the client, for the manager signed in."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        press: Press,
        papers: ReportPapers,
        guard: LeakGuard,
    ) -> None:
        self._database = database
        self._directory = directory
        self._press = press
        self._papers = papers
        self._guard = guard

    def approve(self, report: ReportDetail, seen: str) -> Changes:
        """Approve what was looked at: `seen` is the `approval_digest` of the content that was.

        Raises Conflict if it is another one now, UserError for what the database refuses: one's
        own work, open comments, an open round of fix review.
        """
        if report.status is not ReportStatus.REVIEW:
            raise UserError("Only a report in review is approved.", field="status")
        with self._database.unit_of_work() as session:
            connection = session.connection()
            stored = report_detail(connection, report.id)
            content = content_of_report(connection, self._directory, stored)
            if stored.version != report.version or approval_digest(content) != seen:
                raise Conflict(_CHANGED)
            changed = session.execute(
                update(_REPORTS)
                .where(_R.id == report.id, _R.version == report.version)
                .values(status=ReportStatus.APPROVED.value, approved_digest=seen)
                .returning(_R.id)
            ).first()
            if changed is None:
                raise Conflict(_CHANGED)
        return changes_of(report)

    def leaks(self, report: ReportDetail) -> tuple[Leak, ...]:
        """Return what the leak guard finds in a report, what is allowed too."""
        return self._guard.check(report, self._papers.content(report.id))

    def publish(self, report: ReportDetail, sign: Signs | None) -> Published:
        """Freeze, print, sign and store an approved report; without `sign` the paper says so.

        Raises UserError for leaks that nobody allowed, and Conflict if it was changed since it was
        approved: then nothing is stored.
        """
        if report.status is not ReportStatus.APPROVED:
            raise UserError("Only an approved report is published.", field="status")
        stored, content = self._approved(report)
        self._refuse_leaks(stored, content)
        frozen = self._frozen(stored, content, unsigned=sign is None)
        rendered = self._press.report(frozen, self._papers.pictures(stored.audit_id, frozen))
        signed = sign(rendered) if sign is not None else SignedPaper(rendered, None)
        version_id = self._store(stored, frozen, rendered, signed)
        sha256 = hashlib.sha256(signed.pdf).hexdigest()
        return Published(version_id, sha256, signed.signature, changes_of(report))

    def deliver(
        self, version: PublishedVersion, report: ReportDetail, draft: DeliveryDraft,
        key: UUID | None = None,
    ) -> Changes:  # fmt: skip
        """Record who got a version, when and how; the database adds the hash of its bytes.

        Whoever tries again after a link was lost gives the same `key`. Raises UserError for what
        cannot be recorded: a draft, a day to come, the public before consent and embargo.
        """
        draft.validate()
        id_ = key or uuid7()
        with self._database.unit_of_work() as session:
            if session.get(tables.ReportDelivery, id_) is None:
                session.execute(
                    insert(table_of(tables.ReportDelivery)).values(
                        id=id_, audit_id=report.audit_id, report_id=version.report_id,
                        version_id=version.id, recipient=draft.recipient.strip(),
                        channel=draft.channel.value, delivered_at=draft.delivered_at,
                        note=draft.note.strip(), recorded_by=self._database.actor.user_id,
                    )
                )  # fmt: skip
        return changes_of(report)

    def _approved(self, report: ReportDetail) -> tuple[ReportDetail, ReportContent]:
        with self._database.reading() as connection:
            stored = report_detail(connection, report.id)
            content = content_of_report(connection, self._directory, stored)
        if stored.version != report.version or approval_digest(content) != stored.approved_digest:
            raise Conflict(_NOT_APPROVED)
        return stored, content

    def _refuse_leaks(self, report: ReportDetail, content: ReportContent) -> None:
        allowed = {allowance.key for allowance in report.allowances}
        open_ones = [leak for leak in self._guard.check(report, content) if leak.key not in allowed]
        if open_ones:
            count = len(open_ones)
            found = "1 thing" if count == 1 else f"{count} things"
            raise UserError(
                f"The leak guard found {found} that nobody allowed; look at its list first."
            )

    def _frozen(
        self, report: ReportDetail, content: ReportContent, *, unsigned: bool
    ) -> ReportContent:
        approver = self._directory.name_of(report.approver_id)
        return replace(content, status=ReportStatus.PUBLISHED, approver=approver, unsigned=unsigned)

    def _store(
        self, report: ReportDetail, frozen: ReportContent, rendered: bytes, signed: SignedPaper
    ) -> UUID:
        id_, signature = uuid7(), signed.signature
        with self._database.unit_of_work() as session:
            session.execute(
                insert(table_of(tables.ReportVersion)).values(
                    id=id_, audit_id=report.audit_id, report_id=report.id, ordinal=1,
                    content=json.loads(to_json(frozen)), pdf=signed.pdf,
                    sha256=hashlib.sha256(signed.pdf).hexdigest(),
                    content_digest=report.approved_digest,
                    unsigned_sha256=hashlib.sha256(rendered).hexdigest(),
                    unsigned_size=len(rendered),
                    signature_level=(signature.level if signature else SignatureLevel.NONE).value,
                    signer=signature.signer if signature else "",
                    certificate_sha256=signature.certificate_sha256 if signature else "",
                    published_by=self._database.actor.user_id,
                )
            )  # fmt: skip
            changed = session.execute(
                update(_REPORTS)
                .where(_R.id == report.id, _R.version == report.version)
                .values(status=ReportStatus.PUBLISHED.value)
                .returning(_R.id)
            ).first()
            if changed is None:
                raise Conflict(_NOT_APPROVED)
        return id_
