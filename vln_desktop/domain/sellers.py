"""The firm's legal entities as sellers, and the series in which they number invoices."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.tax_numbers import clean_tax_number
from vln_desktop.errors import UserError

DEFAULT_PATTERN = "{entity}-{kind}{year}-{number:4}"
LONGEST_PATTERN = 60
LONGEST_SMALL_PRINT = 1_000
NEVER_CLOSED = date(1970, 1, 1)
"""The lock date of who has closed no books yet."""
LARGEST_LOGO = 256 * 1024
LANGUAGES = ("en", "de")
"""The languages in which papers are written."""

KIND_LETTERS = {
    InvoiceKind.STANDARD: "R",
    InvoiceKind.DEPOSIT: "D",
    InvoiceKind.FINAL: "F",
    InvoiceKind.CREDIT: "CN",
}
"""What the token {kind} of a pattern stands for."""

_TOKEN = re.compile(r"\{number(?::([1-9]))?\}$")
_PATTERN = re.compile(r"(?:[A-Za-z0-9/._-]|\{(?:entity|kind|year)\})*\{number(?::[1-9])?\}")
_TEXTS = {
    "legal_name": ("a name", 140), "line1": ("an address", 140), "city": ("a city", 80),
    "email": ("an e-mail address", 120),
}  # fmt: skip
_OPTIONAL = {"line2": 140, "postal_code": 20, "region": 80, "tax_number": 40, "register": 140}


@dataclass(frozen=True, slots=True)
class SellerDraft:
    """What a form edits of a legal entity; code, country, currency and time zone stay.

    `small_print` by language code. `lock_date` only moves forward.
    """

    legal_name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    region: str
    email: str
    tax_number: str
    vat_number: str
    register: str
    lock_date: date
    small_print: dict[str, str] = field(default_factory=dict)

    def validate(self, country: str, base: SellerDraft) -> None:
        """Raise UserError, naming the field, for what cannot stand on an invoice.

        Digits of a VAT number are checked when it is another one than in `base`.
        """
        for name, (what, longest) in _TEXTS.items():
            text = getattr(self, name)
            if not text.strip():
                raise UserError(f"A seller has {what}.", field=name)
            _check_line(name, text, longest)
        for name, longest in _OPTIONAL.items():
            _check_line(name, getattr(self, name), longest)
        if self.vat_number and self.vat_number != base.vat_number:
            clean_tax_number(country, self.vat_number, "vat_number")
        for text in self.small_print.values():
            if len(text) > LONGEST_SMALL_PRINT or "\x00" in text:
                raise UserError(
                    f"Small print has at most {LONGEST_SMALL_PRINT:,} characters.",
                    field="small_print",
                )
        if self.lock_date < base.lock_date:
            raise UserError(
                f"The books are closed up to {base.lock_date} and stay so.", field="lock_date"
            )


def _check_line(name: str, text: str, longest: int) -> None:
    if len(text) > longest or not text.isprintable():
        raise UserError(f"It takes at most {longest} characters of one line.", field=name)


@dataclass(frozen=True, slots=True)
class SeriesUse:
    """A series and what its numbers prove.

    `count` invoices carry its numbers from `first` to `last`; `missing` lists numbers up to
    `last_number` that no invoice carries, the first hundred of them.
    """

    id: UUID
    kind: InvoiceKind
    year: int
    pattern: str
    prefix: str
    digits: int
    last_number: int
    count: int
    first: int | None
    last: int | None
    missing: tuple[int, ...]
    version: int

    @property
    def whole(self) -> bool:
        """Whether each number up to the last was given, and given once."""
        top = self.last_number
        return not self.missing and self.count == top and (self.last or 0) == top

    def number(self, ordinal: int) -> str:
        """Return the number of an invoice of this series."""
        return f"{self.prefix}{ordinal:0{self.digits}d}"


@dataclass(frozen=True, slots=True)
class Seller:
    """A legal entity with all that its pane shows but accounts and taxes."""

    id: UUID
    code: str
    country: str
    currency: str
    time_zone: str
    draft: SellerDraft
    logo: bytes | None
    series: tuple[SeriesUse, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Closing:
    """What a lock date would close: nothing is issued or booked up to that day any more."""

    drafts: int
    """Drafts that are dated up to the day: they could not be issued as they are."""
    unpaid: int
    """Issued invoices up to the day that are not settled: payments are booked later."""


def rendered(pattern: str, entity: str, kind: InvoiceKind, year: int, ordinal: int) -> str:
    """Return the number that a pattern gives; raises UserError for one that is none.

    The database has the same rules (`vln.render_series`): it ends with the number, which no digit
    stands before, and it names the year.
    """
    if len(pattern) > LONGEST_PATTERN or not _PATTERN.fullmatch(pattern):
        raise UserError(
            "A pattern is made of letters, digits, - / . _ and the tokens {entity}, {kind}, "
            "{year}, and ends with {number:4}.",
            field="pattern",
        )
    if "{year}" not in pattern:
        raise UserError("A pattern names the {year}: each year counts anew.", field="pattern")
    token = _TOKEN.search(pattern)
    digits = int(token[1] or 1) if token else 1
    prefix = _TOKEN.sub("", pattern)
    for name, value in (
        ("{entity}", entity),
        ("{kind}", KIND_LETTERS[kind]),
        ("{year}", str(year)),
    ):
        prefix = prefix.replace(name, value)
    if prefix[-1:].isdigit():
        raise UserError(
            "What stands before {number} must not end with a digit: put a - between.",
            field="pattern",
        )
    return f"{prefix}{ordinal:0{digits}d}"


def check_logo(picture: bytes) -> None:
    """Raise UserError for what is no PNG or JPEG picture of at most 256 KB."""
    if len(picture) > LARGEST_LOGO:
        raise UserError("A logo has at most 256 KB.", field="logo")
    if not picture.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        raise UserError("A logo is a PNG or JPEG picture.", field="logo")
