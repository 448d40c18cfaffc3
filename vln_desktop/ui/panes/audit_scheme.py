"""The menu that chooses how an audit's findings are graded."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from vln_desktop.domain.audits import AuditDetail
from vln_desktop.services.desk import Desk
from vln_desktop.services.severity_schemes import KeptScheme
from vln_desktop.ui.dialogs.severity_scheme import SeveritySchemePanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.workbench import Workbench

Schemes = tuple[tuple[UUID, str], ...]


class SchemeMenu(QObject):
    """Offers the firm's severity schemes; severities that are given stay as they are."""

    def __init__(self, desk: Desk, workbench: Workbench, pane: QWidget) -> None:
        super().__init__(pane)
        self._desk = desk
        self._bench = workbench
        self._pane = pane

    def offer(self, audit: AuditDetail, at: QPoint) -> None:
        """Fetch the schemes and open the menu at a place of the screen."""

        def work(_context: TaskContext) -> Schemes:
            return self._desk.schemes.names()

        self._bench.tasks.run(
            self, work, partial(self._open, audit, at), self._bench.messages.report
        )

    def edit(self) -> None:
        """Fetch the schemes, and open the form of a new one."""

        def work(_context: TaskContext) -> tuple[KeptScheme, ...]:
            return self._desk.schemes.all()

        def opened(schemes: tuple[KeptScheme, ...]) -> None:
            SeveritySchemePanel(
                self._bench, self._desk.schemes, schemes, self._pane.window()
            ).open()

        self._bench.tasks.run(self, work, opened, self._bench.messages.report)

    def choose(self, audit: AuditDetail, scheme: UUID) -> None:
        """Grade an audit's findings by another scheme from now on."""
        self._bench.change(
            self,
            partial(self._desk.audits.set_scheme, audit, scheme),
            self.tr("The audit is saved."),
        )

    def _open(self, audit: AuditDetail, at: QPoint, schemes: Schemes) -> None:
        menu = QMenu(self._pane)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for scheme, name in schemes:
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(name == audit.scheme)
            action.triggered.connect(partial(self._take, audit, scheme))
        menu.popup(at)

    def _take(self, audit: AuditDetail, scheme: UUID, _checked: bool) -> None:
        self.choose(audit, scheme)
