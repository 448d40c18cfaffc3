"""Writes a section of a report: heading and Markdown beside its paper; adds one of one's own."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.leaks import LeakPlace
from vln_desktop.domain.report_content import ReportContent, ReportSection
from vln_desktop.domain.report_work import LONGEST_TITLE, ReportDetail, Section, SectionDraft
from vln_desktop.domain.reports import SectionKind
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.report_papers import ReportPapers
from vln_desktop.services.report_sections import ReportSectionsService
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.drafts import DraftKeeper, Form
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.widgets.paper_editor import PaperEditor
from vln_desktop.ui.workbench import Workbench

_SIZE = (1240, 760)
FORM = "ReportSection"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reports", text)


class SectionEditor(QDialog):
    """The form of one section; it stays open, with all that was typed, until COMMIT returned."""

    def __init__(
        self,
        workbench: Workbench,
        services: tuple[ReportSectionsService, ReportPapers],
        opened: tuple[ReportDetail, Section],
        parent: QWidget,
        typed: SectionDraft | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.resize(*_SIZE)
        self._bench = workbench
        self._service, self._papers = services
        self._report, self._section = opened
        self._content: ReportContent | None = None
        self._base = self._section.draft
        name = _usual(self._section.kind)
        self.setWindowTitle(f"{self._report.audit_number}  {self._base.title or name}")
        self.heading = QLineEdit(self)
        self.heading.setAccessibleName(_tr("Heading"))
        self.heading.setPlaceholderText(name)
        self.heading.setMaxLength(LONGEST_TITLE)
        self.text = PaperEditor(
            workbench.theme, workbench.tasks, self._heading_and_text, self._print, self
        )
        self.heading.textChanged.connect(self.text.touched)
        self._fault = label("", "error", wrap=True, parent=self)
        self.preview = button(_tr("Hide the paper"), parent=self)
        self.template = button(_tr("Back to the template"), parent=self)
        self.save_button = button(_tr("Save"), "primary", parent=self)
        self._lay_out()
        self._fill(typed or self._base)
        self.heading.setReadOnly(not self._report.can_change)
        self.text.edit.setReadOnly(not self._report.can_change)
        self._keeper = DraftKeeper(workbench.drafts, self._form(), _texts(self._base),
                                   self._unsaved, self)  # fmt: skip
        self._keeper.watch(self)
        if typed is not None:
            self._keeper.restore()

    @property
    def draft(self) -> SectionDraft:
        """What is typed."""
        return SectionDraft(self.heading.text(), self.text.text)

    @property
    def section_id(self) -> UUID:
        """The section that is written."""
        return self._section.id

    def go_to(self, place: LeakPlace, words: str) -> None:
        """Lead to where something stands: the heading, or words in the text."""
        if place.field == "title":
            self.heading.setFocus()
            self.heading.selectAll()
        else:
            self.text.go_to(place.line, words)

    def save(self) -> None:
        """Save what changed since the form was opened."""
        draft = self.draft
        self._fault.setText("")
        try:
            draft.validate(self._section.kind)
        except UserError as error:
            self._refuse(error)
            return
        self.save_button.setEnabled(False)
        report, section = self._report, replace(self._section, draft=self._base)

        def work(_context: TaskContext) -> Changes:
            return self._service.write(report, section, draft)

        self._bench.act(self, work, self._done, self._failed, title=_tr("Saving the section"))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.draft == self._base:
            self._keeper.done()
            self.text.stop()
            event.accept()
            return
        event.ignore()
        question = Question(
            _tr("Close without saving?"),
            _tr("What you typed since the last save is thrown away."),
            _tr("Throw away"),
            danger=True,
        )
        ask(question, self._throw_away, self)

    def _throw_away(self, _reason: str) -> None:
        self._fill(self._base)
        self.close()

    def _use_template(self) -> None:
        """Put the template's text into the form; Ctrl+Z in the text takes it back."""
        template = self._service.template_of(self._report, self._section.kind)
        self._fill(template)

    def _show_paper(self, shown: bool) -> None:
        self.preview.setText(_tr("Hide the paper") if shown else _tr("Show the paper"))
        self.text.show_paper(shown)

    def _heading_and_text(self) -> tuple[str, str]:
        return self.heading.text(), self.text.text

    def _print(self, typed: tuple[str, str]) -> bytes:
        """Print the section alone; the rest of the report is gathered once. Runs on a task."""
        if self._content is None:
            self._content = self._papers.content(self._report.id)
        section = ReportSection(self._section.kind, *typed)
        return self._papers.section(self._report.audit_id, self._content, section)

    def _form(self) -> Form:
        return Form(FORM, self._section.id, self.windowTitle())

    def _unsaved(self) -> dict[str, str] | None:
        return None if self.draft == self._base else _texts(self.draft)

    def _fill(self, draft: SectionDraft) -> None:
        self.heading.setText(draft.title)
        self.text.set_text(draft.text)

    def _lay_out(self) -> None:
        cancel = button(_tr("Close"), parent=self)
        cancel.clicked.connect(self.close)
        self.template.clicked.connect(self._use_template)
        self.template.setVisible(self._section.kind is not SectionKind.CUSTOM)
        self.save_button.clicked.connect(self.save)
        self.save_button.setEnabled(self._report.can_change)
        self.preview.setCheckable(True)
        self.preview.setChecked(True)
        self.preview.toggled.connect(self._show_paper)
        buttons = row([self.preview, self.template, self._fault, None, cancel, self.save_button])
        buttons.setStretch(2, 1)
        body = column([self.heading, self.text, buttons], gap=GAP)
        body.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        body.setStretch(1, 1)
        self.setLayout(body)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self).activated.connect(self.save)

    def _done(self, changes: Changes) -> None:
        self._base = self.draft
        self._keeper.done()
        self.save_button.setEnabled(True)
        self._bench.publish(changes)
        self._bench.messages.saved(_tr("The section is saved."))
        self.close()

    def _failed(self, error: Exception) -> None:
        self.save_button.setEnabled(True)
        if isinstance(error, Conflict) and error.fields:
            self._show_conflict(error)
        elif isinstance(error, UserError):
            self._refuse(error)
        else:
            self._fault.setText(_tr("Not saved; what you typed is still here."))
            self._bench.messages.report(error, self.save)

    def _show_conflict(self, conflict: Conflict) -> None:
        def chosen(theirs: frozenset[str]) -> None:
            stored = {clash.field: clash.theirs for clash in conflict.fields}
            mine = replace(self.draft, **{field: stored[field] for field in theirs})
            self._base = replace(self._base, **stored)
            self._fill(mine)
            self.save()

        names = {"title": _tr("Heading"), "text": _tr("Text")}
        ConflictPanel(conflict, names, chosen, self).open()

    def _refuse(self, error: UserError) -> None:
        self._fault.setText(str(error))
        (self.heading if error.field == "title" else self.text).setFocus()


