"""The command palette (Ctrl+K): every command at hand, and records by what they are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)
from rapidfuzz import fuzz, utils

from vln_desktop.ui.commands import CommandAction, native_shortcut
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import GAP, GRID, WIDE_GAP, Size, Theme
from vln_desktop.ui.widgets.controls import label, line
from vln_desktop.ui.workbench import FoundRecord, RecordSearch, Workbench

_WIDTH = 620
_TOP = 72
_LONGEST = 10
_ROW = 36
_ICON = 16
_POOR = 60
_RECENT = 12
_SEARCH_DELAY_MS = 150
_SHORTEST_SEARCH = 2
_ENTRY = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette."""

    title: str
    detail: str
    keys: str
    icon: Glyph
    run: Callable[[], None]
    reason: str = ""


class _EntryDelegate(QStyledItemDelegate):
    """Paints an entry: icon, title, detail, and its keys at the right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(
        self,
        option: QStyleOptionViewItem,  # noqa: ARG002 - every row is as high
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        return QSize(0, max(_ROW, self._theme.row_height + GAP))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        entry: Entry = index.data(_ENTRY)
        tokens = self._theme.tokens
        frame: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.selection))
            painter.drawRoundedRect(frame.adjusted(GAP, 1, -GAP, -1), 6, 6)
        inner = frame.adjusted(WIDE_GAP + GRID, 0, -WIDE_GAP - GRID, 0)
        icon = QRect(inner.x(), inner.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        self._theme.icon(entry.icon).paint(painter, icon)
        inner.setLeft(icon.right() + WIDE_GAP)
        keys_width = self._paint_keys(painter, inner, entry.keys)
        inner.setRight(inner.right() - keys_width)
        self._paint_words(painter, inner, entry)
        painter.restore()

    def _paint_words(self, painter: QPainter, area: QRect, entry: Entry) -> None:
        tokens = self._theme.tokens
        title_font = self._theme.font(weight=QFont.Weight.Medium)
        metrics = QFontMetrics(title_font)
        title = metrics.elidedText(entry.title, Qt.TextElideMode.ElideRight, area.width())
        painter.setFont(title_font)
        painter.setPen(QColor(tokens.text_faint if entry.reason else tokens.text))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, title)
        rest = area.adjusted(metrics.horizontalAdvance(title) + WIDE_GAP, 0, 0, 0)
        if rest.width() > 0:
            font = self._theme.font(Size.SMALL)
            detail = QFontMetrics(font).elidedText(
                entry.reason or entry.detail, Qt.TextElideMode.ElideRight, rest.width()
            )
            painter.setFont(font)
            painter.setPen(QColor(tokens.text_faint))
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, detail)

    def _paint_keys(self, painter: QPainter, area: QRect, keys: str) -> int:
        if not keys:
            return 0
        font = self._theme.font(Size.SMALL)
        width = QFontMetrics(font).horizontalAdvance(keys)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.tokens.text_dim))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(area, right, keys)
        return width + WIDE_GAP


class _SearchField(QLineEdit):
    """Sends the keys that move through a list to that list."""

    def __init__(self, view: QListView, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _LONGEST,
            Qt.Key.Key_PageUp: -_LONGEST,
        }.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        count = self._view.model().rowCount()
        if count:
            here = self._view.currentIndex().row() + step
            there = here % count if abs(step) == 1 else min(max(here, 0), count - 1)
            self._view.setCurrentIndex(self._view.model().index(there, 0))


class CommandPalette(Overlay):
    """Finds and runs commands and records; what was used last comes first."""

    def __init__(self, workbench: Workbench, search: RecordSearch | None, window: QWidget) -> None:
        super().__init__(window, _WIDTH, top=_TOP)
        self._workbench = workbench
        self._search = search
        self._task: Task[list[FoundRecord]] | None = None
        self._found: list[FoundRecord] = []
        self._recent = workbench.preferences.get("palette.recent", list[str]())
        self._model = QStandardItemModel(self)
        self._view = QListView(self.panel)
        self._view.setModel(self._model)
        self._view.setItemDelegate(_EntryDelegate(workbench.theme, self))
        self._view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setUniformItemSizes(True)
        self._view.setAccessibleName(self.tr("What was found"))
        self.field = _SearchField(self._view, self.panel)
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText(self.tr("Type a command, a pane, a number or a title"))
        self.field.setAccessibleName(self.tr("Search or run a command"))
        self._nothing = label(self.tr("Nothing found."), "dim", parent=self.panel)
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_SEARCH_DELAY_MS)
        self._lay_out()
        self.field.textChanged.connect(self._typed)
        self.field.returnPressed.connect(self._run_current)
        self._view.clicked.connect(self._run_index)
        self._delay.timeout.connect(self._search_records)
        workbench.commands.done.connect(self._remember)

    def _lay_out(self) -> None:
        self.content.setContentsMargins(0, GAP, 0, GAP)
        self.content.setSpacing(GRID)
        for part in (self.field, line(self.panel), self._view, self._nothing):
            self.content.addWidget(part)
        self.field.setTextMargins(GAP, 0, GAP, 0)
        self._nothing.setContentsMargins(WIDE_GAP + GRID, GAP, GAP, GAP)

    def open(self) -> None:
        """Open empty, with what was used last on top."""
        self._found = []
        self.field.clear()
        self._workbench.commands.refresh()
        self._fill()
        super().open()
        self.field.setFocus()

    def entries(self) -> list[Entry]:
        """The lines shown now, best first."""
        return [self._model.index(row, 0).data(_ENTRY) for row in range(self._model.rowCount())]

    def _typed(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._found = []
        self._fill()
        self._delay.start()

    def _search_records(self) -> None:
        text = self.field.text().strip()
        if self._search is None or len(text) < _SHORTEST_SEARCH or not self.isVisible():
            return
        search = self._search

        def work(context: TaskContext) -> list[FoundRecord]:
            return search(text, context)

        self._task = self._workbench.tasks.run(self, work, self._show_records)

    def _show_records(self, found: list[FoundRecord]) -> None:
        self._found = found
        self._fill()

    def _fill(self) -> None:
        entries = self._ranked(self.field.text().strip())
        entries += [self._entry_of_record(record) for record in self._found]
        self._model.clear()
        for entry in entries:
            item = QStandardItem(entry.title)
            item.setData(entry, _ENTRY)
            self._model.appendRow(item)
        self._view.setCurrentIndex(self._model.index(0, 0))
        rows = min(len(entries), _LONGEST)
        height = max(_ROW, self._workbench.theme.row_height + GAP)
        self._view.setFixedHeight(rows * height + 2 if rows else 0)
        self._view.setVisible(bool(rows))
        self._nothing.setVisible(not rows)
        if self.isVisible():
            self._place()

    def _ranked(self, text: str) -> list[Entry]:
        actions = [
            action
            for action in self._workbench.commands.at_hand()
            if action.command.id != "palette.open"
        ]
        if not text:
            actions.sort(key=self._recency)
            return [self._entry_of_action(action) for action in actions]
        scored = [(points_of(text, action), action) for action in actions]
        best = [(points, action) for points, action in scored if points >= _POOR]
        best.sort(key=lambda match: (-match[0], self._recency(match[1])))
        return [self._entry_of_action(action) for _points, action in best]

    def _recency(self, action: CommandAction) -> int:
        id_ = action.command.id
        return self._recent.index(id_) if id_ in self._recent else len(self._recent)

    def _entry_of_action(self, action: CommandAction) -> Entry:
        command = action.command
        return Entry(
            command.text,
            command.group,
            native_shortcut(command.shortcut) if command.shortcut else "",
            command.icon or Glyph.COMMAND,
            action.trigger,
            "" if action.isEnabled() else action.toolTip(),
        )

    def _entry_of_record(self, record: FoundRecord) -> Entry:
        def show() -> None:
            self._workbench.open(record.ref)

        return Entry(record.title, record.detail, "", record.icon, show)

    def _run_current(self) -> None:
        self._run_index(self._view.currentIndex())

    def _run_index(self, index: QModelIndex) -> None:
        entry: Entry | None = index.data(_ENTRY)
        if entry is None or entry.reason:
            return
        self.close_panel()
        entry.run()

    def _remember(self, id_: str) -> None:
        if id_ != "palette.open":
            self._recent = [id_, *(other for other in self._recent if other != id_)][:_RECENT]
            self._workbench.preferences.set("palette.recent", self._recent)


def points_of(typed: str, action: CommandAction) -> float:
    """Tell how well a command fits; its own text counts more than its group and further words."""
    command = action.command
    everything = f"{command.text} {command.group} {command.words}"
    return max(score(typed, command.text), 0.9 * score(typed, everything))


def score(typed: str, text: str) -> float:
    """Tell how well a text fits what was typed, 0 to 100: its worst typed word counts.

    A word's beginning fits best, then a part of the text, then a word with a slip of the finger.
    """
    words = utils.default_process(text).split()
    tokens = utils.default_process(typed).split()
    if not tokens or not words:
        return 0
    return min(max(_fit(token, word) for word in words) for token in tokens)


def _fit(token: str, word: str) -> float:
    if word.startswith(token):
        return 100
    if token in word:
        return 90
    return fuzz.ratio(token, word[: len(token) + 1]) * 0.9
