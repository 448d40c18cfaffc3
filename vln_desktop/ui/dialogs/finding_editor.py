"""Writes a finding: title, grading by the audit's scheme, and its texts with a live preview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from uuid import UUID

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QTabWidget, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.drafts import Draft
from vln_desktop.domain.findings import (
    TITLE_MAX,
    Category,
    FindingDetail,
    FindingDraft,
    FindingKind,
    Level,
    Severity,
    SeverityScheme,
)
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.findings import FindingsService, draft_of
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.drafts import DraftKeeper, Form
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.markdown import MarkdownEditor
from vln_desktop.ui.workbench import Workbench

FORM = "finding"
"""The form's name in the draft journal."""

_SIZE = (1040, 720)
_N = QT_TRANSLATE_NOOP
TEXT_NAMES = {
    "description": _N("Finding", "Description"),
    "impact": _N("Finding", "Impact"),
    "likelihood": _N("Finding", "Likelihood"),
    "remediation": _N("Finding", "Recommendation"),
    "proof": _N("Finding", "Proof of concept"),
}
FIELD_NAMES = {
    **TEXT_NAMES,
    "title": _N("Finding", "Title"),
    "severity": _N("Finding", "Severity"),
    "severity_reason": _N("Finding", "Reason for the severity"),
    "impact_level": _N("Finding", "Impact level"),
    "likelihood_level": _N("Finding", "Likelihood level"),
    "category": _N("Finding", "Category"),
    "kind": _N("Finding", "Kind"),
}


