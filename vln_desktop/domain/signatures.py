"""Signatures of papers: PAdES (ETSI EN 319 142-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SignatureLevel(StrEnum):
    """The PAdES level of a paper's signature."""

    NONE = "none"
    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that signs: whose it is, who issued it, and when it is good (UTC).

    `for_papers`: it was issued for signing documents, or says nothing of what for (RFC 9336).
    """

    subject: str
    issuer: str
    sha256: str
    not_before: datetime
    not_after: datetime
    for_papers: bool = True

    def problem(self, now: datetime) -> str:
        """Return why it cannot sign now, as a sentence; empty if it can."""
        if not self.for_papers:
            return f"The certificate of {self.subject} was not issued for signing documents."
        if now < self.not_before:
            return (
                f"The certificate of {self.subject} is not valid before {self.not_before:%d %b %Y}."
            )
        if now > self.not_after:
            return f"The certificate of {self.subject} expired on {self.not_after:%d %b %Y}."
        return ""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed a paper, with which certificate (SHA-256 in hexadecimal), and when (UTC).

    `note` says why the level is no higher, empty if it is the one that was wanted.
    """

    level: SignatureLevel
    signer: str
    certificate_sha256: str
    signed_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """A paper's bytes with its signature, if it has one."""

    pdf: bytes
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """What came of looking at one signature in a file.

    `intact`: the bytes it signed are as they were. `whole`: nothing was appended behind it.
    `trusted`: its certificate leads to a root that is trusted here. `problem` is a sentence, empty
    if the signature is good.
    """

    signer: str
    issuer: str
    certificate_sha256: str
    level: SignatureLevel
    signed_at: datetime | None
    stamped_at: datetime | None
    intact: bool
    whole: bool
    trusted: bool
    problem: str

    @property
    def valid(self) -> bool:
        """Whether one can rely on it."""
        return self.intact and self.whole and self.trusted and not self.problem

    @property
    def sentence(self) -> str:
        """The outcome as one sentence."""
        if self.valid:
            return f"Signed by {self.signer}, and not changed since."
        return self.problem


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """What came of looking at a file: the SHA-256 of its bytes and each signature in it.

    `problem` is a sentence if the file could not be looked through; then no signature is told.
    """

    sha256: str
    signatures: tuple[SignatureCheck, ...]
    problem: str = ""

    @property
    def valid(self) -> bool:
        """Whether it is signed, and every signature is good."""
        return (
            not self.problem and bool(self.signatures) and all(one.valid for one in self.signatures)
        )

    @property
    def sentence(self) -> str:
        """The outcome as one sentence."""
        if self.problem:
            return self.problem
        if not self.signatures:
            return "This document carries no signature."
        return next((one.sentence for one in self.signatures if not one.valid), "") or (
            self.signatures[-1].sentence
        )
