"""The window's top line: where one is, the way to everything, and who is signed in."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from vln_desktop.config import Environment
from vln_desktop.domain.permissions import Role
from vln_desktop.ui.commands import CommandRegistry, native_shortcut
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.theme import GAP, PAGE_GAP, WIDE_GAP, Size, Theme
from vln_desktop.ui.widgets.chip import Chip, look_of
from vln_desktop.ui.widgets.controls import WideButton, label, row
from vln_desktop.ui.workbench import SignedIn

_HEIGHT = 44
_STRIPE = 2
_SEARCH_WIDTH = 400
USER_MENU = (
    "view.follow_system",
    "view.light",
    "view.dark",
    "",
    "view.larger_text",
    "view.smaller_text",
    "view.density",
    "",
    "help.shortcuts",
    "help.about",
    "",
    "window.new",
    "profiles.edit",
    "session.keys",
    "",
    "session.account",
    "session.lock",
    "session.sign_out",
)


class Header(QWidget):
    """Environment, search field and the person's menu; a stripe in the environment's colour."""

    search_asked = Signal()

    def __init__(
        self,
        person: SignedIn,
        profile: str,
        environment: Environment,
        theme: Theme,
        commands: CommandRegistry,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(_HEIGHT)
        self._theme = theme
        self._look = look_of("environment", environment.value)
        brand = label("VLN", "title", parent=self)
        chip = Chip(theme, self._look, self)
        where = label("" if profile == environment.value else profile, "small", parent=self)
        layout = row([brand, GAP, chip, where, None, self._search(), None], gap=GAP)
        self.bell = self._bell(commands)
        layout.addWidget(self.bell)
        layout.addWidget(self._person(person, commands))
        layout.setContentsMargins(PAGE_GAP, _STRIPE, WIDE_GAP, 0)
        self.setLayout(layout)

    def show_unread(self, count: int) -> None:
        """Show how many mentions wait."""
        self.bell.setText(str(count) if count else "")
        told = self.tr("Mentions: {count} unread").format(count=count)
        self.bell.setToolTip(told)
        self.bell.setAccessibleName(told)
        self.bell.updateGeometry()

    def _bell(self, commands: CommandRegistry) -> QToolButton:
        """Return the way to the mentions; who reads no findings is mentioned in none."""
        bell = WideButton(self._theme, Glyph.BELL, "", self)
        bell.setAccessibleName(self.tr("Mentions"))
        bell.setVisible(commands.action("session.mentions") is not None)
        bell.clicked.connect(partial(commands.run, "session.mentions"))
        return bell

    def _search(self) -> QToolButton:
        search = SearchButton(self._theme, self)
        search.clicked.connect(self.search_asked)
        return search

    def _person(self, person: SignedIn, commands: CommandRegistry) -> QToolButton:
        text = f"{person.name}  ·  {role_name(person.role)}"
        button = WideButton(self._theme, Glyph.PERSON, text, self)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(commands.menu(USER_MENU, button))
        button.setToolTip(person.email)
        button.setAccessibleName(self.tr("{name}: menu").format(name=person.name))
        return button

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        ink = QColor(self._theme.tokens.tone(self._look.tone).ink)
        painter.fillRect(0, 0, self.width(), _STRIPE, ink)
        painter.end()


class SearchButton(WideButton):
    """Looks like the field that it opens, with its keys at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        text = QCoreApplication.translate("SearchButton", "Search or run a command")
        super().__init__(theme, Glyph.SEARCH, text, parent)
        self._keys = native_shortcut("Ctrl+K")
        self.setProperty("kind", "search")
        self.setMinimumWidth(_SEARCH_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def right_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(self._keys) + GAP

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setFont(self._theme.font(Size.SMALL))
        painter.setPen(QColor(self._theme.tokens.text_faint))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(self.rect().adjusted(0, 0, -WIDE_GAP, 0), right, self._keys)
        painter.end()


class Brand(QWidget):
    """The firm's name and what it does, for pages without a header."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = label("VLN", "heading", parent=self)
        name.setFont(theme.font(Size.HEADING, weight=QFont.Weight.Bold))
        what = label("Smart Contract Vulnerability Research Lab", "small", parent=self)
        layout = row([name, what, None], gap=WIDE_GAP)
        layout.setAlignment(what, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(layout)


def role_name(role: Role) -> str:
    """Return a role as people call it."""
    return {Role.READONLY: "read only"}.get(role, role.value)
