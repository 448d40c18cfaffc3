"""Where the firm is paid: accounts with their check digits, and changes that two people make.

Digits by ISO 13616 (IBAN), ISO 9362 (BIC) and the American Bankers Association (routing number).
Of an address on a network only the form is checked: its checksum wants Keccak, which no library of
the program has, so whoever approves compares it with the wallet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.money import minor_digits
from vln_desktop.domain.transitions import Transitions
from vln_desktop.errors import UserError

LONGEST_LABEL = 80
LONGEST_NAME = 140
LONGEST_REASON = 500


class AccountKind(StrEnum):
    """How money reaches an account."""

    IBAN = "iban"
    ACH = "ach"
    SWIFT = "swift"
    CRYPTO = "crypto"


_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_HEXADECIMAL = "0x[0-9a-fA-F]{40}"
NETWORKS = {
    "Ethereum": _HEXADECIMAL,
    "Arbitrum": _HEXADECIMAL,
    "Base": _HEXADECIMAL,
    "Optimism": _HEXADECIMAL,
    "Polygon": _HEXADECIMAL,
    "Bitcoin": f"[13]{_BASE58}{{25,34}}|bc1[02-9ac-hj-np-z]{{11,87}}",
    "Solana": f"{_BASE58}{{32,44}}",
    "Tron": f"T{_BASE58}{{33}}",
}
"""Networks on which the firm is paid, and the form of an address there."""


class AccountChangeKind(StrEnum):
    """What is proposed for an account."""

    ADD = "add"
    CHANGE = "change"
    RETIRE = "retire"


class AccountChangeStatus(StrEnum):
    """Where a proposal stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


ACCOUNT_CHANGE_TRANSITIONS = Transitions.only(
    *(
        (AccountChangeStatus.REQUESTED, after)
        for after in AccountChangeStatus
        if after is not AccountChangeStatus.REQUESTED
    )
)
"""A decision has no way back: a wrong account is changed by another proposal."""


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """An account as it is typed.

    `number` is an IBAN, an account number or an address; `routing` a BIC or an ABA routing number.
    """

    kind: AccountKind
    label: str
    currency: str
    holder: str
    number: str
    routing: str = ""
    bank: str = ""
    network: str = ""

    def tidied(self) -> AccountDraft:
        """Return it without the spaces and the small letters that people type into numbers."""
        crypto = self.kind is AccountKind.CRYPTO
        return replace(
            self,
            label=self.label.strip(),
            holder=self.holder.strip(),
            bank="" if crypto else self.bank.strip(),
            number=self.number.strip() if crypto else _compact(self.number),
            routing="" if crypto else _compact(self.routing),
            network=self.network if crypto else "",
        )

    def validate(self) -> None:
        """Raise UserError, naming the field, for what no bank or network knows; tidy it first."""
        for field, text, longest in (
            ("label", self.label, LONGEST_LABEL),
            ("holder", self.holder, LONGEST_NAME),
        ):
            if not text or len(text) > longest or not text.isprintable():
                raise UserError(f"It takes 1 to {longest} characters of one line.", field=field)
        if len(self.bank) > LONGEST_NAME or not self.bank.isprintable():
            raise UserError(f"It takes at most {LONGEST_NAME} characters.", field="bank")
        minor_digits(self.currency)
        _CHECKS[self.kind](self)

    def masked(self) -> str:
        """Return the number as lists show it: its beginning and its end."""
        number = self.number
        return number if len(number) <= 10 else f"{number[:4]} … {number[-4:]}"


def _compact(number: str) -> str:
    return re.sub(r"[\s-]", "", number).upper()


def _check_iban(account: AccountDraft) -> None:
    from stdnum import iban  # noqa: PLC0415 - read with the first account that is typed

    try:
        iban.validate(account.number, check_country=False)
    except iban.ValidationError as error:
        raise UserError(
            "This is no IBAN: its check digits do not fit. Compare it with the bank's paper.",
            field="number",
        ) from error
    if account.routing:
        _check_bic(account)


def _check_bic(account: AccountDraft) -> None:
    from stdnum import bic  # noqa: PLC0415

    if not bic.is_valid(account.routing):
        raise UserError("This is no BIC: it has 8 or 11 letters and digits.", field="routing")


def _check_ach(account: AccountDraft) -> None:
    from stdnum.us import rtn  # noqa: PLC0415

    if not re.fullmatch("[0-9]{4,17}", account.number):
        raise UserError("An account number in the US has 4 to 17 digits.", field="number")
    if not rtn.is_valid(account.routing):
        raise UserError(
            "This is no ABA routing number: its check digit does not fit.", field="routing"
        )


def _check_swift(account: AccountDraft) -> None:
    if not re.fullmatch("[A-Z0-9]{4,34}", account.number):
        raise UserError("An account number has 4 to 34 letters and digits.", field="number")
    _check_bic(account)


def _check_crypto(account: AccountDraft) -> None:
    form = NETWORKS.get(account.network)
    if form is None:
        raise UserError("Choose the network of the address.", field="network")
    if not re.fullmatch(form, account.number):
        raise UserError(f"No address on {account.network} looks like this.", field="number")


_CHECKS = {
    AccountKind.IBAN: _check_iban,
    AccountKind.ACH: _check_ach,
    AccountKind.SWIFT: _check_swift,
    AccountKind.CRYPTO: _check_crypto,
}


@dataclass(frozen=True, slots=True)
class PaymentAccount:
    """An account that invoices may name; `confirmed_by` approved it as it stands."""

    id: UUID
    entity_id: UUID
    draft: AccountDraft
    confirmed_by: UUID | None
    confirmed_at: datetime | None
    retired: bool
    version: int


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A proposal and what became of it; `before` is the account as it stands now."""

    id: UUID
    entity_id: UUID
    account_id: UUID
    change: AccountChangeKind
    draft: AccountDraft
    reason: str
    status: AccountChangeStatus
    requester_id: UUID
    approver_id: UUID | None
    asked_at: datetime
    decided_at: datetime | None
    remark: str
    before: AccountDraft | None = None

    @property
    def open(self) -> bool:
        """Whether somebody has yet to decide."""
        return self.status is AccountChangeStatus.REQUESTED
