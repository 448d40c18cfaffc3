"""The invoice: parties, numbers and dates, lines, tax by rate, totals, and how to pay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import partial

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Spacer

from vln_desktop.documents import fonts
from vln_desktop.documents.base import FIRM, FirstPage, Paper, PaperInfo, draw_text
from vln_desktop.documents.markdown import flowables
from vln_desktop.documents.styles import (
    ACCENT,
    CELL,
    CELL_BLOCK,
    CELL_BOLD,
    CELL_HEAD,
    CELL_RIGHT,
    MARGIN_BOTTOM,
    MARGIN_LEFT,
    MUTED,
    NAVY,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    SMALL,
    SMALL_BLOCK,
    TEXT_WIDTH,
    TINT,
    Block,
    Ink,
)
from vln_desktop.documents.tables import RowTable, SideBySide, TableLook
from vln_desktop.documents.text import Run, TextBlock, headed
from vln_desktop.documents.words import Words
from vln_desktop.domain.invoice_papers import InvoicePaper, PaperPayment, Party, PaymentAccount
from vln_desktop.domain.invoices import (
    PRICE_PLACES,
    QUANTITY_PLACES,
    InvoiceKind,
    LineDraft,
    TaxCategory,
    TaxGroup,
    line_amounts,
)

_MARGIN_TOP = 34 * mm
_PLAIN = TableLook(pad_x=0, pad_y=1.4, header_tint=None, rule=None, before=0, after=0)
_LINES = TableLook(pad_x=5, pad_y=3.8, before=0, after=0)
_FACTS = TableLook(pad_x=8, pad_y=4, body_tint=TINT, rule=None, before=0, after=0)
_FACTS_A_ROW = 4
_COLUMNS = (22.0, TEXT_WIDTH - 276, 68.0, 66.0, 44.0, 76.0)
_TOTALS_WIDTH = 262.0
_TALLEST_SUMS = 240.0
"""Totals and accounts higher than this do not stand side by side."""
_TITLE = Ink(face=fonts.MEDIUM, size=21, colour=NAVY)
_NAME = Ink(face=fonts.MEDIUM, size=10.4, colour=NAVY)
_FACT_NAME = Ink(size=8.4, colour=MUTED)
_DUE = Ink(face=fonts.BOLD, size=11.4, colour=NAVY)
_HEAD = Ink(face=fonts.MEDIUM, size=10, colour=NAVY)
_HEAD_BLOCK = Block(leading=13, before=8, after=2)
_DETAIL = Ink(face=fonts.MONO, size=7.6)


def render_invoice(paper: InvoicePaper) -> bytes:
    """Print an invoice; pure: the same paper gives the same bytes.

    Raises UserError if an amount is out of bounds or a currency is not one the firm uses.
    """
    words = Words(paper.language)
    name = _name(paper, words)
    number = paper.number or words("draft")
    info = PaperInfo(
        title=f"{name} {number}",
        subject=f"{paper.seller.name} – {paper.buyer.name}",
        running_title=f"{name} {number}  ·  {paper.buyer.name}",
        running_note=words.day(paper.issued_on) if paper.issued_on else "",
        language=paper.language,
        dated=paper.issued_on,
        draft=paper.is_draft,
    )
    first = FirstPage(partial(_draw_letterhead, paper=paper, words=words), _MARGIN_TOP)
    return Paper(info, words, first).render(_story(paper, words))


def _name(paper: InvoicePaper, words: Words) -> str:
    return words("quote" if paper.quote else f"invoice.{paper.kind.value}")


def _draw_letterhead(canvas: Canvas, paper: InvoicePaper, words: Words) -> None:
    """The firm at the top, the seller's registrations at the foot."""
    canvas.setFillColor(NAVY)
    canvas.rect(0, PAGE_HEIGHT - 25 * mm, PAGE_WIDTH, 25 * mm, stroke=0, fill=1)
    canvas.setFillColor(ACCENT)
    canvas.rect(0, PAGE_HEIGHT - 25 * mm - 2.4, PAGE_WIDTH, 2.4, stroke=0, fill=1)
    white = Ink(face=fonts.BOLD, size=22, colour=TINT)
    draw_text(canvas, (Run(FIRM, white),), MARGIN_LEFT, PAGE_HEIGHT - 14.6 * mm, 100)
    light = Ink(face=fonts.LIGHT, size=9, colour=TINT)
    line = (Run(words("firm_line"), light),)
    draw_text(canvas, line, MARGIN_LEFT, PAGE_HEIGHT - 20 * mm, TEXT_WIDTH)
    site = (Run("\u2002·\u2002".join(filter(None, _contacts(paper.seller))), light),)
    draw_text(canvas, site, MARGIN_LEFT, PAGE_HEIGHT - 14.6 * mm, TEXT_WIDTH, "right")
    foot = "  ·  ".join([paper.seller.name, *_registrations(paper.seller, words)])
    room = TEXT_WIDTH - 80
    draw_text(canvas, (Run(foot, SMALL),), MARGIN_LEFT, MARGIN_BOTTOM * 0.5, room)


