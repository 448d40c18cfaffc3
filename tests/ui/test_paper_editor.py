"""A section while it is written: the paper beside the text, and the way to what the guard found."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot
from uuid_utils.compat import uuid7

from tests.documents.readers import text_of
from tests.documents.samples import report
from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from tests.ui.test_reports_pane import begin, opened
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.leaks import LeakRule
from vln_desktop.domain.report_work import Section, SectionDraft
from vln_desktop.domain.reports import SectionKind
from vln_desktop.ui.dialogs.report_section import SectionEditor
from vln_desktop.ui.panes.reports import ReportsPane
from vln_desktop.ui.tasks import InlineTaskRunner, TaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.paper_editor import PaperEditor

_PDF = InlinePress().report(report(1))


class Printer:
    """Prints a paper of its own whatever is typed, and tells what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.fails = False

    def __call__(self, typed: tuple[str, str]) -> bytes:
        self.asked.append(typed)
        self.may_go_on.wait()
        if self.fails:
            raise OSError("no paper")
        return _PDF


@pytest.fixture
def printer() -> Iterator[Printer]:
    made = Printer()
    yield made
    made.may_go_on.set()


def made_editor(theme: Theme, qtbot: QtBot, printer: Printer, tasks: TaskRunner) -> PaperEditor:
    editor = PaperEditor(theme, tasks, lambda: ("", editor.text), printer)
    qtbot.addWidget(editor)
    editor.resize(1200, 700)
    return editor


def inline(theme: Theme, qtbot: QtBot, printer: Printer) -> PaperEditor:
    editor = made_editor(theme, qtbot, printer, InlineTaskRunner())
    editor.show()
    qtbot.waitUntil(lambda: editor.paper.pages.page_count > 0)
    return editor


def test_each_pause_prints_what_is_typed_by_then(
    theme: Theme, qtbot: QtBot, printer: Printer
) -> None:
    editor = inline(theme, qtbot, printer)
    for sign in "All is well.":
        editor.edit.insertPlainText(sign)
    qtbot.waitUntil(lambda: len(printer.asked) == 2)
    assert printer.asked == [("", ""), ("", "All is well.")]


def test_typing_goes_on_while_it_is_printed_and_the_last_word_is_printed(
    theme: Theme, qtbot: QtBot, printer: Printer
) -> None:
    tasks = TaskRunner()
    editor = made_editor(theme, qtbot, printer, tasks)
    printer.may_go_on.clear()
    editor.show()
    qtbot.waitUntil(lambda: len(printer.asked) == 1)
    for text in ("one", "two", "three"):
        editor.set_text(text)
        editor.print_now()
    assert len(printer.asked) == 1
    printer.may_go_on.set()
    qtbot.waitUntil(lambda: len(printer.asked) == 2)
    assert printer.asked[-1] == ("", "three")
    qtbot.waitUntil(lambda: editor.paper.pages.page_count > 0)
    tasks.shutdown()


def test_a_hidden_paper_is_not_printed(theme: Theme, qtbot: QtBot, printer: Printer) -> None:
    editor = inline(theme, qtbot, printer)
    editor.show_paper(False)
    editor.set_text("hidden")
    editor.print_now()
    assert len(printer.asked) == 1
    editor.show_paper(True)
    assert printer.asked[-1] == ("", "hidden")
    editor.hide()
    editor.set_text("closed")
    editor.print_now()
    assert printer.asked[-1] == ("", "hidden")


def test_the_place_in_the_paper_stays(theme: Theme, qtbot: QtBot, printer: Printer) -> None:
    editor = inline(theme, qtbot, printer)
    bar = editor.paper.pages.verticalScrollBar()
    assert bar.maximum() > 900
    bar.setValue(900)
    editor.set_text("more")
    editor.print_now()
    assert abs(bar.value() - 900) <= 1


def test_what_cannot_be_printed_is_said_and_tried_again(
    theme: Theme, qtbot: QtBot, printer: Printer
) -> None:
    editor = inline(theme, qtbot, printer)
    printer.fails = True
    editor.set_text("bad")
    editor.print_now()
    assert editor.paper.currentWidget() is editor.paper.state
    printer.fails = False
    editor.print_now()
    assert editor.paper.currentWidget() is not editor.paper.state
    assert editor.text == "bad"


@pytest.mark.parametrize(
    ("width", "way"), [(1200, Qt.Orientation.Horizontal), (700, Qt.Orientation.Vertical)]
)
def test_the_paper_stands_beside_the_text_or_below(
    theme: Theme, qtbot: QtBot, printer: Printer, width: int, way: Qt.Orientation
) -> None:
    editor = inline(theme, qtbot, printer)
    editor.resize(width, 700)
    assert editor._splitter.orientation() is way


@pytest.fixture
def auditor(bench: Open, empty_firm: Firm) -> Bench:
    return bench("auditor.a")


@pytest.fixture
def pane(auditor: Bench, qtbot: QtBot) -> ReportsPane:
    made = opened(auditor)
    begin(auditor)
    select_first(made, qtbot)
    return made


