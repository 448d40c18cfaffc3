"""Two files beside each other, equal lines at one height; changes are marked by colour and sign."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QSplitter, QTextEdit, QWidget

from vln_desktop.domain.source_code import LineMark, LinePair
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.code_colours import CodeColours, coloured
from vln_desktop.ui.widgets.controls import column

_SIGN_WIDTH = 3
"""A space, the sign and a space between a line's number and its code."""
_OLD_SIGN = {LineMark.CHANGED: "~", LineMark.REMOVED: "-"}
_NEW_SIGN = {LineMark.CHANGED: "~", LineMark.ADDED: "+"}


class CodePair(QWidget):
    """The old file at the left, the new one at the right; they scroll together."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pairs: tuple[LinePair, ...] = ()
        self.old = self._page(self.tr("Before"))
        self.new = self._page(self.tr("After"))
        self._old_colours = CodeColours(self.old.document())
        self._new_colours = CodeColours(self.new.document())
        splitter = QSplitter(self)
        splitter.addWidget(self.old)
        splitter.addWidget(self.new)
        splitter.setChildrenCollapsible(False)
        self.setLayout(column([splitter], gap=0))
        for one, other in ((self.old, self.new), (self.new, self.old)):
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)

    def show_pairs(self, pairs: Sequence[LinePair], path: str = "") -> None:
        """Show the lines of a file in its language's colours, and go to the first change."""
        self._pairs = tuple(pairs)
        width = len(str(max((max(p.old_number, p.new_number) for p in pairs), default=1)))
        self.old.setPlainText("\n".join(
            _line(p.old_number, p.old, _OLD_SIGN.get(p.mark, " "), width) for p in pairs
        ))  # fmt: skip
        self.new.setPlainText("\n".join(
            _line(p.new_number, p.new, _NEW_SIGN.get(p.mark, " "), width) for p in pairs
        ))  # fmt: skip
        self._paint(path, width + _SIGN_WIDTH)
        tones = self._theme.tokens
        old = {LineMark.CHANGED: tones.warning.fill, LineMark.REMOVED: tones.danger.fill}
        new = {LineMark.CHANGED: tones.warning.fill, LineMark.ADDED: tones.success.fill}
        self._mark(self.old, old)
        self._mark(self.new, new)
        self._go_to(next(iter(self._changes()), 0))

    def go_on(self, step: int) -> None:
        """Go to the next change, or with -1 to the one before."""
        now = self.new.textCursor().blockNumber()
        changes = self._changes()
        found = (
            next((at for at in changes if at > now), None)
            if step > 0
            else next((at for at in reversed(changes) if at < now), None)
        )
        if found is not None:
            self._go_to(found)

    def _paint(self, path: str, margin: int) -> None:
        """Colour each side as the file it is: lines that stand only at the other are no part."""
        dark = self._theme.tokens.dark
        for colours, side in (
            (self._old_colours, [(p.old_number, p.old) for p in self._pairs]),
            (self._new_colours, [(p.new_number, p.new) for p in self._pairs]),
        ):
            found = iter(coloured([text for number, text in side if number], path, dark=dark))
            colours.show_spans([next(found) if number else [] for number, _text in side], margin)

    def _changes(self) -> list[int]:
        """Return the first line of each run of changed lines."""
        marks = [pair.mark is not LineMark.SAME for pair in self._pairs]
        return [at for at, on in enumerate(marks) if on and (at == 0 or not marks[at - 1])]

    def _go_to(self, line: int) -> None:
        for page in (self.old, self.new):
            block = page.document().findBlockByNumber(line)
            page.setTextCursor(QTextCursor(block))
            page.centerCursor()

    def _mark(self, page: QPlainTextEdit, colours: dict[LineMark, str]) -> None:
        found: list[QTextEdit.ExtraSelection] = []
        for at, pair in enumerate(self._pairs):
            colour = colours.get(pair.mark)
            if colour is None:
                continue
            selection = QTextEdit.ExtraSelection()
            selection.cursor = QTextCursor(page.document().findBlockByNumber(at))
            selection.format.setBackground(QColor(colour))
            selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
            found.append(selection)
        page.setExtraSelections(found)

    def _page(self, name: str) -> QPlainTextEdit:
        page = QPlainTextEdit(self)
        page.setReadOnly(True)
        page.setFont(self._theme.code_font())
        page.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        page.setAccessibleName(name)
        return page


def _line(number: int, text: str, sign: str, width: int) -> str:
    shown = str(number) if number else ""
    return f"{shown:>{width}} {sign if number else ' '} {text}"
