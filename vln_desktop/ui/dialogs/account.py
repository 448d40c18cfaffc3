"""My account: open sessions, password, second factor and recovery codes, what was noted of me."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSizePolicy, QTabWidget, QWidget

from vln_desktop.services.account import Account, AccountService
from vln_desktop.ui.dialogs.account_pages import FactorPage, PasswordPage, SessionsPage
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.panes.formats import moment, words
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import PAGE_GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_WIDTH = 720
_PAGE_HEIGHT = 380


class AccountPanel(Overlay):
    """Over the window, in four tabs; loaded when it opens and after each change."""

    lock_changed = Signal()
    password_changed = Signal()

    def __init__(
        self, workbench: Workbench, service: AccountService, minutes: int, window: QWidget
    ) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._service = service
        self.sessions = SessionsPage(workbench, service, minutes, self)
        self.password = PasswordPage(workbench, service, self)
        self.factor = FactorPage(workbench, service, self)
        self.events = TextTable(
            workbench.theme, self.tr("Security events"), self, empty=self.tr("Nothing was noted.")
        )
        self.tabs = Tabs(self.panel)
        self.tabs.addTab(self.sessions, self.tr("Sessions"))
        self.tabs.addTab(self.password, self.tr("Password"))
        self.tabs.addTab(self.factor, self.tr("Second factor"))
        self.tabs.addTab(self.events, self.tr("Security events"))
        self._lay_out()
        self.sessions.lock_changed.connect(self.lock_changed)
        self.password.password_changed.connect(self.password_changed)
        for page in (self.sessions, self.password, self.factor):
            page.changed.connect(self.load)
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        super().open()
        self.tabs.tabBar().setFocus()
        self.load()

    def close_panel(self) -> None:
        """Close, but not over recovery codes that nobody has kept yet."""
        if self.factor.codes.isHidden():
            super().close_panel()
        else:
            self.tabs.setCurrentWidget(self.factor)
            self.factor.tell(self.tr("Keep the recovery codes first: they are not shown again."))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the panel would throw away what was typed: it does nothing."""
        event.accept()

    def load(self) -> None:
        """Look again how the account stands."""

        def work(_context: TaskContext) -> Account:
            return self._service.load()

        self._bench.tasks.run(self, work, self._show)

    def _show(self, account: Account) -> None:
        self.sessions.show_account(account)
        self.factor.show_account(account)
        self.events.show_rows(
            [
                TextColumn(self.tr("When")),
                TextColumn(self.tr("What")),
                TextColumn(self.tr("Where"), wide=True),
                TextColumn(self.tr("By")),
            ],
            [
                [moment(event.at), words(event.kind), event.device, event.by]
                for event in account.events
            ],
        )

    def _lay_out(self) -> None:
        person = self._bench.person
        close = button(self.tr("Close"), parent=self.panel)
        close.clicked.connect(self.close_panel)
        self.content.setSpacing(WIDE_GAP)
        self.content.addWidget(label(self.tr("My account"), "title", parent=self.panel))
        self.content.addWidget(label(f"{person.name}  ·  {person.email}", "dim", parent=self.panel))
        self.content.addWidget(self.tabs)
        self.content.addLayout(row([None, close]))
        self.content.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, WIDE_GAP)


class Tabs(QTabWidget):
    """Tabs of one height, so that the panel does not jump from tab to tab."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, max(_PAGE_HEIGHT, super().sizeHint().height()))
