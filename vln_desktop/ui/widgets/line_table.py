"""The table in which the lines of a draft are typed, all of it from the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from vln_desktop.ui.models.invoice_lines import FAULT, RULE, InvoiceLines, LineFault
from vln_desktop.ui.models.typed_lines import (
    CATEGORIES,
    FIELDS,
    NET,
    UNITS,
    unit_name,
    words_of,
)
from vln_desktop.ui.theme import GAP, GRID, Theme, Tone
from vln_desktop.ui.widgets.controls import button, column, label, row

_WIDTHS = {
    "description": 260,
    "quantity": 76,
    "unit": 72,
    "unit_price": 116,
    "gross_price": 92,
    "discount_percent": 88,
    "tax_category": 128,
    "tax_percent": 62,
    "exemption_reason": 128,
    "departure_reason": 124,
    "net": 112,
}
_EXTRA_HEIGHT = 2 * GRID
_OPENS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_TRIGGER = QAbstractItemView.EditTrigger
_MARK = 2


class LineTable(QWidget):
    """The lines with what adds, removes and moves them."""

    def __init__(self, model: InvoiceLines, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.view = _View(model, theme, self)
        self._fault = label("", "error", wrap=True, parent=self)
        self.add_button = button(self.tr("Add line"), parent=self)
        self.copy_button = button(self.tr("Duplicate"), parent=self)
        self.remove_button = button(self.tr("Remove"), parent=self)
        self.up_button = button(self.tr("Move up"), parent=self)
        self.down_button = button(self.tr("Move down"), parent=self)
        buttons = (self.add_button, self.copy_button, self.remove_button, self.up_button,
                   self.down_button)  # fmt: skip
        self._below = row([*buttons, self._fault])
        self._below.setStretch(len(buttons), 1)
        whole = column([self.view, self._below], gap=GAP)
        whole.setStretch(0, 1)
        self.setLayout(whole)
        self.setFocusProxy(self.view)
        self._connect()
        self._refresh()

    def add_line(self) -> None:
        """Add a line behind the current one and begin to type in it."""
        at = self.model.add(self.view.currentIndex().row() if self._row() >= 0 else self._last())
        self.go(at, "description")
        self.view.edit(self.view.currentIndex())

    def offer_sources(self, text: str, handler: Callable[[], None]) -> None:
        """Put a button beside the others that adds lines from elsewhere."""
        made = button(text, parent=self)
        made.setToolTip("Ctrl+L")
        made.clicked.connect(handler)
        shortcut = QShortcut(QKeySequence("Ctrl+L"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(handler)
        self._below.insertWidget(1, made)

    def duplicate_line(self) -> None:
        """Add a copy of the current line behind it."""
        self.go(self.model.duplicate(self._row()), "description")

    def paste(self) -> None:
        """Fill cells from the clipboard's table, from the current cell on."""
        at = self.view.currentIndex()
        text = QGuiApplication.clipboard().text()
        if text.strip():
            row_, column_ = (at.row(), at.column()) if at.isValid() else (self._last() + 1, 0)
            rows = self.model.paste(text, row_, min(column_, NET - 1))
            self.go(row_ + rows - 1, FIELDS[min(column_, NET - 1)])

    def remove_line(self) -> None:
        """Take the current line out."""
        at = self._row()
        self.model.remove(at)
        self.go(min(at, self._last()), "description")

    def move_up(self) -> None:
        """Move the current line up."""
        self._move(-1)

    def move_down(self) -> None:
        """Move the current line down."""
        self._move(1)

    def _move(self, step: int) -> None:
        place = self.view.currentIndex().column()
        self.go(self.model.move(self._row(), step), FIELDS[max(place, 0)])

    def show_fault(self, fault: LineFault | None) -> None:
        """Say what is wrong and go where it is; None takes it back."""
        if fault is None:
            self._fault.setText("")
            return
        self.model.be_strict()
        text = self.tr("Line {number}: {fault}")
        self._fault.setText(text.format(number=fault.row + 1, fault=fault.text))
        self.go(fault.row, fault.field)
        self.view.setFocus()

    def commit(self) -> None:
        """Take over what stands in an open cell."""
        self.view.setFocus()

    def _connect(self) -> None:
        for button_, handler, keys in (
            (self.add_button, self.add_line, "Ctrl+Return"),
            (self.copy_button, self.duplicate_line, "Ctrl+D"),
            (self.remove_button, self.remove_line, "Ctrl+Delete"),
            (self.up_button, self.move_up, "Alt+Up"),
            (self.down_button, self.move_down, "Alt+Down"),
        ):
            button_.clicked.connect(handler)
            button_.setToolTip(QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText))
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(handler)
        self.view.pasted.connect(self.paste)
        self.view.selectionModel().currentChanged.connect(self._refresh)
        self.model.edited.connect(self._refresh)

    def _refresh(self) -> None:
        at = self._row()
        self.remove_button.setEnabled(at >= 0)
        self.copy_button.setEnabled(at >= 0)
        self.up_button.setEnabled(at > 0)
        self.down_button.setEnabled(0 <= at < self._last())
        if not self.model.faults:
            self._fault.setText("")

    def _row(self) -> int:
        return self.view.currentIndex().row()

    def _last(self) -> int:
        return self.model.rowCount() - 1

    def go(self, at: int, field: str) -> None:
        """Put the cursor on a cell by its line and the name of its column."""
        if at >= 0:
            self.view.setCurrentIndex(self.model.index(at, FIELDS.index(field)))


