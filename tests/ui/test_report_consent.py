"""Embargo and the client's consent on a report's overview, long before it is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.db.refusal import ask
from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from tests.ui.test_reports_pane import begin, opened
from vln_desktop.ui.dialogs.report_consent import ConsentPanel
from vln_desktop.ui.panes.reports import ReportsPane
from vln_desktop.ui.widgets.detail import Facts

STORED = "SELECT public_consent, consent_by, consent_on::text, consent_reference FROM vln.reports"


@pytest.fixture
def auditor(bench: Open, empty_firm: Firm) -> Bench:
    return bench("auditor.a")


@pytest.fixture
def pane(auditor: Bench, qtbot: QtBot) -> ReportsPane:
    made = opened(auditor)
    begin(auditor)
    select_first(made, qtbot)
    return made


def consent(auditor: Bench) -> ConsentPanel:
    auditor.run("reports.consent")
    return auditor.window.findChildren(ConsentPanel)[-1]


def facts(pane: ReportsPane) -> str:
    return " ".join(
        part.text()
        for part in pane.overview.findChild(Facts).findChildren(QLabel)  # type: ignore[union-attr]
    )


def test_who_consented_is_asked_noted_and_shown(
    auditor: Bench, pane: ReportsPane, empty_firm: Firm
) -> None:
    assert "not noted" in facts(pane)
    panel = consent(auditor)
    assert not panel.fields["consent_by"].isVisible()
    panel.embargo.setText("next week")
    panel.send()
    assert "is no day" in panel.fields["embargo_until"].fault
    panel.embargo.setText("2027-03-01")
    panel.consent.setChecked(True)
    panel.send()
    assert "Say who" in panel.fields["consent_by"].fault
    panel.by.setText("  Ada Byron, CTO ")
    panel.send()
    assert "Say on which day" in panel.fields["consent_on"].fault
    panel.given_on.setText((datetime.now(UTC) + timedelta(days=2)).date().isoformat())
    panel.send()
    assert "still to come" in panel.fields["consent_on"].fault
    panel.given_on.setText("1899-12-31")
    panel.send()
    assert "four digits" in panel.fields["consent_on"].fault
    panel.given_on.setText("2026-11-20")
    panel.reference.setText("Message of 20 November")
    panel.send()

    row = empty_firm.owner.execute(STORED).fetchone()
    assert row == (True, "Ada Byron, CTO", "2026-11-20", "Message of 20 November")
    shown = facts(pane)
    assert "Ada Byron, CTO" in shown
    assert "Message of 20 November" in shown
    assert "1 Mar 2027" in shown


def test_a_consent_that_is_withdrawn_leaves_no_name(
    auditor: Bench, pane: ReportsPane, empty_firm: Firm
) -> None:
    panel = consent(auditor)
    panel.consent.setChecked(True)
    panel.by.setText("Ada")
    panel.given_on.setText("2026-11-20")
    panel.send()
    assert "Ada" in facts(pane)
    again = consent(auditor)
    assert again.by.text() == "Ada"
    again.consent.setChecked(False)
    again.send()
    assert empty_firm.owner.execute(STORED).fetchone() == (False, "", None, "")
    assert "not noted" in facts(pane)


def test_an_approved_report_keeps_what_was_noted(
    auditor: Bench, pane: ReportsPane, empty_firm: Firm
) -> None:
    empty_firm.owner.execute("ALTER TABLE vln.reports DISABLE TRIGGER USER")
    empty_firm.owner.execute("UPDATE vln.reports SET status = 'approved'")
    empty_firm.owner.execute("ALTER TABLE vln.reports ENABLE TRIGGER USER")
    assert ask(empty_firm.owner, "SELECT status FROM vln.reports") == "approved"
    pane.reload()
    action = auditor.workbench.commands.action("reports.consent")
    assert action is not None
    assert "send it back first" in action.toolTip()
