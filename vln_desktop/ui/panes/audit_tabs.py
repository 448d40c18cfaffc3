"""What the tabs of one audit share: they are shown the same audit, and bring their commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QHBoxLayout, QWidget

from vln_desktop.domain.audits import AuditDetail
from vln_desktop.domain.checklists import AuditChecklist
from vln_desktop.domain.fix_reviews import FixRound
from vln_desktop.domain.time_entries import TimeSheet
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.workbench import Workbench


@dataclass(frozen=True, slots=True)
class ShownAudit:
    """What the panel shows of one audit; who reads no findings has nothing but its detail."""

    detail: AuditDetail
    rounds: tuple[FixRound, ...] = ()
    checklist: AuditChecklist | None = None
    time: TimeSheet | None = None


class AuditTab(QWidget):
    """A tab of the audits pane. A subclass says what can be done and shows an audit."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk = desk
        self.bench = workbench
        self.audit: AuditDetail | None = None

    def commands(self, _group: str) -> list[Command]:
        """What can be done while the pane is open; shortcuts work in all of it."""
        return []

    def own_commands(self, _group: str) -> list[Command]:
        """What can be done while this tab is visible; single keys work in it alone."""
        return []

    def equip(self) -> None:
        """Place the registered commands on buttons; the pane calls it once."""

    def show_audit(self, shown: ShownAudit) -> None:
        """Show an audit; what is chosen of the same one stays chosen."""

    def place(self, line: QHBoxLayout, ids: Sequence[str]) -> None:
        """Put buttons of registered commands into a line, before the room at its end."""
        for button in self.bench.commands.buttons(ids, self):
            line.insertWidget(line.count() - 1, button)
