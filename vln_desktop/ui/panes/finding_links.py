"""The links of a finding: each says how it stands to the other, why, and leads there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from vln_desktop.domain.classification import FindingLink, LinkKind
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.theme import GRID
from vln_desktop.ui.widgets.controls import Paragraph, button, column, label, row
from vln_desktop.ui.widgets.detail import empty_layout

_N = QT_TRANSLATE_NOOP
_SAID = {
    (LinkKind.DUPLICATE_OF, True): _N("Findings", "Duplicate of"),
    (LinkKind.DUPLICATE_OF, False): _N("Findings", "Has the duplicate"),
    (LinkKind.INTRODUCED_BY, True): _N("Findings", "Introduced by the fix of"),
    (LinkKind.INTRODUCED_BY, False): _N("Findings", "Its fix introduced"),
    (LinkKind.RELATED, True): _N("Findings", "Related to"),
    (LinkKind.RELATED, False): _N("Findings", "Related to"),
}


def link_words(link: FindingLink) -> str:
    """Return how a finding stands to the other one."""
    return QCoreApplication.translate("Findings", str(_SAID[link.kind, link.outgoing]))


class FindingLinks(QWidget):
    """A line for each link; hidden while there is none."""

    opened = Signal(object)
    """The person goes to the other finding: carries its id."""

    taken_away = Signal(object)
    """The person takes a link away: carries the link's id."""

    def __init__(self, may_edit: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._may_edit = may_edit
        self._lines: QVBoxLayout = column([], gap=GRID)
        self.setLayout(self._lines)
        self.hide()

    def show_links(self, links: Sequence[FindingLink]) -> None:
        """Show links in this order."""
        empty_layout(self._lines)
        for link in links:
            self._lines.addWidget(self._line(link))
        self.setVisible(bool(links))

    def _line(self, link: FindingLink) -> QWidget:
        line = QWidget(self)
        go = button(link.other_number, "link", parent=line)
        go.setToolTip(title(link.other_title))
        go.clicked.connect(partial(self._go, link))
        away = button(self.tr("Take away"), "link", parent=line)
        away.setAccessibleName(self.tr("Take the link to {number} away").format(
            number=link.other_number))  # fmt: skip
        away.setVisible(self._may_edit)
        away.clicked.connect(partial(self._take_away, link))
        why: Paragraph = label(link.reason, "small", wrap=True, parent=line)  # type: ignore[assignment]
        head = row([label(link_words(link), "dim", parent=line), go, None, away], gap=GRID)
        line.setLayout(column([head, why], gap=0))
        line.show()
        return line

    def _go(self, link: FindingLink) -> None:
        self.opened.emit(link.other_id)

    def _take_away(self, link: FindingLink) -> None:
        self.taken_away.emit(link.id)
