"""The findings pane as data: columns, menu, and the words that its keys set."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from vln_desktop.domain.findings import ClientPosition, ReviewState, Severity
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import SEPARATOR
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout
from vln_desktop.ui.panes.formats import age, day, title

_N = QT_TRANSLATE_NOOP
STATE_KEYS = (
    (ReviewState.CONFIRMED, _N("Findings", "Confirm"), "C"),
    (ReviewState.READY, _N("Findings", "Ready for the report"), "R"),
    (ReviewState.INVALID, _N("Findings", "Mark as invalid"), "X"),
    (ReviewState.DUPLICATE, _N("Findings", "Mark as duplicate"), "D"),
    (ReviewState.OUT_OF_SCOPE, _N("Findings", "Mark as out of scope"), "O"),
    (ReviewState.CANDIDATE, _N("Findings", "Back to candidate"), "U"),
)
POSITIONS = (
    (ClientPosition.WILL_FIX, _N("Findings", "Client will fix it")),
    (ClientPosition.ACKNOWLEDGED, _N("Findings", "Client accepts the risk")),
    (ClientPosition.DISPUTED, _N("Findings", "Client disputes it")),
    (ClientPosition.NONE, _N("Findings", "No answer of the client")),
)


def findings_layout(desk: Desk) -> GridLayout:
    """Return the pane for a person's desk."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Findings", str(text))

    def assignee(name: str | None) -> str:
        return name or tr("Nobody")

    return GridLayout(
        id="findings",
        title=tr("Findings"),
        columns=(
            Column("severity", tr("Severity"), 88, chip="severity", sort="severity",
                   newest_first=True),
            Column("number", tr("Number"), 132, style=Style.CODE),
            Column("title", tr("Title"), 380, title, stretch=144),
            Column("status", tr("Status"), 112, chip="finding_status", sort="status"),
            Column("review_state", tr("Review"), 104, chip="review_state"),
            Column("assignee", tr("Assignee"), 104, desk.directory.name_of, style=Style.DIM,
                   hidden=True),
            Column("kind", tr("Kind"), 120, chip="kind", hidden=True),
            Column("client_position", tr("Client"), 120, chip="client_position", hidden=True),
            Column("age", tr("Age"), 64, age, ("created",), style=Style.DIM, sort="created",
                   newest_first=True),
            Column("created", tr("Created"), 104, day, style=Style.DIM, hidden=True),
            Column("updated", tr("Changed"), 96, day, style=Style.DIM, sort="updated",
                   newest_first=True, hidden=True),
        ),
        groups=(
            Column("audit", tr("Audit")),
            Column("severity", tr("Severity"), chip="severity"),
            Column("assignee", tr("Assignee"), text=assignee),
        ),
        toolbar=("findings.group", "findings.import", "findings.edit", "findings.new"),
        menu=(
            "findings.edit", "findings.new", "findings.comment", "findings.respond",
            "findings.link", "findings.notice", "findings.evidence_add", "findings.review_fix",
            "findings.assign_me",
            "findings.assign", SEPARATOR,
            *(f"findings.severity_{severity.value}" for severity in Severity), "findings.kind_gas",
            SEPARATOR,
            *(f"findings.state_{state.value}" for state, _text, _key in STATE_KEYS), SEPARATOR,
            *(f"findings.position_{position.value}" for position, _text in POSITIONS), SEPARATOR,
            "findings.as_of", "findings.imports",
            "findings.copy", "findings.export_list", SEPARATOR,
            "findings.undo", "findings.redo", "findings.repeat",
        ),
        empty_title=tr("No findings yet"),
        empty_text=tr("Import a scanner's file, or write the first one by hand."),
        choose=tr("Select a finding to see what it says."),
        one=tr("finding"),
        many=tr("findings"),
    )  # fmt: skip
