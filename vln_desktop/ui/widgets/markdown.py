"""Markdown, shown safely: raw HTML is text, nothing is loaded, code is highlighted.

Findings hold text from scanners, clients and strangers; none of it may reach out of the program.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QColor, QDesktopServices, QFont, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSplitter, QTextBrowser, QTextEdit, QWidget

from vln_desktop.ui.theme import CODE_FAMILY, Theme, Tokens
from vln_desktop.ui.widgets.controls import column
from vln_desktop.ui.widgets.grid_cells import words_pattern

_OPENED_OUTSIDE = frozenset({"http", "https", "mailto"})
_PREVIEW_DELAY_MS = 200
_LONGEST_HIGHLIGHTED = 40_000
_MOST_HITS = 300


def render(text: str, tokens: Tokens) -> str:
    """Return Markdown as the harmless HTML that Qt shows, in a palette's colours."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable(["table", "strikethrough"])
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("table_open", _table)
    parser.add_render_rule("th_open", _cell)
    parser.add_render_rule("td_open", _cell)
    body: str = parser.render(text, {"tokens": tokens})
    return f"<html><head><style>{_style(tokens)}</style></head><body>{body}</body></html>"


def code_html(code: str, language: str, tokens: Tokens) -> str:
    """Return highlighted code as HTML of its own; an unknown language is plain."""
    style = "github-dark" if tokens.dark else "default"
    try:
        if len(code) > _LONGEST_HIGHLIGHTED:
            raise ClassNotFound(language)
        lexer = get_lexer_by_name(language)
        formatter = HtmlFormatter(noclasses=True, nowrap=True, style=style)
        inner = highlight(code, lexer, formatter)
    except ClassNotFound:
        inner = html.escape(code)
    return (
        f'<table width="100%" cellspacing="0" cellpadding="8" bgcolor="{tokens.sunken}" '
        f'style="margin-top: 8px; margin-bottom: 8px"><tr><td>'
        f"<pre>{inner.rstrip()}</pre></td></tr></table>"
    )


def _code(
    _renderer: object, tokens: Sequence[Token], at: int, _options: object, env: dict[str, Any]
) -> str:
    token = tokens[at]
    language = token.info.strip().split(" ")[0] if token.info else ""
    return code_html(token.content, language, env["tokens"])


def _image(
    _renderer: object, tokens: Sequence[Token], at: int, _options: object, _env: object
) -> str:
    """An image is named, not loaded."""
    token = tokens[at]
    words = html.escape(token.content or str(token.attrGet("src") or ""))
    return f"<i>[{words}]</i>"


def _table(
    _renderer: object, _tokens: Sequence[Token], _at: int, _options: object, env: dict[str, Any]
) -> str:
    """A table's lines are its ground, seen between the cells: Qt draws borders unevenly."""
    return (
        f'<table cellspacing="1" cellpadding="4" bgcolor="{env["tokens"].line_strong}" '
        'style="margin-top: 8px; margin-bottom: 8px">'
    )


def _cell(
    _renderer: object, tokens: Sequence[Token], at: int, _options: object, env: dict[str, Any]
) -> str:
    token = tokens[at]
    right = ' align="right"' if "right" in str(token.attrGet("style") or "") else ""
    return f'<{token.tag} bgcolor="{env["tokens"].base}"{right}>'


def _style(tokens: Tokens) -> str:
    return (
        f"body, p, li, td, th {{ color: {tokens.text}; }}"
        f"h1 {{ font-size: large; }} h2, h3, h4 {{ font-size: medium; }}"
        f"a {{ color: {tokens.accent}; }}"
        f"code, pre {{ font-family: '{CODE_FAMILY}'; font-size: small; }}"
        f"code {{ background-color: {tokens.sunken}; }}"
        f"blockquote {{ color: {tokens.text_dim}; }}"
    )


class MarkdownView(QTextBrowser):
    """Shows Markdown; links open in the system's browser, and say where they lead."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._markdown = ""
        self._hits: re.Pattern[str] | None = None
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setProperty("kind", "reading")
        self.setAccessibleName(self.tr("Text"))
        self.anchorClicked.connect(self._open)
        self.highlighted.connect(self._tell_target)
        theme.changed.connect(self._render)

    def show_markdown(self, text: str) -> None:
        """Show a text, from its beginning if it is another one."""
        if text != self._markdown:
            self._markdown = text
            self._render()

    def mark(self, words: Sequence[str]) -> None:
        """Mark the words that were searched for, as far as the text holds them."""
        self._hits = words_pattern(words)
        self._mark_hits()

    def _mark_hits(self) -> None:
        found: list[QTextEdit.ExtraSelection] = []
        if self._hits is not None:
            ground = QColor(self._theme.tokens.warning.fill)
            for hit in islice(self._hits.finditer(self.document().toPlainText()), _MOST_HITS):
                mark = QTextEdit.ExtraSelection()
                mark.cursor = QTextCursor(self.document())
                mark.cursor.setPosition(hit.start())
                mark.cursor.setPosition(hit.end(), QTextCursor.MoveMode.KeepAnchor)
                mark.format.setBackground(ground)
                found.append(mark)
        self.setExtraSelections(found)

    def loadResource(self, _type: int, _name: QUrl | str) -> object:
        """Load nothing: a text must not tell anybody that it was read."""
        return None

    def _render(self) -> None:
        place = self.verticalScrollBar().value()
        self.setHtml(render(self._markdown, self._theme.tokens))
        self._spell_code_out()
        self._mark_hits()
        self.verticalScrollBar().setValue(place)

    def _spell_code_out(self) -> None:
        """Show code sign by sign: the font would draw `>=` or `!=` as one."""
        block = self.document().begin()
        while block.isValid():
            part = block.begin()
            while not part.atEnd():
                fragment = part.fragment()
                part += 1
                form = fragment.charFormat()
                if CODE_FAMILY in (form.fontFamilies() or ()):
                    font = form.font()
                    font.setFeature(QFont.Tag("calt"), 0)
                    form.setFont(font)
                    cursor = QTextCursor(self.document())
                    cursor.setPosition(fragment.position())
                    end = fragment.position() + fragment.length()
                    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
                    cursor.setCharFormat(form)
            block = block.next()

    def _open(self, target: QUrl) -> None:
        if target.scheme() in _OPENED_OUTSIDE:
            QDesktopServices.openUrl(target)

    def _tell_target(self, target: QUrl) -> None:
        self.setToolTip(target.toDisplayString())


class MarkdownEditor(QWidget):
    """Markdown as it is typed, beside how it will look."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QPlainTextEdit(self)
        self.edit.setFont(theme.code_font())
        self.edit.setAccessibleName(self.tr("Markdown"))
        self.preview = MarkdownView(theme, self)
        self.preview.setAccessibleName(self.tr("Preview"))
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.addWidget(self.edit)
        self._splitter.addWidget(self.preview)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setSizes([1, 1])
        self.setLayout(column([self._splitter], gap=0))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PREVIEW_DELAY_MS)
        self._pause.timeout.connect(self._show)
        self.edit.textChanged.connect(self._typed)
        self.setFocusProxy(self.edit)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Replace the text and forget what could be undone."""
        self.edit.setPlainText(text)
        self._show()

    def _typed(self) -> None:
        self._pause.start()
        self.changed.emit()

    def _show(self) -> None:
        self._pause.stop()
        self.preview.show_markdown(self.text)
