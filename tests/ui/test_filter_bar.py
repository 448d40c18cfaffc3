"""The filter line: when it tells, what it marks, how it completes and counts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vln_desktop.domain.filters import Choice, Filter, FilterField, Kind, parse
from vln_desktop.domain.paging import Count
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.filter_bar import FilterBar, count_text

FIELDS: Sequence[FilterField] = (
    FilterField("severity", Kind.CHOICE, ("sev",), (Choice("critical"), Choice("high"))),
    FilterField("assignee", Kind.PERSON),
)


def parse_line(text: str) -> Filter:
    return parse(text, FIELDS)


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> FilterBar:
    made = FilterBar(FIELDS, parse_line, theme, ("ana@vln.gg",))
    qtbot.addWidget(made)
    made.resize(600, 60)
    made.show()
    return made


def test_a_line_is_told_after_a_pause_in_typing(bar: FilterBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.filtered) as told:
        QTest.keyClicks(bar.edit, "sev:high")
    assert told.args is not None
    assert told.args[0].text == "severity:high"


def test_the_same_filter_is_not_told_twice(bar: FilterBar, qtbot: QtBot) -> None:
    bar.set_text("sev:high")
    with qtbot.assertNotEmitted(bar.filtered):
        bar.set_text("severity:high")


def test_a_fault_is_marked_and_told_in_words_and_nothing_is_filtered(
    bar: FilterBar, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(bar.filtered):
        bar.set_text("sev:high statsu:open")
    assert "statsu" in bar.fault
    assert bar.edit.property("invalid") is True
    bar.set_text("sev:high")
    assert bar.fault == ""
    assert bar.edit.property("invalid") is False


def test_completion_replaces_the_word_under_the_cursor(bar: FilterBar) -> None:
    QTest.keyClicks(bar.edit, "sev:cr")
    bar._complete("critical")
    assert bar.text == "sev:critical"


@pytest.mark.parametrize("text", ["", " " * 200, "x" * 5_000, "a:b:c", '"', "-", ":", "\u202e x"])
def test_no_line_breaks_it(bar: FilterBar, text: str) -> None:
    bar.set_text(text)
    bar.grab()


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (Count(4_812, True), "4,812"),
        (Count(0, True), "0"),
        (Count(5_012_345, False), "~5.0 M"),
        (Count(48_400, False), "~48.4 k"),
        (Count(12, False), "~12"),
    ],
)
def test_a_count_is_read_as_people_say_it(count: Count, text: str) -> None:
    assert count_text(count) == text


def test_the_count_says_of_how_many_only_under_a_filter(bar: FilterBar) -> None:
    bar.show_count(Count(4_812, True), Count(5_000_000, False))
    assert bar.count.text() == "4,812"
    bar.set_text("sev:high")
    bar.show_count(Count(4_812, True), Count(5_000_000, False))
    assert bar.count.text() == "4,812 of ~5.0 M"
