"""The printed invoice: what it says is what was computed, on as many pages as it takes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.documents.readers import check_paper, engine_pages, flat, pages_of
from tests.documents.samples import BUYER, CRYPTO, IBAN, SELLER, credit_note, invoice
from vln_desktop.documents.invoice import render_invoice
from vln_desktop.documents.words import Words
from vln_desktop.domain.invoice_papers import AccountKind, InvoicePaper, Party, PaymentAccount
from vln_desktop.domain.invoices import InvoiceKind, LineDraft, TaxCategory
from vln_desktop.domain.money import Money

LONG = "Übermäßig langer Name " * 9 + "X" * 120


def _text(paper: InvoicePaper) -> str:
    return flat("\n".join(engine_pages(render_invoice(paper))))


ACH = PaymentAccount(AccountKind.ACH, "000123456789", "VLN Inc.", "Chase", routing="021000021")
MANY_RATES = tuple(
    LineDraft("Review", Decimal(1), Decimal(100), tax_percent=Decimal(rate))
    for rate in range(1, 40)
)
SHAPES = {
    "three lines": invoice(3),
    "sixty lines": invoice(60),
    "five hundred lines": invoice(500),
    "no lines": invoice(0, payments=()),
    "credit note": credit_note(),
    "draft": invoice(3, number=None, issued_on=None, due_on=None),
    "bare": InvoicePaper(invoice().kind, None, "JPY", Party("A"), Party("B"), ()),
    "german": invoice(3, language="de"),
    "unknown language": invoice(1, language="xx"),
    "long names": invoice(
        2,
        buyer=replace(BUYER, name=LONG, address=(LONG, LONG), contact=LONG),
        seller=replace(SELLER, name=LONG, registrations=((LONG, LONG),)),
        project=LONG,
        number=LONG,
        terms=LONG * 5,
    ),
    "scripts": invoice(1, buyer=replace(BUYER, name="Ελληνική Τράπεζα «Северный Ветер» 中文")),
    "accounts": invoice(2, accounts=(IBAN, CRYPTO, ACH, replace(IBAN, holder=LONG * 3))),
    "one huge account": invoice(2, accounts=(replace(IBAN, holder="word " * 3_000),)),
    "tall line": invoice(1, lines=(replace(invoice().lines[0], description="word " * 2_000),)),
    "many rates": invoice(1, lines=MANY_RATES),
    "huge amounts": invoice(
        1, lines=(LineDraft("A", Decimal(999), Decimal("999999999.9999"), "XYZ"),)
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_invoice_of_any_shape_is_sound(shape: str) -> None:
    check_paper(render_invoice(SHAPES[shape]))


def test_every_amount_of_the_totals_is_printed() -> None:
    paper = invoice(3)
    text = _text(paper)
    words = Words("en")
    sums = paper.totals
    shown = [sums.net, sums.tax, sums.gross, -sums.prepaid, *(g.tax for g in sums.groups)]
    assert all(words.amount(money) in text for money in shown)
    assert f"Amount due {words.money(sums.payable)}".replace("\u00a0", " ") in text


def test_the_amount_due_is_what_an_accountant_gets_by_hand() -> None:
    # 15 × 1850 = 27750 less 5 % = 26362.50; 12.5 × 210.50 = 2631.25; 384.20 at 7 %
    sums = invoice(3).totals
    assert sums.net == Money(Decimal("29377.95"), "EUR")
    assert sums.tax == Money(Decimal("5535.70"), "EUR")
    assert sums.payable == Money(Decimal("24913.65"), "EUR")


def test_parties_numbers_and_payment_details_are_printed() -> None:
    text = _text(invoice(3))
    for said in (
        "VLN-2026-0042", "31 March 2026", "30 April 2026", "2 – 20 March 2026", "4500017341",
        "PO-DEPT-7", "Acme Labs Ltd", "GB123456789", "DE318642751", IBAN.number, CRYPTO.number,
        "COBADEFFXXX", "less 5% discount (1,387.50)", "Payable within 30 days",
    ):  # fmt: skip
        assert said in text, said


def test_three_lines_take_one_page() -> None:
    assert len(pages_of(render_invoice(invoice(3)))) == 1


def test_a_long_invoice_carries_its_header_and_number_over() -> None:
    pages = pages_of(render_invoice(invoice(60)))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in page
        assert "VLN-2026-0042" in page
    assert all("Unit price" in page for page in pages[:-1])
    assert all(f"item {at}\n" in "".join(pages) for at in range(1, 61))


def test_a_draft_says_so_on_every_page_and_an_issued_one_nowhere() -> None:
    draft = engine_pages(render_invoice(invoice(60, number=None)))
    assert all("DRAFT" in page for page in draft)
    assert not any("DRAFT" in page for page in engine_pages(render_invoice(invoice(60))))


def test_a_credit_note_names_the_invoice_and_why_no_tax_is_due() -> None:
    text = _text(credit_note())
    for said in ("Credit note", "Corrects invoice VLN-2026-0042", "Amount credited EUR 2,631.25"):
        assert said in text, said
    assert "Reverse charge: tax is due by the recipient." in text
    assert "Amount due" not in text


def test_tax_in_the_sellers_own_currency_is_shown_where_asked() -> None:
    home = Money(Decimal("5012.34"), "GBP")
    text = _text(invoice(3, tax_in_home_currency=home))
    assert "Tax in GBP 5,012.34" in text


def test_german_invoices_speak_and_count_german() -> None:
    text = _text(invoice(3, language="de"))
    for said in (
        "Rechnung",
        "Zahlbetrag 24.913,65 EUR",
        "2. – 20. März 2026",
        "19 %",
        "12,5 Stunden",
    ):
        assert said in text, said


def test_same_paper_gives_the_same_bytes() -> None:
    assert render_invoice(invoice(5)) == render_invoice(invoice(5))


@pytest.mark.parametrize("category", list(TaxCategory))
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_tax_category_has_its_words(category: TaxCategory, language: str) -> None:
    rate = Decimal(19) if category is TaxCategory.STANDARD else Decimal(0)
    line = LineDraft("A", Decimal(1), Decimal(1), tax_category=category, tax_percent=rate)
    expected = Words(language)(f"tax.{category.value}")
    paper = invoice(1, lines=(line,), language=language)
    assert expected.split()[0] in _text(paper)


def test_what_the_books_keep_as_codes_is_printed_in_words() -> None:
    party = Party("A", country="DE", registrations=(("vat", "DE1"), ("Companies House", "7")))
    payment = replace(invoice().payments[0], method="wire")
    line = replace(invoice().lines[0], unit="MON", quantity=Decimal(3))
    text = _text(
        invoice(language="de", seller=party, payments=(payment,), lines=(line,), accounts=())
    )
    for said in ("Deutschland", "USt-IdNr. DE1", "Companies House 7", "Überweisung ·", "3 Monate"):
        assert said in text, said


def test_a_credit_note_asks_nobody_to_pay() -> None:
    text = _text(replace(invoice(), kind=InvoiceKind.CREDIT, credited_invoice="R-1", payments=()))

    assert "Due" not in text
    assert "IBAN" not in text
