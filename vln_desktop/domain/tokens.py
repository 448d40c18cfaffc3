"""Tokens that hold private keys (PKCS#11): which are there, and which certificate of which one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vln_desktop.domain.signatures import Certificate


@dataclass(frozen=True, slots=True)
class TokenWish:
    """A certificate as a person names it: the driver's library, a token, a certificate on it.

    `token` is a label or serial number; `certificate` a label, an id or a SHA-256 in hexadecimal.
    Empty: the only one there is.
    """

    module: Path
    token: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """Where a certificate was found: what is remembered of it, so that it is found again."""

    module: Path
    token: str
    serial: str
    label: str
    id: str

    @property
    def name(self) -> str:
        """The token as one calls it."""
        return self.token or self.serial


@dataclass(frozen=True, slots=True)
class TokenCertificate:
    """A certificate on a token; `id` in hexadecimal, as other programs show it."""

    label: str
    id: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is plugged in, with the certificates that it shows without its PIN."""

    label: str
    serial: str
    model: str
    certificates: tuple[TokenCertificate, ...]