def field_name(field: str) -> str:
    """Return what a field of a finding is called, in the person's language."""
    return QCoreApplication.translate("Finding", str(FIELD_NAMES.get(field, field)))


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding as the form starts from it, with the scheme that grades it."""

    detail: FindingDetail
    scheme: SeverityScheme | None
    draft: Draft | None = None
    """What was typed before and not saved: it is shown, and what stood there then is its base."""


class WordBox(QComboBox):
    """Chooses one word of a closed list, or none where `nothing` names that.

    `looks` is the kind of chip whose words are shown, so that list and form say the same.
    """

    def __init__(
        self,
        words: Sequence[StrEnum],
        name: str,
        looks: str = "",
        nothing: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        # Kept here: as an item's data, Qt would turn a word into a plain string.
        self._words: list[StrEnum | None] = [None] if nothing else []
        self._words += words
        self.addItems([nothing] if nothing else [])
        self.addItems([look_of(looks, word).text for word in words])

    @property
    def word(self) -> StrEnum | None:
        """The chosen word."""
        at = self.currentIndex()
        return self._words[at] if at >= 0 else None

    def choose(self, word: StrEnum | None) -> None:
        """Show a word as chosen."""
        self.setCurrentIndex(self._words.index(word) if word in self._words else 0)


class FindingEditor(QDialog):
    """The form of one finding; it stays open, with all that was typed, until COMMIT returned."""

    saved = Signal(object)
    """The form was saved: carries the Changes."""

    def __init__(
        self,
        workbench: Workbench,
        findings: FindingsService,
        opened: OpenFinding,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.resize(*_SIZE)
        self._workbench = workbench
        self._findings = findings
        self._id: UUID = opened.detail.id
        self._scheme = opened.scheme
        self._base = _from_texts(draft_of(opened.detail), opened.draft.base if opened.draft else {})
        self.setWindowTitle(self.tr("Edit {number}").format(number=opened.detail.number))
        self.title = QLineEdit(self)
        self.title.setAccessibleName(field_name("title"))
        self.title.setMaxLength(TITLE_MAX)
        self.severity = WordBox(tuple(Severity), field_name("severity"), "severity", parent=self)
        unset = self.tr("Not set")
        self.impact = WordBox(tuple(Level), field_name("impact_level"), "", unset, self)
        self.likelihood = WordBox(tuple(Level), field_name("likelihood_level"), "", unset, self)
        self.category = WordBox(tuple(Category), field_name("category"), parent=self)
        self.kind = WordBox(tuple(FindingKind), field_name("kind"), "kind", parent=self)
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName(field_name("severity_reason"))
        self.reason.setPlaceholderText(self.tr("Why the severity departs from the scheme"))
        self.texts = {name: MarkdownEditor(workbench.theme, self) for name in TEXT_NAMES}
        self._tabs = QTabWidget(self)
        self._proposal = label("", "small", wrap=True, parent=self)
        self._fault = label("", "error", wrap=True, parent=self)
        self.save_button = button(self.tr("Save"), "primary", parent=self)
        self._lay_out()
        self._fill(_from_texts(self._base, opened.draft.mine if opened.draft else {}))
        self._connect()
        form = Form(FORM, self._id, f"{opened.detail.number}  {opened.detail.title}")
        self._keeper = DraftKeeper(
            workbench.drafts, form, texts_of_draft(self._base), self._unsaved, self
        )
        self._keeper.watch(self)
        if opened.draft is not None:
            self._keeper.restore()

    def _unsaved(self) -> dict[str, str] | None:
        draft = self.draft
        return None if draft == self._base else texts_of_draft(draft)

    @property
    def draft(self) -> FindingDraft:
        """What is typed."""
        return FindingDraft(
            title=self.title.text(),
            **{name: editor.text for name, editor in self.texts.items()},
            impact_level=_level(self.impact.word),
            likelihood_level=_level(self.likelihood.word),
            severity=Severity(self.severity.word or Severity.INFORMATIONAL),
            severity_reason=self.reason.text(),
            category=Category(self.category.word or Category.OTHER),
            kind=FindingKind(self.kind.word or FindingKind.VULNERABILITY),
        )

    def save(self) -> None:
        """Save what changed since the form was opened; faults show beside their field."""
        draft, base = self.draft, self._base
        self._show_fault("")
        try:
            draft.validate(self._scheme)
        except UserError as error:
            self._refuse(error)
            return
        self.save_button.setEnabled(False)

        def work(_context: TaskContext) -> Changes:
            return self._findings.save(self._id, base, draft)

        self._workbench.tasks.run(
            self, work, self._done, self._failed, title=self.tr("Saving the finding")
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.draft == self._base:
            event.accept()
            return
        event.ignore()
        question = Question(
            self.tr("Close without saving?"),
            self.tr("What you typed since the last save is thrown away."),
            self.tr("Throw away"),
            danger=True,
        )
        ask(question, self._throw_away, self)

    def _lay_out(self) -> None:
        grades = row(
            [
                *self._named(field_name("impact_level"), self.impact),
                *self._named(field_name("likelihood_level"), self.likelihood),
                *self._named(field_name("severity"), self.severity),
                None,
                *self._named(field_name("kind"), self.kind),
                *self._named(field_name("category"), self.category),
            ]
        )
        for name, editor in self.texts.items():
            self._tabs.addTab(editor, field_name(name))
        cancel = button(self.tr("Close"), parent=self)
        cancel.clicked.connect(self.close)
        buttons = row([self._fault, None, cancel, self.save_button])
        buttons.setStretch(0, 1)
        body = column(
            [self.title, grades, row([self._proposal, self.reason]), self._tabs, buttons], gap=GAP
        )
        body.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        body.setStretch(3, 1)
        self.setLayout(body)

    def _named(self, name: str, box: WordBox) -> tuple[QWidget, QWidget]:
        named = label(name, "dim", parent=self)
        named.setBuddy(box)
        return named, box

    def _connect(self) -> None:
        self.save_button.clicked.connect(self.save)
        self.impact.activated.connect(self._propose)
        self.likelihood.activated.connect(self._propose)
        self.severity.activated.connect(self._tell_proposal)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self).activated.connect(self.save)

    def _fill(self, draft: FindingDraft) -> None:
        self.title.setText(draft.title)
        self.impact.choose(draft.impact_level)
        self.likelihood.choose(draft.likelihood_level)
        self.severity.choose(draft.severity)
        self.category.choose(draft.category)
        self.kind.choose(draft.kind)
        self.reason.setText(draft.severity_reason)
        for name, editor in self.texts.items():
            editor.set_text(getattr(draft, name))
        self._tell_proposal()

    def _propose(self) -> None:
        """Take the severity that the scheme proposes; the person may still depart from it."""
        proposed = self._proposed()
        if proposed is not None:
            self.severity.choose(proposed)
        self._tell_proposal()

    def _tell_proposal(self) -> None:
        proposed = self._proposed()
        departs = proposed is not None and proposed != self.severity.word
        if self._scheme is None:
            text = self.tr("This audit has no severity scheme.")
        elif proposed is None:
            text = self.tr("Choose impact and likelihood; the scheme proposes the severity.")
        else:
            text = self.tr("The scheme proposes {severity}.").format(severity=proposed.value)
        self._proposal.setText(text)
        self.reason.setVisible(departs)

    def _proposed(self) -> Severity | None:
        if self._scheme is None:
            return None
        return self._scheme.propose(_level(self.impact.word), _level(self.likelihood.word))

    def _done(self, changes: Changes) -> None:
        self._base = self.draft
        self._keeper.done()
        self.save_button.setEnabled(True)
        self._workbench.publish(changes)
        self._workbench.messages.saved(self.tr("The finding is saved."))
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
        focus = {"title": self.title, "severity_reason": self.reason, **self.texts}
        if error.field in focus:
            focus[error.field].setFocus()

    def _show_fault(self, text: str) -> None:
        self._fault.setText(text)

    def _throw_away(self, _reason: str) -> None:
        self._fill(self._base)
        self._keeper.done()
        self.close()


def texts_of_draft(draft: FindingDraft) -> dict[str, str]:
    """Return a draft's fields as texts, an unset one as an empty text."""
    return {
        field.name: "" if (value := getattr(draft, field.name)) is None else str(value)
        for field in fields(draft)
    }


def _from_texts(draft: FindingDraft, texts: Mapping[str, str]) -> FindingDraft:
    """Return a draft with the fields that texts tell; words that are not known any more stay."""
    made: dict[str, object] = {}
    for name, text in texts.items():
        kind = _WORDS.get(name)
        if kind is None:
            made[name] = text
        elif text in {word.value for word in kind}:
            made[name] = kind(text)
        elif not text and name in {"impact_level", "likelihood_level"}:
            made[name] = None
    known = {field.name for field in fields(draft)}
    return replace(draft, **{name: value for name, value in made.items() if name in known})  # type: ignore[arg-type]


_WORDS: dict[str, type[StrEnum]] = {
    "impact_level": Level,
    "likelihood_level": Level,
    "severity": Severity,
    "category": Category,
    "kind": FindingKind,
}


def _level(word: StrEnum | None) -> Level | None:
    return Level(word) if word is not None else None
