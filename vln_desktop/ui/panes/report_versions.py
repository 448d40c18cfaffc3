"""What was published of one audit: versions with their hashes and signatures, and deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.permissions import Right
from vln_desktop.domain.report_compare import Comparison, compare
from vln_desktop.domain.report_work import Delivery, PublishedVersion, ReportDetail
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.compare_reports import CompareReportsPanel
from vln_desktop.ui.dialogs.report_forms import DeliveryPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.formats import day, moment
from vln_desktop.ui.panes.report_tabs import ReportTab
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.ask_files import ask_where_to_save
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import label
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_BELOW = (("reports.save_pdf", "reports.verify"), ("reports.compare", "reports.deliver"))


@dataclass(frozen=True, slots=True)
class _Verified:
    """What came of looking at a version: its signature's outcome, and whether it prints again."""

    told: str
    reprints: bool


class ReportVersions(ReportTab):
    """All versions of the report's audit, the newest first, above the deliveries of this report."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.versions: list[PublishedVersion] = []
        self.table = TextTable(
            workbench.theme, self.tr("Versions"), self,
            empty=self.tr("Nothing of this audit was published yet."),
        )  # fmt: skip
        caption = label(self.tr("Deliveries"), "caption", parent=self)
        caption.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, 0)
        self.deliveries = TextTable(
            workbench.theme, self.tr("Deliveries"), self,
            empty=self.tr("Who got a version, when and which bytes, is recorded here."),
        )  # fmt: skip
        self._rows = self.lay_out(self.table, caption, self.deliveries, lines=2)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)

    def commands(self, group: str) -> list[Command]:
        """What is done with versions."""
        read = Right.REPORTS_READ
        return [
            Command("reports.save_pdf", self.tr("Save as PDF…"), self.save_pdf, "Ctrl+Shift+S",
                    Glyph.PDF, read, self._need_version, group),
            Command("reports.verify", self.tr("Verify"), self.verify, "", None, read,
                    self._need_version, group),
            Command("reports.compare", self.tr("Compare with the one before…"), self.compare, "",
                    None, read, self._need_two, group),
            Command("reports.deliver", self.tr("Record a delivery…"), self.deliver, "",
                    Glyph.SEND, Right.REPORTS_EDIT, self._need_version, group),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the commands below the tables; the pane calls it once."""
        for line, ids in zip(self._rows, _BELOW, strict=True):
            self.place(line, ids)

    @property
    def chosen(self) -> PublishedVersion | None:
        """The selected version; with nothing selected, this report's own, else the newest."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        if len(rows) == 1:
            return self.versions[rows.pop()]
        own = self.report.own_version if self.report is not None else None
        return own or (self.versions[0] if self.versions else None)

    def show_report(self, report: ReportDetail) -> None:
        """Show the versions of a report's audit, and to whom this report went."""
        super().show_report(report)
        self.versions = list(reversed(report.versions))
        columns = [
            TextColumn(self.tr("Version")),
            TextColumn(self.tr("Published and SHA-256"), wide=True),
            TextColumn(self.tr("Signature"), chip="signature"),
        ]
        self.table.show_rows(columns, [self._row(one) for one in self.versions])
        columns = [
            TextColumn(self.tr("When")),
            TextColumn(self.tr("To whom"), wide=True),
            TextColumn(self.tr("How"), chip="delivery_channel"),
        ]
        rows = [self._delivery(one) for one in reversed(report.deliveries)]
        self.deliveries.show_rows(columns, rows)
        self.bench.commands.refresh()

    def save_pdf(self) -> None:
        """Ask for a file, then write the version's bytes there."""
        report, version = self.report, self.chosen
        if report is None or version is None:
            return
        ask_where_to_save(
            self, self.tr("Save the report"), f"{report.audit_number}-v{version.name}.pdf",
            partial(self.write_pdf, version), (self.tr("PDF (*.pdf)"),),
        )  # fmt: skip

    def write_pdf(self, version: PublishedVersion, file: str) -> None:
        """Write a version's bytes into a file."""

        def work(_context: TaskContext) -> None:
            self.desk.report_papers.save_version(version.id, Path(file))

        def done(_nothing: None) -> None:
            self.bench.messages.saved(self.tr("Saved as {file}.").format(file=Path(file).name))

        title = self.tr("Saving the PDF")
        self.bench.tasks.run(self, work, done, self.bench.messages.report, title=title)

    def verify(self) -> None:
        """Check the stored signature, and that the frozen content still prints the same bytes."""
        version = self.chosen
        if version is None:
            return

        def work(_context: TaskContext) -> _Verified:
            _content, pdf = self.desk.report_papers.frozen(version.id)
            told = self.desk.signing.verify(pdf).sentence
            return _Verified(told, self.desk.report_papers.reprints(version.id))

        def done(found: _Verified) -> None:
            again = (
                self.tr("Its content prints the same bytes again.")
                if found.reprints
                else self.tr("This program prints its content otherwise today.")
            )
            self.bench.messages.say(f"{found.told} {again}")

        title = self.tr("Verifying the report")
        self.bench.tasks.run(self, work, done, self.bench.messages.report, title=title)

    def compare(self) -> None:
        """Show what changed since the version before the selected one."""
        later = self.chosen
        earlier = self._before(later) if later is not None else None
        if later is None or earlier is None:
            return

        def work(_context: TaskContext) -> Comparison:
            before, _pdf = self.desk.report_papers.frozen(earlier.id)
            after, _pdf = self.desk.report_papers.frozen(later.id)
            return compare(before, after)

        def done(comparison: Comparison) -> None:
            names = (earlier.name, later.name)
            CompareReportsPanel(self.bench, comparison, names, self.window()).open()

        self.bench.tasks.run(self, work, done, self.bench.messages.report)

    def deliver(self) -> None:
        """Ask who got the selected version."""
        report, version = self.report, self.chosen
        if report is not None and version is not None:
            DeliveryPanel(self.bench, self.desk.publishing, (report, version), self.window()).open()

    def _before(self, later: PublishedVersion) -> PublishedVersion | None:
        at = self.versions.index(later) + 1
        return self.versions[at] if at < len(self.versions) else None

    def _row(self, one: PublishedVersion) -> tuple[str, str, str]:
        who = self.desk.directory.name_of(one.published_by)
        kind = look_of("report_kind", one.kind).text
        told = [f"{kind}, {moment(one.published_at)}, {who}", one.sha256]
        if one.signer:
            told.append(self.tr("signed by {signer}").format(signer=one.signer))
        return one.name, "\n".join(told), one.level.value

    def _delivery(self, one: Delivery) -> tuple[str, str, str]:
        version = next((v.name for v in self.versions if v.id == one.version_id), "?")
        told = [
            one.draft.recipient,
            self.tr("version {name}").format(name=version) + f"  {one.sha256}",
        ]
        if one.draft.note:
            told.append(one.draft.note)
        return day(one.draft.delivered_at), "\n".join(told), one.draft.channel.value

    def _need_version(self) -> str | None:
        if self.chosen is None:
            return self.need_report() or self.tr("Nothing of this audit was published yet.")
        return None

    def _need_two(self) -> str | None:
        if self.chosen is not None and self._before(self.chosen) is None:
            return self.tr("There is no earlier version to compare with.")
        return self._need_version()
