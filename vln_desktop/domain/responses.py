"""What client and firm say to a finding, in order; all of it is printed after the finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.commits import check_commit
from vln_desktop.domain.findings import TEXT_MAX, ClientPosition
from vln_desktop.errors import UserError


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
        check_commit(self.fix_commit, "fix_commit")
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
