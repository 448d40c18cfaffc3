"""Clients as buyers: what an invoice says of them, their tax numbers, and proof of those.

The authority's online service (VIES) stands behind `VatCheckSource`. This program has no way to it,
so an answer is typed or read from the confirmation that the service gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from vln_desktop.domain.money import minor_digits
from vln_desktop.domain.sellers import LANGUAGES
from vln_desktop.domain.tax_numbers import clean_country
from vln_desktop.domain.taxes import VAT_CHECK_DAYS
from vln_desktop.errors import UserError

LONGEST_TEXT = 140
LONGEST_REFERENCE = 80
_CODE = re.compile("[A-Z][A-Z0-9]{1,9}")
_ZONE = re.compile("([A-Z]{2}(-[A-Z0-9]{1,12})?)?")
_SCHEME = re.compile("([0-9]{4}|EM)?")


@dataclass(frozen=True, slots=True)
class BuyerDraft:
    """What a form edits of a client as a buyer.

    `e_invoice_address` (BT-49) has a scheme of the EAS list (0204, 9930, EM); `tax_zone` is a zone
    of its own for a permit or exemption on file (US-EXEMPT), else empty.
    """

    legal_name: str
    country: str
    language: str
    currency: str
    payment_days: int
    business: bool
    buyer_reference: str = ""
    e_invoice_address: str = ""
    e_invoice_scheme: str = ""
    tax_zone: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        _line("legal_name", self.legal_name, needed=True)
        clean_country(self.country)
        if self.language not in LANGUAGES:
            raise UserError("Papers are written in English or German.", field="language")
        minor_digits(self.currency)
        if not 0 <= self.payment_days <= 180:
            raise UserError("Between 0 and 180 days to pay.", field="payment_days")
        _line("buyer_reference", self.buyer_reference)
        _line("e_invoice_address", self.e_invoice_address)
        if not _SCHEME.fullmatch(self.e_invoice_scheme):
            raise UserError("A scheme is four digits of the EAS list, or EM.",
                            field="e_invoice_scheme")  # fmt: skip
        if bool(self.e_invoice_address) != bool(self.e_invoice_scheme):
            raise UserError("An electronic address has a scheme, and only with it (BR-62, BR-63).",
                            field="e_invoice_scheme")  # fmt: skip
        if not _ZONE.fullmatch(self.tax_zone):
            raise UserError("A zone of its own is written as US-EXEMPT.", field="tax_zone")


def clean_code(code: str) -> str:
    """Return a client's code in capitals; raises UserError for what is none."""
    text = code.strip().upper()
    if not _CODE.fullmatch(text):
        raise UserError("A code has 2 to 10 letters and digits, a letter first.", field="code")
    return text


@dataclass(frozen=True, slots=True)
class AddressDraft:
    """A client's postal address as it goes on invoices."""

    line1: str
    city: str
    country: str
    line2: str = ""
    postal_code: str = ""
    region: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        for name in ("line1", "city"):
            _line(name, getattr(self, name), needed=True)
        for name in ("line2", "postal_code", "region"):
            _line(name, getattr(self, name))
        clean_country(self.country)


def _line(field: str, text: str, *, needed: bool = False) -> None:
    if needed and not text.strip():
        raise UserError("This may not be empty.", field=field)
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise UserError(f"It takes at most {LONGEST_TEXT} characters of one line.", field=field)


@dataclass(frozen=True, slots=True)
class VatAnswer:
    """What the authority said of a number, and where that is on record."""

    number: str
    checked_at: datetime
    valid: bool
    source: str
    reference: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for an answer that cannot be a proof."""
        if self.checked_at > datetime.now(UTC) + timedelta(minutes=5):
            raise UserError("This time is still to come.", field="checked_at")
        if not self.source.strip() or len(self.source) > LONGEST_REFERENCE:
            raise UserError("Say who answered, such as VIES.", field="source")
        if len(self.reference) > LONGEST_REFERENCE or not self.reference.isprintable():
            raise UserError("A consultation number is one short line.", field="reference")
        if self.valid and not self.reference.strip():
            raise UserError(
                "A proof names the consultation number: without it nobody can look it up.",
                field="reference",
            )


class VatCheckSource(Protocol):
    """Whoever can ask an authority whether a VAT number is valid."""

    def ask(self, number: str, requester: str) -> VatAnswer:
        """Ask about a buyer's number in a seller's name; raises UserError if nobody answers."""


class NoVatService:
    """Stands where the online service would be asked: it says that it is not reached from here."""

    def ask(self, number: str, requester: str) -> VatAnswer:
        """Raise UserError with what to do instead."""
        raise UserError(
            f"The VAT service is not reached from here. Ask it about {number} in the name of "
            f"{requester or 'the seller'} at ec.europa.eu/taxation_customs/vies, and read its "
            "confirmation in."
        )


@dataclass(frozen=True, slots=True)
class VatCheckRecord:
    """An answer that is on record."""

    id: UUID
    checked_at: datetime
    valid: bool
    source: str
    reference: str


@dataclass(frozen=True, slots=True)
class Registration:
    """A buyer's tax number in a country, with the authority's answers, newest first."""

    id: UUID
    country: str
    number: str
    checks: tuple[VatCheckRecord, ...] = ()

    def freshness(self, now: datetime) -> str:
        """Return none, invalid, stale or fresh: what the newest answer is worth for tax."""
        if not self.checks:
            return "none"
        newest = self.checks[0]
        if not newest.valid:
            return "invalid"
        return "fresh" if now - newest.checked_at <= timedelta(days=VAT_CHECK_DAYS) else "stale"


@dataclass(frozen=True, slots=True)
class BuyerAddress:
    """A stored address; the newest of kind billing goes on invoices."""

    id: UUID
    kind: str
    draft: AddressDraft


@dataclass(frozen=True, slots=True)
class BuyerDetail:
    """A client with all that its pane shows."""

    id: UUID
    code: str
    draft: BuyerDraft
    addresses: tuple[BuyerAddress, ...]
    registrations: tuple[Registration, ...]
    version: int
