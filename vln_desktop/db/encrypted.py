"""The column type of encrypted values, for ORM models and Core statements alike.

It never sees a key: services encrypt and decrypt with the signed-in person's `KeyRing`, because a
value is bound to its row's id, which a column type does not know. What the type gives is that
nothing but a `Ciphertext` of this very column can be written: a plain text is a TypeError before it
reaches the driver.
"""

from __future__ import annotations

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.types import TypeDecorator

from vln_desktop.domain.field_encryption import Ciphertext


class EncryptedText(TypeDecorator[Ciphertext]):
    """Text that the database holds as ciphertext; `place` is the column's "table.column"."""

    impl = BYTEA
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: object, _dialect: Dialect) -> bytes | None:
        """Hand the driver what may be stored; the message must not quote what may not."""
        if value is None:
            return None
        if not isinstance(value, Ciphertext) or value.place != self.place:
            raise TypeError(f"{self.place} takes only what was encrypted for it")
        return value.data

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> Ciphertext | None:
        """Return a stored value with the place it is bound to."""
        return None if value is None else Ciphertext(self.place, bytes(value))
