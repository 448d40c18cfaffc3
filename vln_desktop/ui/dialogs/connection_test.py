"""Tests the way to a profile's server, step by step, and says what would help where it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QScrollArea, QWidget

from vln_desktop.config import Profile
from vln_desktop.domain.checks import Check, State
from vln_desktop.errors import VlnError
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import GAP, WIDE_GAP, Theme, Tone
from vln_desktop.ui.widgets.controls import IconLabel, button, label, row, selectable
from vln_desktop.ui.widgets.fields import Field

Walk = Callable[[Profile, str, str], Iterator[Check]]
"""Walks to a profile's server, as somebody (e-mail, password) or as nobody; runs on a thread."""

_WIDTH = 620
_ICON = 18
_NAME_WIDTH = 132
_ROOM = 300
_MARKS = {
    State.WELL: (Glyph.DONE, Tone.SUCCESS),
    State.DOUBTFUL: (Glyph.WARNING, Tone.WARNING),
    State.BROKEN: (Glyph.ERROR, Tone.DANGER),
}
_N = QT_TRANSLATE_NOOP
_NAMES = {
    "name": _N("Step", "Name"),
    "port": _N("Step", "Port"),
    "socket": _N("Step", "Socket"),
    "TLS": _N("Step", "Encryption"),
    "server": _N("Step", "Server"),
    "sign-in": _N("Step", "Sign-in"),
    "pooler": _N("Step", "Pooler"),
    "round trip": _N("Step", "Round trip"),
    "clock": _N("Step", "Clock"),
    "direct": _N("Step", "Direct address"),
}


def step_name(name: str) -> str:
    """Return how a step is called; those on the way to the server's own address say so."""
    bare = name.removeprefix("direct: ")
    word = QCoreApplication.translate("Step", str(_NAMES.get(bare, bare)))
    if bare == name:
        return word
    return QCoreApplication.translate("Step", "Direct: {step}").format(step=word.lower())


class ConnectionTestPanel(Overlay):
    """One profile's way to its server; the first look begins at once, as nobody."""

    def __init__(
        self,
        profile: Profile,
        walk: Walk,
        theme: Theme,
        tasks: TaskRunner,
        window: QWidget,
        *,
        email: str = "",
    ) -> None:
        super().__init__(window, _WIDTH)
        self._profile = profile
        self._walk = walk
        self._theme = theme
        self._tasks = tasks
        self._task: Task[None] | None = None
        self._found: list[Check] = []
        self._shown = 0
        title = self.tr("Test of “{name}”").format(name=profile.name)
        self.email = QLineEdit(email, self.panel)
        self.email.setPlaceholderText("name@vln.gg")
        self.password = QLineEdit(self.panel)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.go = button(self.tr("Test as this person"), "primary", parent=self.panel)
        self.close_button = button(self.tr("Close"), parent=self.panel)
        self.told = label("", "dim", wrap=True, parent=self.panel)
        self._lay_out(title)
        self.go.clicked.connect(self.test_as_person)
        self.password.returnPressed.connect(self.test_as_person)
        self.close_button.clicked.connect(self.close_panel)
        self.closed.connect(self._stop)
        tasks.changed.connect(self._show_found)

    def _lay_out(self, title: str) -> None:
        self._page = QWidget(self.panel)
        self._page.setProperty("kind", "clear")
        self._steps = QGridLayout(self._page)
        self._steps.setContentsMargins(0, 0, 0, 0)
        self._steps.setHorizontalSpacing(GAP)
        self._steps.setVerticalSpacing(GAP)
        self._steps.setColumnStretch(2, 1)
        self._area = QScrollArea(self.panel)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._page)
        self._area.setMinimumHeight(_ROOM)
        hint = self.tr("Version, pooler and clock show only to somebody who signs in. "
                       "The password is used for this test and kept nowhere.")  # fmt: skip
        self.content.setSpacing(WIDE_GAP)
        self.content.addWidget(label(title, "title", wrap=True, parent=self.panel))
        self.content.addWidget(self._area, 1)
        self.content.addWidget(self.told)
        self.content.addLayout(
            row([
                Field(self.tr("E-mail"), self.email, self.panel),
                Field(self.tr("Password"), self.password, self.panel),
            ], gap=WIDE_GAP)
        )  # fmt: skip
        self.content.addWidget(label(hint, "small", wrap=True, parent=self.panel))
        self.content.addLayout(row([None, self.close_button, self.go]))

    def open(self) -> None:
        """Show the panel and walk as nobody."""
        super().open()
        self.test("", "")
        self.email.setFocus()

    def test_as_person(self) -> None:
        """Walk as the person who is typed in; without a whole one the missing field gets focus."""
        if not self.email.text().strip():
            self.email.setFocus()
        elif not self.password.text():
            self.password.setFocus()
        else:
            self.test(self.email.text(), self.password.text())

    def test(self, email: str, password: str) -> None:
        """Walk to the server; steps show as they are taken."""
        self._stop()
        self._clear()
        found: list[Check] = []
        self._found = found
        profile, walk = self._profile, self._walk

        def work(context: TaskContext) -> None:
            for check in walk(profile, email, password):
                context.check()
                found.append(check)
                context.progress(None, check.name)

        self.told.setText(self.tr("Testing…"))
        self._task = self._tasks.run(
            self, work, self._done, self._failed, title=self.tr("Testing the connection")
        )

    @property
    def steps(self) -> tuple[Check, ...]:
        """The steps that are shown."""
        return tuple(self._found[: self._shown])

    def _done(self, _nothing: None) -> None:
        self._show_found()
        states = {check.state for check in self._found}
        if State.BROKEN in states:
            text = self.tr("The connection does not work yet: see what failed above.")
        elif State.DOUBTFUL in states:
            text = self.tr("The connection works; something deserves a look.")
        else:
            text = self.tr("All is well.")
        self.told.setText(text)

    def _failed(self, error: Exception) -> None:
        self._show_found()
        if isinstance(error, VlnError):
            self.told.setText(str(error))
        else:
            self.told.setText(self.tr("The test itself failed."))
            self._tasks.failed.emit(error)

    def _show_found(self) -> None:
        for check in self._found[self._shown :]:
            self._show(check)

    def _show(self, check: Check) -> None:
        glyph, tone = _MARKS[check.state]
        name = label(step_name(check.name), parent=self._page)
        name.setMinimumWidth(_NAME_WIDTH)
        said = selectable(label(check.said, "dim", wrap=True, parent=self._page))
        said.setAccessibleName(f"{name.text()}: {check.state.value}: {check.said}")
        mark = IconLabel(self._theme, glyph, _ICON, tone, self._page)
        at = self._shown
        top = Qt.AlignmentFlag.AlignTop
        self._steps.setRowStretch(at, 0)
        self._steps.addWidget(mark, at, 0, top)
        self._steps.addWidget(name, at, 1, top)
        self._steps.addWidget(said, at, 2)
        self._steps.setRowStretch(at + 1, 1)
        self._shown += 1

    def _clear(self) -> None:
        self._shown = 0
        while (item := self._steps.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def close_panel(self) -> None:
        """Close, and forget the password."""
        self.password.clear()
        super().close_panel()

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
