"""The panes of clients, taxes, prices and rates, as finance uses them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.factories import TODAY, new
from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.ui.dialogs.buyer_forms import (
    AddressPanel,
    BuyerPanel,
    TaxNumberPanel,
    VatCheckPanel,
)
from vln_desktop.ui.dialogs.invoice_editor import InvoiceEditor
from vln_desktop.ui.dialogs.price_forms import AddLinesPanel, PricePanel, RatePanel
from vln_desktop.ui.dialogs.tax_forms import TaxRatePanel, TaxRulePanel
from vln_desktop.ui.panes.clients import ClientsPane
from vln_desktop.ui.panes.pages import PagesPane
from vln_desktop.ui.panes.sellers import SellersPane
from vln_desktop.ui.workspace import pane_specs


@pytest.fixture
def desk(bench: Open) -> Bench:
    return bench("finance")


def opened(desk: Bench, qtbot: QtBot) -> ClientsPane:
    pane = desk.open("clients")
    assert isinstance(pane, ClientsPane)
    pane.filter_bar.set_text("country:DE")
    select_first(pane, qtbot)
    return pane


def test_terms_and_address(desk: Bench, qtbot: QtBot) -> None:
    pane = opened(desk, qtbot)
    desk.run("clients.edit")
    panel = desk.window.findChildren(BuyerPanel)[-1]
    panel.e_invoice_address.setText("x@y.example")
    panel.send()
    assert panel.fields["e_invoice_scheme"].fault
    panel.e_invoice_scheme.setText("em")
    panel.send()
    desk.run("clients.address")
    address = desk.window.findChildren(AddressPanel)[-1]
    address.lines["city"].setText("Bonn")
    address.send()
    pane.reload()
    assert pane._found is not None
    assert "x@y.example" in pane._found.draft.e_invoice_address
    assert pane._found.addresses[0].draft.city == "Bonn"


def test_a_number_and_its_proof(firm: Firm, desk: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    firm.owner.execute("DELETE FROM vln.vat_checks")
    firm.owner.execute("DELETE FROM vln.client_tax_registrations")
    pane = opened(desk, qtbot)
    desk.run("clients.number_add")
    number = desk.window.findChildren(TaxNumberPanel)[-1]
    number.number.setText("DE136695977")
    number.send()
    assert "check digits" in number.fields["number"].fault
    number.number.setText("DE136695976")
    number.send()
    pane.reload()
    desk.run("clients.check_record")
    check = desk.window.findChildren(VatCheckPanel)[-1]
    check.send()
    assert check.fields["checked_at"].fault
    check.checked_at.setText("2026-11-20 10:00")
    check.send()
    assert check.fields["reference"].fault
    check.reference.setText("WAPI1")
    check.send()
    pane.reload()
    assert pane.numbers.answers.rowCount() == 1

    desk.run("clients.check_ask")
    assert "not reached from here" in desk.told[-1]
    table = tmp_path / "checks.csv"
    table.write_text("number,valid,date,reference\nDE136695976,yes,2026-11-21,WAPI2\n")
    pane.numbers.read_files([str(table)])
    assert "1 checks are on record" in desk.told[-1]


def test_a_new_client(desk: Bench, qtbot: QtBot) -> None:
    pane = desk.open("clients")
    select_first(pane, qtbot)
    desk.run("clients.new")
    panel = desk.window.findChildren(BuyerPanel)[-1]
    panel.send()
    assert panel.fields["country"].fault
    panel.code.setText("new1")
    panel.legal_name.setText("Neue Kundin GmbH")
    panel.country.setText("de")
    panel.send()
    qtbot.waitUntil(lambda: pane._found is not None and pane._found.code == "NEW1")  # type: ignore[attr-defined]


def test_tax_rules_and_rates_of_a_seller(desk: Bench, qtbot: QtBot) -> None:
    pane = desk.open("sellers")
    assert isinstance(pane, SellersPane)
    pane.filter_bar.set_text("country:DE")
    select_first(pane, qtbot)
    desk.run("sellers.rate_add")
    rate = desk.window.findChildren(TaxRatePanel)[-1]
    rate.name.setText("Regelsatz")
    rate.percent.setText("19")
    rate.send()
    assert rate.fields["since"].fault
    rate.since.setText("2021-01-01")
    rate.send()
    pane.reload()
    desk.run("sellers.rules_standard")
    pane.reload()
    before = pane.taxes.rules.rowCount()
    desk.run("sellers.rule_new")
    rule = desk.window.findChildren(TaxRulePanel)[-1]
    rule.send()
    assert rule.fields["zone"].fault
    rule.zone.setText("ch")
    rule.category.setCurrentIndex(rule.category.findData("O"))
    rule.send()
    assert rule.fields["wording"].fault
    rule.vatex.setText("VATEX-EU-O")
    rule.send()
    pane.reload()
    assert pane.taxes.rules.rowCount() == before + 1


def test_prices_and_rates(firm: Firm, desk: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    spec = next(spec for spec in pane_specs(desk.desk) if spec.id == "price_list")
    pane = spec.factory(desk.workbench, desk.window)
    assert isinstance(pane, PagesPane)
    pane.equip()
    pane.show()
    desk.run("price_list.new")
    price = desk.window.findChildren(PricePanel)[-1]
    price.send()
    assert price.fields["unit_price"].fault
    price.unit_price.setText("1,234.5")
    price.code.setText("p-1")
    price.english.setText("Review")
    price.send()
    pane.tabs.setCurrentIndex(1)
    desk.run("exchange_rates.new")
    rate = desk.window.findChildren(RatePanel)[-1]
    rate.rate.setText("0.9")
    rate.day.setText(str(TODAY))
    rate.send()
    assert rate.fields["source"].fault
    rate.source.setText("Our bank")
    rate.send()
    file = tmp_path / "eurofxref.csv"
    file.write_text(f"Date,USD,JPY\n{TODAY},1.1,160\n")
    pane.pages[1].read_files([str(file)])  # type: ignore[attr-defined]
    assert "1 rates are new, 1 were here" in desk.told[-1]


def test_lines_are_added_from_the_list(firm: Firm, desk: Bench, qtbot: QtBot) -> None:
    rate = new(firm.owner, "tax_rates", firm.a)["id"]
    new(firm.owner, "tax_treatments", firm.a, buyer="DE", rate_id=rate)
    invoice = new(firm.owner, "invoices", firm.a)["id"]
    detail = desk.desk.invoices.get(invoice)
    assert detail.draft is not None
    editor = InvoiceEditor(
        desk.workbench, desk.desk.invoices, detail, detail.draft, desk.window,
        desk.desk.taxes.terms_of(invoice), desk.desk.price_list,
    )  # fmt: skip
    editor.show()
    editor._ask_for_lines(desk.desk.price_list, "en")
    panel = editor.findChildren(AddLinesPanel)[-1]
    panel.table.selectAll()
    panel.send()

    prices = {line.unit_price for line in editor.lines.lines if line.unit == "DAY"} | {
        line.unit_price for line in editor.lines.lines if line.unit == "C62"
    }
    assert Decimal(42_000) in prices
    assert Decimal(2_000) in prices
