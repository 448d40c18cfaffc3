"""What a report is assembled of: its sections in their order, and the findings below theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.leaks import Leak
from vln_desktop.domain.permissions import Right
from vln_desktop.domain.report_work import FindingChoice, ReportDetail, Section
from vln_desktop.domain.reports import SectionKind
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.report_section import AddSectionPanel, SectionEditor
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.panes.report_tabs import ReportTab, computed_part, section_name
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import RecordRef, Workbench

Part = Section | FindingChoice
_BELOW = (
    ("reports.edit_part", "reports.show_part", "reports.add_section"),
    ("reports.part_up", "reports.part_down", "reports.leave_out", "reports.usual_order"),
)
_INDENT = "      "


class ReportContents(ReportTab):
    """One table: a row for each section, and one for each finding below the findings' section."""

    paper_wanted = Signal(str)
    """The page of a finding is wanted: carries its number."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.parts: list[Part] = []
        self.table = TextTable(
            workbench.theme, self.tr("Contents"), self,
            empty=self.tr("This report has no sections of its own; the usual ones are printed."),
        )  # fmt: skip
        self._rows = self.lay_out(self.table, lines=2)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)
        self.table.activated.connect(self._activate)

    def commands(self, group: str) -> list[Command]:
        """What can be done in the whole pane."""
        edit = Right.REPORTS_EDIT
        return [
            Command("reports.add_section", self.tr("Add a section…"), self.add, "", Glyph.ADD,
                    edit, self.need_changeable, group),
        ]  # fmt: skip

    def own_commands(self, group: str) -> list[Command]:
        """What is done with the selected section or finding."""
        edit = Right.REPORTS_EDIT
        made = (
            ("edit_part", self.tr("Open"), self.open_part, "Return", None, self._need_one),
            ("show_part", self.tr("Show in the paper"), self.show_in_paper, "V", None,
             self._need_finding),
            ("part_up", self.tr("Up"), partial(self.shift, up=True), "Alt+Up", edit,
             self._can_change),
            ("part_down", self.tr("Down"), partial(self.shift, up=False), "Alt+Down", edit,
             self._can_change),
            ("leave_out", self.tr("Leave out or print"), self.leave_out, "X", edit,
             self._can_change),
            ("usual_order", self.tr("Usual order"), self.usual_order, "", edit,
             self.need_changeable),
        )  # fmt: skip
        return [
            Command(f"reports.{name}", text, act, keys, None, needs, enabled, group)
            for name, text, act, keys, needs, enabled in made
        ]

    def equip(self) -> None:
        """Put the commands below the table; the pane calls it once."""
        for line, ids in zip(self._rows, _BELOW, strict=True):
            self.place(line, ids)

    @property
    def chosen(self) -> Part | None:
        """The selected section or finding."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        return self.parts[rows.pop()] if len(rows) == 1 else None

    def show_report(self, report: ReportDetail) -> None:
        """Show what a report is assembled of; what was selected stays selected."""
        kept = _key(self.chosen) if self.chosen is not None else None
        super().show_report(report)
        self.parts = list(_parts(report))
        columns = [
            TextColumn(self.tr("Part"), wide=True),
            TextColumn(self.tr("State")),
        ]
        was = self.table.blockSignals(True)
        self.table.show_rows(columns, [self._row(part) for part in self.parts])
        self.table.blockSignals(was)
        at = next((n for n, part in enumerate(self.parts) if _key(part) == kept), None)
        if at is not None:
            self.table.setCurrentCell(at, 0)
        self.bench.commands.refresh()

    def add(self) -> None:
        """Ask for a section of one's own, behind the selected one."""
        report, chosen = self.report, self.chosen
        if report is None:
            return
        behind = chosen.id if isinstance(chosen, Section) else None
        AddSectionPanel(self.bench, self.desk.report_sections, report, behind, self.window()).open()

    def open_part(self) -> None:
        """Write the selected section, or go to the selected finding."""
        report, chosen = self.report, self.chosen
        if report is None or chosen is None:
            return
        if isinstance(chosen, FindingChoice):
            self.bench.open(RecordRef("findings", chosen.finding_id))
        else:
            self.edit_section(chosen)

    def show_in_paper(self) -> None:
        """Show the page on which the selected finding stands."""
        if isinstance(self.chosen, FindingChoice):
            self.paper_wanted.emit(self.chosen.number)

    def edit_section(self, section: Section) -> SectionEditor | None:
        """Open the form of a section, or the one that is open already.

        In an approved report it can only be read.
        """
        if self.report is None:
            return None
        for editor in self.window().findChildren(SectionEditor):
            if editor.section_id == section.id and editor.isVisible():
                editor.raise_()
                editor.activateWindow()
                return editor
        services = (self.desk.report_sections, self.desk.report_papers)
        editor = SectionEditor(self.bench, services, (self.report, section), self.window())
        editor.show()
        return editor

    def go_to_leak(self, leak: Leak) -> None:
        """Select the section that something was found in, and open it at the place."""
        report = self.report
        section = section_of(report, leak) if report is not None else None
        if section is None:
            self.bench.messages.say(self.tr("The section is not in the report any more."))
            return
        self.table.setCurrentCell(self.parts.index(section), 0)
        editor = self.edit_section(section)
        if editor is not None:
            editor.go_to(leak.place, leak.excerpt)

    def shift(self, *, up: bool) -> None:
        """Move the selected part one place up or down."""
        report, chosen = self.report, self.chosen
        if report is None or chosen is None:
            return
        service = self.desk.report_sections
        if isinstance(chosen, FindingChoice):
            self._do(partial(service.move_finding, report, chosen.finding_id, up=up))
        else:
            self._do(partial(service.move, report, chosen, up=up))

    def leave_out(self) -> None:
        """Leave the selected part out, or print it again; the notice offers it back."""
        report, chosen = self.report, self.chosen
        if report is None or chosen is None:
            return
        self._set_left_out(report, chosen, left_out=not chosen.left_out)

    def usual_order(self) -> None:
        """Let the findings stand worst first again."""
        if self.report is not None:
            self._do(partial(self.desk.report_sections.usual_order, self.report))

    def _set_left_out(self, report: ReportDetail, part: Part, *, left_out: bool) -> None:
        service = self.desk.report_sections

        def work(_context: object) -> Changes:
            if isinstance(part, FindingChoice):
                return service.choose(report, [part.finding_id], left_out=left_out)
            return service.leave_out(report, part, left_out=left_out)

        def told(changes: Changes) -> None:
            self.bench.publish(changes)
            said = self.tr("{part} is left out.") if left_out else self.tr("{part} is printed.")
            name = part.number if isinstance(part, FindingChoice) else section_name(part)
            back = partial(self._set_left_out, report, part, left_out=not left_out)
            self.bench.messages.saved(said.format(part=name), back)

        self.bench.act(self, work, told, self.bench.messages.report)

    def _do(self, work: Callable[[], Changes]) -> None:
        self.bench.change(self, work, self.tr("The order is saved."))

    def _row(self, part: Part) -> tuple[str, str]:
        if isinstance(part, FindingChoice):
            severity = look_of("severity", part.severity).text
            ready = "" if part.is_ready else self.tr("not marked ready")
            state = self.tr("left out") if part.left_out else severity
            told = "  ·  ".join(text for text in (state, ready) if text)
            return f"{_INDENT}{part.number}  {title(part.title)}", told
        return self._section_text(part), self._section_state(part)

    def _section_text(self, section: Section) -> str:
        words = len(section.draft.text.split())
        about = [self.tr("{count} words").format(count=words) if words else ""]
        about.append(computed_part(section.kind))
        below = "; ".join(text for text in about if text)
        return f"{section_name(section)}\n{below}" if below else section_name(section)

    def _section_state(self, section: Section) -> str:
        if section.left_out:
            return self.tr("left out")
        if section.edited_by is None:
            if section.draft.text:
                return self.tr("as in the template")
            return "" if computed_part(section.kind) else self.tr("empty")
        return self.desk.directory.name_of(section.edited_by)

    def _activate(self) -> None:
        self.bench.commands.run("reports.edit_part")

    def _need_one(self) -> str | None:
        return None if self.chosen is not None else self.tr("Select a section or finding first.")

    def _need_finding(self) -> str | None:
        if isinstance(self.chosen, FindingChoice):
            return None
        return self.tr("Select a finding first.")

    def _can_change(self) -> str | None:
        return self.need_changeable() or self._need_one()


def _parts(report: ReportDetail) -> list[Part]:
    """Return sections in their order, the findings below the first section that prints them."""
    found: list[Part] = []
    for section in report.sections:
        found.append(section)
        if section.kind is SectionKind.FINDINGS:
            found += report.findings
    return found


def section_of(report: ReportDetail, leak: Leak) -> Section | None:
    """Return the section that something was found in; of several alike the one that holds it."""
    place = leak.place
    alike = [
        one for one in report.sections
        if one.kind is place.section_kind and (one.draft.title or one.kind.value) == place.where
        and not one.left_out
    ]  # fmt: skip
    words = " ".join(leak.excerpt.split())
    holding = (one for one in alike if words in " ".join(one.draft.text.split()))
    return next(holding, alike[0] if alike else None)


def _key(part: Part) -> object:
    return part.finding_id if isinstance(part, FindingChoice) else part.id
