"""Words that were searched for are marked where they stand."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.grid_cells import words_pattern
from vln_desktop.ui.widgets.markdown import MarkdownView


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["drain"], "Anyone DRAINS the drained vault", ["DRAINS", "drained"]),
        (["re-entrancy guard"], "a guard against entrancy", ["guard", "entrancy"]),
        (["(.*)"], "anything", []),
        (["x"], "x y", []),
        ([], "anything", []),
    ],
)
def test_words_are_found_as_the_search_finds_them(
    words: list[str], text: str, found: list[str]
) -> None:
    pattern = words_pattern(words)
    assert [hit[0] for hit in pattern.finditer(text)] == found if pattern else not found


def test_the_text_of_a_finding_marks_the_words(theme: Theme, qtbot: QtBot) -> None:
    view = MarkdownView(theme)
    qtbot.addWidget(view)
    view.show_markdown("## Impact\n\nThe vault is drained.\n\n| a | b |\n|---|---|\n| drain | c |")

    view.mark(["drain"])
    assert [s.cursor.selectedText() for s in view.extraSelections()] == ["drained", "drain"]
    view.show_markdown("Nothing of it, but a drain.")
    assert [s.cursor.selectedText() for s in view.extraSelections()] == ["drain"]
    view.mark([])
    assert view.extraSelections() == []
