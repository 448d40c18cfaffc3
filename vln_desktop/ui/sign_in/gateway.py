"""What the start page asks of the layers below it. Light: nothing of the database is imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vln_desktop.config import Profile
from vln_desktop.domain.permissions import Role
from vln_desktop.ui.tasks import TaskContext

if TYPE_CHECKING:  # hashes and random numbers are needed once somebody has typed a password
    from vln_desktop.domain.sign_in import Enrolment, SignInState


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One person of the demo database; the password stays with the gateway."""

    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Prepared:
    """A profile whose server runs: who signed in last, and the demo's people if it is one."""

    last_email: str = ""
    demo: tuple[DemoSignIn, ...] = ()


class Remembrance(Protocol):
    """Whether this machine remembers somebody's password."""

    @property
    def kept(self) -> bool:
        """It does."""

    @property
    def fault(self) -> str:
        """Why it cannot remember any; empty if it can."""


class Door(Protocol):
    """A login whose password was right: what it must still do before a session opens."""

    @property
    def state(self) -> SignInState:
        """Who knocked, and what is still to be done."""

    def change_password(self, new: str) -> None:
        """Replace the first password; UserError names "new_password". Blocks."""

    def close(self) -> None:
        """Leave without a session. Blocks."""


class Gateway(Protocol):
    """The way to the servers; every method blocks and runs on a task's thread.

    The road is `knock`, then the door's `change_password` and `enrol` as far as its state asks for
    them, or `open`; the last two return what the window enters. Each raises UserError, whose
    `field` is "email", "password", "new_password", "invite" or "code", or Unavailable.
    """

    def prepare(self, profile: Profile, context: TaskContext) -> Prepared:
        """Start the profile's server if it is an embedded one, telling progress."""

    def knock(self, profile: Profile, email: str, password: str, context: TaskContext) -> Door:
        """Check a password; an empty one stands for the one that this machine remembers."""

    def open(self, profile: Profile, door: Door, code: str, context: TaskContext) -> object:
        """Open a session with a code, and all that the window needs."""

    def enrol(
        self,
        profile: Profile,
        door: Door,
        enrolment: Enrolment,
        invite: str,
        code: str,
        context: TaskContext,
    ) -> object:
        """Set up the second factor and open the first session."""

    def save_codes(self, path: Path, text: str) -> None:
        """Write recovery codes into a file that only its owner may read."""

    def sign_in_demo(self, profile: Profile, email: str, context: TaskContext) -> object:
        """Open a demo database as one of its people."""

    def remembrance(self, profile: Profile, email: str) -> Remembrance:
        """Tell whether a password is remembered, or why none can be."""

    def remember(self, profile: Profile, opened: object) -> None:
        """Keep the password of who just signed in; UserError if this machine cannot."""

    def forget(self, profile: Profile, email: str) -> None:
        """Forget a person's password."""