def _registrations(party: Party, words: Words) -> list[str]:
    labelled = party.registrations
    return [f"{words.optional(f'registration.{key}', key)} {number}" for key, number in labelled]


def _contacts(party: Party) -> Iterable[str]:
    return party.website, party.email, party.phone


def _story(paper: InvoicePaper, words: Words) -> list[Flowable]:
    name = _name(paper, words)
    story: list[Flowable] = [
        TextBlock((Run(name, _TITLE),), Block(leading=27, after=8)),
        _parties(paper, words),
        Spacer(0, 12),
        _fact_strip(paper, words),
        Spacer(0, 14),
        _lines(paper, words),
        Spacer(0, 8),
    ]
    story += _sums(paper, words)
    story += _reasons(paper)
    story += _milestones(paper, words)
    story += _payments(paper, words)
    story += _texts(words("terms"), paper.terms)
    story += _texts(words("notes"), paper.notes)
    if paper.small_print:
        story += [Spacer(0, 10), TextBlock((Run(paper.small_print, SMALL),), SMALL_BLOCK)]
    return story


def _texts(title: str, markdown: str) -> list[Flowable]:
    if not markdown.strip():
        return []
    return [*headed(title, _HEAD, _HEAD_BLOCK), *flowables(markdown, title)]


def _parties(paper: InvoicePaper, words: Words) -> RowTable:
    credit = paper.kind is InvoiceKind.CREDIT
    title = "quote_to" if paper.quote else "credit_to" if credit else "bill_to"
    buyer = _party(paper.buyer, words(title), words)
    seller = _party(paper.seller, words("quote_from" if paper.quote else "seller"), words)
    half = TEXT_WIDTH / 2
    return RowTable([[buyer, seller]], (half, half), headers=0, look=_PLAIN)


def _party(party: Party, title: str, words: Words) -> TextBlock:
    contact = " · ".join(filter(None, (party.contact, party.email)))
    country = words.country(party.country) if party.country else ""
    below = [country, *_registrations(party, words), contact]
    lines = [*party.address, *filter(None, below)]
    runs = [Run(f"{title}\n", _FACT_NAME), Run(f"{party.name}\n", _NAME)]
    return TextBlock([*runs, Run("\n".join(lines), CELL)], Block(leading=12.4, after=0))


def _fact_strip(paper: InvoicePaper, words: Words) -> RowTable:
    """The paper's numbers and dates, four to a row."""
    facts = [(words(key), value) for key, value in _facts(paper, words) if value]
    cells = [
        TextBlock((Run(f"{name}\n", _FACT_NAME), Run(value, CELL_BOLD)), Block(leading=12.6))
        for name, value in facts
    ]
    empty = TextBlock((), CELL_BLOCK)
    rows = [
        list(cells[at : at + _FACTS_A_ROW]) + [empty] * (_FACTS_A_ROW - len(cells[at : at + 4]))
        for at in range(0, len(cells), _FACTS_A_ROW)
    ]
    widths = [TEXT_WIDTH / _FACTS_A_ROW] * _FACTS_A_ROW
    return RowTable(rows, widths, headers=0, look=_FACTS)


def _facts(paper: InvoicePaper, words: Words) -> list[tuple[str, str]]:
    credit = paper.kind is InvoiceKind.CREDIT  # which nobody has to pay
    return [
        ("invoice_number", paper.number or words("draft")),
        (
            "quote_on" if paper.quote else "issued_on",
            words.day(paper.issued_on) if paper.issued_on else "",
        ),
        ("valid_until", words.day(paper.valid_until) if paper.valid_until else ""),
        ("due_on", words.day(paper.due_on) if paper.due_on and not credit else ""),
        ("supply", words.days(paper.supply_from, paper.supply_to)),
        ("credited_invoice", paper.credited_invoice),
        ("buyer_reference", paper.buyer_reference),
        ("purchase_order", paper.purchase_order),
        ("audit", paper.audit_number),
        ("project", paper.project),
    ]


