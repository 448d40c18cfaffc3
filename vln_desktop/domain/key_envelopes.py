"""Envelopes: a data key wrapped for one person's key pair, or for the offline recovery key.

X25519 (RFC 7748) between a one-time key and the holder's public key, HKDF-SHA256 over it, and
AES-256-GCM around the data key: 92 bytes. Key id and holder are bound in, so an envelope opens only
as what it was made for.

The server's keeper could put a public key of his own in place of a colleague's. Against that, who
lets somebody in compares fingerprints, and vouches for the public key: a code that only holders of
the data key can make. A rotation wraps the next key only for holders whose code is right.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vln_desktop.domain.field_encryption import KEY_BYTES, derived
from vln_desktop.errors import UserError

ENVELOPE_BYTES = 92
_NONCE = 12
_CHECKSUM = 3
_GROUP = 4
_FINGERPRINT = 10
_RECOVERY = b"recovery"
_MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})
"""Digits that base 32 does not have, and the letters they were misread from."""


def new_data_key() -> bytes:
    """Return a fresh random data key."""
    return secrets.token_bytes(KEY_BYTES)


def new_private_key() -> bytes:
    """Return the private half of a fresh key pair, 32 bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public_half(private_key: bytes) -> bytes:
    """Return the public half of a private key, 32 bytes."""
    return X25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def fingerprint(public_key: bytes) -> str:
    """Return a public key as people compare it: five groups of four hexadecimal digits."""
    return _grouped(sha256(public_key).hexdigest()[: 2 * _FINGERPRINT].upper(), " ")


def wrap(data_key: bytes, key_id: int, holder: UUID | None, public_key: bytes) -> bytes:
    """Return a data key's envelope for a holder (None: the recovery key).

    Raises UserError for bytes that are no usable public key.
    """
    one_time = X25519PrivateKey.generate()
    sent = one_time.public_key().public_bytes_raw()
    nonce = secrets.token_bytes(_NONCE)
    cipher = _cipher(one_time, public_key, sent + public_key, key_id, holder)
    return sent + nonce + cipher.encrypt(nonce, data_key, None)


def unwrap(envelope: bytes, key_id: int, holder: UUID | None, private_key: bytes) -> bytes:
    """Return the data key in an envelope; UserError if it is for another key, or was changed."""
    sent, nonce, sealed = envelope[:KEY_BYTES], envelope[KEY_BYTES:][:_NONCE], envelope[44:]
    own = X25519PrivateKey.from_private_bytes(private_key)
    try:
        if len(envelope) != ENVELOPE_BYTES:
            raise InvalidTag
        bound = sent + own.public_key().public_bytes_raw()
        return _cipher(own, sent, bound, key_id, holder).decrypt(nonce, sealed, None)
    except InvalidTag as error:
        raise UserError(f"The envelope of key {key_id} does not open with this key.") from error


def vouch(data_key: bytes, key_id: int, holder: UUID | None, public_key: bytes) -> bytes:
    """Return the code by which holders of a data key know a holder's public key as let in."""
    told = bytes((key_id,)) + _name(holder) + public_key
    return hmac.digest(derived(data_key, "vouch"), told, "sha256")


def vouched(
    code: bytes, data_key: bytes, key_id: int, holder: UUID | None, public_key: bytes
) -> bool:
    """Tell whether a holder of the data key vouched for this public key."""
    return hmac.compare_digest(code, vouch(data_key, key_id, holder, public_key))


def recovery_text(private_key: bytes) -> str:
    """Return a recovery key as people print it: 14 groups of 4 letters and digits.

    Base 32 (RFC 4648) of the key and three bytes of its SHA-256, by which a slip of the pen is
    noticed.
    """
    data = private_key + sha256(private_key).digest()[:_CHECKSUM]
    return _grouped(base64.b32encode(data).decode(), "-")


def read_recovery(text: str) -> bytes:
    """Return the key that was printed; spaces, hyphens and case do not count.

    Raises UserError (field "recovery") if a letter is missing or wrong.
    """
    letters = "".join(text.split()).replace("-", "").upper().translate(_MISREAD)
    try:
        data = base64.b32decode(letters)
    except (binascii.Error, ValueError):
        data = b""
    key, check = data[:KEY_BYTES], data[KEY_BYTES:]
    if len(check) != _CHECKSUM or sha256(key).digest()[:_CHECKSUM] != check:
        raise UserError(
            "This is not a recovery key: 14 groups of 4 letters and digits, and one is wrong.",
            field="recovery",
        )
    return key


def _cipher(
    own: X25519PrivateKey, public_key: bytes, salt: bytes, key_id: int, holder: UUID | None
) -> AESGCM:
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError as error:  # a wrong length, or a point that would make the secret public
        raise UserError("This public key cannot be used.") from error
    info = b"vln key envelope" + bytes((key_id,)) + _name(holder)
    key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(shared)
    return AESGCM(key)


def _name(holder: UUID | None) -> bytes:
    return _RECOVERY if holder is None else holder.bytes


def _grouped(text: str, between: str) -> str:
    return between.join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))
