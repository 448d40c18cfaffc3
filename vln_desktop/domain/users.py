"""Members of staff as an admin manages them: how they sign in, what ends when."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError

LONGEST_ADDRESS = 63
"""Bytes: the address is the login's name, and PostgreSQL would cut a longer one silently."""
LONGEST_NAME = 200

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


class StaffState(StrEnum):
    """How an account stands, in one word; the database says which (`vln.staff_state`)."""

    ACTIVE = "active"
    INVITED = "invited"
    UNINVITED = "uninvited"
    """Not enrolled, and the invitation has expired: they need a new one."""
    LOCKED = "locked"
    ENDED = "ended"
    """Past the last day."""
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class StaffAccess:
    """How a person stands with password, codes and sessions; never a secret itself."""

    enrolled: bool
    password_change: bool
    """Whether the next sign-in must change the password first."""
    failures: int
    """Wrong codes since the last right one; ten lock the account."""
    locked: bool
    recovery_codes: int
    """Recovery codes not used yet."""
    invited_until: datetime | None
    sessions: int


@dataclass(frozen=True, slots=True)
class StaffSession:
    """One live sign-in on one machine."""

    id: UUID
    user_id: UUID
    device: str
    created_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """Something about access that happened, such as a refused code; newest first in lists."""

    id: UUID
    kind: str
    at: datetime
    actor_id: UUID | None
    person_id: UUID | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person with a login; `state` and `access` are None where one may not see them."""

    id: UUID
    email: str
    name: str
    role: Role
    active: bool
    access_ends_on: date | None
    last_sign_in_at: datetime | None
    created_at: datetime
    state: StaffState | None = None
    access: StaffAccess | None = None
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an admin hands to a person, once: it is kept nowhere.

    `invite` is None where the second factor stays as it was.
    """

    email: str
    password: str
    invite: str | None


def sort_key_of(name: str) -> str:
    """Return by what a name sorts: last word first, without case and accents.

    Made here, not in the server, which may have no ICU.
    """
    first, _, last = name.rpartition(" ")
    plain = unicodedata.normalize("NFKD", f"{last}, {first}" if first else last).casefold()
    return "".join(char for char in plain if not unicodedata.combining(char))


def clean_address(text: str) -> str:
    """Return a typed e-mail address as logins are named; raises UserError (field "email")."""
    address = text.strip().lower()
    if not _ADDRESS.fullmatch(address) or "\0" in address:
        raise UserError("This is no e-mail address.", field="email")
    if len(address.encode()) > LONGEST_ADDRESS:
        raise UserError(
            f"An address of staff has at most {LONGEST_ADDRESS} bytes: it names the login.",
            field="email",
        )
    return address


def clean_name(text: str) -> str:
    """Return a typed name with single blanks; raises UserError (field "name")."""
    name = " ".join(text.split())
    if not name or "\0" in name:
        raise UserError("Type the person's name.", field="name")
    if len(name) > LONGEST_NAME:
        raise UserError(f"A name has at most {LONGEST_NAME} characters.", field="name")
    return name
