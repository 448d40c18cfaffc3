"""Shows what two people changed at once: where both began, mine, theirs; a person decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QGridLayout, QPlainTextEdit, QRadioButton, QWidget

from vln_desktop.errors import Conflict, FieldConflict
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, label, row

_WIDTH = 960
_TEXT_HEIGHT = 120


class ConflictPanel(Overlay):
    """One choice per field that both changed; `on_chosen` gets the fields where theirs stays.

    `back` is the word of the button that leaves everything as it is.
    """

    def __init__(
        self,
        conflict: Conflict,
        names: Mapping[str, str],
        on_chosen: Callable[[frozenset[str]], None],
        window: QWidget,
        *,
        back: str = "",
    ) -> None:
        super().__init__(window, _WIDTH)
        self._on_chosen = on_chosen
        self._theirs: dict[str, QRadioButton] = {}
        self.content.setSpacing(WIDE_GAP)
        self.content.addWidget(
            label(self.tr("Somebody saved this record before you"), "title", parent=self.panel)
        )
        told = self.tr(
            "Changes to other fields were merged. Choose what stays in the fields that both of you "
            "changed; nothing is overwritten before you decide."
        )
        self.content.addWidget(label(told, "dim", wrap=True, parent=self.panel))
        for clash in conflict.fields:
            self._add(clash, names.get(clash.field, clash.field))
        keep = button(self.tr("Save my choice"), "primary", parent=self.panel)
        away = button(back or self.tr("Back to the form"), parent=self.panel)
        self.content.addLayout(row([None, away, keep]))
        keep.clicked.connect(self._choose)
        away.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def _add(self, clash: FieldConflict, name: str) -> None:
        mine = QRadioButton(self.tr("Mine"), self.panel)
        theirs = QRadioButton(self.tr("Theirs"), self.panel)
        group = QButtonGroup(self.panel)
        group.addButton(mine)
        group.addButton(theirs)
        mine.setChecked(True)
        self._theirs[clash.field] = theirs
        grid = QGridLayout()
        grid.setHorizontalSpacing(WIDE_GAP)
        grid.setVerticalSpacing(GAP)
        before = label(self.tr("Before"), "dim", parent=self.panel)
        heads = (before, mine, theirs)
        for at, value in enumerate((clash.base, clash.mine, clash.theirs)):
            grid.addWidget(heads[at], 0, at)
            grid.addWidget(self._text(value, f"{name}: {heads[at].text()}"), 1, at)
            grid.setColumnStretch(at, 1)
        self.content.addWidget(label(name, "heading", parent=self.panel))
        self.content.addLayout(grid)

    def _text(self, value: Any, name: str) -> QPlainTextEdit:
        shown = QPlainTextEdit("" if value is None else str(value), self.panel)
        shown.setReadOnly(True)
        shown.setFixedHeight(_TEXT_HEIGHT)
        shown.setAccessibleName(name)
        return shown

    def _choose(self) -> None:
        theirs = frozenset(field for field, radio in self._theirs.items() if radio.isChecked())
        self.close_panel()
        self._on_chosen(theirs)
