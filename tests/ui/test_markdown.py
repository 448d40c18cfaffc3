"""Markdown from strangers is harmless, and code is shown as it stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QTextDocument
from pytestqt.qtbot import QtBot

from vln_desktop.ui.theme import DARK, LIGHT, Theme
from vln_desktop.ui.widgets.markdown import MarkdownEditor, MarkdownView, render


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=https://evil.example/x.png>",
        "a <b onclick=x>b</b>",
        "<style>body{}</style>",
    ],
)
def test_raw_html_is_text(text: str, qtbot: QtBot) -> None:
    document = QTextDocument()
    document.setHtml(render(text, LIGHT))
    assert document.toPlainText().strip() == text


@pytest.mark.parametrize(
    "text",
    [
        "![a](https://evil.example/x.png)",
        "![a](file:///etc/passwd)",
        "[a](javascript:alert(1))",
        "[a](file:///etc/passwd)",
        "[a](vbscript:x)",
    ],
)
def test_nothing_is_loaded_and_no_link_runs(text: str) -> None:
    made = render(text, LIGHT)
    assert "<img" not in made
    assert "href" not in made


def test_ordinary_links_stay() -> None:
    assert 'href="https://swcregistry.io"' in render("[a](https://swcregistry.io)", LIGHT)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>&\"'`*_#[]()!|~-=\n ab:/", max_size=120))
def test_no_text_makes_an_image_or_a_script(text: str) -> None:
    made = render(text, DARK)
    assert "<img" not in made
    assert "<script" not in made


@pytest.mark.parametrize("language", ["solidity", "", "no-such-language", "python3 {1}"])
def test_code_is_kept_sign_by_sign(language: str, qtbot: QtBot, theme: Theme) -> None:
    code = "if (a >= b && c != d) { x -= <T>; }"
    view = MarkdownView(theme)
    qtbot.addWidget(view)
    view.show_markdown(f"```{language}\n{code}\n```")
    assert code in view.toPlainText()


def test_a_huge_code_block_is_shown_plain() -> None:
    code = "a = b;\n" * 8_000
    assert "color:" not in render(f"```solidity\n{code}```", LIGHT).split("<pre>")[1]


def test_only_web_and_mail_links_are_opened(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(target: QUrl) -> bool:
        opened.append(target.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    view = MarkdownView(theme)
    qtbot.addWidget(view)
    for target in ("https://vln.gg", "file:///etc/passwd", "smb://host/x", "mailto:a@vln.gg"):
        view.anchorClicked.emit(QUrl(target))
    assert opened == ["https://vln.gg", "mailto:a@vln.gg"]


def test_the_preview_follows_what_is_typed(theme: Theme, qtbot: QtBot) -> None:
    editor = MarkdownEditor(theme)
    qtbot.addWidget(editor)
    editor.set_text("# One")
    with qtbot.waitSignal(editor.changed):
        editor.edit.appendPlainText("*two*")
    qtbot.waitUntil(lambda: "two" in editor.preview.toPlainText())
    assert editor.text == "# One\n*two*"
