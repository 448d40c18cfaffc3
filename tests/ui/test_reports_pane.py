"""A report in the window, from its beginning to its delivery, by the people who may."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import cast
from uuid import UUID

from pytestqt.qtbot import QtBot

from tests.authority import PASSPHRASE, Authority
from tests.db.refusal import ask
from tests.firm import Firm
from tests.ui.desks import Bench, Open, select_first
from vln_desktop.domain.report_work import DeliveryChannel, FindingChoice, Section
from vln_desktop.domain.reports import ReportKind, ReportStatus
from vln_desktop.services.signing import SigningService
from vln_desktop.services.signing_settings import SigningSettings
from vln_desktop.ui.dialogs.certificate import CertificatePanel
from vln_desktop.ui.dialogs.compare_reports import CompareReportsPanel
from vln_desktop.ui.dialogs.confirm import ConfirmPanel
from vln_desktop.ui.dialogs.publish_report import PublishPanel
from vln_desktop.ui.dialogs.report_forms import (
    AllowLeakPanel,
    CommentPanel,
    DeliveryPanel,
    ReportPanel,
)
from vln_desktop.ui.dialogs.report_section import AddSectionPanel, SectionEditor
from vln_desktop.ui.dialogs.urgent_notice import UrgentNoticePanel
from vln_desktop.ui.panes.audits import AuditsPane
from vln_desktop.ui.panes.reports import ReportsPane


def opened(desk: Bench) -> ReportsPane:
    pane = cast("ReportsPane", desk.open("reports"))
    desk.workbench.changed.connect(pane.reload)
    desk.workbench.opening.connect(lambda ref: pane.show_record(ref.id))
    return pane


def begin(desk: Bench, kind: ReportKind = ReportKind.FINAL) -> None:
    desk.run("reports.new")
    panel = desk.window.findChildren(ReportPanel)[-1]
    panel.kind.choose(kind)
    panel.send()
    assert panel.fault.text() == ""


def write(desk: Bench, pane: ReportsPane, text: str) -> None:
    section = next(part for part in pane.contents.parts if isinstance(part, Section))
    pane.contents.edit_section(section)
    editor = desk.window.findChildren(SectionEditor)[-1]
    editor.text.set_text(text)
    editor.save()


def allow_all(desk: Bench, pane: ReportsPane) -> None:
    """Allow each thing that the leak guard finds, with a reason."""
    pane.detail.tabs.setCurrentWidget(pane.guard)
    for at in range(len(pane.guard.leaks)):
        pane.guard.table.selectRow(at)
        desk.run("reports.allow")
        panel = desk.window.findChildren(AllowLeakPanel)[-1]
        panel.send()
        assert "Say why" in panel.fields["reason"].fault
        panel.reason.setPlainText("A sample of the tests.")
        panel.send()
    assert pane.guard.told.text().startswith("0 of ")


def reviewed(manager: Bench, qtbot: QtBot) -> ReportsPane:
    """Open the report as a manager and look at its paper."""
    pane = opened(manager)
    select_first(pane, qtbot)
    manager.run("reports.preview")
    qtbot.waitUntil(lambda: pane.preview.seen is not None)
    return pane


def again(manager: Bench, pane: ReportsPane, report: UUID, qtbot: QtBot) -> None:
    """Look at the next report's paper in the same pane."""
    pane.reload()
    pane.show_record(report)
    qtbot.waitUntil(lambda: _status(pane) is ReportStatus.REVIEW)
    manager.run("reports.preview")
    qtbot.waitUntil(lambda: pane.preview.seen is not None)


def _selects(pane: ReportsPane, report: UUID) -> bool:
    return pane.selected == (report,)


def _status(pane: ReportsPane) -> ReportStatus | None:
    report = pane.overview.report
    return report.status if report is not None else None


def agree(desk: Bench) -> None:
    desk.window.findChildren(ConfirmPanel)[-1].yes.click()


