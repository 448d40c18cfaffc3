"""What the tabs of one report share, and how its parts are called."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.report_work import Anchor, ReportDetail, Section
from vln_desktop.domain.reports import SectionKind
from vln_desktop.services.desk import Desk
from vln_desktop.ui.panes.detail_tab import DetailTab
from vln_desktop.ui.workbench import Workbench

_N = QCoreApplication.translate


class ReportTab(DetailTab):
    """A tab of the reports pane. A subclass says what can be done and shows a report."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.report: ReportDetail | None = None

    def show_report(self, report: ReportDetail) -> None:
        """Show a report; what is chosen of the same one stays chosen."""
        self.report = report

    def need_report(self) -> str | None:
        """Return why not, unless a report is shown: for `Command.enabled`."""
        return None if self.report is not None else self.tr("Select one report first.")

    def need_changeable(self) -> str | None:
        """Return why not, unless the report can still be changed."""
        if self.report is not None and not self.report.can_change:
            return self.tr("An approved report cannot be changed; send it back first.")
        return self.need_report()


def section_name(section: Section) -> str:
    """Return what a section is called: its own heading, else the usual one."""
    return section.draft.title or kind_name(section.kind)


def kind_name(kind: SectionKind) -> str:
    """Return the usual heading of a section, in the window's language."""
    names = {
        SectionKind.EXECUTIVE_SUMMARY: _N("Reports", "Executive summary"),
        SectionKind.SCOPE: _N("Reports", "Scope"),
        SectionKind.OVERVIEW: _N("Reports", "Findings at a glance"),
        SectionKind.FINDINGS: _N("Reports", "Findings"),
        SectionKind.FIX_REVIEW: _N("Reports", "Fix review"),
        SectionKind.METHODOLOGY: _N("Reports", "Methodology"),
        SectionKind.LIMITATIONS: _N("Reports", "Limitations"),
        SectionKind.DISCLAIMER: _N("Reports", "Disclaimer"),
        SectionKind.CUSTOM: _N("Reports", "Section of your own"),
    }
    return names[kind]


def computed_part(kind: SectionKind) -> str:
    """Return what the program adds to a section by itself, empty where that is nothing."""
    parts = {
        SectionKind.SCOPE: _N("Reports", "repositories, files, contracts and people follow"),
        SectionKind.OVERVIEW: _N("Reports", "counts, chart and table of findings follow"),
        SectionKind.FINDINGS: _N("Reports", "the findings follow"),
        SectionKind.FIX_REVIEW: _N("Reports", "counts and the table of verdicts follow"),
        SectionKind.METHODOLOGY: _N("Reports", "the severity matrix follows"),
    }
    return parts.get(kind, "")


def anchor_name(report: ReportDetail, anchor: Anchor) -> str:
    """Return what a comment is about."""
    for section in report.sections:
        if section.id == anchor.section_id:
            return section_name(section)
    for finding in report.findings:
        if finding.finding_id == anchor.finding_id:
            return finding.number
    if anchor == Anchor():
        return _N("Reports", "The whole report")
    return _N("Reports", "A finding that is not in the report any more")
