"""The small table of texts: what stands in it where there are no rows."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable

COLUMNS = (TextColumn("Name", wide=True), TextColumn("Size", right=True))
EMPTY = "What the client hands in appears here."


@pytest.fixture
def table(theme: Theme, qtbot: QtBot) -> TextTable:
    made = TextTable(theme, "Files", empty=EMPTY)
    qtbot.addWidget(made)
    made.resize(320, 200)
    made.show()
    return made


def _colours(table: TextTable) -> int:
    """Return how many colours the cells' middle shows; a blank one shows one."""
    image = table.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    middle = image.copy(40, image.height() // 2 - 12, image.width() - 80, 24)
    spots = (middle.pixel(x, y) for x in range(middle.width()) for y in range(middle.height()))
    return len(set(spots))


def test_without_rows_a_sentence_stands_in_the_middle(table: TextTable) -> None:
    table.show_rows(COLUMNS, [])
    assert _colours(table) > 1
    assert not table.horizontalHeader().isVisible()
    assert table.accessibleDescription() == EMPTY


def test_with_rows_the_sentence_is_gone(table: TextTable) -> None:
    table.show_rows(COLUMNS, [])
    table.show_rows(COLUMNS, [("contracts.zip", "1 MB")])
    assert _colours(table) == 1
    assert table.horizontalHeader().isVisible()
    assert table.accessibleDescription() == ""


def test_a_table_without_a_sentence_keeps_its_heads(theme: Theme, qtbot: QtBot) -> None:
    plain = TextTable(theme, "Files")
    qtbot.addWidget(plain)
    plain.resize(320, 200)
    plain.show()
    plain.show_rows(COLUMNS, [])
    assert _colours(plain) == 1
    assert plain.horizontalHeader().isVisible()


def _lines(table: TextTable) -> int:
    """Return how many lines of text are painted in the first cell."""
    image = table.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    cell = table.visualRect(table.model().index(0, 0)).adjusted(6, 2, -6, -3)
    paper = image.pixel(cell.left(), cell.top())
    inked = [
        any(image.pixel(x, y) != paper for x in range(cell.left(), cell.right()))
        for y in range(cell.top(), min(cell.bottom(), image.height() - 1))
    ]
    return sum(ink and not before for before, ink in pairwise([False, *inked]))


@pytest.mark.parametrize("width", range(296, 440, 8))
def test_a_row_is_as_high_as_its_wrapped_text(table: TextTable, width: int) -> None:
    columns = (TextColumn("Known", wide=True), TextColumn("Rule"), TextColumn("Files"))
    text = (
        "The old router is replaced after the audit\n"
        "It holds no funds since March and is no part of what is deployed."
    )
    table.resize(width, 600)
    table.show_rows(columns, [(text, "any", "src/legacy/*")])
    shown = _lines(table)
    table.setRowHeight(0, 400)
    assert shown == _lines(table)
