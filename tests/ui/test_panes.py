"""The panes over a real database, as the people who use them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.desks import Bench, Open, select_first
from vln_desktop.domain.audits import AuditStatus
from vln_desktop.domain.classification import LinkKind
from vln_desktop.domain.finding_drafts import draft_of
from vln_desktop.domain.findings import ClientPosition, ReviewState, Severity, TriageField
from vln_desktop.domain.templates import How
from vln_desktop.ui.dialogs.add_response import AddResponsePanel
from vln_desktop.ui.dialogs.conflict import ConflictPanel
from vln_desktop.ui.dialogs.cvss import CvssPanel
from vln_desktop.ui.dialogs.finding_editor import FindingEditor
from vln_desktop.ui.dialogs.finding_form import open_finding
from vln_desktop.ui.dialogs.link_finding import LinkFindingPanel
from vln_desktop.ui.dialogs.save_template import SaveTemplatePanel
from vln_desktop.ui.dialogs.take_findings import TakeFindingsPanel
from vln_desktop.ui.dialogs.use_template import UseTemplatePanel
from vln_desktop.ui.panes.activity import ActivityPane
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.panes.finding_forms import editor_services
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.widgets.text_table import TextTable


def test_a_severity_key_changes_the_finding_and_undo_takes_it_back(
    bench: Open, qtbot: QtBot
) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)
    finding = pane.selected[0]

    desk.run("findings.severity_critical")
    assert desk.desk.findings.get(finding).severity is Severity.CRITICAL
    desk.run("findings.undo")

    assert desk.desk.findings.get(finding).severity is Severity.HIGH
    number = desk.desk.findings.get(finding).number
    assert desk.told == [f"{number} changed.", f"{number} taken back."]


def test_only_legal_steps_are_offered(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    select_first(pane, qtbot)
    desk.desk.findings.triage(pane.selected, TriageField.REVIEW_STATE, ReviewState.INVALID.value)
    pane.reload()

    ready = desk.workbench.commands.action("findings.state_ready")
    duplicate = desk.workbench.commands.action("findings.state_duplicate")

    assert ready is not None
    assert duplicate is not None
    qtbot.waitUntil(lambda: "cannot become" in duplicate.toolTip())
    assert not duplicate.isEnabled()


@pytest.mark.parametrize("login", ["finance", "readonly", "admin"])
def test_who_may_not_read_texts_has_a_list_without_triage(bench: Open, login: str) -> None:
    desk = bench(login)
    pane = desk.open("findings")

    assert pane.detail.isHidden()
    assert desk.workbench.commands.action("findings.edit") is None
    assert desk.workbench.commands.action("findings.severity_high") is None


def test_a_comment_is_written_and_shown(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)

    desk.run("findings.comment")
    pane.discussion.text.setPlainText("Look at the callback again.")
    pane.discussion.send()

    comments = desk.desk.findings.get(pane.selected[0]).comments
    assert comments[-1].body == "Look at the callback again."
    assert pane.discussion.text.toPlainText() == ""


def _editor(desk: Bench, finding: object) -> FindingEditor:
    service = desk.desk.findings
    detail = service.get(finding)  # type: ignore[arg-type]
    opened = open_finding(detail, service.scheme(detail.audit_id))
    editor = FindingEditor(desk.workbench, editor_services(desk.desk), opened, desk.window)
    editor.show()
    return editor


def test_the_form_proposes_the_severity_of_the_scheme(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    select_first(pane, qtbot)
    editor = _editor(desk, pane.selected[0])

    editor.grades.impact.setCurrentIndex(1)
    editor.grades.likelihood.setCurrentIndex(1)
    editor._propose()
    assert editor.grades.severity.word is Severity.CRITICAL
    editor.grades.severity.choose(Severity.LOW)
    editor.save()
    assert "say why" in editor._fault.text()
    editor.grades.reason.setText("Only the owner can do it.")
    editor.save()

    assert desk.desk.findings.get(pane.selected[0]).severity is Severity.LOW


def test_a_finding_is_written_by_hand(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    select_first(pane, qtbot)
    desk.run("findings.new")
    [editor] = desk.window.findChildren(FindingEditor)
    made: list[UUID] = []
    editor.saved.connect(lambda changes: made.extend(changes.ids))

    editor.save()
    assert "needs a title" in editor._fault.text()
    editor.title.setText("A donation moves the share price")
    editor.marks.weakness.setEditText("CWE-nothing")
    editor.save()
    assert "no entry of CWE or SWC" in editor._fault.text()
    editor.marks.weakness.choose("SWC-107")
    editor.marks.tags.setText("#Oracle")
    editor.references.setPlainText("no address")
    editor.save()
    assert "Line 1" in editor._fault.text()
    editor.references.setPlainText("EIP https://eips.example/4626")
    editor.save()

    found = desk.desk.findings.get(made[0])
    assert (found.title, found.tags) == ("A donation moves the share price", ("oracle",))
    assert found.weakness_id == "SWC-107"


def test_findings_are_linked_and_the_link_leads_there(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)
    finding = desk.desk.findings.get(pane.selected[0])
    other = desk.desk.findings.create(finding.audit_id, draft_of(finding))
    desk.run("findings.link")
    panel = desk.window.findChild(LinkFindingPanel)
    assert panel is not None

    panel.send()
    assert panel.fields["other"].fault
    panel.other.choose(other)
    panel.kind.setCurrentIndex(1)
    panel.reason.setPlainText("The same cause.")
    panel.send()
    [link] = desk.desk.findings.get(finding.id).links
    assert (link.other_id, link.kind) == (other, LinkKind.RELATED)

    pane.overview.links.opened.emit(other)
    assert pane._found is not None
    assert pane._found.detail.id == other
    pane.overview.links.taken_away.emit(link.id)
    assert desk.desk.findings.get(finding.id).links == ()


def test_the_calculator_writes_a_vector(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    select_first(pane, qtbot)
    editor = _editor(desk, pane.selected[0])
    editor.marks.open_calculator()
    panel = editor.findChild(CvssPanel)
    assert panel is not None
    assert not panel.use.isEnabled()
    for box in panel.boxes.values():
        box.setCurrentIndex(0)
    panel.take()

    editor.save()
    found = desk.desk.findings.get(pane.selected[0])
    assert found.cvss_vector.startswith("CVSS:4.0/AV:")
    assert found.cvss_score is not None


def test_a_conflict_is_shown_and_the_choice_is_saved(bench: Open, qtbot: QtBot) -> None:
    mine, theirs = bench("auditor.a"), bench("manager.a")
    pane = mine.open("findings")
    select_first(pane, qtbot)
    finding = pane.selected[0]
    editor, other = _editor(mine, finding), _editor(theirs, finding)
    other.title.setText("Theirs")
    other.texts["impact"].set_text("Their impact")
    other.save()

    editor.title.setText("Mine")
    editor.texts["proof"].set_text("My proof")
    editor.save()
    panel = editor.findChild(ConflictPanel)
    assert panel is not None
    assert mine.desk.findings.get(finding).title == "Theirs"
    panel._choose()

    stored = mine.desk.findings.get(finding)
    assert (stored.title, stored.impact, stored.proof) == ("Mine", "Their impact", "My proof")


def test_an_audit_takes_a_step_and_back(bench: Open, qtbot: QtBot) -> None:
    desk = bench("manager.a")
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)

    desk.run("audits.status_approved")
    audit = desk.desk.audits.get(pane.selected[0])
    undo = desk.notices[-1].action
    assert undo is not None
    undo.handler()

    assert audit.status is AuditStatus.APPROVED
    assert desk.desk.audits.get(audit.id).status is AuditStatus.INTAKE


def test_a_report_is_written_from_the_pane(bench: Open, qtbot: QtBot, tmp_path: Path) -> None:
    desk = bench("auditor.a")
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)
    file = tmp_path / "report.pdf"

    pane.forms.write_report(pane.selected[0], str(file))

    assert file.read_bytes().startswith(b"%PDF")
    assert str(file) in desk.told[-1]


def test_an_admin_sees_who_did_what_but_not_what_a_finding_says(bench: Open, qtbot: QtBot) -> None:
    desk = bench("admin")
    pane = desk.open("activity")
    assert isinstance(pane, ActivityPane)
    pane.filter_bar.set_text("class:findings")
    select_first(pane, qtbot)

    assert not pane.detail.tabs.isTabVisible(0)
    assert pane.detail.tabs.isTabVisible(1)


def _text(table: TextTable, row: int, at: int) -> str:
    item = table.item(row, at)
    return "" if item is None else item.text()


def test_the_log_shows_old_and_new(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    findings = desk.open("findings")
    select_first(findings, qtbot)
    desk.run("findings.severity_low")
    pane = desk.open("activity")
    assert isinstance(pane, ActivityPane)
    pane.filter_bar.set_text("what:findings")
    select_first(pane, qtbot)

    table = pane._changes
    cells = [[_text(table, row, at) for at in range(3)] for row in range(table.rowCount())]
    rows = {name: (before, after) for name, before, after in cells}
    assert rows["Severity"] == ("High", "Low")


def _response_form(desk: Bench, qtbot: QtBot) -> tuple[AddResponsePanel, UUID]:
    """Open the form for a response to the first finding."""
    pane = desk.open("findings")
    assert isinstance(pane, FindingsPane)
    select_first(pane, qtbot)
    pane.opener(pane.forms.add_response)()
    panel = desk.window.findChild(AddResponsePanel)
    assert panel is not None
    return panel, pane.selected[0]


def test_a_response_of_the_client_is_added_and_shown(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    panel, finding = _response_form(desk, qtbot)

    panel.send()
    assert "Write what was answered" in panel.fields["text"].fault
    panel.text.setPlainText("Only a keeper can call this.")
    panel.position.setCurrentIndex(1 + list(ClientPosition).index(ClientPosition.DISPUTED))
    panel.fix_commit.setText("not a commit")
    panel.send()
    assert "7 to 64 digits" in panel.fields["fix_commit"].fault
    panel.fix_commit.setText("")
    panel.send()

    [*_, response] = desk.desk.responses.of(finding)
    assert response.text == "Only a keeper can call this."
    assert desk.desk.findings.get(finding).client_position is ClientPosition.DISPUTED

    undo = desk.notices[-1].action
    assert undo is not None
    undo.handler()
    assert response.id not in {one.id for one in desk.desk.responses.of(finding)}


def test_the_firm_takes_no_position(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    panel, finding = _response_form(desk, qtbot)

    panel.party.setCurrentIndex(1)
    panel.text.setPlainText("We keep it.")
    assert panel.fields["position"].isHidden()
    panel.send()

    assert desk.desk.responses.of(finding)[-1].position is None


def test_a_template_is_saved_and_used_field_by_field(bench: Open, qtbot: QtBot) -> None:
    desk = bench("auditor.a")
    pane = desk.open("findings")
    select_first(pane, qtbot)
    first = _editor(desk, pane.selected[0])
    first.texts["remediation"].set_text("Write before the call.")
    first.save_template()
    panel = first.findChildren(SaveTemplatePanel)[-1]
    panel.name.setText("")
    panel.send()
    assert "name" in panel.fields["name"].fault
    panel.name.setText("Checks, effects")
    panel.send()
    first.throw_away()

    desk.run("findings.new")
    editor = desk.window.findChildren(FindingEditor)[-1]
    editor.texts["description"].set_text("Mine.")
    editor.use_template()
    use = editor.findChildren(UseTemplatePanel)[-1]
    use.search.setText("nothing is called so")
    assert not use.use.isEnabled()
    use.search.setText("checks")
    assert use.chosen is not None
    use.boxes["description"].setCurrentIndex(list(How).index(How.COMBINE))
    use.take()
    assert editor.texts["remediation"].text == "Write before the call."
    assert editor.texts["description"].text.startswith("Mine.\n\n")
    assert editor.title.text() == desk.desk.findings.get(pane.selected[0]).title
    editor.throw_away()


def test_findings_go_out_as_markdown_and_come_in_again(
    bench: Open, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = bench("auditor.a")
    pane = desk.open("audits")
    assert isinstance(pane, AuditsPane)
    select_first(pane, qtbot)
    audit = desk.desk.audits.get(pane.selected[0])
    pane.forms.write_markdown_to(audit, str(tmp_path))
    [file] = tmp_path.glob("*.md")
    file.write_text(file.read_text().replace('title = "', 'title = "Edited elsewhere: ', 1))
    (tmp_path / "broken.md").write_text("no front matter")

    pane.forms.show_markdown(audit, [str(file), str(tmp_path / "broken.md")])
    panel = desk.window.findChildren(TakeFindingsPanel)[-1]
    assert panel.told.text() == "1 of 2 will be taken in."
    panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not panel.take.isEnabled()
    panel.list.item(0).setCheckState(Qt.CheckState.Checked)
    panel.send()
    assert "1 findings were taken in" in desk.told[-1]
    titles = {title for _id, _number, title in desk.desk.classification.others(audit.id, audit.id)}
    assert any(title.startswith("Edited elsewhere: ") for title in titles)
