"""The reports pane as data: columns, toolbar and menu."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QCoreApplication

from vln_desktop.ui.commands import SEPARATOR
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout
from vln_desktop.ui.panes.formats import day

STEPS = ("draft", "review", "archived", "published")
"""The steps that are one command each; approving and publishing ask first."""


def reports_layout(name_of: Callable[[UUID | None], str]) -> GridLayout:
    """Return the pane's layout."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Reports", text)

    return GridLayout(
        id="reports",
        title=tr("Reports"),
        columns=(
            Column("audit", tr("Audit"), 100, style=Style.CODE),
            Column("title", tr("Title"), 220, stretch=180),
            Column("status", tr("Status"), 104, chip="report_status", sort="status"),
            Column("kind", tr("Kind"), 122, chip="report_kind"),
            Column("author", tr("Author"), 128, name_of, hidden=True),
            Column("approver", tr("Approved by"), 128, name_of, hidden=True),
            Column("distribution", tr("For"), 130, chip="distribution", hidden=True),
            Column("published", tr("Published"), 104, day, style=Style.DIM, hidden=True),
            Column("created", tr("Begun"), 96, day, style=Style.DIM, sort="created",
                   newest_first=True),
        ),
        toolbar=("reports.new", "reports.preview"),
        menu=(
            "reports.preview", "reports.edit", SEPARATOR,
            "reports.to_review", "reports.to_draft", "reports.approve", "reports.publish",
            "reports.archive", "reports.unarchive", SEPARATOR,
            "reports.add_section", "reports.comment", "reports.deliver", "reports.compare",
            "reports.save_pdf", SEPARATOR,
            "reports.throw_away", "reports.copy", "reports.export_list",
        ),
        empty_title=tr("No reports yet"),
        empty_text=tr("Begin one for an audit with New report: its sections, the confirmed "
                      "findings and the counts are there at once."),
        choose=tr("Select a report to assemble, review and publish it."),
        one=tr("report"),
        many=tr("reports"),
        shares=(42, 58),
    )  # fmt: skip
