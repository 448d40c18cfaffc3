"""The page of the broken glass: who read without waiting, and what others say of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.access import BreakGlassUse
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.access_forms import ReviewUsePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import moment
from vln_desktop.ui.panes.pages import FactsPage
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("BreakGlass", text)


class BreakGlassPage(GridPane[BreakGlassUse]):
    """Uses, those that wait for a review first."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: BreakGlassUse | None = None
        names = [colleague.name for colleague in desk.directory.colleagues]
        super().__init__(workbench, desk.access.uses, _layout(desk), names, parent)
        self.facts = FactsPage(self)
        self.detail.tabs.addTab(self.facts, _tr("Use"))

    def commands(self) -> list[Command]:
        """The grid's commands, and the review."""
        return [
            *super().commands(),
            Command("break_glass.review", _tr("Review…"), self.review, "R", Glyph.CHECK,
                    Right.ACCESS_DECIDE, self._may_review, self.layout_data.title),
        ]  # fmt: skip

    def fetch(self, id_: Any, _context: TaskContext) -> BreakGlassUse:
        """Fetch a use."""
        return self._desk.access.use(id_)

    def fill(self, detail: BreakGlassUse) -> None:
        """Show a use."""
        self._found = detail
        name = self._desk.directory.name_of
        title = _tr("{who} read {audit}")
        verdict = detail.verdict.value if detail.verdict else "unreviewed"
        self.detail.show_record(
            "", title.format(who=name(detail.user_id), audit=detail.audit_number),
            [look_of("break_glass_verdict", verdict)], moment(detail.created_at),
        )  # fmt: skip
        self.facts.show_facts(
            [
                (_tr("Why"), detail.reason),
                (_tr("Until"), moment(detail.expires_at)),
                (_tr("Readings"), f"{detail.readings:,}"),
                (_tr("Reviewed by"), name(detail.reviewed_by)),
                (_tr("Reviewed"), moment(detail.reviewed_at)),
                (_tr("Remark"), detail.remark),
            ]
        )

    def review(self) -> None:
        """Ask for the verdict about the shown use."""
        self.with_detail(self._ask)

    def _known(self) -> BreakGlassUse | None:
        found = self._found
        return found if found is not None and self.selected == (found.id,) else None

    def _may_review(self) -> str | None:
        found = self._known()
        if found is None:
            return self.need_one()
        if found.user_id == self.workbench.person.user_id:
            return _tr("Somebody else reviews what you did.")
        return _tr("It is reviewed already.") if found.verdict is not None else None

    def _ask(self) -> None:
        found = self._known()
        if found is not None:
            ReviewUsePanel(self._desk, self.workbench, found, self.window()).open()


def _layout(desk: Desk) -> GridLayout:
    return GridLayout(
        id="break_glass",
        title=_tr("Broken glass"),
        columns=(
            Column("verdict", _tr("Verdict"), 124, chip="break_glass_verdict", sort="waiting",
                   newest_first=True),
            Column("who", _tr("Who"), 136, desk.directory.name_of),
            Column("audit", _tr("Audit"), 96, style=Style.CODE),
            Column("at", _tr("When"), 168, moment, style=Style.DIM),
            Column("reason", _tr("Why"), 260, stretch=160),
            Column("reviewer", _tr("Reviewed by"), 136, desk.directory.name_of, hidden=True),
        ),
        toolbar=("access.break_glass", "break_glass.review"),
        menu=("break_glass.review", SEPARATOR, "break_glass.copy"),
        empty_title=_tr("Nobody has broken the glass"),
        empty_text=_tr("In an emergency a manager or an admin reads an audit for an hour."),
        choose=_tr("Select a use to see why, and how often it was read."),
        one=_tr("use"),
        many=_tr("uses"),
        shares=(64, 36),
    )  # fmt: skip