class _View(QTableView):
    """Cells open by typing, Return, F2 or a double click; Tab walks them and leaves at the end."""

    pasted = Signal()
    """The clipboard's table is wanted in the cells."""

    def __init__(self, model: InvoiceLines, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setModel(model)
        self.setItemDelegate(_Cells(theme, self))
        self.setProperty("kind", "typing")
        self.setAccessibleName(self.tr("Lines"))
        self.setEditTriggers(
            _TRIGGER.AnyKeyPressed | _TRIGGER.EditKeyPressed | _TRIGGER.DoubleClicked
        )
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(True)
        self.setWordWrap(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place, field in enumerate(FIELDS):
            self.setColumnWidth(place, _WIDTHS[field])
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._theme.row_height + _EXTRA_HEIGHT)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Leave the table at its ends, so that Tab is no trap."""
        at = self.currentIndex()
        last = self.model().rowCount() - 1
        end = (last, NET) if forward else (0, 0)
        if not at.isValid() or (at.row(), at.column()) == end:
            return QWidget.focusNextPrevChild(self, forward)
        return super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        closed = self.state() is not QAbstractItemView.State.EditingState
        if closed and event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit()
            return
        if event.key() in _OPENS and not event.modifiers() and closed:
            self.edit(self.currentIndex())
            return
        super().keyPressEvent(event)


class _Cells(QStyledItemDelegate):
    """Edits words of a list in a box, the rest as text; marks cells that are wrong."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def createEditor(
        self,
        parent: QWidget,
        _option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        field = FIELDS[index.column()]
        if field not in {"unit", "tax_category"}:
            edit = QLineEdit(parent)
            edit.setProperty("kind", "cell")
            edit.setAlignment(Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole) or 0))
            return edit
        box = QComboBox(parent)
        if field == "unit":
            codes = dict.fromkeys((*UNITS, index.data(Qt.ItemDataRole.EditRole)))
            for code in codes:
                box.addItem(unit_name(code), code)
        else:
            for category, name in CATEGORIES.items():
                box.addItem(words_of(name), category.value)
        box.activated.connect(partial(self._choose, box))
        return box

    def setEditorData(self, editor: QWidget, index: QModelIndex | QPersistentModelIndex) -> None:
        value = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(editor.findData(value), 0))
        elif isinstance(editor, QLineEdit):
            editor.setText(value)
            editor.selectAll()

    def setModelData(
        self,
        editor: QWidget,
        model: QAbstractItemModel,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        value = editor.currentData() if isinstance(editor, QComboBox) else ""
        text = editor.text() if isinstance(editor, QLineEdit) else value
        model.setData(index, text, Qt.ItemDataRole.EditRole)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        cell: QRect = option.rect
        if index.data(Qt.ItemDataRole.TextAlignmentRole):
            option.font = self._theme.figures_font()
        super().paint(painter, option, index)
        tone = Tone.DANGER if index.data(FAULT) else Tone.WARNING if index.data(RULE) else None
        if tone is not None:
            ink = self._theme.tokens.tone(tone)
            painter.fillRect(cell.x(), cell.bottom() - _MARK, cell.width(), _MARK, QColor(ink.ink))

    def _choose(self, box: QComboBox, _at: int) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)
