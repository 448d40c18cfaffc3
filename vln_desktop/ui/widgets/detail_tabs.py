"""Tabs of a record; where they do not fit beside each other, a menu lists them all."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QTabWidget, QToolButton, QWidget

from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import Theme

_LEFT = 12
"""What the style sheet keeps free before the first tab."""


class DetailTabs(QTabWidget):
    """A tab widget whose bar follows the current tab instead of showing arrows."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)
        self.more = QToolButton(self)
        self.more.setIcon(theme.icon(Glyph.DOWN))
        self.more.setToolTip(self.tr("All tabs"))
        self.more.setAccessibleName(self.tr("All tabs"))
        self.more.setProperty("kind", "more-tabs")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(QMenu(self.more))
        self.more.menu().aboutToShow.connect(self._list_tabs)
        self.more.menu().triggered.connect(self._go_to)
        self.setCornerWidget(self.more, Qt.Corner.TopRightCorner)
        self.more.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._offer_more()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:  # a tab's name became longer, or shorter
            self._offer_more()
        return done

    def _offer_more(self) -> None:
        bar = self.tabBar()
        width = sum(bar.tabRect(at).width() for at in range(bar.count()) if bar.isTabVisible(at))
        crowded = width > self.width() - _LEFT
        if crowded != self.more.isVisibleTo(self):
            self.more.setVisible(crowded)

    def _list_tabs(self) -> None:
        menu = self.more.menu()
        menu.clear()
        for at in range(self.count()):
            if self.isTabVisible(at):
                action = menu.addAction(self.tabText(at))
                action.setData(at)
                action.setCheckable(True)
                action.setChecked(at == self.currentIndex())

    def _go_to(self, action: QAction) -> None:
        self.setCurrentIndex(action.data())
