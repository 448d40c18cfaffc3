"""Papers inside the window: pages, thumbnails, search, named places, and the place one reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.documents.samples import report
from vln_desktop.documents.report import render_report
from vln_desktop.errors import UserError
from vln_desktop.ui.pdf_pages import pdf_facts
from vln_desktop.ui.tasks import InlineTaskRunner
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.pdf_view import PdfView

CONTENT = report(14)


@pytest.fixture(scope="module")
def paper() -> bytes:
    return render_report(CONTENT)


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> Iterator[PdfView]:
    made = PdfView(theme, InlineTaskRunner())
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.show()
    yield made
    made.loading()


def press(widget: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(widget, key)


def shown(view: PdfView, paper: bytes, qtbot: QtBot) -> PdfView:
    view.show_pdf(paper)
    qtbot.waitUntil(lambda: 0 in view.pages.images)
    return view


def test_the_pages_and_their_number_are_shown(view: PdfView, paper: bytes, qtbot: QtBot) -> None:
    shown(view, paper, qtbot)
    assert view.pages.page_count == len(pdf_facts(paper).sizes)
    assert view.toolbar.page.text() == "1"
    assert view.thumbnails.isVisible()
    qtbot.waitUntil(lambda: view.thumbnails.drawn > 0)
    assert view.thumbnails.drawn < view.pages.page_count


def test_a_page_far_down_is_drawn_soon(view: PdfView, paper: bytes, qtbot: QtBot) -> None:
    shown(view, paper, qtbot)
    view.pages.go_to_page(12)
    assert view.pages._settle.interval() < 100
    qtbot.waitUntil(lambda: 12 in view.pages.images)


def test_a_typed_page_and_a_thumbnail_lead_there(view: PdfView, paper: bytes, qtbot: QtBot) -> None:
    shown(view, paper, qtbot)
    view.toolbar.page.setText("5")
    press(view.toolbar.page, Qt.Key.Key_Return)
    assert view.pages.page == 4
    assert view.thumbnails.currentRow() == 4
    view.thumbnails.setCurrentRow(2)
    assert view.pages.page == 2
    for junk in ("", "x", "-1", "99999999999999999999"):
        view.toolbar.page.setText(junk)
        press(view.toolbar.page, Qt.Key.Key_Return)
    assert view.pages.page_count > view.pages.page >= 0


def test_named_places_are_gone_to_and_told(view: PdfView, paper: bytes, qtbot: QtBot) -> None:
    shown(view, paper, qtbot)
    label = CONTENT.findings[7].label
    told: list[str] = []
    view.pages.place_shown.connect(told.append)

    assert view.pages.go_to(f"{label} ")
    assert not view.pages.go_to("X-99")

    assert told[-1].startswith(label)
    place = view.pages.place()
    assert place.name.startswith(label)


def test_a_search_marks_the_words_where_they_stand(
    view: PdfView, paper: bytes, qtbot: QtBot
) -> None:
    shown(view, paper, qtbot)
    title = CONTENT.findings[3].title.upper()
    view.toolbar.search.setText(title)
    press(view.toolbar.search, Qt.Key.Key_Return)

    hits = view._hits
    assert len(hits) >= 2
    assert view.toolbar.found.text().endswith(f"of {len(hits)}")
    press(view.toolbar.search, Qt.Key.Key_F3)
    assert view.toolbar.found.text() == f"2 of {len(hits)}"
    assert view.pages._hit_now == hits[1]
    for hit in hits:
        size = pdf_facts(paper).sizes[hit.page]
        for box in hit.boxes:
            assert 0 < box.left() < box.right() < size.width()
            assert 0 < box.top() < box.bottom() < size.height()
    view.toolbar.search.setText("nowhere to be found")
    press(view.toolbar.search, Qt.Key.Key_Return)
    assert view.toolbar.found.text() == "not found"


def test_a_new_paper_keeps_the_place_one_reads(view: PdfView, paper: bytes, qtbot: QtBot) -> None:
    shown(view, paper, qtbot)
    label = CONTENT.findings[9].label
    view.pages.go_to(f"{label} ")
    page = view.pages.page
    first = CONTENT.findings[0]
    longer = replace(first, description="\n\n".join([first.description] * 12))

    view.show_pdf(
        render_report(replace(CONTENT, findings=(longer, *CONTENT.findings[1:]))), keep_place=True
    )

    assert view.pages.place().name.startswith(label)
    assert view.pages.page > page
    view.show_pdf(paper)
    assert view.pages.page == 0


def test_zooming_keeps_the_place(view: PdfView, paper: bytes, qtbot: QtBot) -> None:
    shown(view, paper, qtbot)
    label = CONTENT.findings[5].label
    view.pages.go_to(f"{label} ")
    for how in ("in", "in", "out", "page", "width"):
        view.toolbar.zoom_wanted.emit(how)
        assert view.pages.place().name.startswith(label), how


def test_a_short_paper_has_no_thumbnails(view: PdfView, qtbot: QtBot) -> None:
    from tests.documents.samples import invoice  # noqa: PLC0415
    from vln_desktop.documents.invoice import render_invoice  # noqa: PLC0415

    shown(view, render_invoice(invoice()), qtbot)
    assert not view.thumbnails.isVisible()


@pytest.mark.parametrize("junk", [b"", b"no pdf", b"%PDF-1.7\n" + b"x" * 3000])
def test_what_is_no_paper_is_told(view: PdfView, junk: bytes) -> None:
    with pytest.raises(UserError):
        pdf_facts(junk)
    view.show_pdf(junk)
    assert view.currentWidget() is view.state
