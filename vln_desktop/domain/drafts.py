"""Drafts: what was typed into a form and not saved, as it is kept on the person's own machine.

A draft is encrypted with AES-256-GCM under a key derived from a secret that the server gives to a
live session only, and bound to the name of its file: it can be neither read nor put elsewhere by
who copies the folder, nor by a person whose access has ended.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vln_desktop.domain.field_encryption import derived
from vln_desktop.errors import UserError

LONGEST_DRAFT = 4 * 1024 * 1024
"""Bytes of one draft; a finding's texts are at most 200,000 characters each."""

_FORMAT = b"\x01"
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of one form: what stood there when it was opened, and what is typed now.

    `form` is the kind of form, `record` what it is about (None: something new), `title` how a
    person recognises it.
    """

    form: str
    record: UUID | None
    title: str
    base: Mapping[str, str]
    mine: Mapping[str, str]
    saved_at: datetime

    @property
    def key(self) -> str:
        """What one form of one record is known by: its next draft takes the place of this one."""
        return draft_key(self.form, self.record)

    @property
    def changed(self) -> dict[str, str]:
        """The fields that differ from what stood there."""
        return {name: text for name, text in self.mine.items() if self.base.get(name, "") != text}


def draft_key(form: str, record: UUID | None) -> str:
    """Return what the draft of a form is known by."""
    return f"{form}/{record or ''}"


def file_name(key: str) -> str:
    """Return the name of a draft's file, which tells nothing of its record."""
    return f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.draft"


class DraftCipher:
    """Seals and opens the drafts of one person."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(derived(secret, "draft journal"))

    def seal(self, draft: Draft) -> bytes:
        """Return the bytes of a draft's file; raises UserError for a draft that is too long."""
        told = {
            "form": draft.form,
            "record": str(draft.record) if draft.record else None,
            "title": draft.title,
            "base": dict(draft.base),
            "mine": dict(draft.mine),
            "saved_at": draft.saved_at.astimezone(UTC).isoformat(),
        }
        # Escaped, so that half a character, which an editor can hold, is kept as well.
        plain = json.dumps(told, ensure_ascii=True).encode()
        if len(plain) > LONGEST_DRAFT:
            raise UserError("What is typed is too long to be kept as a draft.")
        nonce = secrets.token_bytes(_NONCE)
        name = file_name(draft.key).encode()
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, _FORMAT + name)

    def open(self, name: str, data: bytes) -> Draft | None:
        """Return the draft of a file, None if it is damaged, moved or another person's."""
        nonce, sealed = data[1 : 1 + _NONCE], data[1 + _NONCE :]
        if data[:1] != _FORMAT or len(nonce) < _NONCE:
            return None
        try:
            told = json.loads(self._cipher.decrypt(nonce, sealed, _FORMAT + name.encode()))
            return Draft(
                form=told["form"],
                record=UUID(told["record"]) if told["record"] else None,
                title=told["title"],
                base=told["base"],
                mine=told["mine"],
                saved_at=datetime.fromisoformat(told["saved_at"]),
            )
        except (InvalidTag, ValueError, KeyError, TypeError):
            return None
