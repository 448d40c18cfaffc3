"""A row of the finding's form: its weakness, its CVSS vector and its tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from vln_desktop.domain.cvss import LONGEST_VECTOR, CvssVersion, cvss_score
from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.severity_schemes import SeverityScheme
from vln_desktop.domain.weaknesses import Weakness
from vln_desktop.errors import UserError
from vln_desktop.ui.dialogs.cvss import CvssPanel, score_text
from vln_desktop.ui.finding_words import field_name
from vln_desktop.ui.theme import GRID
from vln_desktop.ui.widgets.choices import Picker
from vln_desktop.ui.widgets.controls import button, column, label, row

_WIDEST_ENTRY = 420
_MOST_TAG_TEXT = 900


class MarksRow(QWidget):
    """Weakness, CVSS and tags beside each other, each below its name."""

    cvss_changed = Signal()
    """Another vector is typed or chosen."""

    def __init__(self, scheme: SeverityScheme | None, parent: QWidget) -> None:
        super().__init__(parent)
        version = scheme.method.cvss_version if scheme else None
        self._version = version or CvssVersion.V4_0
        self.weakness = Picker[str]((), self.tr("None"), self)
        self.weakness.setAccessibleName(field_name("weakness_id"))
        self.weakness.setMinimumContentsLength(18)
        view = self.weakness.view()
        view.setMinimumWidth(_WIDEST_ENTRY)
        self.cvss = QLineEdit(self)
        self.cvss.setAccessibleName(field_name("cvss_vector"))
        self.cvss.setPlaceholderText(f"{self._version.prefix}…")
        self.cvss.setMaxLength(LONGEST_VECTOR)
        self._score = label("", "small", parent=self)
        self.calculate = button(self.tr("Calculate…"), parent=self)
        self.tags = QLineEdit(self)
        self.tags.setAccessibleName(field_name("tags"))
        self.tags.setMaxLength(_MOST_TAG_TEXT)
        self.tags.setPlaceholderText(self.tr("oracle, upgradeability"))
        self._tag_words = QStringListModel(self)
        self.tags.setCompleter(self._tag_completer())
        self._lay_out()
        self.calculate.clicked.connect(self.open_calculator)
        self.cvss.textChanged.connect(self._show_score)

    @property
    def inputs(self) -> dict[str, QWidget]:
        """The inputs by the names of their fields."""
        return {"weakness_id": self.weakness, "cvss_vector": self.cvss, "tags": self.tags}

    def put(self, draft: FindingDraft) -> FindingDraft:
        """Return a draft with what is chosen and typed here."""
        return replace(
            draft,
            weakness_id=self.weakness.key or "",
            cvss_vector=self.cvss.text(),
            tags=self.tags.text(),
        )

    def fill(self, draft: FindingDraft) -> None:
        """Show what a draft holds; an entry that is not offered yet is shown by its id."""
        self._hold(draft.weakness_id)
        self._show_vector(draft.cvss_vector)
        self.tags.setText(draft.tags)

    def offer(self, weaknesses: Sequence[Weakness], tags: Sequence[str]) -> None:
        """Offer the catalogue's entries and the tags in use."""
        held = self.weakness.key
        self.weakness.offer([(one.id, str(one)) for one in weaknesses])
        if held is not None:
            self._hold(held)
        self._tag_words.setStringList(list(tags))

    def check(self) -> None:
        """Raise UserError for a weakness that is typed and is no entry."""
        if self.weakness.typed_wrong:
            raise UserError(
                self.tr("“{typed}” is no entry of CWE or SWC; choose one of the list.").format(
                    typed=self.weakness.currentText()
                ),
                field="weakness_id",
            )

    def open_calculator(self) -> None:
        """Choose the vector by its metrics."""
        panel = CvssPanel(self.cvss.text(), self._version, self.window())
        panel.chosen.connect(self._show_vector)
        panel.open()

    def _show_vector(self, vector: str) -> None:
        self.cvss.setText(vector)
        self.cvss.setCursorPosition(0)  # a line that is too short shows the beginning

    def _hold(self, weakness: str) -> None:
        """Choose an entry, which is offered by its id if the list is not there yet."""
        self.weakness.choose(weakness or None)
        if weakness and self.weakness.key != weakness:
            self.weakness.offer([(weakness, weakness)])
            self.weakness.choose(weakness)

    def _lay_out(self) -> None:
        cvss = row([self._named("cvss_vector", self.cvss), self._score, None], gap=GRID * 2)
        parts = (
            column([self._named("weakness_id", self.weakness), self.weakness], gap=GRID),
            column([cvss, row([self.cvss, self.calculate])], gap=GRID),
            column([self._named("tags", self.tags), self.tags], gap=GRID),
        )
        body = row(parts)
        for at, share in enumerate((3, 4, 3)):
            body.setStretch(at, share)
        self.setLayout(body)

    def _named(self, field: str, input_: QWidget) -> QWidget:
        named = label(field_name(field), "small", parent=self)
        named.setBuddy(input_)
        return named

    def _tag_completer(self) -> QCompleter:
        completer = _LastWordCompleter(self._tag_words, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        return completer

    def _show_score(self) -> None:
        try:
            score = cvss_score(self.cvss.text())
        except UserError:
            self._score.setText("")
        else:
            self._score.setText(score_text(score) if score else "")
        self.cvss_changed.emit()


class _LastWordCompleter(QCompleter):
    """Completes the last word of a line of words."""

    def pathFromIndex(self, index: object) -> str:
        word = super().pathFromIndex(index)  # type: ignore[arg-type]
        edit = self.widget()
        typed = edit.text() if isinstance(edit, QLineEdit) else ""
        before = typed[: len(typed) - len(_last_word(typed))]
        return f"{before}{word} "

    def splitPath(self, path: str) -> list[str]:
        return [_last_word(path).lstrip("#")]


def _last_word(line: str) -> str:
    return line.replace(",", " ").replace(";", " ").rpartition(" ")[2]
