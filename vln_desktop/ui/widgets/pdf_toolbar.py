"""The line above a PDF: which page, how large, and what is searched for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from vln_desktop.ui.pdf_pages import PdfPlace
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.controls import button, label, row

_PAGE_WIDTH = 48
_SEARCH_WIDTH = 180
_LONGEST = 200
_JUMP_LETTERS = 14
_INDENT = "   "


class PdfToolbar(QWidget):
    """Says what somebody wants; the view does it and tells how things stand."""

    page_wanted = Signal(int)
    """A page was typed, from 0."""
    place_wanted = Signal(str)
    """An entry of the outline was chosen."""
    zoom_wanted = Signal(str)
    """"in", "out", "width" or "page"."""
    search_wanted = Signal(str, int)
    """Words to find, and which way: 1 the next hit, -1 the one before."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.page = QLineEdit(self)
        self.page.setAccessibleName(self.tr("Page"))
        self.page.setFixedWidth(_PAGE_WIDTH)
        self.page.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._pages = label("", "dim", parent=self)
        self.search = _SearchLine(self)
        self.search.setAccessibleName(self.tr("Search in the paper"))
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setMaxLength(_LONGEST)
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(_SEARCH_WIDTH)
        self.found = label("", "dim", parent=self)
        self.jump = QComboBox(self)
        self.jump.setAccessibleName(self.tr("Go to a chapter"))
        self.jump.setMinimumContentsLength(_JUMP_LETTERS)
        self.jump.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._places: list[str] = []
        zooms = []
        for name, text, told in (
            ("out", "−", self.tr("Smaller")),
            ("in", "+", self.tr("Larger")),
            ("width", "↔", self.tr("As wide as the view")),
            ("page", "↕", self.tr("A whole page")),
        ):
            made = button(text, "quiet", parent=self)
            made.setAccessibleName(told)
            made.setToolTip(told)
            made.setProperty("zoom", name)
            made.clicked.connect(self._zoom)
            zooms.append(made)
        line = row(
            [self.jump, self.page, self._pages, *zooms, None, self.found, self.search], gap=GAP
        )
        line.setContentsMargins(GAP, GAP, GAP, GAP)
        self.setLayout(line)
        self.page.returnPressed.connect(self._typed_page)
        self.search.sought.connect(self._seek)
        self.jump.activated.connect(self._jump)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), parent)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._focus_search)

    def show_places(self, places: Sequence[PdfPlace]) -> None:
        """Offer the entries of an outline; a paper of less than two needs no list."""
        self._places = [place.name for place in places]
        self.jump.clear()
        self.jump.addItems([f"{_INDENT * place.level}{place.name}" for place in places])
        self.jump.setVisible(len(places) > 1)

    def show_place(self, name: str) -> None:
        """Tell which entry of the outline one reads."""
        if name in self._places:
            self.jump.setCurrentIndex(self._places.index(name))

    def show_page(self, page: int, pages: int) -> None:
        """Tell which page is read, from 0, and how many there are."""
        if not self.page.hasFocus():
            self.page.setText(str(page + 1))
        self._pages.setText(f"/ {pages}")

    def show_found(self, at: int, hits: int) -> None:
        """Tell which hit is shown, from 0; none found is told too."""
        if not self.search.text():
            self.found.setText("")
        elif not hits:
            self.found.setText(self.tr("not found"))
        else:
            self.found.setText(self.tr("{at} of {all}").format(at=at + 1, all=hits))

    def _jump(self, at: int) -> None:
        self.place_wanted.emit(self._places[at])

    def _typed_page(self) -> None:
        text = self.page.text().strip()
        if text.isdecimal():
            self.page_wanted.emit(min(int(text), 1_000_000) - 1)
        self.page.clearFocus()

    def _zoom(self) -> None:
        self.zoom_wanted.emit(self.sender().property("zoom"))

    def _seek(self, way: int) -> None:
        self.search_wanted.emit(self.search.text().strip(), way)

    def _focus_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()


class _SearchLine(QLineEdit):
    """Enter and F3 seek on, with Shift back; Escape empties."""

    sought = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3}:
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.sought.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.sought.emit(1)
        else:
            super().keyPressEvent(event)
