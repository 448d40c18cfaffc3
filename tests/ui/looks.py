"""Finds what looks broken in a widget tree: clipped texts, missing glyphs, texts out of frame."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics, QRawFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QStyle,
    QTabBar,
    QToolButton,
    QWidget,
)

from vln_desktop.config import resource
from vln_desktop.ui.widgets.detail_tabs import DetailTabs

_TOLERANCE = 1
_ORDINARY_HEIGHT = 18
_PASSES = 3
"""How often events are worked off until nested layouts have settled."""
_BREAKS = re.compile(r"\s+|(?<=[/-])")
"""Where Qt breaks a line."""
_FONTS = ("Inter-Regular.otf", "JetBrainsMono-Regular.ttf", "DejaVuSans.ttf")


@dataclass(frozen=True)
class Flaw:
    """One thing that looks broken."""

    kind: str
    widget: str
    text: str
    details: str = ""


def flaws(root: QWidget) -> list[Flaw]:
    """Return what looks broken in a shown widget and everything visible in it."""
    for _ in range(_PASSES):
        QApplication.processEvents()
    found: list[Flaw] = []
    for widget in (root, *root.findChildren(QWidget)):
        if widget.isVisible():
            found += _clipped(widget)
            found += _out_of_frame(widget, root)
            found += _missing(widget)
    return found


def _clipped(widget: QWidget) -> Iterator[Flaw]:
    """A text that needs more room than its widget has."""
    need = _needed(widget)
    if need is None:
        return
    text, width, height = need
    if width > widget.width() + _TOLERANCE or height > widget.height() + _TOLERANCE:
        yield Flaw(
            "clipped",
            _name(widget),
            text,
            f"needs {width}×{height}, has {widget.width()}×{widget.height()}",
        )


def _needed(widget: QWidget) -> tuple[str, int, int] | None:
    metrics = QFontMetrics(widget.font())
    if isinstance(widget, QLabel) and widget.text() and not widget.text().startswith("<"):
        if widget.wordWrap():
            words = _BREAKS.split(widget.text())
            widest = max(metrics.horizontalAdvance(word) for word in words)
            return widget.text(), widest, widget.heightForWidth(widget.width())
        hint = widget.sizeHint()
        return widget.text(), hint.width(), min(hint.height(), metrics.height())
    if isinstance(widget, QTabBar):
        if widget.usesScrollButtons() and metrics.height() > _ORDINARY_HEIGHT:
            return None  # in large type, tabs may scroll
        tabs = widget.parentWidget()
        if isinstance(tabs, DetailTabs) and tabs.more.isVisible():
            return None  # a menu lists those that do not fit
        shown = sum(widget.tabRect(at).width() for at in range(widget.count()))
        return " ".join(widget.tabText(at) for at in range(widget.count())), shown, 0
    if isinstance(widget, QComboBox) and widget.currentText() and not widget.isEditable():
        arrow = widget.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        text = widget.currentText()
        return text, metrics.horizontalAdvance(text) + arrow, metrics.height()
    texts = (QPushButton, QToolButton, QCheckBox, QRadioButton)
    if isinstance(widget, texts) and _shows_text(widget):
        hint = widget.sizeHint()
        return widget.text(), hint.width(), min(hint.height(), metrics.height() + 2)
    return None


def _shows_text(button: QAbstractButton) -> bool:
    if isinstance(button, QToolButton):
        style = button.toolButtonStyle()
        if style is Qt.ToolButtonStyle.ToolButtonIconOnly and not button.icon().isNull():
            return False
    return bool(button.text())


def _out_of_frame(widget: QWidget, root: QWidget) -> Iterator[Flaw]:
    """A text that reaches beyond its parent or the window, outside a scroll area."""
    if not (isinstance(widget, (QLabel, QAbstractButton)) and widget.text()):
        return
    parent = widget.parentWidget()
    if parent is None or widget is root or _scrolls(widget, root):
        return
    place = QRect(widget.mapTo(root, QPoint(0, 0)), widget.size())
    frame = QRect(parent.mapTo(root, QPoint(0, 0)), parent.size()) if parent is not root else None
    for outer in (frame, root.rect()):
        if outer is not None and not outer.adjusted(-1, -1, 1, 1).contains(place):
            yield Flaw("out of frame", _name(widget), widget.text(), f"{place} not in {outer}")
            return


def _scrolls(widget: QWidget, root: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None and above is not root:
        if isinstance(above, QScrollArea):
            return True
        above = above.parentWidget()
    return False


def _missing(widget: QWidget) -> Iterator[Flaw]:
    """A sign that none of the bundled fonts has."""
    for text in _texts(widget):
        lacking = [sign for sign in text if sign.isprintable() and not _drawn(sign)]
        if lacking:
            yield Flaw("missing glyph", _name(widget), text, " ".join(lacking))


def _texts(widget: QWidget) -> list[str]:
    texts = [widget.toolTip(), widget.windowTitle()]
    if isinstance(widget, (QLabel, QAbstractButton)):
        texts.append(widget.text())
    if isinstance(widget, QTabBar):
        texts += [widget.tabText(at) for at in range(widget.count())]
    if isinstance(widget, QComboBox):
        texts += [widget.itemText(at) for at in range(widget.count())]
    return texts


_RAW: list[QRawFont] = []


def _drawn(sign: str) -> bool:
    if not _RAW:
        _RAW.extend(QRawFont(str(resource(f"fonts/{name}")), 13) for name in _FONTS)
    return any(font.supportsCharacter(ord(sign)) for font in _RAW)


def _name(widget: QWidget) -> str:
    above = widget.parentWidget()
    inside = f" in {type(above).__name__}" if above is not None else ""
    return f"{type(widget).__name__}{inside}"
