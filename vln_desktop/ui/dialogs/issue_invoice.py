"""Before an invoice is issued: what is wrong with it, rule by rule, and what issuing means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.e_invoice_rules import Problem, errors_of
from vln_desktop.ui.dialogs.confirm import Question
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import Paragraph, button, label, row

_WIDTH = 560
_MOST = 12
"""So many problems are listed; whoever mends them is shown the rest."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Invoices", text)


class IssuePanel(Overlay):
    """Lists what EN 16931 has against an invoice; issues it only if that is nothing but advice.

    `on_mend` gets the problem whose line was chosen, `on_yes` is called to issue.
    """

    def __init__(
        self,
        question: Question,
        found: Sequence[Problem],
        on_yes: Callable[[], None],
        on_mend: Callable[[Problem], None],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._on_yes, self._on_mend = on_yes, on_mend
        broken = errors_of(found)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(question.title, "title", wrap=True, parent=self.panel))
        told = question.text if not broken else _tr(
            "This cannot be issued yet: it would not be an invoice by EN 16931. Choose a line to "
            "mend it."
        )  # fmt: skip
        self.content.addWidget(label(told, "dim", wrap=True, parent=self.panel))
        listed = [*broken, *(problem for problem in found if not problem.fatal)]
        self.lines = [self._line(problem) for problem in listed[:_MOST]]
        for line in self.lines:
            self.content.addWidget(line)
        if len(found) > _MOST:
            rest = _tr("… and {count} more.").format(count=len(found) - _MOST)
            self.content.addWidget(label(rest, "small", parent=self.panel))
        self.yes = button(question.confirm, "primary", parent=self.panel)
        self.yes.setEnabled(not broken)
        no = button(_tr("Cancel"), parent=self.panel)
        self.content.addStretch(1)
        self.content.addLayout(row([None, no, self.yes]))
        self.yes.clicked.connect(self._confirm)
        no.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Ask; the focus is on what is to be mended first, else on the button that issues."""
        super().open()
        (self.yes if self.yes.isEnabled() else self.lines[0]).setFocus()

    def _line(self, problem: Problem) -> QWidget:
        prefix = "" if problem.fatal else _tr("Advice: ")
        rule = f" ({problem.rule})" if problem.rule.startswith("BR-") else ""
        told = Paragraph(self.panel)
        told.setProperty("kind", "error" if problem.fatal else "dim")
        told.setTextFormat(Qt.TextFormat.PlainText)
        told.setText(f"{prefix}{problem.sentence}{rule}")
        mend = button(_tr("Mend"), parent=self.panel)
        mend.setAccessibleName(_tr("Mend: {problem}").format(problem=problem.sentence))
        mend.clicked.connect(partial(self._mend, problem))
        line = QWidget(self.panel)
        layout = row([told, mend])
        layout.setStretch(0, 1)
        line.setLayout(layout)
        line.setFocusProxy(mend)
        return line

    def _mend(self, problem: Problem, _checked: bool = False) -> None:
        self.close_panel()
        self._on_mend(problem)

    def _confirm(self) -> None:
        self.close_panel()
        self._on_yes()
