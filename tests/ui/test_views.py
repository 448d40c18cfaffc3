"""The bar of saved views, as people use it over a real database."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.firm import Firm
from tests.ui.desks import Bench, Open
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.views import SavedView, ViewDraft
from vln_desktop.services.views import ViewsService
from vln_desktop.ui.dialogs.save_view import SaveViewPanel
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.views import PaneViews


def _views(pane: GridPane[object]) -> PaneViews:
    assert pane.views is not None
    return pane.views


def _named(views: PaneViews, name: str) -> SavedView:
    return next(view for view in views.views if view.name == name)


def _save(desk: Bench, name: str) -> SaveViewPanel:
    desk.run("findings.save_view")
    panel = desk.window.findChildren(SaveViewPanel)[-1]
    panel.name.setText(name)
    panel.send()
    return panel


def test_what_is_shown_is_saved_and_shown_again(bench: Open) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    views = _views(pane)
    pane.filter_bar.set_text("severity:high")
    pane.grid.sort_by(Sort("severity", descending=True))
    pane.grid.setColumnHidden(1, True)
    _save(desk, "High first")

    view = _named(views, "High first")
    assert views.bar.buttons[view.id].isChecked()
    pane.filter_bar.set_text("")
    pane.grid.setColumnHidden(1, False)
    pane.grid.sort_by(Sort("created", descending=True))
    assert not views.bar.buttons[view.id].isChecked()

    views.bar.buttons[view.id].click()
    assert pane.filter_bar.text == "severity:high"
    assert pane.grid.sort == Sort("severity", descending=True)
    assert pane.grid.isColumnHidden(1)
    assert views.bar.buttons[view.id].isChecked()


def test_views_tell_how_many_rows_they_show(bench: Open, firm: Firm) -> None:
    service = ViewsService(firm.sign_in("auditor.a"))
    service.add("findings", ViewDraft("All", ""))
    service.add("findings", ViewDraft("None", "state:out_of_scope"))
    service.add("findings", ViewDraft("Cannot be read", "no:token"))
    pane = bench("auditor.a").open("findings")
    views = _views(pane)

    texts = {views.bar.buttons[view.id].text() for view in views.views}
    assert {"All  1", "None  0", "Cannot be read"} <= texts


def test_a_name_that_is_taken_is_refused_beside_its_field(bench: Open) -> None:
    desk = bench("auditor.a")
    desk.open("findings")
    _save(desk, "Mine")
    panel = _save(desk, "Mine")
    assert "already" in panel.fields["name"].fault
    panel.close_panel()


def test_a_view_is_changed_renamed_removed_and_put_back(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    views = _views(pane)
    _save(desk, "Mine")
    pane.filter_bar.set_text("severity:low")
    views.update_view(_named(views, "Mine"))
    assert _named(views, "Mine").draft.filter == "severity:low"
    _undo(desk)
    assert _named(views, "Mine").draft.filter == ""

    views.rename(_named(views, "Mine"))
    panel = desk.window.findChildren(SaveViewPanel)[-1]
    panel.name.setText("Ours")
    panel.first.setChecked(True)
    panel.send()
    assert _named(views, "Ours").draft.is_default

    views.remove(_named(views, "Ours"))
    assert "Ours" not in [view.name for view in views.views]
    _undo(desk)
    assert _named(views, "Ours").draft.is_default


def _undo(desk: Bench) -> None:
    action = desk.notices[-1].action
    assert action is not None
    action.handler()


def test_ones_own_default_opens_the_pane_and_the_roles_a_fresh_one(bench: Open, firm: Firm) -> None:
    manager = ViewsService(firm.sign_in("manager.a"))
    shared = ViewDraft("Team", "severity:critical", {}, Role.AUDITOR, is_default=True)
    manager.add("findings", shared)
    first = bench("auditor.a").open("findings")
    assert first.filter_bar.text == "severity:critical"
    first.filter_bar.set_text("severity:low")

    again = bench("auditor.a").open("findings")
    assert again.filter_bar.text == "severity:low"  # arranged by hand: the role's gives way
    mine = ViewDraft("Mine", "state:candidate", {}, None, is_default=True)
    ViewsService(firm.sign_in("auditor.a")).add("findings", mine)
    assert bench("auditor.a").open("findings").filter_bar.text == "state:candidate"


def test_views_are_shown_by_number_and_further_ones_stand_in_the_menu(
    bench: Open, firm: Firm
) -> None:
    desk = bench("auditor.a")
    empty = desk.workbench.commands.action
    desk.open("audits")
    command = empty("audits.views")
    assert command is not None
    assert command.toolTip() == "No view is saved yet."
    pane = desk.open("findings")
    service = ViewsService(firm.sign_in("auditor.a"))
    for number in range(1, 9):
        service.add("findings", ViewDraft(f"View {number}", f"severity:high created:{number}d"))
    views = _views(pane)
    views.load()

    assert len(views.bar.buttons) == 5
    assert views.bar.more.isVisibleTo(pane)
    desk.run("findings.views")
    entries = views.bar.findChildren(QMenu)[-1].actions()
    assert [entry.text()[:4] for entry in entries[:9]] == [f"&{n}  " for n in range(1, 10)]
    next(entry for entry in entries if "View 8" in entry.text()).trigger()
    assert pane.filter_bar.text == "severity:high created:8d"


def test_who_may_not_share_is_not_offered_it(bench: Open) -> None:
    for login, offered in (("auditor.a", False), ("manager.a", True)):
        desk = bench(login)
        desk.open("findings")
        desk.run("findings.save_view")
        panel = desk.window.findChildren(SaveViewPanel)[-1]
        assert panel.fields["shared"].isVisibleTo(panel) is offered
        panel.close_panel()
