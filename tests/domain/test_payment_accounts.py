"""Accounts as they are typed, tax numbers, and patterns of invoice numbers."""

from __future__ import annotations

import pytest

from vln_desktop.domain.invoices import InvoiceKind
from vln_desktop.domain.payment_accounts import AccountDraft, AccountKind
from vln_desktop.domain.sellers import check_logo, rendered
from vln_desktop.domain.tax_numbers import EU, can_check, clean_country, clean_tax_number
from vln_desktop.errors import UserError

GOOD = AccountDraft(
    AccountKind.IBAN, "Main", "EUR", "VLN", "de89 3704 0044 0532 0130 00", "cobadeff"
)


def test_spaces_and_small_letters_of_numbers_are_tidied() -> None:
    tidy = GOOD.tidied()
    tidy.validate()

    assert (tidy.number, tidy.routing) == ("DE89370400440532013000", "COBADEFF")
    assert tidy.masked() == "DE89 … 3000"


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (AccountDraft(AccountKind.IBAN, "", "EUR", "VLN", GOOD.number), "label"),
        (AccountDraft(AccountKind.IBAN, "x", "EUR", "V\nN", GOOD.number), "holder"),
        (AccountDraft(AccountKind.IBAN, "x", "EUR", "VLN", "DE88370400440532013000"), "number"),
        (AccountDraft(AccountKind.IBAN, "x", "EUR", "VLN", ""), "number"),
        (AccountDraft(AccountKind.IBAN, "x", "EUR", "VLN", GOOD.number, "X"), "routing"),
        (AccountDraft(AccountKind.ACH, "x", "USD", "VLN", "12345", "021000022"), "routing"),
        (AccountDraft(AccountKind.ACH, "x", "USD", "VLN", "12a45", "021000021"), "number"),
        (AccountDraft(AccountKind.SWIFT, "x", "USD", "VLN", "12345678", ""), "routing"),
        (AccountDraft(AccountKind.CRYPTO, "x", "USD", "VLN", "0x12"), "network"),
        (
            AccountDraft(AccountKind.CRYPTO, "x", "USD", "VLN", "0x12", network="Ethereum"),
            "number",
        ),
    ],
)
def test_what_no_bank_knows_is_refused_beside_its_field(draft: AccountDraft, field: str) -> None:
    with pytest.raises(UserError) as caught:
        draft.tidied().validate()
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("Ethereum", "0x52908400098527886E0F7030069857D2E4169EE7"),
        ("Bitcoin", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
        ("Bitcoin", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
        ("Solana", "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"),
        ("Tron", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"),
    ],
)
def test_addresses_keep_their_letters(network: str, address: str) -> None:
    draft = AccountDraft(AccountKind.CRYPTO, "x", "USD", "VLN", f" {address} ", network=network)
    draft.tidied().validate()

    assert draft.tidied().number == address


def test_numbers_of_every_member_state_are_checked() -> None:
    assert len(EU) == 27
    assert all(can_check(country) for country in EU)
    assert clean_tax_number("DE", "136 695 976") == "DE136695976"
    assert clean_tax_number("GR", "EL 094259216") == "EL094259216"
    assert clean_tax_number("BR", " any  thing ") == "any thing"
    with pytest.raises(UserError, match="check digits"):
        clean_tax_number("DE", "DE136695977")
    with pytest.raises(UserError):
        clean_country("Germany")


def test_a_pattern_gives_the_number_that_people_expect() -> None:
    assert rendered("{entity}-{kind}{year}-{number:4}", "VDE", InvoiceKind.CREDIT, 2027, 12) == (
        "VDE-CN2027-0012"
    )
    assert rendered("{year}/{number}", "VDE", InvoiceKind.STANDARD, 2027, 12) == "2027/12"


@pytest.mark.parametrize(
    "pattern", ["", "{number}", "{year}{number}", "x-{number:4}", "{year}-{number}!", "{year}-9"]
)
def test_a_pattern_that_is_none(pattern: str) -> None:
    with pytest.raises(UserError) as caught:
        rendered(pattern, "VDE", InvoiceKind.STANDARD, 2027, 1)
    assert caught.value.field == "pattern"


@pytest.mark.parametrize("picture", [b"", b"GIF89a", b"\x89PNG" + b"x" * 262_144])
def test_a_logo_is_a_small_picture(picture: bytes) -> None:
    with pytest.raises(UserError):
        check_logo(picture)
