"""What window tests share: the offscreen platform and the program's theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from vln_desktop.ui.theme import DEFAULT_FONT, Density, Mode, Theme


@pytest.fixture(scope="session")
def one_theme(qapp: QApplication) -> Theme:
    """The program has one theme; fonts are loaded once."""
    return Theme(qapp)


@pytest.fixture
def theme(one_theme: Theme) -> Iterator[Theme]:
    """The theme in its light palette, put back after the test."""
    one_theme.set_look(Mode.LIGHT, Density.COMPACT, DEFAULT_FONT)
    yield one_theme
    one_theme.set_look(Mode.LIGHT, Density.COMPACT, DEFAULT_FONT)


@pytest.fixture(autouse=True)
def _delete_widgets() -> Iterator[None]:
    """Delete now what was closed: outside an event loop Qt would keep it, and style it again."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
