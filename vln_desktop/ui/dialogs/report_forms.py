"""The small forms of the reports pane: facts, comments, allowances, deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.leaks import Leak
from vln_desktop.domain.notices import LONGEST_RECIPIENT
from vln_desktop.domain.report_work import (
    LONGEST_TITLE,
    Anchor,
    DeliveryChannel,
    DeliveryDraft,
    Distribution,
    PublishedVersion,
    ReportDetail,
    ReportDraft,
)
from vln_desktop.domain.reports import LANGUAGES, ReportKind
from vln_desktop.errors import UserError
from vln_desktop.services.report_publishing import ReportPublishing
from vln_desktop.services.report_review import ReportReviewService
from vln_desktop.services.reports import ENTITY, ReportsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.panes.report_tabs import section_name
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import WordBox
from vln_desktop.ui.widgets.fields import DayEdit, Field, text_box
from vln_desktop.ui.workbench import RecordRef, Workbench

_COMMENT_HEIGHT = 120
_REASON_HEIGHT = 76

AuditChoice = tuple[UUID, str, str]
"""An audit's id, number and project."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reports", text)


class ReportPanel(FormPanel):
    """The facts of a report: of a new one for one of some audits, or of one that is changed."""

    def __init__(
        self,
        workbench: Workbench,
        service: ReportsService,
        of: Sequence[AuditChoice] | ReportDetail,
        window: QWidget,
    ) -> None:
        self._report = of if isinstance(of, ReportDetail) else None
        self._audits = [] if isinstance(of, ReportDetail) else list(of)
        title = _tr("New report") if self._report is None else self._report.draft.title
        told = _tr("Sections, confirmed findings and counts are in it at once.")
        confirm = _tr("Begin the report") if self._report is None else _tr("Save")
        super().__init__(workbench, title, told if self._report is None else "", confirm, window)
        self._service = service
        self._key = uuid7()
        draft = self._report.draft if self._report is not None else ReportDraft("")
        self.audit = QComboBox(self.panel)
        self.audit.addItems([f"{number}  {project}" for _, number, project in self._audits])
        self.title = QLineEdit(draft.title, self.panel)
        self.title.setMaxLength(LONGEST_TITLE)
        self.kind = WordBox(tuple(ReportKind), _tr("Kind"), "report_kind", parent=self.panel)
        self.kind.choose(draft.kind)
        self.language = QComboBox(self.panel)
        self.language.addItems([_tr("English"), _tr("German")])
        self.language.setCurrentIndex(LANGUAGES.index(draft.language))
        self.readers = WordBox(tuple(Distribution), _tr("For"), "distribution", parent=self.panel)
        self.readers.choose(draft.distribution)
        self._base_draft = draft
        self._lay_out()

    def open(self) -> None:
        """Show the panel; one types the title at once."""
        super().open()
        self.title.setFocus()

    def send(self) -> None:
        """Begin or change the report."""
        self.clear_faults()
        try:
            draft = self._draft()
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return
        if self._report is None:
            self._begin(draft)
        else:
            self._change(self._report, draft)

    def _lay_out(self) -> None:
        fields = {
            "title": Field(_tr("Title"), self.title, self.panel),
            "kind": Field(_tr("Kind"), self.kind, self.panel),
            "language": Field(_tr("Language"), self.language, self.panel),
            "distribution": Field(_tr("For"), self.readers, self.panel),
        }
        if self._report is None:
            fields = {"audit": Field(_tr("Audit"), self.audit, self.panel), **fields}
            self._propose()
            self.audit.currentIndexChanged.connect(self._propose)
            self.kind.currentIndexChanged.connect(self._propose)
        else:
            self.audit.hide()
        self.build(fields)

    def _propose(self) -> None:
        """Propose a title as long as nobody typed another."""
        at = self.audit.currentIndex()
        if at < 0 or self.title.isModified():
            return
        _id, number, project = self._audits[at]
        self.title.setText(f"{self.kind.currentText()} report: {project or number}")

    def _draft(self) -> ReportDraft:
        return replace(
            self._base_draft,
            title=self.title.text(),
            kind=ReportKind(self.kind.word or ReportKind.PRELIMINARY),
            language=LANGUAGES[self.language.currentIndex()],
            distribution=Distribution(self.readers.word or Distribution.CLIENT),
        )

    def _begin(self, draft: ReportDraft) -> None:
        at = self.audit.currentIndex()
        if at < 0:
            self.refuse(UserError(_tr("There is no audit to report on."), field="audit"))
            return
        audit, key = self._audits[at][0], self._key

        def work(_context: TaskContext) -> UUID:
            return self._service.begin(audit, draft, key)

        def done(report: UUID) -> None:
            self.workbench.publish(Changes(ENTITY, frozenset({report})))
            self.workbench.messages.saved(_tr("The report is begun."))
            self.workbench.open(RecordRef(ENTITY, report))

        self.save(work, done, _tr("Beginning the report"))

    def _change(self, report: ReportDetail, draft: ReportDraft) -> None:
        def work(_context: TaskContext) -> Changes:
            return self._service.change(report, draft)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The report is saved."))

        self.save(work, done, _tr("Saving the report"))


