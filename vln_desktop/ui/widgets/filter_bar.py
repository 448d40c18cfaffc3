"""The filter line of a grid: typed tokens with completion, its faults marked, and the count."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QSizePolicy, QWidget

from vln_desktop.domain.filters import (
    EVERYTHING,
    MAX_TEXT,
    ME,
    Filter,
    FilterError,
    FilterField,
    Kind,
    Suggestion,
    suggest,
)
from vln_desktop.domain.paging import Count
from vln_desktop.errors import UserError
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GAP, GRID, WIDE_GAP, Theme
from vln_desktop.ui.widgets.controls import column, label, row, set_style_property

_TYPING_PAUSE_MS = 350
_WAVE = 2.0
_EXAMPLES = 3


class FilterEdit(QLineEdit):
    """A line edit that underlines the wrong characters."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._wrong: tuple[int, int] | None = None

    def mark(self, wrong: tuple[int, int] | None) -> None:
        """Underline from one character to another, or nothing."""
        self._wrong = wrong
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._wrong is None:
            return
        start, end = (self._place_of(at) for at in self._wrong)
        bottom = self.cursorRect().bottom() - 1
        points = [
            QPointF(start + step * _WAVE, bottom - (_WAVE if step % 2 else 0))
            for step in range(int(max(end - start, 6) / _WAVE) + 1)
        ]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.tokens.danger.ink), 1))
        painter.drawPolyline(points)
        painter.end()

    def _place_of(self, character: int) -> float:
        """Where a character stands, seen from the cursor: the line may have scrolled."""
        measure = self.fontMetrics().horizontalAdvance
        text = self.text()
        cursor = self.cursorRect().center().x()
        return cursor + measure(text[:character]) - measure(text[: self.cursorPosition()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)


class FilterBar(QWidget):
    """Reads what is typed with the grid's own parser; tells the filter once it can be read."""

    filtered = Signal(object)
    """A filter that can be read was typed: carries the Filter."""

    def __init__(
        self,
        fields: Sequence[FilterField],
        parse: Callable[[str], Filter],
        theme: Theme,
        people: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fields, self._parse, self._people = fields, parse, people
        self._filter = EVERYTHING
        self._suggestions: tuple[Suggestion, ...] = ()
        self.edit = FilterEdit(theme, self)
        self.edit.setMaxLength(MAX_TEXT)
        self.edit.setClearButtonEnabled(True)
        self.edit.setPlaceholderText(self._example())
        self.edit.setAccessibleName(self.tr("Filter"))
        self.edit.addAction(theme.icon(Glyph.FILTER), QLineEdit.ActionPosition.LeadingPosition)
        self.count = label("", "small", parent=self)
        self.count.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._fault = label("", "error", parent=self)
        self._fault.hide()
        self.setLayout(column([row([self.edit, self.count], gap=WIDE_GAP), self._fault], gap=GRID))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TYPING_PAUSE_MS)
        self._words = QStringListModel(self)
        self._popup = QListView(self)
        self._completer = self._make_completer()
        self.edit.textEdited.connect(self._offer)
        self.edit.textChanged.connect(self._typed)
        self.edit.returnPressed.connect(self.apply)
        self._pause.timeout.connect(self.apply)
        self.setFocusProxy(self.edit)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.edit.text()

    @property
    def fault(self) -> str:
        """What is wrong with the line, empty if nothing is."""
        return self._fault.text()

    def set_text(self, text: str) -> None:
        """Type something and apply it at once."""
        self.edit.setText(text)
        self.apply()

    def apply(self) -> None:
        """Read the line; tell the filter if it is another one, or mark what is wrong."""
        self._pause.stop()
        try:
            found = self._parse(self.edit.text())
        except FilterError as error:
            self._show_fault(str(error), (error.start, error.end))
        except UserError as error:
            self._show_fault(str(error), (0, len(self.edit.text())))
        else:
            self._show_fault("", None)
            if found != self._filter:
                self._filter = found
                self.filtered.emit(found)

    def show_fault(self, reason: str) -> None:
        """Show what the server said of the filter, such as a person who is not known."""
        self._show_fault(reason, None)

    def show_count(self, shown: Count | None, total: Count | None = None) -> None:
        """Show how many rows there are, of how many without the filter."""
        if shown is None:
            self.count.setText("")
        elif total is None or not self._filter:
            self.count.setText(count_text(shown))
        else:
            text = self.tr("{shown} of {total}")
            self.count.setText(text.format(shown=count_text(shown), total=count_text(total)))

    def _typed(self) -> None:
        self.edit.mark(None)
        self._pause.start()

    def _show_fault(self, reason: str, wrong: tuple[int, int] | None) -> None:
        self.edit.mark(wrong)
        set_style_property(self.edit, "invalid", bool(reason))
        self._fault.setText(reason)
        self._fault.setVisible(bool(reason))

    def _example(self) -> str:
        shown = [text for field in self._fields if (text := _example_of(field))][:_EXAMPLES]
        if not shown:
            return self.tr("Filter")
        return self.tr("Filter, such as {tokens}").format(tokens="  ".join(shown))

    def _make_completer(self) -> QCompleter:
        completer = QCompleter(self._words, self)
        completer.setWidget(self.edit)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.setMaxVisibleItems(12)
        completer.setPopup(self._popup)
        completer.activated.connect(self._complete)
        return completer

    def _offer(self) -> None:
        line, cursor = self.edit.text(), self.edit.cursorPosition()
        self._suggestions = suggest(line, cursor, self._fields, self._people)
        self._words.setStringList([one.text for one in self._suggestions])
        if not self._suggestions:
            self._popup.hide()
            return
        area = self.edit.cursorRect()
        area.translate(-GAP, GRID)
        scroll_bar = self._popup.verticalScrollBar().sizeHint().width()
        area.setWidth(self._popup.sizeHintForColumn(0) + scroll_bar + 4 * WIDE_GAP)
        self._completer.complete(area)

    def _complete(self, text: str) -> None:
        chosen = next((one for one in self._suggestions if one.text == text), None)
        if chosen is None:
            return
        line = self.edit.text()
        self.edit.setText(line[: chosen.start] + chosen.text + line[chosen.end :])
        self.edit.setCursorPosition(chosen.start + len(chosen.text))
        if chosen.text.endswith(":"):
            self._offer()


def _example_of(field: FilterField) -> str:
    """Return a token as one could type it, empty where no value makes sense to everybody."""
    match field.kind:
        case Kind.CHOICE:
            return f"{field.token}:{field.choices[0].word}"
        case Kind.PERSON:
            return f"{field.token}:{ME}"
        case Kind.DATE:
            return f"{field.token}:7d"
        case _:
            return ""


def count_text(count: Count) -> str:
    """Return a number of rows as people read it: 4,812 if counted, ~5.0 M if estimated."""
    if count.exact or count.value < 1_000:
        return f"{count.value:,}" if count.exact else f"~{count.value:,}"
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count.value >= size:
            return f"~{count.value / size:.1f} {unit}"
    return f"~{count.value:,}"
