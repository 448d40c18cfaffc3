"""Urgent notices: what a client was told at once, before any report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from vln_desktop.errors import UserError

LONGEST_RECIPIENT = 300
LONGEST_TEXT = 20_000


class NoticeChannel(StrEnum):
    """How a client was told at once."""

    PHONE = "phone"
    EMAIL = "email"
    CHAT = "chat"
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """An urgent notice as it is typed: what the client was told before any report."""

    recipient: str
    channel: NoticeChannel
    told_at: datetime
    text: str
    finding_id: UUID | None = None

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        check_recipient(self.recipient, "Say who was told.")
        if not self.text.strip():
            raise UserError("Say what was told.", field="text")
        if len(self.text) > LONGEST_TEXT or "\x00" in self.text:
            raise UserError(f"It takes at most {LONGEST_TEXT:,} characters.", field="text")


@dataclass(frozen=True, slots=True)
class UrgentNotice:
    """A recorded notice."""

    id: UUID
    draft: NoticeDraft
    recorded_by: UUID


def check_recipient(recipient: str, missing: str) -> None:
    """Raise UserError (field recipient) unless somebody is named, in one line of fair length."""
    name = recipient.strip()
    if not name:
        raise UserError(missing, field="recipient")
    if len(name) > LONGEST_RECIPIENT or not name.isprintable():
        raise UserError(
            f"It takes at most {LONGEST_RECIPIENT} characters of one line.", field="recipient"
        )
