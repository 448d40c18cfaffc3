"""What the findings pane shows first of a finding: words that can be chosen, and texts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.findings import (
    ClientPosition,
    FindingDetail,
    ReviewState,
    Severity,
    TriageField,
)
from vln_desktop.ui.finding_words import field_name
from vln_desktop.ui.panes.finding_links import FindingLinks
from vln_desktop.ui.panes.finding_texts import NameOf, cvss_of, fixes_of, texts_of, weakness_of
from vln_desktop.ui.theme import GAP, PAGE_GAP, Theme
from vln_desktop.ui.widgets.choices import PersonPicker, WordBox
from vln_desktop.ui.widgets.controls import column
from vln_desktop.ui.widgets.detail import Facts
from vln_desktop.ui.widgets.markdown import MarkdownView

_Words = tuple[Severity | ReviewState | ClientPosition, ...]


class FindingOverview(QWidget):
    """Severity, states, assignee and texts of one finding."""

    chosen = Signal(object, object)
    """A word or a person was chosen: carries the TriageField and its value."""

    def __init__(self, theme: Theme, may_edit: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._may_edit = may_edit
        self._facts = Facts(self)
        self.links = FindingLinks(may_edit, self)
        self._text = MarkdownView(theme, self)
        self._text.setPlaceholderText(self.tr("Nothing is written yet."))
        top = column([self._facts, self.links], gap=GAP)
        top.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, GAP)
        body = column([top, self._text], gap=0)
        body.setStretch(1, 1)
        self.setLayout(body)

    def show_finding(
        self,
        found: FindingDetail,
        assignees: Sequence[tuple[UUID, str]],
        marked: Sequence[str],
        name_of: NameOf,
    ) -> None:
        """Show a finding; `marked` are the words that its texts were searched for."""
        choice = partial(self._choice, found)
        facts: list[tuple[str, str | QWidget]] = [
            (self.tr("Severity"), choice(TriageField.SEVERITY, tuple(Severity))),
            (self.tr("Review"), choice(TriageField.REVIEW_STATE, tuple(ReviewState))),
            (self.tr("Client"), choice(TriageField.CLIENT_POSITION, tuple(ClientPosition))),
            (self.tr("Assignee"), self._assignee(found, assignees)),
            (self.tr("Weakness"), weakness_of(found)),
        ]
        if found.cvss_vector:
            facts.append((self.tr("CVSS"), cvss_of(found)))
        if found.fixes:
            facts.append((self.tr("Fix"), fixes_of(found, name_of)))
        if found.tags:
            facts.append((self.tr("Tags"), "  ".join(found.tags)))
        self._facts.show_facts(facts)
        self.links.show_links(found.links)
        self._text.show_markdown(texts_of(found))
        self._text.mark(marked)

    def _assignee(
        self, found: FindingDetail, assignees: Sequence[tuple[UUID, str]]
    ) -> PersonPicker:
        picker = PersonPicker(assignees, self.tr("Nobody"), self)
        picker.choose(found.assignee_id)
        picker.picked.connect(partial(self.chosen.emit, TriageField.ASSIGNEE))
        return picker

    def _choice(self, found: FindingDetail, field: TriageField, words: _Words) -> WordBox:
        """Return a box of the words that a field may become."""
        now = getattr(found, field.value)
        legal = field.transitions
        offered = [word for word in words if legal is None or legal.allows(now, word)]
        box = WordBox(offered, field_name(field.value), field.value, parent=self)
        box.choose(now)
        box.setEnabled(self._may_edit)
        box.activated.connect(partial(self._choose, field, box))
        return box

    def _choose(self, field: TriageField, box: WordBox, _index: int) -> None:
        if box.word is not None:
            self.chosen.emit(field, box.word.value)
