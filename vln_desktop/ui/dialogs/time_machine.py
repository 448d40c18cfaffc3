"""Shows a record as of any moment: its versions beside what each field held, with what changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.history import BEFORE, RecordHistory
from vln_desktop.errors import UserError, VlnError
from vln_desktop.ui.dialogs.revert import Reverting, ask_to_revert
from vln_desktop.ui.history_page import Shown, page_of
from vln_desktop.ui.panes.formats import moment
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import GAP, GRID, PAGE_GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, column, label, line, row
from vln_desktop.ui.widgets.fields import MomentEdit
from vln_desktop.ui.widgets.reading_page import ReadingPage
from vln_desktop.ui.widgets.states import StatePage

_SIZE = (1080, 720)
_LIST_WIDTH = 312
_FIELDS_NAMED = 2
_INDEX = Qt.ItemDataRole.UserRole

FetchHistory = Callable[[], RecordHistory]


@dataclass(frozen=True, slots=True)
class Opening:
    """Which record is shown and where: `fetch` reads its history on a thread.

    `entry_id` is the line to begin with, None for the newest; `title` is for the window.
    """

    fetch: FetchHistory
    title: str
    entry_id: int | None = None


class TimeMachine(QDialog):
    """A window of its own, so that a record's past stands beside its present.

    It goes with its parent, which must go when the person signs out.
    """

    def __init__(self, reverting: Reverting, opening: Opening, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.resize(*_SIZE)
        self.setWindowTitle(self.tr("{record} as of…").format(record=opening.title))
        self._reverting = reverting
        self._opening = opening
        self._bench = reverting.workbench
        self._history: RecordHistory | None = None
        self._begin_at = opening.entry_id
        self._task: Task[str] | None = None
        self.versions = QListWidget(self)
        self.versions.setAccessibleName(self.tr("Versions"))
        self.versions.setWordWrap(True)
        self.versions.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.moment = MomentEdit(self)
        self.moment.setAccessibleName(self.tr("As of"))
        self.against = QComboBox(self)
        self.against.setAccessibleName(self.tr("Compared with"))
        self.against.addItems([self.tr("the version before"), self.tr("the record now")])
        self.whole = QCheckBox(self.tr("Whole texts"), self)
        self.page = ReadingPage(self.tr("The record as it stood"), self)
        self._stack = QStackedWidget(self)
        self._state = StatePage(self._bench.theme, self)
        self._head = label("", "title", wrap=True, parent=self)
        self._note = label("", "small", wrap=True, parent=self)
        self._fault = label("", "error", wrap=True, parent=self)
        self._fault.hide()
        self.revert = button(self.tr("Revert this change…"), parent=self)
        self._lay_out()
        self._connect()
        self.reload()

    def reload(self) -> None:
        """Read the history anew; the version that is shown stays."""
        self._state.loading()
        if self._history is None:
            self._stack.setCurrentWidget(self._state)

        def work(_context: TaskContext) -> RecordHistory:
            return self._opening.fetch()

        self._bench.tasks.run(self, work, self._take, self._failed)

    def show_moment(self) -> None:
        """Go to the version in force at the typed time."""
        self._say("")
        try:
            wanted = self.moment.moment
        except UserError as error:
            self._say(str(error))
            return
        if self._history is None or wanted is None:
            return
        at = self._history.index_at(wanted)
        if at == BEFORE and self._history.begins:
            self._say(self.tr("The record did not exist yet."))
        self._select(max(at, BEFORE if not self._history.begins else 0))

    def _lay_out(self) -> None:
        go = button(self.tr("Go"), parent=self)
        go.clicked.connect(self.show_moment)
        asked = row([label(self.tr("As of"), "dim", parent=self), self.moment, go])
        left = QWidget(self)
        side = column([asked, self._fault, self.versions], gap=GAP)
        side.setContentsMargins(0, 0, WIDE_GAP, 0)
        left.setLayout(side)
        left.setMinimumWidth(_LIST_WIDTH)
        compared = label(self.tr("Compared with"), "dim", parent=self)
        compared.setBuddy(self.against)
        self._stack.addWidget(self.page)
        self._stack.addWidget(self._state)
        right = QWidget(self)
        told = column([self._head, self._note], gap=GRID)
        told.setContentsMargins(WIDE_GAP, 0, 0, 0)
        choice = row([compared, self.against, self.whole, None])
        choice.setContentsMargins(WIDE_GAP, 0, 0, 0)
        inner = column([told, choice, self._stack], gap=GAP)
        inner.setStretch(2, 1)
        right.setLayout(inner)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setChildrenCollapsible(False)
        splitter.setStretchFactor(1, 1)
        close = button(self.tr("Close"), parent=self)
        close.clicked.connect(self.close)
        body = column([splitter, line(self), row([self.revert, None, close])], gap=WIDE_GAP)
        body.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, PAGE_GAP)
        body.setStretch(0, 1)
        self.setLayout(body)

    def _connect(self) -> None:
        self.versions.currentItemChanged.connect(self._show)
        self.moment.returnPressed.connect(self.show_moment)
        self.against.activated.connect(self._show)
        self.whole.toggled.connect(self._show)
        self.revert.clicked.connect(self._revert)
        self._bench.theme.changed.connect(self._show)
        self._bench.changed.connect(self._look_again)

    def _look_again(self, _changes: Changes) -> None:
        self._begin_at = self._entry_id()
        self.reload()

    def _take(self, history: RecordHistory) -> None:
        self._history = history
        self.versions.clear()
        if not history.entries:
            self._state.empty(
                self.tr("No line about this record"),
                self.tr("The log holds nothing about it that you may see."),
            )
            self._stack.setCurrentWidget(self._state)
        for at in range(history.last, BEFORE, -1):
            self._add(at, self._told(history, at))
        if history.entries and not history.begins:
            self._add(BEFORE, self.tr("Before the first line that you see"))
        for control in (self.moment, self.against, self.whole, self.revert):
            control.setEnabled(bool(history.entries))
        self._select(_begin(history, self._begin_at))
        self.versions.setFocus()

    def _add(self, at: int, text: str) -> None:
        item = QListWidgetItem(text)
        item.setData(_INDEX, at)
        self.versions.addItem(item)

    def _told(self, history: RecordHistory, at: int) -> str:
        entry = history.entries[at]
        words = self._reverting.words
        did = {"insert": self.tr("Created"), "delete": self.tr("Deleted")}.get(entry.action)
        if did is None:
            names = [words.field(name) for name in history.fields if name in entry.fields]
            more = len(names) - _FIELDS_NAMED
            did = ", ".join(names[:_FIELDS_NAMED])
            if more > 0:
                did = self.tr("{fields} and {count} more").format(fields=did, count=more)
        return f"{moment(entry.at)}  ·  {words.who(entry.actor_id)}\n{did}"

    def _select(self, at: int) -> None:
        for place in range(self.versions.count()):
            if self.versions.item(place).data(_INDEX) == at:
                self.versions.setCurrentRow(place)

    def _index(self) -> int | None:
        place = self.versions.currentRow()
        return None if place < 0 else int(self.versions.item(place).data(_INDEX))

    def _entry_id(self) -> int | None:
        at = self._index()
        if self._history is None or at is None or at == BEFORE:
            return None
        return self._history.entries[at].id

    def _show(self) -> None:
        history, at = self._history, self._index()
        if history is None or at is None:
            return
        self._head.setText(self._title(history, at))
        self._note.setText(self._notes(history, at))
        self._note.setVisible(bool(self._note.text()))
        entry = history.entries[at] if at != BEFORE else None
        self.revert.setEnabled(entry is not None and entry.action == "update")
        now = self.against.currentIndex() == 1
        against = history.last if now else max(at - 1, BEFORE)
        shown = Shown(history, at, against, self.whole.isChecked())
        words, tokens = self._reverting.words, self._bench.theme.tokens

        def work(_context: TaskContext) -> str:
            return page_of(shown, words, tokens)

        if self._task is not None:
            self._task.cancel()
        self._task = self._bench.tasks.run(self, work, self._show_page, self._failed)

    def _show_page(self, page: str) -> None:
        self.page.setHtml(page)
        self._stack.setCurrentWidget(self.page)

    def _title(self, history: RecordHistory, at: int) -> str:
        record = f"{self._reverting.words.entity(history.entity)} {history.label}".strip()
        if at == BEFORE:
            return self.tr("{record} before {when}").format(
                record=record, when=moment(history.entries[0].at)
            )
        when = moment(history.entries[at].at)
        return self.tr("{record} as of {when}").format(record=record, when=when)

    def _notes(self, history: RecordHistory, at: int) -> str:
        notes = [self.tr("Added text is underlined, removed text is struck through.")]
        if not history.permitted:
            notes = [self.tr("Your role sees who changed which fields, not what they held.")]
        if history.cut:
            count = f"{len(history.entries):,}"
            notes.append(self.tr("Only the newest {count} lines are shown.").format(count=count))
        if history.partial:
            notes.append(self.tr("Lines about money are not shown to you; a field may have changed "
                                 "in one of them."))  # fmt: skip
        if at == BEFORE and not history.cut:
            notes.append(self.tr("The log does not tell how the record began; this is rebuilt "
                                 "from what later lines say."))  # fmt: skip
        if history.present is None and history.entries[-1].action != "delete":
            notes.append(self.tr("You may not read the record itself, so fields that no line "
                                 "names are missing."))  # fmt: skip
        return " ".join(notes)

    def _revert(self) -> None:
        entry_id = self._entry_id()
        if entry_id is not None:
            ask_to_revert(self._reverting, entry_id, self)

    def _failed(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, VlnError) else self.tr("Something went wrong.")
        self._state.failed(reason, self.reload)
        self._stack.setCurrentWidget(self._state)
        if not isinstance(error, VlnError):
            self._bench.messages.report(error)

    def _say(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))


def _begin(history: RecordHistory, entry_id: int | None) -> int:
    """Return the version to begin with: an entry's, or the newest."""
    if entry_id is None:
        return history.last
    try:
        return history.index_of(entry_id)
    except KeyError:
        return history.last
