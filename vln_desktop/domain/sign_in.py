"""What a sign-in consists of: its state, why a code is refused, codes and their forms.

The second factor is a time-based one-time password (RFC 6238: SHA-1, six digits, 30 s), checked in
the database. Ten recovery codes replace a lost phone; an invitation lets a newcomer enrol once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError

STEP_S = 30
SECRET_BYTES = 20
RECOVERY_CODES = 10
SHORTEST_PASSWORD = 12
ISSUER = "VLN"

_RECOVERY_BYTES = 10
_INVITE_BYTES = 10

EVENT_KINDS = (
    "sign_in",
    "sign_out",
    "code_refused",
    "locked",
    "unlocked",
    "password_changed",
    "password_reset",
    "second_factor_enrolled",
    "second_factor_reset",
    "recovery_code_used",
    "recovery_codes_renewed",
    "session_revoked",
    "staff_created",
    "staff_renamed",
    "role_changed",
    "access_end_set",
    "disabled",
    "enabled",
    "access_granted",
    "access_ended",
    "break_glass",
    "exported",
    "viewed",
    "log_alarm",
)
"""What the table of security events tells of."""


class Refusal(StrEnum):
    """Why no session was opened, as the database says it."""

    WRONG = "wrong"
    USED = "used"
    LOCKED = "locked"
    INVITE = "invite"
    PASSWORD_CHANGE = "password_change"  # noqa: S105 - a word, not a password
    NOT_ENROLLED = "not_enrolled"


_SENTENCES = {
    Refusal.WRONG: "This code is not right. If it should be, check the clock of your phone.",
    Refusal.USED: "This code was used already; wait for the next one.",
    Refusal.LOCKED: "Ten wrong codes: the account is locked until an admin unlocks it.",
    Refusal.INVITE: "This invitation code is not right, was used already or has expired.",
    Refusal.PASSWORD_CHANGE: "The first password must be changed; sign in once in the window.",
    Refusal.NOT_ENROLLED: "The second factor is not set up yet; sign in once in the window.",
}


def refusal_error(refused: str) -> UserError:
    """Return what to say about a refusal; `field` is "code" or "invite"."""
    refusal = Refusal(refused)
    field = "invite" if refusal is Refusal.INVITE else "code"
    return UserError(_SENTENCES[refusal], field=field)


@dataclass(frozen=True, slots=True)
class SignInState:
    """Who knocks, and what is still to be done before a session opens."""

    id: UUID
    email: str
    name: str
    role: Role
    second_factor: bool
    """Whether this login needs a code at all: service logins do not."""
    password_change: bool
    enrolled: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new second factor before the server knows it: its secret and the ten recovery codes."""

    secret: bytes
    recovery_codes: tuple[str, ...]

    def uri(self, email: str) -> str:
        """Return what an authenticator app reads from the QR code (the otpauth key URI)."""
        label = quote(f"{ISSUER}:{email}")
        return f"otpauth://totp/{label}?secret={self.typed_secret}&issuer={ISSUER}"

    @property
    def typed_secret(self) -> str:
        """The secret for apps without a camera, in base 32."""
        return base64.b32encode(self.secret).decode().rstrip("=")


def new_enrolment() -> Enrolment:
    """Return a fresh secret with ten recovery codes, all from the system's random source."""
    codes = tuple(_grouped(secrets.token_bytes(_RECOVERY_BYTES)) for _ in range(RECOVERY_CODES))
    return Enrolment(secrets.token_bytes(SECRET_BYTES), codes)


def new_invite() -> str:
    """Return a one-time code for a newcomer: 80 random bits in groups of four letters."""
    return _grouped(secrets.token_bytes(_INVITE_BYTES))


def new_password() -> str:
    """Return a first password, which its owner must change: 80 random bits."""
    return _grouped(secrets.token_bytes(_INVITE_BYTES)).lower()


def plain_code(typed: str) -> str:
    """Return a typed code without blanks, hyphens and case."""
    return re.sub(r"[^0-9A-Za-z]", "", typed).upper()


def invite_hash(invite: str) -> bytes:
    """Return what the database keeps of an invitation."""
    return hashlib.sha256(plain_code(invite).encode()).digest()


def recovery_hash(person: UUID, code: str) -> bytes:
    """Return what the database keeps of a recovery code."""
    return hashlib.sha256(f"{person}{plain_code(code)}".encode()).digest()


def totp(secret: bytes, at: float) -> str:
    """Return the code of a moment (seconds since 1970, UTC): for demo sign-ins and tests."""
    digest = hmac.digest(secret, int(at // STEP_S).to_bytes(8, "big"), "sha1")
    place = digest[-1] & 15
    value = int.from_bytes(digest[place : place + 4], "big") & 0x7FFF_FFFF
    return f"{value % 1_000_000:06}"


def typed_secret(text: str) -> bytes:
    """Return a secret from its base 32 form, as `Enrolment.typed_secret` gives it."""
    return base64.b32decode(text + "=" * (-len(text) % 8))


def check_new_password(password: str, email: str, old: str = "") -> None:
    """Raise UserError (field "new_password") for a password that must not be taken.

    Length counts and composition does not (NIST SP 800-63B, 5.1.1.2).
    """
    if len(password) < SHORTEST_PASSWORD:
        raise UserError(
            f"A password has at least {SHORTEST_PASSWORD} characters.", field="new_password"
        )
    if "\0" in password:
        raise UserError("A password cannot hold a NUL character.", field="new_password")
    if old and password == old:
        raise UserError("The new password is the old one.", field="new_password")
    if len(set(password)) < 5 or email.partition("@")[0].lower() in password.lower():
        raise UserError("This password is too easy to guess.", field="new_password")


def _grouped(value: bytes) -> str:
    text = base64.b32encode(value).decode().rstrip("=")
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
