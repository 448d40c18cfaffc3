"""What client and firm say to a finding, in order; all of it is printed after the finding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.findings import TEXT_MAX, ClientPosition
from vln_desktop.errors import UserError

_COMMIT = re.compile(r"^[0-9a-f]{7,64}$")


class Party(StrEnum):
    """Who speaks."""

    CLIENT = "client"
    VLN = "vln"


class Channel(StrEnum):
    """How a response came."""

    EMAIL = "email"
    MEETING = "meeting"
    PORTAL = "portal"
    DOCUMENT = "document"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ResponseDraft:
    """A response as it is typed; the text is Markdown.

    A client's may carry the position it takes, which then is the finding's, and the commit that
    mends it; the firm's has neither.
    """

    party: Party
    text: str
    received_on: date
    channel: Channel = Channel.EMAIL
    position: ClientPosition | None = None
    fix_commit: str = ""

    def validate(self, today: date) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        if not self.text.strip():
            raise UserError("Write what was answered.", field="text")
        if "\x00" in self.text:
            raise UserError("The text holds a NUL character, which cannot be stored.", field="text")
        if len(self.text) > TEXT_MAX:
            raise UserError(f"The text is longer than {TEXT_MAX:,} characters.", field="text")
        if self.received_on > today:
            raise UserError("A response cannot come in the future.", field="received_on")
        if self.fix_commit and not _COMMIT.match(self.fix_commit):
            raise UserError(
                "A commit is 7 to 64 digits from 0 to 9 and a to f.", field="fix_commit"
            )
        if self.party is Party.VLN and (self.position is not None or self.fix_commit):
            raise UserError("Only a client takes a position or names a commit.", field="party")


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it is stored."""

    id: UUID
    author_id: UUID
    party: Party
    text: str
    received_on: date
    channel: Channel
    position: ClientPosition | None
    fix_commit: str
