"""The one road from the program to the person: notices, the connection banner, the crash dialog."""

from __future__ import annotations

import logging
import platform
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QObject, Signal

from vln_desktop import __version__
from vln_desktop.errors import NotPermitted, SessionEnded, Unavailable, VlnError
from vln_desktop.ui.theme import Tone

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """What a notice offers, such as Undo or Retry."""

    text: str
    handler: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that stands in the window's corner and disturbs nobody.

    One that is an error stays until it is closed; others go by themselves.
    """

    text: str
    tone: Tone = Tone.NEUTRAL
    action: NoticeAction | None = None

    @property
    def stays(self) -> bool:
        """Whether it waits to be closed."""
        return self.tone in {Tone.DANGER, Tone.WARNING}


@dataclass(frozen=True, slots=True)
class Outage:
    """The server cannot be reached: what to say and how to try again."""

    text: str
    retry: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Crash:
    """A bug: what a developer needs to find it. No secrets, no personal data of our own making."""

    summary: str
    details: str


class Messages(QObject):
    """Takes what happened and tells the window how to show it."""

    noticed = Signal(object)
    """Carries a Notice."""
    went_down = Signal(object)
    """Carries an Outage: the banner shows."""
    came_back = Signal()
    """The server answers again: the banner goes."""
    crashed = Signal(object)
    """Carries a Crash."""
    alarmed = Signal(str)
    """Something that nobody may overlook: carries the sentence, which stays."""

    def say(self, text: str, tone: Tone = Tone.NEUTRAL, action: NoticeAction | None = None) -> None:
        """Show a notice."""
        self.noticed.emit(Notice(text, tone, action))

    def saved(self, text: str, undo: Callable[[], None] | None = None) -> None:
        """Show that something was done, with Undo where it can be undone."""
        action = NoticeAction(self.tr("Undo"), undo) if undo is not None else None
        self.say(text, Tone.SUCCESS, action)

    def report(self, error: BaseException, retry: Callable[[], None] | None = None) -> None:
        """Tell of an error: expected ones by their sentence, anything else as a bug.

        `retry` is offered where trying again may help. A session's end is told by the cover alone.
        """
        if isinstance(error, SessionEnded):
            log.info("the session has ended")  # the window covers itself: see ui/session
        elif isinstance(error, Unavailable):
            self.went_down.emit(Outage(str(error), retry))
        elif isinstance(error, NotPermitted):
            self.say(self.tr("Not permitted. {reason}").format(reason=error), Tone.WARNING)
        elif isinstance(error, VlnError):
            action = NoticeAction(self.tr("Retry"), retry) if retry is not None else None
            self.say(str(error), Tone.WARNING, action)
        else:
            log.error("a bug", exc_info=error)
            self.crashed.emit(crash_of(error))

    def alarm(self, text: str) -> None:
        """Tell of something that stays in sight until the sign-out."""
        log.warning("alarm: %s", text)
        self.alarmed.emit(text)

    def connected(self) -> None:
        """Tell that the server answers again."""
        self.came_back.emit()


def crash_of(error: BaseException) -> Crash:
    """Describe a bug for the crash dialog."""
    kind = type(error).__name__
    message = str(error).strip()
    summary = f"{kind}: {message.splitlines()[0]}" if message else kind
    trace = "".join(traceback.format_exception(error))
    versions = (
        f"VLN Desktop {__version__}, Python {platform.python_version()}, "
        f"PySide {pyside_version}, {platform.platform()}"
    )
    return Crash(summary, f"{versions}\n\n{trace}")
