"""Writes a finding: title, grading by the audit's scheme, and its texts with a live preview."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QTabWidget, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.finding_drafts import TITLE_MAX, FindingDraft, texts_of, with_texts
from vln_desktop.domain.findings import Severity
from vln_desktop.domain.weaknesses import Weakness
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.classification import ClassificationService
from vln_desktop.services.findings import ENTITY, FindingsService
from vln_desktop.services.presence import PresenceService, Present
from vln_desktop.services.templates import TemplatesService
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.finding_form import OpenFinding, new_title
from vln_desktop.ui.dialogs.finding_grades import GradesRow
from vln_desktop.ui.dialogs.finding_marks import MarksRow
from vln_desktop.ui.dialogs.save_template import SaveTemplatePanel
from vln_desktop.ui.dialogs.use_template import UseTemplatePanel
from vln_desktop.ui.drafts import DraftKeeper
from vln_desktop.ui.finding_words import FIELD_NAMES, TEXT_NAMES, field_name
from vln_desktop.ui.presence import PresenceWatch, present_words
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.markdown import MarkdownEditor
from vln_desktop.ui.workbench import Workbench

_SIZE = (1080, 760)
_REFERENCES_HINT = QT_TRANSLATE_NOOP(
    "Finding", "One a line: a title and its address, such as\nEIP-712 https://eips.ethereum.org/…"
)


@dataclass(frozen=True, slots=True)
class EditorServices:
    """What the form needs beside the window: where findings, their marks and templates are.

    `presence` says who else writes in the form, `name_of` what people are called.
    """

    findings: FindingsService
    classification: ClassificationService
    templates: TemplatesService
    presence: PresenceService
    name_of: Callable[[UUID | None], str]


class FindingEditor(QDialog):
    """The form of one finding; it stays open, with all that was typed, until COMMIT returned."""

    saved = Signal(object)
    """The form was saved: carries the Changes."""

    def __init__(
        self,
        workbench: Workbench,
        services: EditorServices,
        opened: OpenFinding,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.resize(*_SIZE)
        self._workbench = workbench
        self._services = services
        self._opened = opened
        self._scheme = opened.scheme
        self._base = with_texts(opened.stored, opened.draft.base if opened.draft else {})
        edit = self.tr("Edit {number}").format(number=opened.number)
        self.setWindowTitle(new_title(opened.number) if opened.is_new else edit)
        self.title = QLineEdit(self)
        self.title.setAccessibleName(field_name("title"))
        self.title.setPlaceholderText(field_name("title"))
        self.title.setMaxLength(TITLE_MAX)
        self.grades = GradesRow(opened.scheme, self)
        self.marks = MarksRow(opened.scheme, self)
        self.texts = {name: MarkdownEditor(workbench.theme, self) for name in TEXT_NAMES}
        self.references = _references_edit(self)
        self._tabs = QTabWidget(self)
        self._fault = label("", "error", wrap=True, parent=self)
        self.present = label("", "small", parent=self)
        save = self.tr("Add the finding") if opened.is_new else self.tr("Save")
        self.save_button = button(save, "primary", parent=self)
        self._lay_out()
        self._fill(with_texts(self._base, opened.draft.mine if opened.draft else {}))
        self._connect()
        self._keeper = DraftKeeper(
            workbench.drafts, opened.form, texts_of(self._base), self._unsaved, self
        )
        self._keeper.watch(self)
        if opened.draft is not None:
            self._keeper.restore()
        self._offer_marks()
        self._watch_presence()

    def _watch_presence(self) -> None:
        """Say who else has this finding open; a finding not yet saved can be open nowhere else."""
        tasks = self._workbench.tasks
        self.presence = PresenceWatch(self._services.presence, tasks, self, editing=True)
        self.presence.others.connect(self._show_present)
        if not self._opened.is_new:
            self.presence.follow(self._opened.audit_id, self._opened.id)

    def _show_present(self, others: tuple[Present, ...]) -> None:
        self.present.setText(present_words(others, self._services.name_of))

    def _unsaved(self) -> dict[str, str] | None:
        draft = self.draft
        return None if draft == self._base else texts_of(draft)

    @property
    def draft(self) -> FindingDraft:
        """What is typed."""
        texts = {name: editor.text for name, editor in self.texts.items()}
        written = FindingDraft(
            title=self.title.text(),
            description=texts["description"],
            impact=texts["impact"],
            likelihood=texts["likelihood"],
            remediation=texts["remediation"],
            proof=texts["proof"],
            references=self.references.toPlainText(),
        )
        return self.marks.put(self.grades.put(written))

    def save(self) -> None:
        """Save what changed since the form was opened; faults show beside their field."""
        draft, base, opened = self.draft, self._base, self._opened
        self._show_fault("")
        try:
            self.marks.check()
            draft.validate(self._scheme)
        except UserError as error:
            self._refuse(error)
            return
        self.save_button.setEnabled(False)

        def work(_context: TaskContext) -> Changes:
            if not opened.is_new:
                return self._services.findings.save(opened.id, base, draft)
            made = self._services.findings.create(opened.audit_id, draft, opened.id)
            return Changes(ENTITY, frozenset({made}))

        self._workbench.act(
            self, work, self._done, self._failed, title=self.tr("Saving the finding")
        )

    def use_template(self) -> None:
        """Take a template over, field by field."""
        UseTemplatePanel(
            self._workbench, self._services.templates, self.draft, self._fill, self
        ).open()

    def save_template(self) -> None:
        """Save what is typed as a template."""
        SaveTemplatePanel(self._workbench, self._services.templates, self.draft, self).open()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.draft == self._base:
            self.presence.leave()
            event.accept()
            return
        event.ignore()
        question = Question(
            self.tr("Close without saving?"),
            self.tr("What you typed since the last save is thrown away."),
            self.tr("Throw away"),
            danger=True,
        )
        ask(question, self._agreed, self)

    def throw_away(self) -> None:
        """Forget what was typed since the last save, and close."""
        self._fill(self._base)
        self._keeper.done()
        self.close()

    def _lay_out(self) -> None:
        for name, editor in self.texts.items():
            self._tabs.addTab(editor, field_name(name))
        self._tabs.addTab(self.references, field_name("references"))
        cancel = button(self.tr("Close"), parent=self)
        cancel.clicked.connect(self.close)
        use = button(self.tr("Use a template…"), parent=self)
        use.clicked.connect(self.use_template)
        keep = button(self.tr("Save as a template…"), parent=self)
        keep.clicked.connect(self.save_template)
        buttons = row([use, keep, self._fault, None, self.present, cancel, self.save_button])
        buttons.setStretch(2, 1)
        body = column(
            [self.title, self.grades, self.marks, self._tabs,
             buttons],
            gap=GAP,
        )  # fmt: skip
        body.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        body.setStretch(3, 1)
        self.setLayout(body)

    def _connect(self) -> None:
        self.save_button.clicked.connect(self.save)
        self.grades.levels_changed.connect(self._propose)
        if self._scheme is not None and self._scheme.method.cvss_version is not None:
            self.marks.cvss_changed.connect(self._propose)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self).activated.connect(self.save)

    def _fill(self, draft: FindingDraft) -> None:
        self.title.setText(draft.title)
        self.marks.fill(draft)  # first: a vector may propose another severity than was chosen
        self.grades.fill(draft)
        self.references.setPlainText(draft.references)
        for name, editor in self.texts.items():
            editor.set_text(getattr(draft, name))
        self.grades.propose(self._proposed(), take=False)

    def _propose(self) -> None:
        """Take the severity that the scheme proposes; the person may still depart from it."""
        self.grades.propose(self._proposed(), take=True)

    def _proposed(self) -> Severity | None:
        try:
            return self.draft.proposed(self._scheme)
        except UserError:
            return None  # half a vector is typed

    def _offer_marks(self) -> None:
        """Fetch what weaknesses there are and which tags the audit uses."""
        audit = self._opened.audit_id

        def work(_context: TaskContext) -> tuple[tuple[Weakness, ...], tuple[str, ...]]:
            return (
                self._services.classification.weaknesses(),
                self._services.classification.tags_in_use(audit),
            )

        def offer(found: tuple[tuple[Weakness, ...], tuple[str, ...]]) -> None:
            self.marks.offer(*found)

        self._workbench.tasks.run(self, work, offer, self._workbench.messages.report)

    def _done(self, changes: Changes) -> None:
        self._base = self.draft
        self._keeper.done()
        self.save_button.setEnabled(True)
        self._workbench.publish(changes)
        new = self._opened.is_new
        self._workbench.messages.saved(
            self.tr("The finding is added.") if new else self.tr("The finding is saved.")
        )
        self.saved.emit(changes)
        self.close()

    def _failed(self, error: Exception) -> None:
        self.save_button.setEnabled(True)
        if isinstance(error, Conflict) and error.fields:
            self._show_conflict(error)
        elif isinstance(error, UserError):
            self._refuse(error)
        else:
            self._show_fault(self.tr("Not saved; what you typed is still here."))
            self._workbench.messages.report(error, self.save)

    def _show_conflict(self, conflict: Conflict) -> None:
        names = {name: field_name(name) for name in FIELD_NAMES}

        def chosen(theirs: frozenset[str]) -> None:
            stored = {clash.field: clash.theirs for clash in conflict.fields}
            mine = replace(self.draft, **{field: stored[field] for field in theirs})
            self._base = replace(self._base, **stored)
            self._fill(mine)
            self.save()

        ConflictPanel(conflict, names, chosen, self).open()

    def _refuse(self, error: UserError) -> None:
        self._show_fault(str(error))
        if error.field in self.texts:
            self._tabs.setCurrentWidget(self.texts[error.field])
        if error.field == "references":
            self._tabs.setCurrentWidget(self.references)
        focus: dict[str, QWidget] = {
            "title": self.title,
            "severity_reason": self.grades.reason,
            "references": self.references,
            **self.marks.inputs,
            **self.texts,
        }
        if error.field in focus:
            focus[error.field].setFocus()

    def _show_fault(self, text: str) -> None:
        self._fault.setText(text)

    def _agreed(self, _reason: str) -> None:
        self.throw_away()


def _references_edit(parent: QWidget) -> QPlainTextEdit:
    edit = QPlainTextEdit(parent)
    edit.setAccessibleName(field_name("references"))
    edit.setPlaceholderText(QCoreApplication.translate("Finding", str(_REFERENCES_HINT)))
    return edit
