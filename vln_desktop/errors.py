"""The errors a person may see; anything else that is raised is a bug."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class VlnError(Exception):
    """Base of every expected error; `str(error)` is one clear sentence for people."""


class UserError(VlnError):
    """What was asked for or typed cannot be done; the sentence says why and what would help.

    `field` names the input it belongs to, if it is one input.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotPermitted(VlnError):
    """The signed-in person lacks a right (SQLSTATE 42501); the sentence names the right."""


class Unavailable(VlnError):
    """The server cannot be reached or is too busy; trying again later may work."""


class SessionEnded(VlnError):
    """The session was revoked or has expired: nothing can be read or saved before a new sign-in.

    `source` is the database whose session it was: another one may be open by now.
    """

    def __init__(self, message: str, source: object = None) -> None:
        super().__init__(message)
        self.source = source


class ConfirmationNeeded(VlnError):
    """A sensitive act asks for the second factor again; confirm and repeat it."""


class Cancelled(VlnError):
    """The person cancelled the work; nothing was changed and nothing needs to be said."""


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One field that two people changed: what both started from, mine, and what is stored now."""

    field: str
    base: Any
    mine: Any
    theirs: Any


@dataclass
class Conflict(VlnError):
    """Somebody else saved the same record first; nothing was overwritten.

    `fields` holds the fields both changed (empty: the record changed elsewhere or is gone);
    `version` is the record's version now, None if it was deleted.
    """

    message: str
    fields: tuple[FieldConflict, ...] = field(default=())
    version: int | None = None

    def __str__(self) -> str:
        return self.message