def test_a_report_goes_from_its_beginning_to_the_client(
    bench: Open, empty_firm: Firm, qtbot: QtBot, tmp_path: Path
) -> None:
    auditor = bench("auditor.a")
    pane = opened(auditor)
    begin(auditor)
    select_first(pane, qtbot)
    assert "Executive summary is empty." in _texts(pane)
    write(auditor, pane, "All is **well**.")
    assert "Executive summary is empty." not in _texts(pane)
    allow_all(auditor, pane)
    auditor.run("reports.to_review")

    manager = bench("manager.a")
    checked = reviewed(manager, qtbot)
    manager.run("reports.comment")
    comment = manager.window.findChildren(CommentPanel)[-1]
    comment.send()
    assert "Write something" in comment.fields["text"].fault
    comment.text.setPlainText("Say more of the vault.")
    comment.send()
    action = manager.workbench.commands.action("reports.approve")
    assert action is not None
    assert "still open" in action.toolTip()
    checked.review.table.selectRow(0)
    manager.run("reports.resolve")
    qtbot.waitUntil(lambda: checked.preview.seen is not None)
    manager.run("reports.approve")
    agree(manager)
    assert "The report is approved." in manager.told

    sign_and_publish(manager, tmp_path)
    verify_and_deliver(manager, checked, tmp_path)


def sign_and_publish(manager: Bench, folder: Path) -> None:
    """Choose a certificate, by the second try, and publish the shown report with it."""
    data, _certificate = Authority().pkcs12()
    (folder / "vln.p12").write_bytes(data)
    manager.desk.signing._settings = SigningSettings(
        folder / "config.toml"
    )  # this machine has none of its own
    manager.run("reports.certificate")
    choose = manager.window.findChildren(CertificatePanel)[-1]
    choose.path.set_files([folder / "vln.p12"])
    choose.passphrase.setText("wrong")
    choose.send()
    assert "not the one" in choose.fields["passphrase"].fault
    choose.passphrase.setText(PASSPHRASE)
    choose.send()
    manager.run("reports.publish")
    publish = manager.window.findChildren(PublishPanel)[-1]
    publish.passphrase.setText(PASSPHRASE)
    publish.send()
    assert publish.fault.text() == ""
    assert any("signed by VLN Reports (B-B)" in told for told in manager.told)


def verify_and_deliver(manager: Bench, checked: ReportsPane, folder: Path) -> None:
    """Look at what was published, record a delivery, and save the file."""
    manager.run("reports.verify")
    assert "Signed by VLN Reports, and not changed since." in manager.told[-1]
    assert "prints the same bytes again" in manager.told[-1]
    manager.run("reports.deliver")
    delivery = manager.window.findChildren(DeliveryPanel)[-1]
    delivery.send()
    assert "who got it" in delivery.fields["recipient"].fault
    delivery.recipient.setText("The board")
    delivery.channel.choose(DeliveryChannel.EMAIL)
    delivery.send()
    assert checked.versions.deliveries.rowCount() == 1
    checked.versions.write_pdf(checked.versions.versions[0], str(folder / "out.pdf"))
    pdf = (folder / "out.pdf").read_bytes()
    assert SigningService(folder / "config.toml").verify(pdf).valid


def _texts(pane: ReportsPane) -> list[str]:
    table = pane.overview.open_points
    items = [table.item(row, 0) for row in range(table.rowCount())]
    return [item.text() for item in items if item is not None]


def test_sections_and_findings_are_moved_and_left_out_by_keys(
    bench: Open, empty_firm: Firm, qtbot: QtBot
) -> None:
    auditor = bench("auditor.a")
    pane = opened(auditor)
    begin(auditor)
    select_first(pane, qtbot)
    pane.detail.tabs.setCurrentWidget(pane.contents)
    auditor.run("reports.add_section")
    panel = auditor.window.findChildren(AddSectionPanel)[-1]
    panel.send()
    assert "needs a heading" in panel.fields["title"].fault
    panel.heading.setText("Centralisation")
    panel.send()

    names = [part.draft.title for part in pane.contents.parts if isinstance(part, Section)]
    assert names[-1] == "Centralisation"
    pane.contents.table.selectRow(len(pane.contents.parts) - 1)
    auditor.run("reports.part_up")
    names = [part.draft.title for part in pane.contents.parts if isinstance(part, Section)]
    assert names[-2] == "Centralisation"

    finding = next(part for part in pane.contents.parts if isinstance(part, FindingChoice))
    pane.contents.table.selectRow(pane.contents.parts.index(finding))
    auditor.run("reports.leave_out")
    [now] = [part for part in pane.contents.parts if isinstance(part, FindingChoice)
             and part.finding_id == finding.finding_id]  # fmt: skip
    assert now.left_out
    undo = auditor.notices[-1].action
    assert undo is not None
    undo.handler()
    [now] = [part for part in pane.contents.parts if isinstance(part, FindingChoice)
             and part.finding_id == finding.finding_id]  # fmt: skip
    assert not now.left_out


