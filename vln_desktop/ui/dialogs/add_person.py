"""Asks whom to put on an audit, and as what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtWidgets import QComboBox, QWidget

from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.choices import PersonPicker
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.detail import Facts

_WIDTH = 460
DUTIES = ("auditor", "lead", "reviewer")


class AddPersonPanel(Overlay):
    """One person and one duty; `on_chosen` gets both."""

    def __init__(
        self,
        people: Sequence[tuple[UUID, str]],
        on_chosen: Callable[[UUID, str], None],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._on_chosen = on_chosen
        self.person = PersonPicker(people, parent=self.panel)
        self.duty = QComboBox(self.panel)
        self.duty.addItems([duty.capitalize() for duty in DUTIES])
        self.duty.setAccessibleName(self.tr("Duty"))
        self.add = button(self.tr("Add"), "primary", parent=self.panel)
        cancel = button(self.tr("Cancel"), parent=self.panel)
        facts = Facts(self.panel)
        facts.show_facts([(self.tr("Person"), self.person), (self.tr("Duty"), self.duty)])
        self.content.setSpacing(GAP * 2)
        self.content.addWidget(label(self.tr("Add a person"), "title", parent=self.panel))
        self.content.addWidget(facts)
        self.content.addLayout(row([None, cancel, self.add]))
        self.add.setEnabled(bool(people))
        self.add.clicked.connect(self._choose)
        cancel.clicked.connect(self.close_panel)
        self.closed.connect(self.deleteLater)

    def _choose(self) -> None:
        person = self.person.person
        if person is None:
            self.person.setFocus()
            return
        self.close_panel()
        self._on_chosen(person, DUTIES[self.duty.currentIndex()])
