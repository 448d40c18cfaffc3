"""Asks for a day and goes there in a list, without loading what lies between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from vln_desktop.errors import UserError
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import WIDE_GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.fields import DayEdit, Field

_WIDTH = 360


class GoToDatePanel(Overlay):
    """One day; `on_chosen` gets it and may raise UserError, which is shown."""

    def __init__(self, on_chosen: Callable[[date], None], window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._on_chosen = on_chosen
        self.day = DayEdit(self.panel)
        self.day.set_day(datetime.now().astimezone().date())
        self.field = Field(self.tr("Day"), self.day, self.panel)
        self.go = button(self.tr("Go"), "primary", parent=self.panel)
        cancel = button(self.tr("Cancel"), parent=self.panel)
        self.content.setSpacing(WIDE_GAP)
        self.content.addWidget(label(self.tr("Go to date"), "title", parent=self.panel))
        self.content.addWidget(self.field)
        self.content.addLayout(row([None, cancel, self.go]))
        self.go.clicked.connect(self.choose)
        cancel.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Ask; today stands there, selected, to be typed over."""
        super().open()
        self.day.setFocus()
        self.day.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.choose()
            return
        super().keyPressEvent(event)

    def choose(self) -> None:
        """Go to the typed day, or say what is wrong with it."""
        try:
            day = self.day.day
            if day is None:
                raise UserError(self.tr("Type a day first."))
            self._on_chosen(day)
        except UserError as error:
            self.field.show_fault(str(error))
            self._place()
            self.day.setFocus()
            return
        self.close_panel()
