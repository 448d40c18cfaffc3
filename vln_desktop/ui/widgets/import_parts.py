"""Parts of the import panel: where files are dropped, and its tables."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.import_plan import CHIP_KIND, PlanTable
from vln_desktop.ui.theme import GAP, GRID, PAGE_GAP, Size, Theme
from vln_desktop.ui.widgets.chip import look_of, paint_chip
from vln_desktop.ui.widgets.controls import IconLabel, column, label, row

_DROP_HEIGHT = 132
_SELECTED = QStyle.StateFlag.State_Selected


class DropArea(QWidget):
    """Where files are dropped; a dashed frame says so."""

    dropped = Signal(object)
    """Carries the paths."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAcceptDrops(True)
        self.setFixedHeight(_DROP_HEIGHT)
        icon = IconLabel(theme, Glyph.IMPORT, 2 * PAGE_GAP, parent=self)
        text = label(
            self.tr("Drop files of scanners here: SARIF, Slither, Mythril, Semgrep and others"),
            parent=self,
        )
        hint = label(
            self.tr("Nothing is written before you have seen what becomes of each result."),
            "small",
            parent=self,
        )
        parts = (row([None, part, None]) for part in (icon, text, hint))
        self.setLayout(column([None, *parts, None], gap=GRID))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.dropped.emit(local_files(event))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.tokens.line_strong), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), GAP, GAP)
        painter.end()


class PlanCells(QStyledItemDelegate):
    """Paints chips where a column has them, and text elsewhere."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        kind = index.data(CHIP_KIND)
        cell: QRect = option.rect
        if kind is None:
            checkable = index.data(Qt.ItemDataRole.CheckStateRole) is not None
            padding = 0 if checkable else GRID
            option.rect = cell.adjusted(padding, 0, -padding, 0)
            super().paint(painter, option, index)
            return
        state: QStyle.StateFlag = option.state
        if state & _SELECTED:
            painter.fillRect(cell, QColor(self._theme.tokens.selection))
        font = self._theme.font(Size.SMALL, weight=QFont.Weight.Medium)
        look = look_of(kind, index.data())
        left = self._paint_tick(painter, option, index)
        paint_chip(painter, cell.adjusted(left, 0, -GRID, 0), look, self._theme, font)

    def _paint_tick(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> int:
        """Paint the tick before a chip, where the row has one; return the room both take."""
        if index.column() > 0:
            return GRID
        state = index.data(Qt.ItemDataRole.CheckStateRole)
        style = option.widget.style()
        room = style.pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth) + 2 * GRID
        if state is None:
            return room
        box = QStyleOptionViewItem(option)
        box.rect = style.subElementRect(
            QStyle.SubElement.SE_ItemViewItemCheckIndicator, self._with_tick(option), option.widget
        )
        on = state == Qt.CheckState.Checked
        box.state |= QStyle.StateFlag.State_On if on else QStyle.StateFlag.State_Off
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, box, painter, option.widget
        )
        return room

    @staticmethod
    def _with_tick(option: QStyleOptionViewItem) -> QStyleOptionViewItem:
        told = QStyleOptionViewItem(option)
        told.features |= QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        return told


def plan_table(model: PlanTable, name: str, theme: Theme, parent: QWidget) -> QTableView:
    """Return the view of a preview's table; the longest column takes what room is left."""
    view = QTableView(parent)
    view.setModel(model)
    view.setItemDelegate(PlanCells(theme, view))
    view.setAccessibleName(name)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(theme.row_height)
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    header.setStretchLastSection(False)
    for place, shown in enumerate(model.columns):
        view.setColumnWidth(place, shown.width)
    wide = next(n for n, shown in enumerate(model.columns) if shown.key in ("title", "file"))
    header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
    return view


def local_files(event: QDropEvent) -> list[Path]:
    """Return the files of this machine that are dragged."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
