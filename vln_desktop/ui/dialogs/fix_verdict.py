"""Gives one finding its verdict in a round of the fix review."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.commits import LONGEST_COMMIT
from vln_desktop.domain.findings import Verdict
from vln_desktop.domain.fix_reviews import SERIOUS, FixReview, FixRound, VerdictDraft
from vln_desktop.errors import UserError
from vln_desktop.services.fix_reviews import FixReviewsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import WordBox
from vln_desktop.ui.widgets.fields import Field, text_box
from vln_desktop.ui.workbench import Workbench

_NOTE_HEIGHT = 140


def _tr(text: str) -> str:
    return QCoreApplication.translate("FixReview", text)


class FixVerdictPanel(FormPanel):
    """One verdict: for which commit, and what is left or why it cannot be verified."""

    def __init__(
        self,
        workbench: Workbench,
        service: FixReviewsService,
        reviewed: tuple[FixRound, FixReview],
        window: QWidget,
    ) -> None:
        round_, review = reviewed
        told = title(review.title)
        if review.severity in SERIOUS:
            told += "\n" + _tr("The verdict counts once somebody else has confirmed it.")
        name = _tr("Fix of {number}").format(number=review.number)
        super().__init__(workbench, name, told, _tr("Save the verdict"), window)
        self._service = service
        self._review = review
        self.verdict = WordBox(tuple(Verdict), _tr("Verdict"), "verdict", parent=self.panel)
        self.verdict.choose(review.verdict)
        self.fix_commit = QLineEdit(review.fix_commit, self.panel)
        self.fix_commit.setMaxLength(LONGEST_COMMIT)
        self.fix_commit.setPlaceholderText(
            round_.fix_commit or _tr("If it is another than the round's")
        )
        self.note = text_box(self.panel, _NOTE_HEIGHT)
        self.note.setPlainText(review.note)
        self.build(
            {
                "verdict": Field(_tr("Verdict"), self.verdict, self.panel),
                "fix_commit": Field(_tr("Seen in commit"), self.fix_commit, self.panel),
                "note": Field(_tr("Note (internal)"), self.note, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; the verdict is at hand."""
        super().open()
        self.verdict.setFocus()

    def send(self) -> None:
        """Save the verdict."""
        self.clear_faults()
        draft = VerdictDraft(
            Verdict(self.verdict.word or Verdict.NONE),
            self.fix_commit.text().strip().lower(),
            self.note.toPlainText(),
        )
        try:
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return
        review = self._review

        def work(_context: TaskContext) -> Changes:
            return self._service.judge(review, draft)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The verdict is saved."))

        self.save(work, done, _tr("Saving the verdict"))
