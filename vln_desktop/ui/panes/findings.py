"""Findings: triage with keys, details, code, discussion and history of one finding."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from vln_desktop.domain.findings import (
    FindingKind,
    Severity,
    TriageField,
    TriageOutcome,
    TriageValue,
)
from vln_desktop.domain.permissions import Right, Role
from vln_desktop.errors import NotPermitted
from vln_desktop.services.desk import Desk
from vln_desktop.services.findings import ENTITY
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import FINDINGS
from vln_desktop.services.presence import Present
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.triage_results import TriageResultsPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.base import GridPane
from vln_desktop.ui.panes.finding_discussion import Discussion
from vln_desktop.ui.panes.finding_evidence import EvidenceTab
from vln_desktop.ui.panes.finding_forms import FindingForms, ShownFinding
from vln_desktop.ui.panes.finding_layout import POSITIONS, STATE_KEYS, findings_layout
from vln_desktop.ui.panes.finding_overview import FindingOverview
from vln_desktop.ui.panes.finding_responses import Responses
from vln_desktop.ui.panes.finding_texts import below_title, places_of
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.panes.history import history_events
from vln_desktop.ui.panes.time_machine import as_of_command
from vln_desktop.ui.panes.triage import Triage
from vln_desktop.ui.presence import PresenceWatch, present_words
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import label
from vln_desktop.ui.widgets.detail import Timeline
from vln_desktop.ui.widgets.markdown import MarkdownView
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench


class FindingsPane(GridPane[ShownFinding]):
    """The findings grid and one finding beside it."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: ShownFinding | None = None
        names = [colleague.name for colleague in desk.directory.colleagues]
        rows = GridSource(desk.database, FINDINGS, desk.directory.find)
        super().__init__(workbench, rows, findings_layout(desk), names, parent)
        self.triage = Triage(desk.findings, workbench, self)
        self.triage.amended.connect(self._show_amended)
        self.triage.settled.connect(self.reload)
        self.triage.refused.connect(self._show_results)
        self.model.page_loaded.connect(self._judge_anew)
        self.grid.selected_changed.connect(self._turn_comment)
        self.forms = FindingForms(desk, workbench, self)
        theme, may_edit = workbench.theme, workbench.may(Right.FINDINGS_EDIT)
        self.overview = FindingOverview(theme, may_edit, self)
        self.overview.chosen.connect(self.set_here)
        self.overview.links.opened.connect(self.show_record)
        self.overview.links.taken_away.connect(self.forms.unlink)
        self._code = MarkdownView(theme, self)
        self.discussion = Discussion(
            theme, desk.directory.name_of, may_edit, workbench.drafts, self
        )
        self.discussion.sent.connect(self._send_comment)
        self.discussion.left.connect(self.grid.setFocus)
        self.presence = PresenceWatch(desk.presence, workbench.tasks, self, editing=False)
        self.presence.others.connect(self._show_present)
        self.present = label("", "small", parent=self)
        self.detail.below_head.addWidget(self.present)
        self.responses = Responses(theme, desk.directory.name_of, may_edit, self)
        self.responses.add_asked.connect(self.opener(self.forms.add_response))
        self.evidence = EvidenceTab(desk, workbench, self)
        self._history = Timeline(theme, self)
        self._code.setPlaceholderText(self.tr("No place in the code is noted."))
        self._build_tabs()
        if not workbench.may(Right.FINDINGS_TEXT):
            self.detail.hide()

    def commands(self) -> list[Command]:
        """The grid's commands, and what an auditor does to findings."""
        return [
            *super().commands(),
            *self._form_commands(),
            self._command("comment", self.tr("Comment"), self.write_comment, "N", self.need_one,
                          Glyph.COMMENT),
            self._command("assign_me", self.tr("Assign to me"), self.assign_to_me, "A",
                          self.need_some, Glyph.PERSON),
            *self.evidence.commands(self.layout_data.title),
            as_of_command(self, self._desk, "findings", "findings", Right.FINDINGS_TEXT),
            *self._severity_commands(),
            *self._state_commands(),
            *self._position_commands(),
            self._command("kind_gas", self.tr("Kind: gas"),
                          partial(self.set, TriageField.KIND, FindingKind.GAS.value), "6",
                          self.need_some),
            self._command("assign", self.tr("Assign to…"), self.assign, "Shift+A",
                          self.need_some, Glyph.PERSON),
            self._command("repeat", self.tr("Repeat the last change"), self.repeat, ".",
                          self._can_repeat),
            self._command("undo", self.tr("Undo the last change"), self.triage.undo, "Ctrl+Z",
                          self.triage.can_undo, Glyph.UNDO),
            self._command("redo", self.tr("Redo what was undone"), self.triage.redo,
                          "Ctrl+Shift+Z", self.triage.can_redo),
            self._command("advance", self.tr("Move on after a review state, or stay"),
                          self.toggle_advance),
        ]  # fmt: skip

    def equip(self) -> None:
        """Place the registered commands, those of evidence on their tab."""
        super().equip()
        self.evidence.equip()

    def fetch(self, id_: UUID, context: TaskContext) -> ShownFinding:
        """Fetch a finding with its scheme and history."""
        if not self.workbench.may(Right.FINDINGS_TEXT):
            raise NotPermitted(self.tr("Your role sees the list of findings, not their texts."))
        detail = self._desk.findings.get(id_)
        context.check()
        scheme = self._desk.findings.scheme(detail.audit_id)
        responses, evidence = self._desk.responses.of(id_), self._desk.evidence.of(id_)
        readers = self._desk.notifications.readers(detail.audit_id)
        history = self._desk.activity.history(id_)
        return ShownFinding(detail, scheme, responses, evidence, readers, history)

    def fill(self, detail: ShownFinding) -> None:
        """Show a finding."""
        self._found = detail
        found = detail.detail
        looks = [
            look_of("severity", found.severity),
            look_of("finding_status", found.status),
            look_of("kind", found.kind),
        ]
        finder = self._desk.directory.name_of(found.finder_id)
        self.detail.show_record(found.number, title(found.title), looks, below_title(found, finder))
        name_of = self._desk.directory.name_of
        self.overview.show_finding(found, self._assignees(), self.grid.filter.words, name_of)
        self._code.show_markdown(places_of(found.locations))
        self.discussion.show_comments(found.comments, detail.readers)
        self.responses.show_responses(detail.responses)
        self.evidence.show_evidence(found, detail.evidence)
        self._history.show_events(history_events(detail.history, self._desk.directory))
        self._name_tabs(detail)
        if self.isVisible():
            self.presence.follow(found.audit_id, found.id)
        self.workbench.commands.refresh()

    def write_comment(self) -> None:
        """Go to where comments are typed."""
        self.detail.show()
        self.detail.tabs.setCurrentWidget(self.discussion)
        self.discussion.text.setFocus()

    def assign_to_me(self) -> None:
        """Assign the selected findings to the person signed in."""
        self.set(TriageField.ASSIGNEE, self.workbench.person.user_id)

    def assign(self) -> None:
        """Choose whom the selected findings are assigned to, from a menu at their row."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for person, name in ((None, self.tr("Nobody")), *self._assignees()):
            menu.addAction(name).setData(person)
        menu.triggered.connect(self._assign_by_menu)
        place = self.grid.visualRect(self.grid.currentIndex()).bottomLeft()
        menu.popup(self.grid.viewport().mapToGlobal(place))

    def set(self, field: TriageField, value: TriageValue) -> None:
        """Set one field of the selected findings; a state of one finding moves on to the next."""
        findings = self.selected
        if not findings:
            return
        self.triage.set(findings, field, value)
        if field is TriageField.REVIEW_STATE and len(findings) == 1 and self.advances:
            self.go_down()

    def set_here(self, field: TriageField, value: TriageValue) -> None:
        """Set one field of the selected findings and stay: it was chosen beside the texts."""
        self.triage.set(self.selected, field, value)

    @property
    def advances(self) -> bool:
        """Whether a review state moves on to the next finding."""
        return self.workbench.preferences.get("findings.advance", True)

    def toggle_advance(self) -> None:
        """Move on after a review state, or stay."""
        self.workbench.preferences.set("findings.advance", not self.advances)
        self.workbench.messages.say(
            self.tr("A review state moves on to the next finding.")
            if self.advances
            else self.tr("A review state stays on its finding.")
        )

    def repeat(self) -> None:
        """Do to the selected findings what was done last."""
        self.triage.repeat(self.selected)

    def _command(
        self,
        name: str,
        text: str,
        handler: Callable[[], None],
        shortcut: str = "",
        enabled: Callable[[], str | None] | None = None,
        icon: Glyph | None = None,
    ) -> Command:
        return Command(
            f"findings.{name}", text, handler, shortcut, icon, Right.FINDINGS_EDIT, enabled,
            self.layout_data.title,
        )  # fmt: skip

    def _form_commands(self) -> list[Command]:
        """What opens a form or a list for the shown finding."""
        forms, may_import, may_edit = self.forms, Right.FINDINGS_IMPORT, Right.FINDINGS_EDIT
        offered = (
            ("import", self.tr("Import…"), forms.import_scans, "Ctrl+I", Glyph.IMPORT, may_import),
            ("imports", self.tr("Imports into this audit…"), forms.show_imports, "", Glyph.CLOCK,
             may_import),
            ("edit", self.tr("Edit…"), forms.edit, "E", Glyph.EDIT, may_edit),
            ("new", self.tr("New finding…"), forms.write_new, "Ctrl+N", Glyph.ADD, may_edit),
            ("review_fix", self.tr("Put into the fix review"), forms.review_fix, "", Glyph.CHECK,
             may_edit),
            ("link", self.tr("Link to another finding…"), forms.link, "L", Glyph.LINK, may_edit),
            ("respond", self.tr("Add a response…"), forms.add_response, "Shift+N", Glyph.COMMENT,
             may_edit),
            ("notice", self.tr("Record an urgent notice…"), forms.tell_at_once, "", Glyph.SEND,
             may_edit),
        )  # fmt: skip
        return [
            Command(f"findings.{name}", text, partial(self.with_detail, self.opener(form)), keys,
                    icon, needs, self.need_one, self.layout_data.title)
            for name, text, form, keys, icon, needs in offered
        ]  # fmt: skip

    def opener(self, form: Callable[[ShownFinding], None]) -> Callable[[], None]:
        """Return what opens a form for the finding that is shown then."""

        def open_it() -> None:
            if self._found is not None:
                form(self._found)

        return open_it

    def _severity_commands(self) -> list[Command]:
        return [
            self._command(
                f"severity_{severity.value}",
                self.tr("Severity: {word}").format(word=look_of("severity", severity).text),
                partial(self.set, TriageField.SEVERITY, severity.value),
                str(at),
                self.need_some,
            )
            for at, severity in enumerate(Severity, start=1)
        ]

    def _can_repeat(self) -> str | None:
        return self.need_some() or self.triage.can_repeat()

    def _state_commands(self) -> list[Command]:
        return [
            self._command(
                f"state_{state.value}",
                QCoreApplication.translate("Findings", str(text)),
                partial(self.set, TriageField.REVIEW_STATE, state.value),
                key,
                partial(self._can_become, TriageField.REVIEW_STATE, state.value),
            )
            for state, text, key in STATE_KEYS
        ]

    def _position_commands(self) -> list[Command]:
        return [
            self._command(
                f"position_{position.value}",
                QCoreApplication.translate("Findings", str(text)),
                partial(self.set, TriageField.CLIENT_POSITION, position.value),
                enabled=self.need_some,
            )
            for position, text in POSITIONS
        ]

    def _can_become(self, field: TriageField, value: str) -> str | None:
        """Return why not; of one finding the step must be legal, many answer one by one."""
        reason = self.need_some()
        if reason is not None or len(self.selected) != 1:
            return reason
        [row] = self.grid.selected_rows() or [-1]
        shown = self.model.value(row, field.value) if row >= 0 else None
        return self.triage.can_become(self.selected[0], field, shown, value)

    def _judge_anew(self, rows: range) -> None:
        """Ask again what can be done, which follows from what is known of the selected row."""
        if self.grid.currentIndex().row() in rows:
            self.workbench.commands.refresh()

    def _show_amended(self, ids: frozenset[UUID], field: TriageField, value: TriageValue) -> None:
        if field is TriageField.ASSIGNEE:
            name = self._desk.directory.name_of(value if isinstance(value, UUID) else None)
            self.model.amend(ids, "assignee", name)
        else:
            self.model.amend(ids, field.value, str(value))

    def hideEvent(self, event: QHideEvent) -> None:
        self.presence.leave()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._found is not None:
            self.presence.follow(self._found.detail.audit_id, self._found.detail.id)

    def _show_present(self, others: tuple[Present, ...]) -> None:
        self.present.setText(present_words(others, self._desk.directory.name_of))

    def _show_results(self, outcome: TriageOutcome) -> None:
        TriageResultsPanel(self.workbench, outcome, self.triage.undo, self.window()).open()

    def _build_tabs(self) -> None:
        for widget, name in (
            (self.overview, self.tr("Details")),
            (self._code, self.tr("Code")),
            (self.discussion, self.tr("Discussion")),
            (self.responses, self.tr("Responses")),
            (self.evidence, self.tr("Evidence")),
            (self._history, self.tr("History")),
        ):
            self.detail.tabs.addTab(widget, name)

    def _name_tabs(self, shown: ShownFinding) -> None:
        tabs = self.detail.tabs
        for widget, name, count in (
            (self._code, self.tr("Code"), len(shown.detail.locations)),
            (self.discussion, self.tr("Discussion"), len(shown.detail.comments)),
            (self.responses, self.tr("Responses"), len(shown.responses)),
            (self.evidence, self.tr("Evidence"), len(shown.evidence)),
        ):
            tabs.setTabText(tabs.indexOf(widget), f"{name} {count}" if count else name)

    def _assign_by_menu(self, action: QAction) -> None:
        self.set(TriageField.ASSIGNEE, action.data())

    def _assignees(self) -> list[tuple[UUID, str]]:
        return [
            (colleague.id, colleague.name)
            for colleague in self._desk.directory.active(Role.AUDITOR, Role.MANAGER)
        ]

    def _send_comment(self, finding: UUID, body: str, secret: bool) -> None:
        self.triage.comment(
            finding,
            body,
            secret=secret,
            saved=partial(self.discussion.saved, finding, body),
            refused=partial(self.discussion.bring_back, finding, body, secret),
        )
        self.grid.setFocus()  # the next key triages again

    def _turn_comment(self, selected: tuple[Any, ...]) -> None:
        """Let what is typed as a comment belong to the one finding that is selected."""
        one = selected[0] if len(selected) == 1 else None
        rows = self.grid.selected_rows() if one is not None else []
        number = self.model.value(rows[0], "number") if rows else None
        self.discussion.turn_to(one, number or "")

    def write_on(self, finding: UUID, text: str) -> None:
        """Show a finding with a comment that was typed and not saved."""
        self.show_record(finding)
        self.discussion.turn_to(finding, "")
        self.discussion.restore(finding, text)
        self.write_comment()


def findings_pane(desk: Desk) -> PaneSpec:
    """Return the pane over a person's desk."""

    def make(workbench: Workbench, parent: QWidget) -> Pane:
        return FindingsPane(desk, workbench, parent)

    return PaneSpec(
        id="findings",
        title=QCoreApplication.translate("Findings", "Findings"),
        icon=Glyph.FINDING,
        needs=Right.FINDINGS_READ,
        factory=make,
        entity=ENTITY,
        watches=frozenset({ENTITY}),
    )
