"""The leaver wizard: who leaves, who goes on, what will happen; then the checklist as evidence."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.offboarding import (
    Offboarding,
    OffboardingItem,
    Outcome,
    as_text,
    outcome_word,
    sentence,
)
from vln_desktop.errors import UserError
from vln_desktop.services.desk import Desk
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.dialogs.handout import HandoutPanel
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.widgets.choices import PersonPicker
from vln_desktop.ui.widgets.fields import Field, text_box
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_PREVIEW_HEIGHT = 236
_WIDTH = 660


def _tr(text: str) -> str:
    return QCoreApplication.translate("Offboard", text)


class OffboardPanel(FormPanel):
    """One form: the preview follows what is chosen; the deed is one transaction."""

    def __init__(
        self, desk: Desk, workbench: Workbench, window: QWidget, person: UUID | None = None
    ) -> None:
        told = _tr(
            "The login ends at once, on open connections too, and open work goes to the "
            "successor as far as they are entitled to it. All of it happens together or not at all."
        )
        words = (_tr("Offboard somebody"), told, _tr("Offboard"))
        super().__init__(workbench, *words, window)
        self._width = _WIDTH
        self._desk = desk
        self._looking: Task[tuple[OffboardingItem, ...]] | None = None
        people = [
            (c.id, c.name)
            for c in desk.directory.colleagues
            if c.active and c.id != desk.person.user_id
        ]
        self.person = PersonPicker(people, parent=self.panel)
        self.person.choose(person)
        self.successor = PersonPicker(people, _tr("Nobody"), self.panel)
        self.preview = TextTable(
            workbench.theme, _tr("What will happen"), self.panel,
            empty=_tr("Choose who leaves to see what will happen."),
        )  # fmt: skip
        self.preview.setFixedHeight(_PREVIEW_HEIGHT)
        self.reason = text_box(self.panel)
        self.build(
            {
                "person": Field(_tr("Who leaves"), self.person, self.panel),
                "successor": Field(_tr("Who goes on with the work"), self.successor, self.panel),
                "preview": Field(_tr("What will happen"), self.preview, self.panel),
                "reason": Field(_tr("Why"), self.reason, self.panel),
            }
        )
        self.go.setProperty("kind", "danger")
        for picker in (self.person, self.successor):
            picker.picked.connect(self.look)

    def open(self) -> None:
        """Show the form and, if it is known who leaves, what will happen."""
        super().open()
        self.person.setFocus()
        self.look()

    def send(self) -> None:
        """Offboard the person and show the checklist."""
        self.clear_faults()
        person, successor = self.person.person, self.successor.person
        if person is None:
            self.refuse(UserError(_tr("Choose who leaves."), field="person"))
            return
        if successor == person:
            self.refuse(UserError(_tr("Nobody succeeds themselves."), field="successor"))
            return
        reason = self.reason.toPlainText()

        def work(_context: TaskContext) -> tuple[Offboarding, Changes]:
            return self._desk.offboarding.offboard(person, successor, reason)

        def done(result: tuple[Offboarding, Changes]) -> None:
            left, changes = result
            self.workbench.publish(changes)
            show_checklist(self._desk, self.workbench, left, self._host)

        self.save(work, done, _tr("Offboarding"))

    def look(self) -> None:
        """Fetch what would happen with who is chosen now."""
        person, successor = self.person.person, self.successor.person
        if person is None:
            return
        if self._looking is not None:
            self._looking.cancel()

        def work(_context: TaskContext) -> tuple[OffboardingItem, ...]:
            return self._desk.offboarding.preview(person, successor)

        self._looking = self.workbench.tasks.run(self, work, self._show, self._failed)

    def _show(self, items: tuple[OffboardingItem, ...]) -> None:
        columns = [TextColumn(_tr("What"), wide=True), TextColumn(_tr("Outcome"))]
        rows = [
            (_with_remark(item), _tr(outcome_word(item.outcome)))
            for item in items
            if item.how_many or item.outcome is Outcome.TO_DO
        ]
        self.preview.show_rows(columns, rows)


def _with_remark(item: OffboardingItem) -> str:
    return f"{sentence(item)}: {item.remark}" if item.remark else sentence(item)


def show_checklist(
    desk: Desk, workbench: Workbench, left: Offboarding, window: QWidget
) -> HandoutPanel:
    """Show a leaver's checklist, to be copied or printed."""
    name = desk.directory.name_of(left.person_id)
    title = _tr("{name} has left").format(name=name)
    told = _tr("What is marked “to do” stays open in the list until it is ticked.")
    panel = HandoutPanel(workbench.theme, title, told, as_text(title, left.items), window)
    panel.open()
    return panel
