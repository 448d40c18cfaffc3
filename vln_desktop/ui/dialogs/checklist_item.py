"""Adds an item to a checklist, or puts one in the place of another; managers alone do that."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.checklists import (
    REFERENCE_MAX,
    SECTION_MAX,
    AuditChecklist,
    Check,
    ItemDraft,
)
from vln_desktop.errors import UserError
from vln_desktop.services.checklists import ChecklistsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field, text_box
from vln_desktop.ui.workbench import Workbench

_TEXT_HEIGHT = 100


def _tr(text: str) -> str:
    return QCoreApplication.translate("Checklist", text)


class ChecklistItemPanel(FormPanel):
    """One item; `place` is the item before it, or the one it replaces, and which of the two."""

    def __init__(
        self,
        workbench: Workbench,
        service: ChecklistsService,
        checklist: AuditChecklist,
        place: tuple[Check | None, bool],
        window: QWidget,
    ) -> None:
        self._beside, self._replaces = place
        told = (
            _tr("The old item is not asked any more; audits keep their results of it.")
            if self._replaces
            else _tr("It is asked in every audit that uses this checklist.")
        )
        confirm = _tr("Replace the item") if self._replaces else _tr("Add the item")
        super().__init__(workbench, f"{checklist.name} {checklist.edition}", told, confirm, window)
        self._service = service
        self._checklist = checklist.id
        self._key = uuid7()
        old = self._beside.draft if self._beside is not None else ItemDraft("", "")
        self.section = QLineEdit(old.section, self.panel)
        self.section.setMaxLength(SECTION_MAX)
        self.text = text_box(self.panel, _TEXT_HEIGHT)
        self.reference = QLineEdit(self.panel)
        self.reference.setMaxLength(REFERENCE_MAX)
        self.reference.setPlaceholderText(_tr("SWC-107, CWE-841, ASVS V4.1 …"))
        if self._replaces:
            self.text.setPlainText(old.text)
            self.reference.setText(old.reference)
        self.build(
            {
                "section": Field(_tr("Section"), self.section, self.panel),
                "text": Field(_tr("What is looked at"), self.text, self.panel),
                "reference": Field(_tr("Reference"), self.reference, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; one types the item at once."""
        super().open()
        self.text.setFocus()

    def send(self) -> None:
        """Add or replace the item."""
        self.clear_faults()
        draft = ItemDraft(self.section.text(), self.text.toPlainText(), self.reference.text())
        try:
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> Changes:
            return self._saved(draft)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The checklist is saved."))

        self.save(work, done, _tr("Saving the checklist"))

    def _saved(self, draft: ItemDraft) -> Changes:
        beside = self._beside
        if self._replaces and beside is not None:
            return self._service.replace_item(beside, draft, self._key)
        behind = beside.item_id if beside is not None else None
        return self._service.add_item(self._checklist, draft, behind, self._key)
