"""Brings back, at the next start, what was typed and not saved, and tells where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QObject

from vln_desktop.domain.drafts import Draft
from vln_desktop.domain.finding_drafts import draft_of, texts_of
from vln_desktop.domain.report_work import ReportDetail, Section, SectionDraft
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs import finding_form, report_section
from vln_desktop.ui.dialogs.drafts import DraftsPanel, Recovery
from vln_desktop.ui.dialogs.finding_editor import FindingEditor
from vln_desktop.ui.dialogs.finding_form import OpenFinding, open_finding, open_new_finding
from vln_desktop.ui.dialogs.report_section import SectionEditor
from vln_desktop.ui.drafts import Drafts
from vln_desktop.ui.finding_words import field_name
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.messages import NoticeAction
from vln_desktop.ui.panes import finding_discussion
from vln_desktop.ui.panes.finding_forms import editor_services
from vln_desktop.ui.panes.findings import FindingsPane
from vln_desktop.ui.shell import Shell
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import Tone
from vln_desktop.ui.workbench import Workbench


class DraftRecovery(QObject):
    """Looks for drafts once the shell is there, and opens them."""

    def __init__(self, desk: Desk, drafts: Drafts, shell: Shell) -> None:
        super().__init__(shell)
        self._desk = desk
        self._drafts = drafts
        self._shell = shell

    @property
    def _bench(self) -> Workbench:
        return self._shell.workbench

    def begin(self) -> None:
        """Look whether anything is unsaved, and say so."""

        def work(_context: TaskContext) -> int:
            self._drafts.service.prepare()
            return len(self._drafts.service.all())

        self._bench.tasks.run(self, work, self._tell, self._bench.messages.report)

    def open(self) -> None:
        """Show what is kept."""
        DraftsPanel(self._bench, self._drafts, self._recoveries(), self._shell.window()).open()

    def _tell(self, count: int) -> None:
        if not count:
            return
        text = (
            self.tr("A text that you typed and did not save is kept here.")
            if count == 1
            else self.tr("{count} texts that you typed and did not save are kept here.")
        )
        show = NoticeAction(self.tr("Show"), self.open)
        self._bench.messages.say(text.format(count=count), Tone.WARNING, show)

    def _recoveries(self) -> Mapping[str, Recovery]:
        return {
            finding_form.FORM: Recovery(field_name, self._stored_finding, self._edit_finding),
            finding_form.FORM_NEW: Recovery(field_name, _nothing_stored, self._write_finding),
            report_section.FORM: Recovery(str.capitalize, self._stored_section, self._edit_section),
            finding_discussion.FORM: Recovery(str, _nothing_stored, self._write_comment),
        }

    def _stored_finding(self, draft: Draft) -> Mapping[str, str]:
        if draft.record is None:
            return {}
        return texts_of(draft_of(self._desk.findings.get(draft.record)))

    def _edit_finding(self, draft: Draft) -> None:
        finding = draft.record
        if finding is None:
            return

        def work(_context: TaskContext) -> OpenFinding:
            detail = self._desk.findings.get(finding)
            return open_finding(detail, self._desk.findings.scheme(detail.audit_id), draft)

        self._bench.tasks.run(self, work, self._open_editor, self._bench.messages.report)

    def _stored_section(self, draft: Draft) -> Mapping[str, str]:
        if draft.record is None:
            return {}
        _report, section = self._desk.report_sections.opened(draft.record)
        return {"title": section.draft.title, "text": section.draft.text}

    def _edit_section(self, draft: Draft) -> None:
        record = draft.record
        if record is None:
            return
        typed = SectionDraft(draft.mine.get("title", ""), draft.mine.get("text", ""))

        def work(_context: TaskContext) -> tuple[ReportDetail, Section]:
            return self._desk.report_sections.opened(record)

        def opened(found: tuple[ReportDetail, Section]) -> None:
            services = (self._desk.report_sections, self._desk.report_papers)
            SectionEditor(self._bench, services, found, self._shell.window(), typed).show()

        self._bench.tasks.run(self, work, opened, self._bench.messages.report)

    def _write_finding(self, draft: Draft) -> None:
        audit = draft.record
        if audit is None:
            return

        def work(_context: TaskContext) -> OpenFinding:
            number = self._desk.audits.get(audit).number or ""
            return open_new_finding(audit, number, self._desk.findings.scheme(audit), draft)

        self._bench.tasks.run(self, work, self._open_editor, self._bench.messages.report)

    def _open_editor(self, opened: OpenFinding) -> None:
        FindingEditor(self._bench, editor_services(self._desk), opened, self._shell.window()).show()

    def _write_comment(self, draft: Draft) -> None:
        if draft.record is None:
            return
        self._shell.open_pane("findings")
        pane = self._shell.pane("findings")
        if isinstance(pane, FindingsPane):
            pane.write_on(draft.record, "\n\n".join(draft.mine.values()))


def drafts_command(open_drafts: Callable[[], None]) -> Command:
    """Return what shows the unsaved texts."""
    translate = QCoreApplication.translate
    return Command(
        "session.drafts",
        translate("Drafts", "Unsaved texts…"),
        open_drafts,
        icon=Glyph.EDIT,
        group=translate("Workspace", "Session"),
        words="draft recover restore lost journal",
    )


def recover_drafts(desk: Desk, drafts: Drafts, shell: Shell) -> DraftRecovery:
    """Have drafts looked for while the shell opens, and offered from everywhere."""
    recovery = DraftRecovery(desk, drafts, shell)
    shell.workbench.commands.add([drafts_command(recovery.open)], shell, window=True)
    recovery.begin()
    return recovery


def _nothing_stored(_draft: Draft) -> Mapping[str, str]:
    return {}
