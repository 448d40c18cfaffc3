"""Says what an item of a checklist came to, with a note, and which finding a failure became."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.checklists import Check, CheckResult, Mark
from vln_desktop.errors import UserError
from vln_desktop.services.checklists import ChecklistsService, Marked
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import Picker, WordBox
from vln_desktop.ui.widgets.fields import Field, text_box
from vln_desktop.ui.workbench import Workbench

_NOTE_HEIGHT = 140
_TITLE_SHOWN = 70


def _tr(text: str) -> str:
    return QCoreApplication.translate("Checklist", text)


class CheckResultPanel(FormPanel):
    """One item of one audit; the findings are fetched while the panel is open."""

    def __init__(
        self,
        workbench: Workbench,
        service: ChecklistsService,
        audit_id: UUID,
        check: Check,
        then: Callable[[Marked], None],
        window: QWidget,
    ) -> None:
        super().__init__(workbench, check.section, check.text, _tr("Save the result"), window)
        self._service = service
        self._audit = audit_id
        self._check = check
        self._then = then
        self.result = WordBox(tuple(CheckResult), _tr("Result"), "check_result", parent=self.panel)
        self.result.choose(check.result)
        known = () if check.finding_id is None else ((check.finding_id, check.finding),)
        self.finding = Picker[UUID](known, _tr("None"), self.panel)
        self.finding.say_when_empty(_tr("A part of its number or title"))
        self.finding.choose(check.finding_id)
        self.note = text_box(self.panel, _NOTE_HEIGHT)
        self.note.setPlainText(check.note)
        self.build(
            {
                "result": Field(_tr("Result"), self.result, self.panel),
                "finding": Field(_tr("The finding it became"), self.finding, self.panel),
                "note": Field(_tr("Note (internal)"), self.note, self.panel),
            }
        )
        self.result.currentIndexChanged.connect(self._offer_finding)
        self._offer_finding()

    def open(self) -> None:
        """Show the panel and fetch what a failure can name."""
        super().open()
        self.note.setFocus()

        def work(_context: TaskContext) -> tuple[tuple[UUID, str, str], ...]:
            return self._service.findings(self._audit)

        self.workbench.tasks.run(self, work, self._offer, self.workbench.messages.report)

    def send(self) -> None:
        """Save the result."""
        self.clear_faults()
        if self._failed_check and self.finding.typed_wrong:
            told = _tr("Choose a finding of this audit, by its number or title.")
            self.refuse(UserError(told, field="finding"))
            return
        mark = Mark(
            self._check.item_id,
            CheckResult(self.result.word or CheckResult.OPEN),
            self.note.toPlainText(),
            self.finding.key if self._failed_check else None,
            self._check.version,
        )
        try:
            mark.validate()
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> Marked:
            return self._service.mark(self._audit, (mark,))

        self.save(work, self._then, _tr("Saving the result"))

    @property
    def _failed_check(self) -> bool:
        return self.result.word is CheckResult.FAIL

    def _offer_finding(self, _index: int = 0) -> None:
        self.fields["finding"].setVisible(self._failed_check)
        self._place()

    def _offer(self, findings: tuple[tuple[UUID, str, str], ...]) -> None:
        self.finding.offer(
            [(id_, f"{number}  {title(name)[:_TITLE_SHOWN]}") for id_, number, name in findings]
        )
