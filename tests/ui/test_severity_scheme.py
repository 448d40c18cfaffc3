"""The form of severity schemes: begins from one, offers what its method needs, retires."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from tests.ui.desks import Open, select_first
from vln_desktop.domain.findings import Level, Severity
from vln_desktop.domain.severity_schemes import SchemeMethod
from vln_desktop.ui.dialogs.severity_scheme import SeveritySchemePanel


def test_a_scheme_is_made_from_another_and_retired(bench: Open, qtbot: QtBot) -> None:
    desk = bench("manager.a")
    select_first(desk.open("audits"), qtbot)
    desk.run("audits.schemes")
    panel = desk.window.findChildren(SeveritySchemePanel)[-1]
    names = [panel.base.itemText(at) for at in range(panel.base.count())]
    panel.base.setCurrentIndex(next(at for at, n in enumerate(names) if n.startswith("VLN stand")))
    panel.send()
    assert "Give it a name" in panel.fields["name"].fault
    panel.name.setText("Cautious")
    panel.grid.show_severities({(Level.LOW, Level.LOW): Severity.LOW})
    panel.send()
    [made] = [one for one in desk.desk.schemes.all() if one.scheme.name == "Cautious"]
    assert made.scheme.propose(Level.LOW, Level.LOW) is Severity.LOW
    assert made.scheme.propose(Level.HIGH, Level.HIGH) is Severity.CRITICAL

    desk.run("audits.schemes")
    panel = desk.window.findChildren(SeveritySchemePanel)[-1]
    names = [panel.base.itemText(at) for at in range(panel.base.count())]
    panel.base.setCurrentIndex(next(at for at, n in enumerate(names) if n.startswith("Cautious")))
    panel.retire.click()
    assert "Cautious" not in {one.scheme.name for one in desk.desk.schemes.all()}
    action = desk.notices[-1].action
    assert action is not None
    action.handler()
    assert "Cautious" in {one.scheme.name for one in desk.desk.schemes.all()}


def test_only_what_the_method_needs_is_offered(bench: Open, qtbot: QtBot) -> None:
    desk = bench("manager.a")
    select_first(desk.open("audits"), qtbot)
    desk.run("audits.schemes")
    panel = desk.window.findChildren(SeveritySchemePanel)[-1]
    panel.method.setCurrentIndex(list(SchemeMethod).index(SchemeMethod.CVSS_3_1))
    assert panel.fields["grid"].isHidden()
    panel.method.setCurrentIndex(list(SchemeMethod).index(SchemeMethod.MATRIX))
    assert not panel.fields["grid"].isHidden()


def test_an_auditor_has_no_way_to_it(bench: Open) -> None:
    desk = bench("auditor.a")
    desk.open("audits")
    assert desk.workbench.commands.action("audits.schemes") is None
