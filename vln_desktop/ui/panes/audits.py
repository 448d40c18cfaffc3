"""Audits: status steps, people, scope, files and the time line of one audit; its report as PDF."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.audits import (
    AUDIT_TRANSITIONS,
    AuditDetail,
    AuditStatus,
    Priority,
)
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.services.audits import ENTITY
from vln_desktop.services.desk import Desk
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import AUDITS
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.add_person import AddPersonPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.audit_checklist import ChecklistTab
from vln_desktop.ui.panes.audit_credentials import CredentialsTab
from vln_desktop.ui.panes.audit_files import FilesTab
from vln_desktop.ui.panes.audit_fixes import FixReviewTab
from vln_desktop.ui.panes.audit_forms import AuditForms
from vln_desktop.ui.panes.audit_known import KnownIssuesTab
from vln_desktop.ui.panes.audit_layout import audits_layout
from vln_desktop.ui.panes.audit_scheme import SchemeMenu
from vln_desktop.ui.panes.audit_tabs import AuditTab, ShownAudit
from vln_desktop.ui.panes.audit_texts import (
    events_of,
    facts_of,
    people_of,
    scope_of,
    scope_words,
)
from vln_desktop.ui.panes.audit_time import TimeTab
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.formats import words
from vln_desktop.ui.panes.time_machine import as_of_command
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import column, label
from vln_desktop.ui.widgets.detail import Facts, Timeline
from vln_desktop.ui.widgets.text_table import TextTable
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench


class AuditsPane(GridPane[ShownAudit]):
    """The audits grid and one audit beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: AuditDetail | None = None
        rows = GridSource(desk.database, AUDITS, desk.directory.find)
        super().__init__(workbench, rows, audits_layout(), (), parent)
        self._facts = Facts(self)
        theme = workbench.theme
        self._scope = TextTable(
            theme, self.tr("Scope"), self,
            empty=self.tr("The files to be audited appear here once the source is recorded."),
        )  # fmt: skip
        self._people = TextTable(theme, self.tr("People"), self, empty=self._nobody())
        self._rule = label("", "small", wrap=True, parent=self)
        self.files = FilesTab(desk, workbench, self)
        self.known = KnownIssuesTab(desk, workbench, self)
        self.credentials = CredentialsTab(desk, workbench, self)
        self.forms = AuditForms(desk, workbench, self)
        self.scheme = SchemeMenu(desk, workbench, self)
        self.fixes = FixReviewTab(desk, workbench, self)
        self.checklist = ChecklistTab(desk, workbench, self)
        self.time = TimeTab(desk, workbench, self)
        self._parts: tuple[AuditTab, ...] = (
            self.files,
            self.known,
            self.credentials,
            self.fixes,
            self.checklist,
            self.time,
        )
        self._timeline = Timeline(workbench.theme, self)
        self._build_tabs()

    def commands(self) -> list[Command]:
        """The grid's commands, and what is done with an audit."""
        return [
            *super().commands(),
            as_of_command(self, self._desk, "audits", "audit_requests", Right.ACTIVITY_READ),
            *self._status_commands(),
            *self._priority_commands(),
            self._command("add_person", self.tr("Add a person…"), self.add_person,
                          Right.AUDITS_EDIT, self.need_one, Glyph.PERSON),
            self._command("release", self.tr("Take the selected person off"), self.release,
                          Right.AUDITS_EDIT, self._can_release),
            self._command("new_finding", self.tr("New finding…"),
                          self.opener(self.forms.write_finding), Right.FINDINGS_EDIT,
                          self.need_one, Glyph.ADD),
            self._command("scheme", self.tr("Severity scheme…"), self._choose_scheme,
                          Right.AUDITS_EDIT, self.need_one),
            Command("audits.schemes", self.tr("Severity schemes of the firm…"), self.scheme.edit,
                    "", Glyph.SEVERITY, Right.AUDITS_EDIT, group=self.layout_data.title),
            self._command("add_snapshot", self.tr("Add a snapshot of the code…"),
                          self.opener(self.forms.add_snapshot), Right.FINDINGS_EDIT,
                          self.need_one, Glyph.CODE),
            self._command("add_deployment", self.tr("Add a deployed contract…"),
                          self.opener(self.forms.add_deployment), Right.FINDINGS_EDIT,
                          self.need_one, Glyph.LINK),
            self._command("write_markdown", self.tr("Findings as Markdown…"),
                          self.opener(self.forms.write_markdown), Right.FINDINGS_TEXT,
                          self.need_one, Glyph.EXPORT),
            self._command("take_markdown", self.tr("Findings from Markdown…"),
                          self.opener(self.forms.take_markdown), Right.FINDINGS_EDIT,
                          self.need_one, Glyph.IMPORT),
            self._command("import", self.tr("Import findings…"),
                          self.opener(self.forms.import_scans), Right.FINDINGS_IMPORT,
                          self.need_one, Glyph.IMPORT),
            self._command("notice", self.tr("Record an urgent notice…"),
                          self.opener(self.forms.tell_at_once), Right.FINDINGS_EDIT,
                          self.need_one, Glyph.SEND),
            self._command("new_report", self.tr("New report…"),
                          self.opener(self.forms.begin_report), Right.REPORTS_EDIT,
                          self.need_one, Glyph.REPORT),
            self._command("report", self.tr("Save the report…"),
                          self.opener(self.forms.print_report), Right.REPORTS_READ,
                          self.need_one, Glyph.PDF),
            *(command for part in self._parts for command in part.commands(self.layout_data.title)),
        ]  # fmt: skip

    def equip(self) -> None:
        """Place the registered commands, those of each tab on it."""
        super().equip()
        for part in self._parts:
            self.workbench.commands.add(part.own_commands(self.layout_data.title), part)
            part.equip()

    def fetch(self, id_: UUID, _context: TaskContext) -> ShownAudit:
        """Fetch an audit as far as the role may see it."""
        detail = self._desk.audits.get(id_)
        if not self.workbench.may(Right.FINDINGS_TEXT):
            return ShownAudit(detail)
        return ShownAudit(
            detail,
            self._desk.fix_reviews.of(id_),
            self._desk.checklists.of(id_),
            self._desk.time_entries.of(id_),
        )

    def fill(self, detail: ShownAudit) -> None:
        """Show an audit."""
        self._show(detail.detail)
        for part in self._parts:
            part.show_audit(detail)
        self.workbench.commands.refresh()

    def _show(self, detail: AuditDetail) -> None:
        self._found = detail
        looks = [look_of("audit_status", detail.status), look_of("priority", detail.priority)]
        title = detail.project or words(detail.service_type)
        self.detail.show_record(detail.number or "", title, looks, detail.client or "")
        name_of = self._desk.directory.name_of
        self._facts.show_facts(facts_of(detail))
        self._people.show_rows(*people_of(detail, name_of))
        self._scope.show_rows(*scope_of(detail))
        self._rule.setText(scope_words(detail))
        self._timeline.show_events(events_of(detail, name_of))

    def set_status(self, status: AuditStatus) -> None:
        """Take one step of the shown audit's status; the notice offers the step back."""
        audit = self._found
        if audit is None:
            return
        before = audit.status

        def work(_context: TaskContext) -> Changes:
            return self._desk.audits.set_status(audit, status)

        def told(changes: Changes) -> None:
            self.workbench.publish(changes)
            text = self.tr("{number} is {status} now.")
            self.workbench.messages.saved(
                text.format(number=audit.number or "", status=words(status).lower()),
                partial(self._back, audit.id, before),
            )

        self._run(work, told)

    def set_priority(self, priority: Priority) -> None:
        """Set the shown audit's priority."""
        audit = self._found
        if audit is None:
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.audits.set_priority(audit, priority)

        self._run(work, self._saved)

    def add_person(self) -> None:
        """Ask whom to put on the shown audit, and as what."""
        if self._found is None:
            return
        known = {person.user_id for person in self._found.people}
        people = [
            (colleague.id, colleague.name)
            for colleague in self._desk.directory.active(Role.AUDITOR, Role.MANAGER)
            if colleague.id not in known
        ]
        AddPersonPanel(people, partial(self._assign, self._found.id), self.window()).open()

    def release(self) -> None:
        """End the selected person's work on the shown audit."""
        audit, person = self._found, self._selected_person()
        if audit is None or person is None:
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.audits.release(audit.id, person)

        self._run(work, self._saved)

    def opener(self, form: Callable[[AuditDetail], None]) -> Callable[[], None]:
        """Return what opens a form for the audit that is shown then."""

        def open_it() -> None:
            if self._found is not None:
                form(self._found)

        return open_it

    def _choose_scheme(self) -> None:
        if self._found is not None:
            place = self.grid.visualRect(self.grid.currentIndex()).bottomLeft()
            self.scheme.offer(self._found, self.grid.viewport().mapToGlobal(place))

    def _command(
        self,
        name: str,
        text: str,
        handler: Callable[[], None],
        needs: Right,
        enabled: Callable[[], str | None],
        icon: Glyph | None = None,
    ) -> Command:
        act = partial(self.with_detail, handler)
        return Command(
            f"audits.{name}", text, act, "", icon, needs, enabled, self.layout_data.title
        )

    def _status_commands(self) -> list[Command]:
        return [
            self._command(
                f"status_{status.value}",
                self.tr("Status: {word}").format(word=look_of("audit_status", status).text),
                partial(self.set_status, status),
                Right.AUDITS_STEP,
                partial(self._can_become, status),
            )
            for status in AuditStatus
        ]

    def _priority_commands(self) -> list[Command]:
        return [
            self._command(
                f"priority_{priority.value}",
                self.tr("Priority: {word}").format(word=look_of("priority", priority).text),
                partial(self.set_priority, priority),
                Right.AUDITS_EDIT,
                self.need_one,
            )
            for priority in Priority
        ]

    def _can_become(self, status: AuditStatus) -> str | None:
        reason = self.need_one()
        if reason is not None or self._found is None or self._found.id != self.selected[0]:
            return reason
        now = self._found.status
        if now is status:
            return self.tr("It is that already.")
        if AUDIT_TRANSITIONS.allows(now, status):
            return None
        return self.tr("{now} cannot become {status}.").format(
            now=words(now), status=words(status).lower()
        )

    def _can_release(self) -> str | None:
        if self._selected_person() is None:
            return self.tr("Select somebody on the Overview tab first.")
        return None

    def _selected_person(self) -> UUID | None:
        rows = self._people.selectionModel().selectedRows()
        if self._found is None or len(rows) != 1:
            return None
        return self._found.people[rows[0].row()].user_id

    def _back(self, audit_id: UUID, status: AuditStatus) -> None:
        """Take a status step back, on the audit as it is stored now."""

        def work(_context: TaskContext) -> Changes:
            return self._desk.audits.set_status(self._desk.audits.get(audit_id), status)

        self._run(work, self._saved)

    def _assign(self, audit_id: UUID, person: UUID, duty: str) -> None:
        def work(_context: TaskContext) -> Changes:
            return self._desk.audits.assign(audit_id, person, duty)

        self._run(work, self._saved)

    def _run(self, work: Callable[[TaskContext], Changes], told: Callable[[Changes], None]) -> None:
        self.workbench.act(self, work, told, self._refused, title=self.tr("Changing the audit"))

    def _refused(self, error: Exception) -> None:
        self.workbench.messages.report(error)
        self.reload()

    def _saved(self, changes: Changes) -> None:
        self.workbench.publish(changes)
        self.workbench.messages.saved(self.tr("The audit is saved."))

    def _build_tabs(self) -> None:
        self._people.itemSelectionChanged.connect(self._refresh_commands)
        inside = self.workbench.may(Right.FINDINGS_TEXT)
        tabs: list[tuple[QWidget, str, bool]] = [
            (self._overview(), self.tr("Overview"), True),
            (self._scope_page(), self.tr("Scope"), inside),
            (self.files, self.tr("Files"), inside),
            (self.known, self.tr("Known issues"), inside),
            (self.credentials, self.tr("Credentials"), inside),
            (self.checklist, self.tr("Checklist"), inside),
            (self.fixes, self.tr("Fixes"), inside),
            (self.time, self.tr("Time"), inside),
        ]
        for widget, name, shown in tabs:
            if shown:
                self.detail.tabs.addTab(widget, name)
            else:
                widget.hide()

    def _overview(self) -> QWidget:
        """Return the facts above who works on the audit and what happened to it."""
        page = QWidget(self)
        self._facts.setContentsMargins(PAGE_GAP, PAGE_GAP, PAGE_GAP, GAP)
        people = self._caption(self.tr("People"), page)
        steps = self._caption(self.tr("Time line"), page)
        body = column([self._facts, people, self._people, steps, self._timeline], gap=0)
        body.setStretch(2, 2)
        body.setStretch(4, 3)
        page.setLayout(body)
        told = self.workbench.may(Right.FINDINGS_TEXT) or self.workbench.may(Right.USERS_READ)
        people.setVisible(told)
        self._people.setVisible(told)
        return page

    def _caption(self, text: str, page: QWidget) -> QWidget:
        made = label(text, "caption", parent=page)
        made.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, 0)
        return made

    def _scope_page(self) -> QWidget:
        """Return what is audited above the rule by which its lines were counted."""
        page = QWidget(self)
        self._rule.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, GAP)
        page.setLayout(column([self._scope, self._rule], gap=0))
        return page

    def _nobody(self) -> str:
        if self.workbench.may(Right.AUDITS_EDIT):
            return self.tr("Nobody works on this audit yet; add a person from its menu.")
        return self.tr("Nobody works on this audit yet.")

    def _refresh_commands(self) -> None:
        self.workbench.commands.refresh()


def audits_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return AuditsPane(desk, workbench, parent)

    return PaneSpec(
        id="audits",
        title=QCoreApplication.translate("Audits", "Audits"),
        icon=Glyph.AUDIT,
        needs=Right.AUDITS_READ,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY, "findings"}),
    )
