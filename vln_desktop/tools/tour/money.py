"""Finance's part of the tour: sellers with accounts and series. Nothing is sent."""

from __future__ import annotations

from vln_desktop.tools.tour.making import Tour
from vln_desktop.tools.tour.stage import Stage
from vln_desktop.tools.tour.steps import act
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
    pane.filter_bar.set_text("")
