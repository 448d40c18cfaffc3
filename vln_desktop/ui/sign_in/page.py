"""The start page: leads through the steps of signing in, in one card.

It holds the door that a right password opened, and closes it when one goes back or ends.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QWidget

from vln_desktop.config import Profile
from vln_desktop.errors import Cancelled, UserError, VlnError
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.sign_in.credentials import CredentialsStep
from vln_desktop.ui.sign_in.gateway import Door, Gateway, Prepared
from vln_desktop.ui.sign_in.memory import PasswordMemory
from vln_desktop.ui.sign_in.step import NARROW, Step
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import GAP, GRID, PAGE_GAP, Theme
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.header import Brand

if TYPE_CHECKING:  # loaded by name, on the task that knocks
    from vln_desktop.domain.sign_in import Enrolment

T = TypeVar("T")

_LATER_STEPS = "vln_desktop.ui.sign_in.steps"
_MARGIN = 2 * PAGE_GAP - GAP


class SignInPage(QWidget):
    """One card, one step at a time; nothing typed is lost on the way back."""

    signed_in = Signal(object)
    """Carries what the gateway returned."""
    titled = Signal(str)
    """Another step shows: carries its title, empty for the first."""
    profiles_asked = Signal()
    """The connection profiles are wanted."""

    def __init__(
        self,
        profiles: Sequence[Profile],
        chosen: Profile,
        gateway: Gateway,
        theme: Theme,
        tasks: TaskRunner,
        messages: Messages,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._gateway = gateway
        self._theme = theme
        self._tasks = tasks
        self._messages = messages
        self._task: Task[Any] | None = None
        self._door: Door | None = None
        self._enrolment: Enrolment | None = None
        self._later: dict[str, Step] = {}
        self._email = ""
        self.first = CredentialsStep(profiles, chosen, theme, self)
        self.memory = PasswordMemory(self.first, gateway, tasks, messages)
        self.step: CredentialsStep | Step = self.first
        self._make_progress()
        self._lay_out()
        self._connect()

    @property
    def chosen(self) -> Profile:
        """The profile that is chosen now."""
        return self.first.chosen

    @property
    def ready(self) -> bool:
        """Whether the first step shows and takes input."""
        return self.step is self.first and self.first.enter.isEnabled()

    @property
    def fault(self) -> str:
        """What is wrong in the step that shows; empty if nothing is."""
        return self.step.fault

    def prepare(self) -> None:
        """Get the chosen profile's server ready; while it starts, progress shows and one types."""
        if self._task is not None:
            self._task.cancel()
        profile = self.chosen
        self.first.show_profile()
        self.first.say("")
        self.first.set_starting(True)
        self._show_busy(
            self.tr("Starting the database…") if profile.embedded else self.tr("Getting ready…")
        )

        def work(context: TaskContext) -> Prepared:
            return self._gateway.prepare(profile, context)

        self._run(work, self._prepared, self._not_prepared, title=self.tr("Starting"))

    def sign_in_as(self, email: str) -> None:
        """Sign in as one of the demo's people."""
        self._ask(
            lambda context: self._gateway.sign_in_demo(self.chosen, email, context),
            self.signed_in.emit,
        )

    def leave(self) -> None:
        """Close the door, if one is open; blocks only for a moment."""
        door, self._door = self._door, None
        if door is not None:
            door.close()

    # ------------------------------------------------------------------ the road

    def _knock(self, email: str, password: str) -> None:
        profile = self.chosen
        if email != self._email:
            self._forget_steps()
        self._email = email

        def work(context: TaskContext) -> Door:
            importlib.import_module(_LATER_STEPS)
            door = self._gateway.knock(profile, email, password, context)
            try:
                context.check()
            except Cancelled:
                door.close()
                raise
            return door

        self._ask(work, self._admitted)

    def _admitted(self, door: Door) -> None:
        self._door = door
        state = door.state
        if not state.second_factor:
            self._go_back()
            self.first.say(
                self.tr("This is a service login: it works by the command line and has no window.")
            )
        elif state.locked:
            self._go_back()
            self.first.say(
                self.tr("Ten wrong codes: this account is locked. An admin unlocks it under Users.")
            )
        elif state.password_change:
            self._show(self._new_password_step())
        elif not state.enrolled:
            self._show(self._enrol_step())
        else:
            self._show(self._code_step())

    def _change_password(self, password: str) -> None:
        door = self._open_door()

        def work(_context: TaskContext) -> Door:
            door.change_password(password)
            return door

        self._ask(work, self._admitted)

    def _enrol(self, invite: str, code: str) -> None:
        door, enrolment, profile = self._open_door(), self._the_enrolment(), self.chosen

        def work(context: TaskContext) -> object:
            return self._gateway.enrol(profile, door, enrolment, invite, code, context)

        self._ask(work, self._enrolled)

    def _enrolled(self, opened: object) -> None:
        self._door = None  # what was opened owns its connections now
        step = _later().RecoveryStep(self._tasks, self._gateway.save_codes, self._email, self)
        step.codes.show_codes(self._the_enrolment().recovery_codes)
        step.submitted.connect(partial(self._finish, opened))
        self._add("recovery", step)
        self._show(step)

    def _open(self, code: str) -> None:
        door, profile = self._open_door(), self.chosen

        def work(context: TaskContext) -> object:
            return self._gateway.open(profile, door, code, context)

        self._ask(work, self._finish)

    def _finish(self, opened: object) -> None:
        self._door = None
        self.first.password.clear()
        self.memory.keep(opened)
        self.signed_in.emit(opened)

    def _go_back(self) -> None:
        """Leave through the door that was opened; what was typed stays."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        door, self._door = self._door, None
        if door is not None:
            self._tasks.run(self._messages, lambda _context: door.close(), None)
        self._show(self.first)

    # ------------------------------------------------------------------ the steps

    def _new_password_step(self) -> Step:
        if "password" not in self._later:
            step = _later().NewPasswordStep(self._tasks, self)
            step.pair.use(self._email)
            step.submitted.connect(self._change_password)
            self._add("password", step)
        return self._later["password"]

    def _enrol_step(self) -> Step:
        if "enrol" not in self._later:
            step = _later().EnrolStep(self._theme, self)
            step.enroller.show_enrolment(self._the_enrolment(), self._email)
            step.submitted.connect(self._enrol)
            self._add("enrol", step)
        return self._later["enrol"]

    def _code_step(self) -> Step:
        if "code" not in self._later:
            step = _later().CodeStep(self._theme, self)
            step.show_person(self._open_door().state.name)
            step.submitted.connect(self._open)
            self._add("code", step)
        return self._later["code"]

    def _the_enrolment(self) -> Enrolment:
        """The factor offered to this person: the same after going back, for it may be scanned."""
        if self._enrolment is None:
            self._enrolment = importlib.import_module("vln_desktop.domain.sign_in").new_enrolment()
        return self._enrolment

    def _add(self, name: str, step: Step) -> None:
        step.hide()
        step.back_asked.connect(self._go_back)
        self._later[name] = step
        self._places.addWidget(step)

    def _forget_steps(self) -> None:
        """Let nothing of one person be there when another signs in."""
        for step in self._later.values():
            self._places.removeWidget(step)
            step.deleteLater()
        self._later.clear()
        self._enrolment = None

    def _show(self, step: CredentialsStep | Step) -> None:
        self._show_form()
        self.step.hide()
        self.step = step
        width = step.width_wanted if isinstance(step, Step) else NARROW
        self._card.setFixedWidth(width)
        self._brand.setFixedWidth(width)
        step.show()
        step.begin()
        self.titled.emit(step.title)

    # ------------------------------------------------------------------ tasks

    def _open_door(self) -> Door:
        if self._door is None:
            raise RuntimeError("a step went on without a door")
        return self._door

    def _ask(self, work: Callable[[TaskContext], T], done: Callable[[T], None]) -> None:
        """Ask the gateway; a refusal shows in the step that asked."""
        self.step.say("")
        self.step.set_busy(True)
        self._show_busy(self.tr("Signing in…"))

        def answered(answer: T) -> None:
            self._show_form()
            done(answer)

        self._run(work, answered, self._refused)

    def _run(
        self,
        work: Callable[[TaskContext], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        *,
        title: str | None = None,
    ) -> None:
        def finish(answer: T) -> None:
            self._task = None
            done(answer)

        self._task = self._tasks.run(self, work, finish, failed, title=title)

    def _refused(self, error: Exception) -> None:
        self._task = None
        self._show_form()
        if isinstance(error, UserError):
            self.step.refuse(error)
        elif isinstance(error, VlnError):
            self.step.say(str(error))
        else:
            self._messages.report(error)
        self.memory.look()

    def _prepared(self, prepared: Prepared) -> None:
        self._show_form()
        self.first.show_prepared(prepared)
        self.memory.look()

    def _not_prepared(self, error: Exception) -> None:
        self._show_form()
        self.first.enter.setEnabled(False)
        self.retry.show()
        if isinstance(error, VlnError):
            self.first.say(str(error))
        else:
            self.first.say(self.tr("The database could not be started."))
            self._messages.report(error)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._show_form()
        self.step.say(self.tr("Stopped."))
        if self.step is self.first:
            self.retry.show()

    # ------------------------------------------------------------------ looks

    def _show_busy(self, text: str) -> None:
        self._busy_text.setText(text)
        self._bar.setRange(0, 0)
        self._busy.show()
        self.retry.hide()
        self._tasks.changed.connect(self._show_progress, Qt.ConnectionType.UniqueConnection)

    def _show_progress(self) -> None:
        if self._task is None or not self._task.running:
            return
        progress = self._task.progress
        if progress.text:
            self._busy_text.setText(progress.text)
        if progress.fraction is not None:
            self._bar.setRange(0, 100)
            self._bar.setValue(round(progress.fraction * 100))

    def _show_form(self) -> None:
        self._busy.hide()
        self.step.set_busy(False)

    def _connect(self) -> None:
        self.first.profiles_asked.connect(self.profiles_asked)
        self.first.profile.currentIndexChanged.connect(self.prepare)
        self.first.submitted.connect(self._knock)
        self.first.demo_chosen.connect(self.sign_in_as)
        self._stop.clicked.connect(self._cancel)
        self.retry.clicked.connect(self.prepare)

    def _make_progress(self) -> None:
        self.retry = button(self.tr("Try again"), parent=self)
        self.retry.hide()
        self._busy = QWidget(self)
        self._busy_text = label("", "small", parent=self._busy)
        self._bar = QProgressBar(self._busy)
        self._bar.setTextVisible(False)
        self._stop = button(self.tr("Stop"), "link", parent=self._busy)
        self._busy.setLayout(
            column([row([self._busy_text, None, self._stop]), self._bar], gap=GRID)
        )
        self._busy.hide()

    def _lay_out(self) -> None:
        self._card = QFrame(self)
        self._card.setProperty("kind", "card")
        self._card.setFixedWidth(NARROW)
        self._places = column([self.first], gap=0)
        self._card.setLayout(
            column([self._places, self.retry, self._busy], gap=GAP, margins=_MARGIN)
        )
        self._brand = Brand(self._theme, self)
        self._brand.setFixedWidth(NARROW)
        middle = QWidget(self)
        middle.setProperty("kind", "clear")
        inner = column([None, self._brand, self._card, None], gap=GAP)
        middle.setLayout(row([None, inner, None], gap=0, margins=PAGE_GAP))
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(middle)
        self.setLayout(column([scroll], gap=0))


def _later() -> Any:
    """Return the module of the later steps, which the task that knocked has imported."""
    return importlib.import_module(_LATER_STEPS)
