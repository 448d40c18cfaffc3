"""Saves a finding's form as a template, or lets a template that is there say what the form says."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.templates import LONGEST_NAME, check_template
from vln_desktop.errors import UserError
from vln_desktop.services.templates import TemplatesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Templates", text)


class SaveTemplatePanel(FormPanel):
    """One name; a template of one's own that has it is changed."""

    keeps_drafts = False
    """What matters stands in the form below, which has its own draft."""

    def __init__(
        self,
        workbench: Workbench,
        service: TemplatesService,
        draft: FindingDraft,
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Save as a template"),
            _tr("Everybody who writes findings sees it, in every team. Take out first what belongs "
                "to a client."),
            _tr("Save the template"),
            window,
        )  # fmt: skip
        self._service = service
        self._draft = draft
        self._key = uuid7()
        self.name = QLineEdit(draft.title[:LONGEST_NAME], self.panel)
        self.name.setMaxLength(LONGEST_NAME)
        self.build({"name": Field(_tr("Name"), self.name, self.panel)})

    def open(self) -> None:
        """Show the panel; the name is proposed and selected."""
        super().open()
        self.name.setFocus()
        self.name.selectAll()

    def send(self) -> None:
        """Save the template."""
        self.clear_faults()
        name, draft = self.name.text(), self._draft
        try:
            check_template(name, draft)
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> None:
            named = (one for one in self._service.all() if one.name == name.strip())
            known = next(named, None)
            if known is not None and self._service.may_change(known):
                self._service.change(known, name, draft)
            else:
                self._service.add(name, draft, self._key)

        def done(_nothing: None) -> None:
            self.workbench.messages.saved(_tr("The template is saved."))

        self.save(work, done, _tr("Saving the template"))
