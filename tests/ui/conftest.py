"""What window tests share: the offscreen platform and the program's theme."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Open, benches
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
def _no_key_is_held(qapp: QApplication) -> None:
    """Let Qt forget the modifiers of an earlier test's last key: it selects rows by them."""
    QTest.keyClick(QWidget(), Qt.Key.Key_F35)
    assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier


@pytest.fixture(autouse=True)
def _delete_widgets() -> Iterator[None]:
    """Delete now what was closed: outside an event loop Qt would keep it, and style it again."""
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def bench(firm: Firm, theme: Theme, tmp_path: Path, qtbot: QtBot) -> Iterator[Open]:
    """Open the desks of people of the firm by their login, with every service real."""
    with benches(firm, theme, tmp_path, qtbot) as make:
        yield make


@pytest.fixture
def empty_firm(firm: Firm) -> Firm:
    """A firm whose audits have no reports yet, and no round of fix review."""
    for table in ("report_deliveries", "report_versions", "report_comments", "report_sections",
                  "report_findings", "report_allowances", "reports"):  # fmt: skip
        firm.owner.execute(f"ALTER TABLE vln.{table} DISABLE TRIGGER USER".encode())
        firm.owner.execute(f"DELETE FROM vln.{table}".encode())
        firm.owner.execute(f"ALTER TABLE vln.{table} ENABLE TRIGGER USER".encode())
    firm.owner.execute("UPDATE vln.fix_review_rounds SET closed_at = now()")
    firm.owner.execute("ALTER TABLE vln.audit_requests DISABLE TRIGGER USER")
    firm.owner.execute("UPDATE vln.audit_requests SET status = 'in_progress'")
    firm.owner.execute("ALTER TABLE vln.audit_requests ENABLE TRIGGER USER")
    return firm
