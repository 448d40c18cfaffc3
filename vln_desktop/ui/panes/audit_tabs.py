"""What the tabs of one audit share: they are shown the same audit, and bring their commands."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.audits import AuditDetail
from vln_desktop.domain.checklists import AuditChecklist
from vln_desktop.domain.fix_reviews import FixRound
from vln_desktop.domain.time_entries import TimeSheet
from vln_desktop.services.desk import Desk
from vln_desktop.ui.panes.detail_tab import DetailTab
from vln_desktop.ui.workbench import Workbench


@dataclass(frozen=True, slots=True)
class ShownAudit:
    """What the panel shows of one audit; who reads no findings has nothing but its detail."""

    detail: AuditDetail
    rounds: tuple[FixRound, ...] = ()
    checklist: AuditChecklist | None = None
    time: TimeSheet | None = None


class AuditTab(DetailTab):
    """A tab of the audits pane. A subclass says what can be done and shows an audit."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.audit: AuditDetail | None = None

    def show_audit(self, shown: ShownAudit) -> None:
        """Show an audit; what is chosen of the same one stays chosen."""
