"""Connection profiles as a list: name, where the database is, what its data is worth."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from vln_desktop.config import Profile
from vln_desktop.profiles import ENVIRONMENT, parts_of
from vln_desktop.ui.theme import GAP, GRID, WIDE_GAP, Size, Theme
from vln_desktop.ui.widgets.chip import chip_size, look_of, paint_chip

_PROFILE = Qt.ItemDataRole.UserRole
_MOST_ROWS = 6


class ProfileList(QListView):
    """Profiles to choose one of; Enter and a double click activate it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = _ProfileDelegate(theme, self)
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setAccessibleName(self.tr("Connection profiles"))

    def show_profiles(self, profiles: Iterable[Profile], chosen: str = "") -> None:
        """Show profiles, with one of them chosen: the named one, or the first."""
        self._model.clear()
        for profile in profiles:
            item = QStandardItem(f"{profile.name}, {profile.environment}, {place_of(profile)}")
            item.setData(profile, _PROFILE)
            self._model.appendRow(item)
        names = [profile.name for profile in self.profiles()]
        row = names.index(chosen) if chosen in names else 0
        self.setCurrentIndex(self._model.index(row, 0))
        rows = min(len(names), _MOST_ROWS)
        self.setFixedHeight(rows * self._delegate.height() + 2 * GRID)

    def profiles(self) -> list[Profile]:
        """The profiles that are shown, from top to bottom."""
        return [self._model.item(row).data(_PROFILE) for row in range(self._model.rowCount())]

    @property
    def chosen(self) -> Profile | None:
        """The profile that is chosen, None if there is none at all."""
        profile: Profile | None = self.currentIndex().data(_PROFILE)
        return profile


def place_of(profile: Profile) -> str:
    """Return where a profile's database is, in words."""
    if profile.url is None:
        return QCoreApplication.translate("ProfileList", "on this machine, run by this program")
    host, port, database = parts_of(profile.url)
    place = f"{database} @ {host}" + (f":{port}" if port else "")
    if profile.pooled:
        place += ", " + QCoreApplication.translate("ProfileList", "pooled")
    if profile.name == ENVIRONMENT:
        place += "  ·  " + QCoreApplication.translate("ProfileList", "from POSTGRES_URL")
    return place


class _ProfileDelegate(QStyledItemDelegate):
    """Paints a profile: its name above its place, and the environment's chip at the right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def height(self) -> int:
        """The height of a row: two lines and some air."""
        name = QFontMetrics(self._theme.font(weight=QFont.Weight.Medium)).height()
        return name + QFontMetrics(self._theme.font(Size.SMALL)).height() + 2 * GAP

    def sizeHint(
        self,
        option: QStyleOptionViewItem,  # noqa: ARG002 - every row is as high
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        return QSize(0, self.height())

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        profile: Profile = index.data(_PROFILE)
        frame: QRect = option.rect
        state: QStyle.StateFlag = option.state
        tokens = self._theme.tokens
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection if selected else tokens.hover))
            painter.drawRoundedRect(frame.adjusted(0, 1, 0, -1), 6, 6)
        inner = frame.adjusted(WIDE_GAP, GAP, -WIDE_GAP, -GAP)
        inner.setRight(inner.right() - self._paint_chip(painter, inner, profile) - WIDE_GAP)
        weight = QFont.Weight.Medium
        self._paint_line(painter, inner, profile.name, self._theme.font(weight=weight), tokens.text)
        below = inner.adjusted(0, QFontMetrics(self._theme.font(weight=weight)).height(), 0, 0)
        font = self._theme.font(Size.SMALL)
        self._paint_line(painter, below, place_of(profile), font, tokens.text_dim)
        painter.restore()

    def _paint_chip(self, painter: QPainter, area: QRect, profile: Profile) -> int:
        look = look_of("environment", profile.environment.value)
        font = self._theme.font(Size.SMALL, weight=QFont.Weight.Medium)
        width = chip_size(look, QFontMetrics(font)).width()
        cell = QRect(area.right() - width, area.y(), width, area.height())
        paint_chip(painter, cell, look, self._theme, font)
        return width

    @staticmethod
    def _paint_line(painter: QPainter, area: QRect, text: str, font: QFont, ink: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(ink))
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, shown)