def editor_of(auditor: Bench) -> SectionEditor:
    return next(one for one in auditor.window.findChildren(SectionEditor)[::-1] if one.isVisible())


def put(auditor: Bench, pane: ReportsPane, section: Section, draft: SectionDraft) -> None:
    report_ = pane.contents.report
    assert report_ is not None
    auditor.workbench.publish(auditor.desk.report_sections.write(report_, section, draft))


def sections(pane: ReportsPane) -> list[Section]:
    return [part for part in pane.contents.parts if isinstance(part, Section)]


def test_the_section_is_printed_as_it_will_be(
    auditor: Bench, pane: ReportsPane, qtbot: QtBot
) -> None:
    pane.contents.edit_section(sections(pane)[0])
    editor = editor_of(auditor)
    qtbot.waitUntil(lambda: editor.text.paper.pages.page_count > 0)
    editor.heading.setText("What matters")
    editor.text.set_text("The vault is **empty**.\n\n| a | b |\n|---|---|\n| 1 | 2 |")
    editor.text.print_now()
    text = text_of(editor.text.paper._content)
    assert "What matters" in text
    assert "The vault is empty." in text
    assert "**" not in text


@pytest.mark.parametrize("at", range(7))
def test_every_kind_of_section_prints_alone(auditor: Bench, pane: ReportsPane, at: int) -> None:
    """Also those whose tables lead to findings that are not on this paper."""
    section = sections(pane)[at]
    pane.contents.edit_section(section)
    editor = editor_of(auditor)
    editor.text.print_now()
    assert editor.text.paper.currentWidget() is not editor.text.paper.state, section.kind


def leak_in_section(auditor: Bench, pane: ReportsPane, rule: LeakRule) -> int:
    pane.detail.tabs.setCurrentWidget(pane.guard)
    pane.guard.check()
    return next(
        at for at, leak in enumerate(pane.guard.leaks)
        if leak.rule is rule and leak.place.section_kind is not None
    )  # fmt: skip


def test_a_hit_in_a_section_opens_it_at_the_place(auditor: Bench, pane: ReportsPane) -> None:
    text = "First line.\n\nSecond line.\n\nThis is TODO for Anna.\n\nLast."
    put(auditor, pane, sections(pane)[0], SectionDraft("", text))
    pane.guard.table.selectRow(leak_in_section(auditor, pane, LeakRule.TO_DO))

    auditor.run("reports.leak_place")

    editor = editor_of(auditor)
    cursor = editor.text.edit.textCursor()
    assert cursor.blockNumber() == 4
    assert "TODO" in cursor.selectedText()
    assert pane.detail.tabs.currentWidget() is pane.contents
    assert pane.contents.chosen == sections(pane)[0]
    editor.text.edit.moveCursor(QTextCursor.MoveOperation.Start)
    pane.guard.go_to_place()
    assert [one for one in auditor.window.findChildren(SectionEditor) if one.isVisible()] == [
        editor
    ]
    assert editor.text.edit.textCursor().blockNumber() == 4


def test_a_secret_is_shown_by_its_line_and_a_heading_by_itself(
    auditor: Bench, pane: ReportsPane
) -> None:
    key = "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"
    text = f"Fine.\n\nprivate key: {key}\n\nFine."
    put(auditor, pane, sections(pane)[0], SectionDraft("TODO rename", text))
    pane.guard.table.selectRow(leak_in_section(auditor, pane, LeakRule.SECRET))
    auditor.run("reports.leak_place")
    editor = editor_of(auditor)
    assert editor.text.edit.textCursor().blockNumber() == 2
    pane.guard.table.selectRow(leak_in_section(auditor, pane, LeakRule.TO_DO))
    auditor.run("reports.leak_place")
    assert editor.heading.selectedText() == "TODO rename"


def test_of_two_sections_called_alike_the_one_with_the_words_opens(
    auditor: Bench, pane: ReportsPane
) -> None:
    report_ = pane.contents.report
    assert report_ is not None
    for text in ("Nothing here.", "TBD by the team."):
        auditor.workbench.publish(
            auditor.desk.report_sections.add(
                report_, SectionKind.CUSTOM, SectionDraft("Notes", text), None, uuid7()
            )
        )
    pane.guard.table.selectRow(leak_in_section(auditor, pane, LeakRule.TO_DO))
    auditor.run("reports.leak_place")
    assert editor_of(auditor).text.text == "TBD by the team."


def test_a_section_that_is_gone_is_said(auditor: Bench, pane: ReportsPane) -> None:
    put(auditor, pane, sections(pane)[0], SectionDraft("", "TODO: all of it"))
    at = leak_in_section(auditor, pane, LeakRule.TO_DO)
    leak = pane.guard.leaks[at]
    assert pane.contents.report is not None
    auditor.workbench.publish(
        auditor.desk.report_sections.leave_out(
            pane.contents.report, sections(pane)[0], left_out=True
        )
    )
    pane.contents.go_to_leak(leak)
    assert "not in the report any more" in auditor.told[-1]
