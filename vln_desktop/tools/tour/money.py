"""Finance's part of the tour: sellers with accounts and series. Nothing is sent."""

from __future__ import annotations

from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import act
from vln_desktop.ui.panes.clients import ClientsPane
from vln_desktop.ui.panes.pages import PagesPane
from vln_desktop.ui.panes.sellers import SellersPane


def show_sellers(stage: Stage, tour: Tour) -> None:
    """Take a picture of each tab of a seller, and of its forms."""
    pane = stage.open("sellers")
    if not isinstance(pane, SellersPane):
        raise TypeError("the sellers pane is another one")
    pane.filter_bar.set_text("code:VDE")
    stage.rest()
    stage.open("sellers")
    for name in ("edit", "numbers", "small_print", "close"):
        act(stage, tour, f"sellers.{name}", f"seller-{name.replace('_', '-')}.png")
    pane.detail.tabs.setCurrentWidget(pane.accounts)
    with tour.making("seller-accounts.png") as path:
        stage.picture(path)
    pane.accounts.accounts.selectRow(0)
    for name in ("add", "change", "approve"):
        act(stage, tour, f"sellers.account_{name}", f"account-{name}.png")
    pane.detail.tabs.setCurrentWidget(pane.series)
    with tour.making("seller-series.png") as path:
        stage.picture(path)
    act(stage, tour, "sellers.pattern_new", "series-pattern.png")
    pane.detail.tabs.setCurrentWidget(pane.taxes)
    with tour.making("seller-taxes.png") as path:
        stage.picture(path)
    pane.taxes.rules.selectRow(3)
    for name in ("rule_edit", "rate_add"):
        act(stage, tour, f"sellers.{name}", f"tax-{name.replace('_', '-')}.png")
    pane.filter_bar.set_text("")
    _show_clients(stage, tour)
    _show_prices(stage, tour)


def _show_clients(stage: Stage, tour: Tour) -> None:
    pane = stage.open("clients")
    if not isinstance(pane, ClientsPane):
        raise TypeError("the clients pane is another one")
    pane.filter_bar.set_text("country:FR")
    stage.rest()
    stage.open("clients")
    for name in ("edit", "address"):
        act(stage, tour, f"clients.{name}", f"client-{name}.png")
    pane.detail.tabs.setCurrentWidget(pane.numbers)
    with tour.making("client-numbers.png") as path:
        stage.picture(path)
    for name in ("number_add", "check_record"):
        act(stage, tour, f"clients.{name}", f"client-{name.replace('_', '-')}.png")
    pane.filter_bar.set_text("")


def _show_prices(stage: Stage, tour: Tour) -> None:
    stage.shell.open_pane("price_list")
    pane = stage.shell.pane("price_list")
    if not isinstance(pane, PagesPane):
        raise TypeError("the pane of prices is another one")
    for at, command in enumerate(("price_list.new", "exchange_rates.new")):
        pane.tabs.setCurrentIndex(at)
        stage.wait_for_rows(pane.pages[at], command)
        act(stage, tour, command, f"{command.replace('.', '-')}.png")
