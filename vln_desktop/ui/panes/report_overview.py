"""One report at a glance: its facts, what is still open, and the next step."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.report_work import ReportDetail
from vln_desktop.services.desk import Desk
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.panes.report_tabs import ReportTab, section_name
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import label
from vln_desktop.ui.widgets.detail import Facts
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_STEPS = (
    ("reports.edit", "reports.to_review", "reports.to_draft"),
    ("reports.consent", "reports.approve", "reports.publish"),
)


class ReportOverview(ReportTab):
    """Facts above the list of what keeps the report from its next step."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self._facts = Facts(self)
        self._facts.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, GAP)
        caption = label(self.tr("Still open"), "caption", parent=self)
        caption.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, 0)
        self.open_points = TextTable(
            workbench.theme, self.tr("Still open"), self,
            empty=self.tr("Nothing keeps this report from its next step."),
        )  # fmt: skip
        self._rows = self.lay_out(self._facts, caption, self.open_points, lines=2)
        layout = self.layout()
        if layout is not None:
            layout.setStretch(2, 1)  # type: ignore[attr-defined]

    def equip(self) -> None:
        """Put the steps below the list; the pane calls it once."""
        for line, ids in zip(self._rows, _STEPS, strict=True):
            self.place(line, ids)

    def show_report(self, report: ReportDetail) -> None:
        """Show a report's facts and what is open."""
        super().show_report(report)
        name_of, draft = self.desk.directory.name_of, report.draft
        language = self.tr("German") if draft.language == "de" else self.tr("English")
        facts = [
            (self.tr("Audit"), f"{report.audit_number}  {report.project}"),
            (self.tr("Client"), report.client),
            (self.tr("Kind"), look_of("report_kind", draft.kind).text),
            (self.tr("Language"), language),
            (self.tr("For"), look_of("distribution", draft.distribution).text),
            (self.tr("Not public before"), day(draft.embargo_until)),
            (self.tr("Client's consent"), self._consent(report)),
            (self.tr("Author"), name_of(report.author_id)),
            (self.tr("Approved by"), name_of(report.approver_id)),
            (self.tr("Published"), day(report.published_at)),
        ]
        self._facts.show_facts(facts)
        columns = [TextColumn(self.tr("What"), wide=True)]
        self.open_points.show_rows(columns, [[point] for point in self._open_points(report)])

    def _consent(self, report: ReportDetail) -> str:
        draft = report.draft
        if not draft.public_consent:
            return self.tr("not noted")
        parts = (draft.consent_by, day(draft.consent_on) if draft.consent_on else "",
                 draft.consent_reference)  # fmt: skip
        return "  ·  ".join(part for part in parts if part) or self.tr("noted, without a name")

    def _open_points(self, report: ReportDetail) -> list[str]:
        """Return what a person would want to do first; the database insists on some of it."""
        if not report.can_change:
            return []
        points = []
        comments = len(report.open_comments)
        if comments:
            points.append(self.tr("Comments that nobody resolved: {count}").format(count=comments))
        points += [
            self.tr("{section} is empty.").format(section=section_name(section))
            for section in report.empty_sections
        ]
        unread = sum(not one.is_ready for one in report.findings if not one.left_out)
        if unread:
            points.append(
                self.tr("Findings that are not marked ready: {count}").format(count=unread)
            )
        if report.draft.needs_consent:
            points.append(self.tr("The client's consent to a public report is not noted."))
        return points
