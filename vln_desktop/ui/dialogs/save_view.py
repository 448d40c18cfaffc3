"""Saves what a list shows as a view: its name, for whom, and whether the pane opens with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.permissions import Role
from vln_desktop.domain.views import LONGEST_NAME, SavedView, ViewDraft
from vln_desktop.errors import UserError
from vln_desktop.services.views import ViewsService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Views", text)


class SaveViewPanel(FormPanel):
    """One view; of one that is there already, with whom it is shared stays."""

    keeps_drafts = False
    """A name is typed again in a second."""

    def __init__(
        self,
        workbench: Workbench,
        service: ViewsService,
        what: tuple[str, ViewDraft, SavedView | None],
        saved: Callable[[], None],
        window: QWidget,
    ) -> None:
        """`what`: the pane, what is saved, and the view that is changed, None for a new one."""
        self._pane, self._draft, self._view = what
        super().__init__(
            workbench,
            _tr("Save as a view") if self._view is None else _tr("Change the view"),
            _tr("A view keeps filter, order and columns."),
            _tr("Save"),
            window,
        )
        self._service = service
        self._saved = saved
        self._key = uuid7()
        self.name = QLineEdit(self._draft.name, self.panel)
        self.name.setMaxLength(LONGEST_NAME)
        self.shared = QComboBox(self.panel)
        self._roles: list[Role | None] = [None, *service.roles]
        self.shared.addItem(_tr("Me alone"))
        for role in service.roles:
            self.shared.addItem(_tr("Every {role}").format(role=role.value))
        self.first = QCheckBox(_tr("The pane opens with it"), self.panel)
        self.first.setChecked(self._draft.is_default)
        if self._draft.role in self._roles:
            self.shared.setCurrentIndex(self._roles.index(self._draft.role))
        self.build(
            {
                "name": Field(_tr("Name"), self.name, self.panel),
                "shared": Field(_tr("Who sees it"), self.shared, self.panel),
                "first": Field(_tr("Default"), self.first, self.panel),
            }
        )
        self.fields["shared"].setVisible(self._view is None and len(self._roles) > 1)

    def open(self) -> None:
        """Show the panel; one types the name at once."""
        super().open()
        self.name.setFocus()
        self.name.selectAll()

    def send(self) -> None:
        """Save the view."""
        self.clear_faults()
        draft = replace(
            self._draft,
            name=self.name.text(),
            role=self._roles[self.shared.currentIndex()] if self._view is None else None,
            is_default=self.first.isChecked(),
        )
        try:
            draft.validate(self.workbench.person.role)
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> None:
            if self._view is None:
                self._service.add(self._pane, draft, self._key)
            else:
                self._service.change(self._view, draft)

        def done(_nothing: None) -> None:
            self._saved()
            self.workbench.messages.saved(_tr("The view is saved."))

        self.save(work, done, _tr("Saving the view"))