class CommentPanel(FormPanel):
    """A reviewer's comment, and which part of the report it is about."""

    def __init__(
        self,
        workbench: Workbench,
        service: ReportReviewService,
        report: ReportDetail,
        window: QWidget,
    ) -> None:
        told = _tr("It is open until somebody resolves it, and keeps the report from approval.")
        title = _tr("Comment on {number}").format(number=report.audit_number)
        super().__init__(workbench, title, told, _tr("Comment"), window)
        self._service = service
        self._report = report
        self._key = uuid7()
        places = [(_tr("The whole report"), Anchor())]
        places += [(section_name(one), Anchor(section_id=one.id)) for one in report.sections]
        places += [
            (f"{one.number}  {one.title}", Anchor(finding_id=one.finding_id))
            for one in report.findings
        ]
        self._anchors = [anchor for _, anchor in places]
        self.place = QComboBox(self.panel)
        self.place.addItems([name for name, _ in places])
        self.text = text_box(self.panel, _COMMENT_HEIGHT)
        self.build(
            {
                "place": Field(_tr("About"), self.place, self.panel),
                "text": Field(_tr("Comment"), self.text, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; one types at once."""
        super().open()
        self.text.setFocus()

    def send(self) -> None:
        """Save the comment."""
        self.clear_faults()
        anchor, text = self._anchors[self.place.currentIndex()], self.text.toPlainText()

        def work(_context: TaskContext) -> Changes:
            return self._service.comment(self._report, anchor, text, self._key)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The comment is saved."))

        self.save(work, done, _tr("Saving the comment"))


class AllowLeakPanel(FormPanel):
    """Why something that the leak guard found may be printed."""

    def __init__(
        self,
        workbench: Workbench,
        service: ReportReviewService,
        report: ReportDetail,
        leak: Leak,
        window: QWidget,
    ) -> None:
        super().__init__(workbench, leak.message, leak.excerpt, _tr("Allow"), window)
        self._service = service
        self._report = report
        self._leak = leak
        self.reason = text_box(self.panel, _REASON_HEIGHT)
        self.build({"reason": Field(_tr("Why it may be printed"), self.reason, self.panel)})

    def open(self) -> None:
        """Show the panel; one types the reason at once."""
        super().open()
        self.reason.setFocus()

    def send(self) -> None:
        """Allow it."""
        self.clear_faults()
        reason = self.reason.toPlainText()

        def work(_context: TaskContext) -> Changes:
            return self._service.allow(self._report, self._leak, reason)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("It is allowed, with your reason."))

        self.save(work, done, _tr("Allowing"))


class DeliveryPanel(FormPanel):
    """Who got a published version, when and how."""

    def __init__(
        self,
        workbench: Workbench,
        service: ReportPublishing,
        of: tuple[ReportDetail, PublishedVersion],
        window: QWidget,
    ) -> None:
        self._report, self._version = of
        title = _tr("Delivery of version {name}").format(name=self._version.name)
        told = _tr("The record holds the hash of the bytes that went out, and never changes.")
        super().__init__(workbench, title, told, _tr("Record the delivery"), window)
        self._service = service
        self._key = uuid7()
        self.recipient = QLineEdit(self.panel)
        self.recipient.setMaxLength(LONGEST_RECIPIENT)
        channels = tuple(DeliveryChannel)
        self.channel = WordBox(channels, _tr("How"), "delivery_channel", parent=self.panel)
        self.day = DayEdit(self.panel)
        self.day.set_day(datetime.now(UTC).date())
        self.note = QLineEdit(self.panel)
        self.build(
            {
                "recipient": Field(_tr("To whom"), self.recipient, self.panel),
                "channel": Field(_tr("How"), self.channel, self.panel),
                "delivered_at": Field(_tr("Day (UTC)"), self.day, self.panel),
                "note": Field(_tr("Note"), self.note, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; one types to whom at once."""
        super().open()
        self.recipient.setFocus()

    def send(self) -> None:
        """Record the delivery."""
        self.clear_faults()
        try:
            draft = self._draft()
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> Changes:
            return self._service.deliver(self._version, self._report, draft, self._key)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The delivery is recorded."))

        self.save(work, done, _tr("Recording the delivery"))

    def _draft(self) -> DeliveryDraft:
        try:
            day = self.day.day
        except UserError as error:
            raise UserError(str(error), field="delivered_at") from error
        now = datetime.now(UTC)
        if day is None or day > now.date():
            raise UserError(_tr("Say on which day it went out."), field="delivered_at")
        at = now if day == now.date() else datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        channel = DeliveryChannel(self.channel.word or DeliveryChannel.EMAIL)
        return DeliveryDraft(self.recipient.text(), channel, at, self.note.text())