class AddSectionPanel(FormPanel):
    """Asks for the heading of a section of one's own; it is written afterwards."""

    def __init__(
        self,
        workbench: Workbench,
        service: ReportSectionsService,
        report: ReportDetail,
        behind: UUID | None,
        window: QWidget,
    ) -> None:
        told = _tr("It stands behind the selected section, and can be moved.")
        super().__init__(workbench, _tr("Add a section"), told, _tr("Add the section"), window)
        self._service = service
        self._report = report
        self._behind = behind
        self._key = uuid7()
        self.heading = QLineEdit(self.panel)
        self.heading.setMaxLength(LONGEST_TITLE)
        self.heading.setPlaceholderText(_tr("Such as Centralisation, or System overview"))
        self.build({"title": Field(_tr("Heading"), self.heading, self.panel)})

    def open(self) -> None:
        """Show the panel; one types the heading at once."""
        super().open()
        self.heading.setFocus()

    def send(self) -> None:
        """Add the section."""
        self.clear_faults()
        draft = SectionDraft(self.heading.text())
        try:
            draft.validate(SectionKind.CUSTOM)
        except UserError as error:
            self.refuse(error)
            return
        report, behind, key = self._report, self._behind, self._key

        def work(_context: TaskContext) -> Changes:
            return self._service.add(report, SectionKind.CUSTOM, draft, behind, key)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The section is added."))

        self.save(work, done, _tr("Adding the section"))


def _usual(kind: SectionKind) -> str:
    return kind.value.replace("_", " ").capitalize()


def _texts(draft: SectionDraft) -> dict[str, str]:
    return {"title": draft.title, "text": draft.text}
