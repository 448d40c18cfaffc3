"""What every pane is given: who is signed in, and the services of the window around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right, Role, may
from vln_desktop.errors import ConfirmationNeeded
from vln_desktop.services.views import ViewsService
from vln_desktop.ui.commands import Command, CommandRegistry
from vln_desktop.ui.drafts import Drafts
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.messages import Messages
from vln_desktop.ui.preferences import Preferences
from vln_desktop.ui.tasks import Task, TaskContext, TaskRunner
from vln_desktop.ui.theme import Theme

T = TypeVar("T")


class SignedIn(Protocol):
    """The person at the window."""

    @property
    def user_id(self) -> UUID:
        """Their id."""

    @property
    def email(self) -> str:
        """Their login."""

    @property
    def name(self) -> str:
        """How they are called."""

    @property
    def role(self) -> Role:
        """What they may do."""


@dataclass(frozen=True, slots=True)
class RecordRef:
    """Points to one record, so that a pane can show it which the asker does not know."""

    entity: str
    id: UUID


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record that the palette's search found."""

    ref: RecordRef
    title: str
    detail: str = ""
    icon: Glyph = Glyph.SEARCH


RecordSearch = Callable[[str, TaskContext], list[FoundRecord]]
"""Finds records by number, client, project or title; runs on a thread."""


class Pane(QWidget):
    """One page of the window. A subclass declares its commands and shows its records."""

    selection_told = Signal(str)
    """What is selected, for the status bar."""

    def commands(self) -> list[Command]:
        """The commands of this pane; their shortcuts work inside it."""
        return []

    def equip(self) -> None:
        """Place the pane's commands, which are registered now, on buttons and menus."""

    def reload(self) -> None:
        """Fetch again what is shown; selection and place stay."""

    def show_record(self, id_: UUID) -> None:
        """Select a record and show its details."""

    def unsaved(self) -> str | None:
        """What would be lost if the window closed now, as a sentence; None: nothing."""
        return None


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """A pane as data: it is made when it is first opened.

    `entity` is the kind of record it can show, `watches` the entities whose changes make it
    reload. `count` gives the number beside its name (what waits for this person), on a thread.
    """

    id: str
    title: str
    icon: Glyph
    needs: Right | None
    factory: Callable[[Workbench, QWidget], Pane]
    entity: str = ""
    watches: frozenset[str] = field(default=frozenset())
    count: Callable[[TaskContext], int] | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An act that waits for the code of the second factor; exactly one of the two is called."""

    owner: QObject
    repeat: Callable[[], object]
    give_up: Callable[[], None]


class Workbench(QObject):
    """The signed-in person's surroundings; panes reach each other only through its signals."""

    changed = Signal(object)
    """A write was committed: carries its Changes."""
    others_changed = Signal(object)
    """Somebody else's write was committed: carries its Changes."""
    opening = Signal(object)
    """Some record should be shown: carries its RecordRef."""
    confirming = Signal(object)
    """An act asks for the code again: carries its Confirmation."""

    def __init__(
        self,
        person: SignedIn,
        theme: Theme,
        tasks: TaskRunner,
        messages: Messages,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.person = person
        self.theme = theme
        self.tasks = tasks
        self.messages = messages
        self.preferences = preferences
        self.commands = CommandRegistry(person.role, theme, self)
        self.drafts: Drafts | None = None
        """The draft journal, None where nobody types."""
        self.views: ViewsService | None = None
        """The saved views of every pane, None where there is no server."""

    def may(self, right: Right | None) -> bool:
        """Tell whether the window offers a thing to this person."""
        return may(self.person.role, right)

    def act(
        self,
        owner: QObject,
        work: Callable[[TaskContext], T],
        on_done: Callable[[T], None] | None,
        on_error: Callable[[Exception], None] | None = None,
        *,
        title: str | None = None,
        on_cancelled: Callable[[], None] | None = None,
    ) -> Task[T]:
        """Run a task that changes something: as `tasks.run`, and it may ask for the code again.

        ConfirmationNeeded opens the panel for the code, and after a right one `work` runs again;
        `on_error` gets it only if the person gives up. So every write goes through here, and no
        pane knows which of them the database finds sensitive.
        """

        def give_up(error: Exception) -> None:
            (on_error or self.messages.report)(error)

        def failed(error: Exception) -> None:
            if isinstance(error, ConfirmationNeeded):
                self.confirming.emit(Confirmation(owner, again, partial(give_up, error)))
            else:
                give_up(error)

        def again() -> Task[T]:
            return self.tasks.run(
                owner, work, on_done, failed, title=title, on_cancelled=on_cancelled
            )

        return again()

    def change(self, owner: QObject, work: Callable[[], Changes], said: str) -> Task[Changes]:
        """Do a write that needs no more than a notice: as `act`, then every pane hears of it."""

        def done(changes: Changes) -> None:
            self.publish(changes)
            self.messages.saved(said)

        return self.act(owner, lambda _context: work(), done, self.messages.report)

    def publish(self, changes: Changes) -> None:
        """Tell every pane what a write changed; call it only after COMMIT returned."""
        self.changed.emit(changes)

    def hear(self, changes: Changes) -> None:
        """Tell every pane what somebody else changed."""
        self.others_changed.emit(changes)

    def open(self, ref: RecordRef) -> None:
        """Show a record in whatever pane shows its kind."""
        self.opening.emit(ref)