def _lines(paper: InvoicePaper, words: Words) -> RowTable:
    heads = [
        _cell("", CELL_HEAD),
        _cell(words("item"), CELL_HEAD),
        *(
            _cell(words(key), CELL_HEAD, CELL_RIGHT)
            for key in ("quantity", "unit_price", "tax_rate")
        ),
        _cell(f"{words('amount')} {paper.currency}", CELL_HEAD, CELL_RIGHT),
    ]
    rows = [heads]
    for at, line in enumerate(paper.lines, 1):
        unit = words.unit(line.unit, line.quantity)
        quantity = f"{words.number(line.quantity, QUANTITY_PLACES)} {unit}".strip()
        rows.append(
            [
                _cell(str(at), replace(CELL, colour=MUTED)),
                _item(line, paper.currency, words),
                _cell(quantity, CELL, CELL_RIGHT),
                _cell(words.number(line.unit_price, PRICE_PLACES, 2), CELL, CELL_RIGHT),
                _cell(_rate(line.tax_category, line.tax_percent, words), CELL, CELL_RIGHT),
                _cell(words.amount(line_amounts(line, paper.currency).net), CELL, CELL_RIGHT),
            ]
        )
    return RowTable(rows, _COLUMNS, look=_LINES)


def _item(line: LineDraft, currency: str, words: Words) -> TextBlock:
    runs = [Run(line.description, CELL)]
    if line.discount_percent:
        discount = words(
            "discount",
            percent=words.percent(line.discount_percent),
            amount=words.amount(line_amounts(line, currency).discount),
        )
        runs.append(Run(f"\n{discount}", SMALL))
    return TextBlock(runs, CELL_BLOCK)


def _rate(category: TaxCategory, percent: Decimal, words: Words) -> str:
    """A rate for taxed lines, the category's code for those of no tax."""
    return words.percent(percent) if category is TaxCategory.STANDARD else category.value


def _totals(paper: InvoicePaper, words: Words) -> list[Flowable]:
    """The sums at the right, and the amount due in a band of its own."""
    sums = paper.totals
    rows = [(words("net_total"), words.amount(sums.net))]
    rows += [(_tax_line(group, words), words.amount(group.tax)) for group in sums.groups]
    if len(sums.groups) > 1:
        rows.append((words("tax_total"), words.amount(sums.tax)))
    rows.append((words("gross_total"), words.amount(sums.gross)))
    if paper.payments:
        rows.append((words("paid"), words.amount(-sums.prepaid)))
    cells = [[_cell(name, CELL), _cell(amount, CELL, CELL_RIGHT)] for name, amount in rows]
    widths = (_TOTALS_WIDTH - 92, 92)
    look = replace(_LINES, pad_y=2.8)
    credit = paper.kind is InvoiceKind.CREDIT
    due = words("quoted" if paper.quote else "creditable" if credit else "payable")
    block = Block(leading=16)
    band = [
        TextBlock((Run(due, _DUE),), block),
        TextBlock((Run(words.money(sums.payable), _DUE),), replace(block, align="right")),
    ]
    found: list[Flowable] = [
        RowTable(cells, widths, headers=0, look=look),
        RowTable([band], (_TOTALS_WIDTH - 132, 132), headers=1, look=look),
    ]
    if paper.tax_in_home_currency:
        home = paper.tax_in_home_currency
        name = words("tax_home", currency=home.currency)
        note = [[_cell(name, SMALL), _cell(words.amount(home), SMALL, CELL_RIGHT)]]
        found.append(RowTable(note, widths, headers=0, look=replace(look, rule=None)))
    return found


def _tax_line(group: TaxGroup, words: Words) -> str:
    return words(
        "tax_line",
        category=words(f"tax.{group.category.value}"),
        percent=words.percent(group.percent),
        taxable=words.amount(group.taxable),
    )


def _reasons(paper: InvoicePaper) -> list[Flowable]:
    """The wordings that law asks for where no tax is charged (BT-120)."""
    reasons = [group.reason for group in paper.totals.groups if group.reason]
    blocks = [TextBlock((Run(reason, SMALL),), SMALL_BLOCK) for reason in reasons]
    return [Spacer(0, 8), *blocks] if blocks else []


