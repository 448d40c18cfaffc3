"""Reports: begun, assembled, previewed, reviewed, approved, published, compared and delivered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.leaks import Leak
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.report_work import ReportDetail
from vln_desktop.domain.reports import REPORT_TRANSITIONS, ReportStatus
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import REPORTS
from vln_desktop.services.reports import ENTITY
from vln_desktop.services.signing_settings import SigningChoice
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.certificate import CertificatePanel
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.publish_report import PublishPanel
from vln_desktop.ui.dialogs.report_consent import ConsentPanel
from vln_desktop.ui.dialogs.report_forms import AuditChoice, ReportPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.report_contents import ReportContents
from vln_desktop.ui.panes.report_guard import ReportGuard
from vln_desktop.ui.panes.report_layout import reports_layout
from vln_desktop.ui.panes.report_overview import ReportOverview
from vln_desktop.ui.panes.report_preview import ReportPreview
from vln_desktop.ui.panes.report_review import ReportReview
from vln_desktop.ui.panes.report_tabs import ReportTab
from vln_desktop.ui.panes.report_versions import ReportVersions
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.workbench import Pane, PaneSpec, RecordRef, Workbench


class ReportsPane(GridPane[ReportDetail]):
    """The reports grid and one report beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: ReportDetail | None = None
        rows = GridSource(desk.database, REPORTS, desk.directory.find)
        layout = reports_layout(desk.directory.name_of)
        people = tuple(person.name for person in desk.directory.colleagues)
        super().__init__(workbench, rows, layout, people, parent)
        self.overview = ReportOverview(desk, workbench, self)
        self.contents = ReportContents(desk, workbench, self)
        self.preview = ReportPreview(desk, workbench, self)
        self.review = ReportReview(desk, workbench, self)
        self.guard = ReportGuard(desk, workbench, self)
        self.versions = ReportVersions(desk, workbench, self)
        self._parts: tuple[ReportTab, ...] = (
            self.overview, self.contents, self.preview, self.review, self.guard, self.versions,
        )  # fmt: skip
        self.contents.paper_wanted.connect(self.show_finding)
        self.guard.section_wanted.connect(self.show_leak)
        self.preview.view.pages.place_shown.connect(self._refresh_commands)
        for part, name in zip(
            self._parts,
            (self.tr("Overview"), self.tr("Contents"), self.tr("Preview"), self.tr("Review"),
             self.tr("Leak guard"), self.tr("Versions")),
            strict=True,
        ):  # fmt: skip
            self.detail.tabs.addTab(part, name)

    def commands(self) -> list[Command]:
        """The grid's commands, and what is done with a report."""
        edit, approve = Right.REPORTS_EDIT, Right.REPORTS_APPROVE
        status = ReportStatus
        return [
            *super().commands(),
            self.own_command("new", self.tr("New report…"), self.begin, "Ctrl+N", Glyph.ADD, edit),
            self.own_command("edit", self.tr("Edit the facts…"), self.edit, "E", Glyph.EDIT, edit,
                             self._can_change),
            self.own_command("consent", self.tr("Consent…"), self.note_consent, "",
                             Glyph.LOCK,
                             edit, self._can_change),
            self.own_command("preview", self.tr("Preview"), self.show_preview, "P", Glyph.VIEW,
                             Right.REPORTS_READ, self.need_one),
            self.own_command("read_finding", self.tr("Open the finding one reads"),
                          self.open_read_finding, "F", Glyph.FINDING, Right.REPORTS_READ,
                          self._reads_finding),
            self._step("to_review", self.tr("Send to review"), status.REVIEW, edit),
            self._step("to_draft", self.tr("Back to draft"), status.DRAFT, edit),
            self.own_command("approve", self.tr("Approve…"), self.approve, "", Glyph.CHECK, approve,
                             self._can_approve),
            self.own_command("publish", self.tr("Publish…"), self.publish, "", Glyph.SEND, approve,
                             partial(self._can_become, status.PUBLISHED)),
            self._step("archive", self.tr("Archive"), status.ARCHIVED, approve),
            self._step("unarchive", self.tr("Back from the archive"), status.PUBLISHED, approve),
            self.own_command("throw_away", self.tr("Throw the draft away"), self.throw_away, "",
                             Glyph.DELETE, edit, self._can_throw_away),
            Command("reports.certificate", self.tr("Certificate that signs…"),
                    self.choose_certificate, "", Glyph.LOCK, approve,
                    group=self.layout_data.title,
                    words="sign pkcs12 pkcs11 token smart card root trust pades signature"),
            *(command for part in self._parts for command in part.commands(self.layout_data.title)),
        ]  # fmt: skip

    def equip(self) -> None:
        """Place the registered commands, those of each tab on it."""
        super().equip()
        for part in self._parts:
            self.workbench.commands.add(part.own_commands(self.layout_data.title), part)
            part.equip()

    def fetch(self, id_: UUID, _context: TaskContext) -> ReportDetail:
        """Fetch a report with its parts."""
        return self._desk.reports.get(id_)

    def fill(self, detail: ReportDetail) -> None:
        """Show a report."""
        self._found = detail
        looks = [
            look_of("report_kind", detail.draft.kind), look_of("report_status", detail.status),
        ]  # fmt: skip
        self.detail.show_record(detail.audit_number, detail.draft.title, looks, detail.client)
        for part in self._parts:
            part.show_report(detail)
        self.workbench.commands.refresh()

    def begin(self) -> None:
        """Ask for which audit, and what kind of report."""

        def work(_context: TaskContext) -> tuple[AuditChoice, ...]:
            return self._desk.audits.reportable()

        def offer(audits: tuple[AuditChoice, ...]) -> None:
            ReportPanel(self.workbench, self._desk.reports, audits, self.window()).open()

        self.workbench.tasks.run(self, work, offer, self.workbench.messages.report)

    def edit(self) -> None:
        """Change the facts of the shown report."""
        self._when_shown(self._open_facts)

    def note_consent(self) -> None:
        """Note until when the shown report is kept back, and who consented to its publication."""
        self._when_shown(self._open_consent)

    def show_preview(self) -> None:
        """Go to the paper."""
        self.detail.show()
        self.detail.tabs.setCurrentWidget(self.preview)
        self.preview.setFocus()

    def show_finding(self, number: str) -> None:
        """Show the page on which a finding stands."""
        self.show_preview()
        if not self.preview.go_to_finding(number):
            self.workbench.messages.say(
                self.tr("{number} is not in the paper.").format(number=number)
            )

    def show_leak(self, leak: Leak) -> None:
        """Open the section that something was found in, at the place."""
        self.detail.tabs.setCurrentWidget(self.contents)
        self.contents.go_to_leak(leak)

    def open_read_finding(self) -> None:
        """Open the finding whose card one reads in the preview."""
        number = self.preview.shown_finding
        for finding in self._found.findings if self._found is not None else ():
            if finding.number == number:
                self.workbench.open(RecordRef("findings", finding.finding_id))

    def approve(self) -> None:
        """Say what approving means, and do it for the very content that was looked at."""
        self._when_shown(self._ask_to_approve)

    def publish(self) -> None:
        """Ask for the signature, and publish."""
        self._when_shown(self._ask_to_publish)

    def throw_away(self) -> None:
        """Throw the shown draft away; the notice offers it back."""
        self._when_shown(self._throw_away)

    def choose_certificate(self) -> None:
        """Choose what signs on this machine, and whose signatures are trusted."""
        signing = self._desk.signing

        def work(_context: TaskContext) -> tuple[SigningChoice | None, tuple[Path, ...]]:
            return signing.chosen(), signing.trusted()

        def offer(now: tuple[SigningChoice | None, tuple[Path, ...]]) -> None:
            CertificatePanel(self.workbench, signing, now, self.window()).open()

        self.workbench.tasks.run(self, work, offer, self.workbench.messages.report)

    def _open_facts(self, report: ReportDetail) -> None:
        ReportPanel(self.workbench, self._desk.reports, report, self.window()).open()

    def _open_consent(self, report: ReportDetail) -> None:
        ConsentPanel(self.workbench, self._desk.reports, report, self.window()).open()

    def _ask_to_approve(self, report: ReportDetail) -> None:
        seen = self.preview.seen
        if seen is None:
            self.show_preview()
            self.workbench.messages.say(self.tr("Look at the paper first, then approve it."))
            return
        question = Question(
            self.tr("Approve this report?"),
            self.tr("You vouch for the paper as the preview shows it. From then on nobody changes "
                    "it, unless it is sent back; exactly this content is published."),
            self.tr("Approve"),
        )  # fmt: skip

        def agreed(_reason: str) -> None:
            self.workbench.change(
                self, partial(self._desk.publishing.approve, report, seen),
                self.tr("The report is approved."),
            )  # fmt: skip

        ask(question, agreed, self.window())

    def _ask_to_publish(self, report: ReportDetail) -> None:
        signing = self._desk.signing

        def work(_context: TaskContext) -> tuple[SigningChoice | None, bool]:
            return signing.chosen(), signing.asks_passphrase()

        def offer(chosen: tuple[SigningChoice | None, bool]) -> None:
            services = (self._desk.publishing, signing)
            PublishPanel(self.workbench, services, report, chosen, self.window()).open()

        self.workbench.tasks.run(self, work, offer, self.workbench.messages.report)

    def _throw_away(self, report: ReportDetail) -> None:
        def work(_context: TaskContext) -> Changes:
            return self._desk.reports.throw_away(report)

        def told(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(
                self.tr("The draft is thrown away."), partial(self._bring_back, report)
            )

        self.workbench.act(self, work, told, self.workbench.messages.report)

    def _bring_back(self, report: ReportDetail) -> None:
        self.workbench.change(
            self, partial(self._desk.reports.bring_back, report), self.tr("The draft is back.")
        )

    def _take(self, status: ReportStatus) -> None:
        def act(report: ReportDetail) -> None:
            word = look_of("report_status", status).text.lower()
            self.workbench.change(
                self, partial(self._desk.reports.set_status, report, status),
                self.tr("The report is {status} now.").format(status=word),
            )  # fmt: skip

        self._when_shown(act)

    def _when_shown(self, act: Callable[[ReportDetail], None]) -> None:
        """Act on the selected report once its details are here."""

        def ready() -> None:
            if self._found is not None:
                act(self._found)

        self.with_detail(ready)

    def _step(self, name: str, text: str, status: ReportStatus, needs: Right) -> Command:
        return Command(
            f"reports.{name}", text, partial(self._take, status), "", None, needs,
            partial(self._can_become, status), self.layout_data.title,
        )  # fmt: skip

    def _refresh_commands(self, _name: str) -> None:
        self.workbench.commands.refresh()

    def _known(self) -> ReportDetail | None:
        """The selected report, None while its details are on their way."""
        found = self._found
        return found if found is not None and self.selected == (found.id,) else None

    def _can_change(self) -> str | None:
        found = self._known()
        if found is None or found.can_change:
            return self.need_one()
        return self.tr("An approved report cannot be changed; send it back first.")

    def _can_become(self, status: ReportStatus) -> str | None:
        found = self._known()
        if found is not None and found.status is status:
            return self.tr("It is that already.")
        if found is None or REPORT_TRANSITIONS.allows(found.status, status):
            return self.need_one()
        now, then = (look_of("report_status", one).text for one in (found.status, status))
        return self.tr("{now} cannot become {then}.").format(now=now, then=then.lower())

    def _reads_finding(self) -> str | None:
        if self.preview.isVisible() and self.preview.shown_finding:
            return None
        return self.tr("Read a finding in the preview first.")

    def _can_approve(self) -> str | None:
        reason, found = self._can_become(ReportStatus.APPROVED), self._known()
        if reason is not None or found is None:
            return reason
        if self.workbench.person.user_id in found.writers():
            return self.tr("Nobody approves what they wrote themselves.")
        if found.open_comments:
            return self.tr("Comments on this report are still open.")
        return None

    def _can_throw_away(self) -> str | None:
        found = self._known()
        if found is not None and found.status is not ReportStatus.DRAFT:
            return self.tr("Only a draft can be thrown away.")
        return self.need_one()


def reports_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return ReportsPane(desk, workbench, parent)

    return PaneSpec(
        id="reports",
        title=QCoreApplication.translate("Reports", "Reports"),
        icon=Glyph.REPORT,
        needs=Right.REPORTS_READ,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY, "findings", "audits"}),
    )
