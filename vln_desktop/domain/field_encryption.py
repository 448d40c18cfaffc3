"""Field encryption: values that only holders of the team's data key can read.

AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce. A stored value is

    0x01 | key id (1 byte) | nonce (12) | ciphertext and tag (16)

and is bound to its first two bytes, to "table.column" and to the id of its row: what was moved to
another column or row is refused like what was changed. The row's id is why `KeyRing.encrypt` is
called by services: a column type sees a value, but never the row it belongs to.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vln_desktop.errors import UserError

FORMAT = 1
"""First byte of every stored value; another format will have another."""
KEY_BYTES = 32
_NONCE = 12
_TAG = 16
OVERHEAD = 2 + _NONCE + _TAG
"""Bytes that a stored value is longer than its text."""

LONGEST_TEXT = 65_536
"""Bytes of UTF-8 that one encrypted value may hold; the columns have the same limit."""

_BLIND_BYTES = 16
_DAMAGED = "This value cannot be decrypted: it was changed, cut off, or moved from where it was."


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """An encrypted value of one column; `place` is "table.column"."""

    place: str
    data: bytes

    @property
    def key_id(self) -> int:
        """The key it was encrypted with, 0 if it is too short to tell."""
        return self.data[1] if len(self.data) > 1 else 0


class KeyRing:
    """The data keys that one person holds, by id; new values take the current one."""

    def __init__(self, keys: Mapping[int, bytes], current: int) -> None:
        self._keys = dict(keys)
        self.current = current
        self._ciphers = {
            key_id: AESGCM(derived(key, "field encryption")) for key_id, key in keys.items()
        }

    @property
    def key_ids(self) -> frozenset[int]:
        """The keys on the ring."""
        return frozenset(self._keys)

    def data_key(self, key_id: int) -> bytes:
        """Return a data key, to be wrapped for somebody; UserError if it is not on the ring."""
        self._require(key_id)
        return self._keys[key_id]

    def encrypt(self, place: str, row: UUID, text: str) -> Ciphertext:
        """Encrypt the text of a column ("table.column") of one row with the current key.

        Raises UserError for half a character, which UTF-8 cannot hold, for more than LONGEST_TEXT,
        and if the current key is not on the ring.
        """
        self._require(self.current)
        try:
            plain = text.encode()
        except UnicodeEncodeError as error:
            raise UserError("The text contains a character that cannot be stored.") from error
        if len(plain) > LONGEST_TEXT:
            raise UserError(f"The text is too long: {LONGEST_TEXT:,} bytes at most.")
        head = bytes((FORMAT, self.current))
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._ciphers[self.current].encrypt(nonce, plain, _bound(head, place, row))
        return Ciphertext(place, head + nonce + sealed)

    def decrypt(self, value: Ciphertext, row: UUID) -> str:
        """Return the text of a stored value of one row.

        Raises UserError if the key is not on the ring, and if the value is not as it was written
        to this column of this row.
        """
        data = value.data
        if len(data) < OVERHEAD or data[0] != FORMAT:
            raise UserError(_DAMAGED)
        self._require(value.key_id)
        head, nonce, sealed = data[:2], data[2 : 2 + _NONCE], data[2 + _NONCE :]
        try:
            plain = self._ciphers[value.key_id].decrypt(
                nonce, sealed, _bound(head, value.place, row)
            )
            return plain.decode()
        except (InvalidTag, UnicodeDecodeError) as error:
            raise UserError(_DAMAGED) from error

    def again(self, value: Ciphertext, row: UUID) -> Ciphertext:
        """Return a stored value encrypted anew with the current key; errors as `decrypt`."""
        return self.encrypt(value.place, row, self.decrypt(value, row))

    def blind_index(self, place: str, text: str) -> bytes:
        """Return 16 bytes by which equal texts of a column are found without decrypting them.

        Case and width of letters do not count (NFKC, lower-case). Exact match only: it tells
        whoever reads the column which rows are equal.
        """
        word = unicodedata.normalize("NFKC", text).lower()
        key = derived(self.data_key(self.current), "blind index")
        return hmac.digest(key, f"{place}\0{word}".encode(), "sha256")[:_BLIND_BYTES]

    def _require(self, key_id: int) -> None:
        if key_id not in self._keys:
            raise UserError(
                f"You do not hold key {key_id} of the team. Somebody who holds it can let you in."
            )


def derived(data_key: bytes, purpose: str) -> bytes:
    """Return the key that a data key gives for one purpose (HKDF-SHA256, RFC 5869)."""
    info = f"vln {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(data_key)


def proof_of(data_key: bytes) -> bytes:
    """Return what proves to the database that one knows a data key; it keeps only the hash."""
    return derived(data_key, "proof of knowledge")


def proof_hash(data_key: bytes) -> bytes:
    """Return what the database keeps of a data key: enough to recognise it, not to find it."""
    return sha256(proof_of(data_key)).digest()


def _bound(head: bytes, place: str, row: UUID) -> bytes:
    return head + row.bytes + place.encode()
