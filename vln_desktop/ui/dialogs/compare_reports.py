"""Shows what changed from one version of a report to the next."""

from __future__ import annotations

import html

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QTextBrowser, QWidget

from vln_desktop.domain.report_compare import ChangeKind, Comparison, FieldChange, PartChange
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.panes.report_tabs import kind_name
from vln_desktop.ui.theme import GAP, Tokens
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.text_marks import TextMarks
from vln_desktop.ui.workbench import Workbench

_WIDTH = 900
_HEIGHT = 520
_LONG = ("text", "description", "impact", "likelihood", "remediation", "proof", "client_response",
         "title")  # fmt: skip


def _tr(text: str) -> str:
    return QCoreApplication.translate("Reports", text)


class CompareReportsPanel(Overlay):
    """Findings first, then sections; changed words are marked in their sentences."""

    def __init__(
        self,
        workbench: Workbench,
        comparison: Comparison,
        names: tuple[str, str],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        title = _tr("Version {before} → {after}").format(before=names[0], after=names[1])
        self.page = QTextBrowser(self.panel)
        self.page.setOpenLinks(False)
        self.page.setMinimumHeight(_HEIGHT)
        self.page.setAccessibleName(title)
        self.page.setHtml(_page(comparison, workbench.theme.tokens))
        close = button(_tr("Close"), "primary", parent=self.panel)
        close.clicked.connect(self.close_panel)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(title, "title", parent=self.panel))
        self.content.addWidget(self.page)
        self.content.addLayout(row([None, close]))
        self.closed.connect(self.deleteLater)


def _page(comparison: Comparison, tokens: Tokens) -> str:
    if comparison.is_empty:
        return f"<p>{_tr('Both versions say the same.')}</p>"
    parts = []
    for heading, changes in (
        (_tr("Findings"), comparison.findings),
        (_tr("Sections"), comparison.sections),
    ):
        if changes:
            parts.append(f"<h3>{heading}</h3>")
            parts += [_part(change, tokens) for change in changes]
    return "".join(parts)


def _part(change: PartChange, tokens: Tokens) -> str:
    words = {
        ChangeKind.ADDED: _tr("new"),
        ChangeKind.REMOVED: _tr("not in it any more"),
        ChangeKind.CLOSED: _tr("closed"),
        ChangeKind.CHANGED: _tr("changed"),
    }
    name = change.title
    if change.section is not None:
        name = change.title or kind_name(change.section)
    label_ = "" if change.section is not None else f"{html.escape(change.label)}&nbsp; "
    head = f"<b>{label_}{html.escape(name)}</b> – {words[change.kind]}"
    return f"<p>{head}</p>" + "".join(_field(field, tokens) for field in change.fields)


def _field(change: FieldChange, tokens: Tokens) -> str:
    name = html.escape(change.field.replace("_", " ").capitalize())
    if change.field not in _LONG:
        before, after = (html.escape(text) or "–" for text in (change.before, change.after))
        return f'<p style="margin-left: 16px">{name}: {before} → {after}</p>'
    marked = TextMarks(tokens).change(change.before, change.after)
    return f'<p style="margin-left: 16px">{name}:</p>{marked}'