def test_an_author_cannot_approve_and_says_why(bench: Open, empty_firm: Firm, qtbot: QtBot) -> None:
    manager = bench("manager.a")
    pane = opened(manager)
    begin(manager)
    select_first(pane, qtbot)
    manager.run("reports.to_review")

    action = manager.workbench.commands.action("reports.approve")
    assert action is not None
    assert not action.isEnabled()
    assert "wrote themselves" in action.toolTip()


def test_two_writers_of_a_section_choose(bench: Open, empty_firm: Firm, qtbot: QtBot) -> None:
    auditor, manager = bench("auditor.a"), bench("manager.a")
    pane = opened(auditor)
    begin(auditor)
    select_first(pane, qtbot)
    other = opened(manager)
    select_first(other, qtbot)
    write(manager, other, "The manager's.")

    write(auditor, pane, "The auditor's.")

    editor = auditor.window.findChildren(SectionEditor)[-1]
    assert editor.text.text == "The auditor's."
    stored = "SELECT text FROM vln.report_sections WHERE kind = 'executive_summary'"
    assert ask(empty_firm.owner, stored) == "The manager's."
    editor.text.set_text("The manager's.")
    editor.save()


def test_a_draft_is_thrown_away_and_undone(bench: Open, empty_firm: Firm, qtbot: QtBot) -> None:
    auditor = bench("auditor.a")
    pane = opened(auditor)
    begin(auditor)
    select_first(pane, qtbot)

    auditor.run("reports.throw_away")

    deleted = "SELECT count(*) FROM vln.reports WHERE deleted_at IS NOT NULL"
    assert ask(empty_firm.owner, deleted) == 1
    undo = auditor.notices[-1].action
    assert undo is not None
    undo.handler()
    assert ask(empty_firm.owner, deleted) == 0


def test_unsigned_publishing_says_so_and_versions_compare(
    bench: Open, empty_firm: Firm, qtbot: QtBot
) -> None:
    auditor, manager = bench("auditor.a"), bench("manager.a")
    writing, pane = opened(auditor), None
    for text in ("First.", "Second."):
        begin(auditor)
        qtbot.waitUntil(lambda: len(writing.selected) == 1)
        qtbot.waitUntil(lambda: _status(writing) is ReportStatus.DRAFT)
        write(auditor, writing, text)
        allow_all(auditor, writing)
        auditor.run("reports.to_review")
        assert writing.overview.report is not None
        report = writing.overview.report.id
        qtbot.waitUntil(partial(_selects, writing, report))
        if pane is None:
            pane = reviewed(manager, qtbot)
        else:
            again(manager, pane, report, qtbot)
        manager.run("reports.approve")
        agree(manager)
        manager.run("reports.publish")
        panel = manager.window.findChildren(PublishPanel)[-1]
        panel.send()
        assert "No certificate is chosen" in panel.fields["unsigned"].fault
        panel.unsigned.setChecked(True)
        panel.send()
        assert "without a signature" in manager.told[-1]

    manager.run("reports.compare")

    page = manager.window.findChildren(CompareReportsPanel)[-1].page.toPlainText()
    assert "Executive summary" in page
    assert "First.  →  Second." in page
    states = empty_firm.owner.execute("SELECT status FROM vln.reports").fetchall()
    assert {state for (state,) in states} == {ReportStatus.PUBLISHED.value}
    assert pane is not None
    assert pane.versions.table.rowCount() == 2


def test_an_urgent_notice_stands_on_the_time_line(bench: Open, firm: Firm, qtbot: QtBot) -> None:
    auditor = bench("auditor.a")
    pane = cast("AuditsPane", auditor.open("audits"))
    auditor.workbench.changed.connect(pane.reload)
    select_first(pane, qtbot)
    auditor.run("audits.notice")
    panel = auditor.window.findChildren(UrgentNoticePanel)[-1]
    panel.send()
    assert "who was told" in panel.fields["recipient"].fault
    panel.recipient.setText("The head of engineering")
    panel.text.setPlainText("Stop the router.")
    panel.moment.setText("2999-01-01")
    panel.send()
    assert "once it was given" in panel.fields["told_at"].fault
    panel.moment.setText("")
    panel.send()
    assert "when it was told" in panel.fields["told_at"].fault
    panel.moment.setText("2026-11-01 10:00")
    panel.send()
    told = ask(firm.owner, "SELECT count(*) FROM vln.urgent_notices WHERE text LIKE 'Stop%%'")
    assert told == 1
    assert panel.fault.text() == ""
