"""The audits pane as data: columns, toolbar and menu."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from vln_desktop.domain.audits import AuditStatus, Priority
from vln_desktop.ui.commands import SEPARATOR
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout
from vln_desktop.ui.panes.formats import day, words


def audits_layout() -> GridLayout:
    """Return the pane's layout."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Audits", text)

    return GridLayout(
        id="audits",
        title=tr("Audits"),
        columns=(
            Column("number", tr("Number"), 100, style=Style.CODE),
            Column("project", tr("Project"), 300, stretch=124),
            Column("service", tr("Service"), 148, words, style=Style.DIM),
            Column("status", tr("Status"), 112, chip="audit_status", sort="status"),
            Column("priority", tr("Priority"), 88, chip="priority", sort="priority",
                   newest_first=True),
            Column("due", tr("Due"), 96, day, sort="due"),
            Column("created", tr("Created"), 96, day, style=Style.DIM, sort="created",
                   newest_first=True),
            Column("completed", tr("Completed"), 104, day, style=Style.DIM, hidden=True),
        ),
        groups=(
            Column("status", tr("Status"), chip="audit_status"),
            Column("client", tr("Client")),
            Column("team", tr("Team")),
        ),
        toolbar=("audits.group", "audits.import", "audits.report"),
        menu=(
            *(f"audits.status_{status.value}" for status in AuditStatus), SEPARATOR,
            *(f"audits.priority_{priority.value}" for priority in Priority), SEPARATOR,
            "audits.import", "audits.new_finding", "audits.scheme", "audits.schemes",
            "audits.notice", "audits.new_report", "audits.report",
            "audits.add_snapshot", "audits.add_deployment", "audits.write_markdown",
            "audits.take_markdown", SEPARATOR,
            "audits.add_person", "audits.release", SEPARATOR,
            "audits.fix_open", "audits.fix_close", "audits.fix_give_up", SEPARATOR,
            "audits.as_of", "audits.copy", "audits.export_list",
        ),
        empty_title=tr("No audits yet"),
        empty_text=tr("Audits that clients ask for on the web site appear here."),
        choose=tr("Select an audit to see its scope, people and time line."),
        one=tr("audit"),
        many=tr("audits"),
    )  # fmt: skip