def _sums(paper: InvoicePaper, words: Words) -> list[Flowable]:
    """The totals at the right, beside them where to pay; below, where that is long."""
    beside: list[Flowable] = []
    for account in _to_pay_to(paper):
        beside += [Spacer(0, 4), _account(account, paper.number or "", words), Spacer(0, 6)]
    totals = _totals(paper, words)
    widths = (TEXT_WIDTH - _TOTALS_WIDTH, _TOTALS_WIDTH)
    both = SideBySide([beside, totals], widths)
    if both.wrap(TEXT_WIDTH, 0)[1] <= _TALLEST_SUMS:
        return [both]
    alone = SideBySide([[], totals], widths)
    fits = alone.wrap(TEXT_WIDTH, 0)[1] <= _TALLEST_SUMS
    return [*([alone] if fits else totals), *_accounts(paper, words)]


def _milestones(paper: InvoicePaper, words: Words) -> list[Flowable]:
    """When which part of a quote is billed."""
    rows = []
    for part in paper.milestones:
        share = words.percent(part.percent) if part.percent is not None else ""
        if part.amount is not None:
            share = words("milestone_net", amount=words.money(part.amount))
        rows.append([_cell(words(f"milestone.{part.due_when}"), CELL),
                     _cell(share, CELL, CELL_RIGHT)])  # fmt: skip
    if not rows:
        return []
    table = RowTable(rows, (TEXT_WIDTH - 160, 160), headers=0)
    return [KeepTogether([*headed(words("milestones"), _HEAD, _HEAD_BLOCK), table])]


def _payments(paper: InvoicePaper, words: Words) -> list[Flowable]:
    if not paper.payments:
        return []
    rows = [
        [
            _cell(words.day(payment.received_on), CELL),
            _cell(_paid_how(payment, words), CELL),
            _cell(words.money(payment.amount), CELL, CELL_RIGHT),
        ]
        for payment in paper.payments
    ]
    table = RowTable(rows, (110, TEXT_WIDTH - 230, 120), headers=0)
    return [*headed(words("payments"), _HEAD, _HEAD_BLOCK), table]


def _paid_how(payment: PaperPayment, words: Words) -> str:
    method = words.optional(f"method.{payment.method}", payment.method)
    return " · ".join(filter(None, (method, payment.reference)))


def _accounts(paper: InvoicePaper, words: Words) -> list[Flowable]:
    """Where to pay, two accounts side by side."""
    cells = [_account(account, paper.number or "", words) for account in _to_pay_to(paper)]
    if not cells:
        return []
    if len(cells) % 2:
        cells.append(TextBlock((), CELL_BLOCK))
    rows = [list(pair) for pair in zip(cells[::2], cells[1::2], strict=True)]
    half = TEXT_WIDTH / 2
    look = replace(_PLAIN, pad_y=4)
    _, title = headed(words("pay_to"), _HEAD, _HEAD_BLOCK)
    return [KeepTogether([title, RowTable(rows, (half, half), headers=0, look=look)])]


def _to_pay_to(paper: InvoicePaper) -> tuple[PaymentAccount, ...]:
    return () if paper.kind is InvoiceKind.CREDIT else paper.accounts


def _account(account: PaymentAccount, reference: str, words: Words) -> TextBlock:
    runs = [Run(words(f"pay.{account.kind.value}"), CELL_BOLD)]
    for key, value, ink in _account_rows(account, reference):
        if value:
            runs += [Run(f"\n{words(key)}  ", _FACT_NAME), Run(value, ink)]
    return TextBlock(runs, Block(leading=12.4, after=0))


def _account_rows(account: PaymentAccount, reference: str) -> list[tuple[str, str, Ink]]:
    return [
        (f"pay.number.{account.kind.value}", account.number, _DETAIL),
        ("pay.holder", account.holder, CELL),
        ("pay.bank", account.bank, CELL),
        ("pay.bic", account.bic, _DETAIL),
        ("pay.routing", account.routing, _DETAIL),
        ("pay.network", account.network, CELL),
        ("pay.asset", account.asset, CELL),
        ("pay.reference", reference, CELL),
    ]


def _cell(text: str, ink: Ink, block: Block = CELL_BLOCK) -> TextBlock:
    return TextBlock((Run(text, ink),), block)
