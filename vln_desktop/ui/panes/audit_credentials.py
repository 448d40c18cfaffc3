"""The credentials of one audit: masked, shown one at a time for half a minute, copied, deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from vln_desktop.domain.audits import Credential
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.ui.clipboard import SECONDS, CopiedSecret
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.add_credential import AddCredentialPanel
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.audit_tabs import AuditTab, ShownAudit
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.controls import column, label, row
from vln_desktop.ui.widgets.detail import local_time
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_OF_ONE = ("audits.reveal", "audits.copy_secret", "audits.delete_credential")
_OF_AUDIT = ("audits.add_credential",)

_MASK = "•" * 4
_SHOWN_HEIGHT = 72


class CredentialsTab(AuditTab):
    """A table of an audit's credentials, and the secret of one while it is shown."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self.table = TextTable(
            workbench.theme, self.tr("Credentials"), self,
            empty=self.tr("What the client lends for this audit is kept here, encrypted."),
        )  # fmt: skip
        self.table.itemSelectionChanged.connect(self._selection_changed)
        self._whose = label("", "small", parent=self)
        self.shown = QPlainTextEdit(self)
        self.shown.setReadOnly(True)
        self.shown.setFixedHeight(_SHOWN_HEIGHT)
        self.shown.setFont(workbench.theme.code_font())
        self.shown.setAccessibleName(self.tr("Secret"))
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.setInterval(SECONDS * 1000)
        self.timer.timeout.connect(self.hide_secret)
        self._of_one, self._of_audit = row([None], gap=GAP), row([None], gap=GAP)
        below = column([self._whose, self.shown, self._of_one, self._of_audit], gap=GAP)
        below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        self.setLayout(column([self.table, below], gap=0))
        self.hide_secret()

    def commands(self, group: str) -> list[Command]:
        """What is done with credentials."""
        return [
            self._command("reveal", self.tr("Reveal"), self.reveal, self._need_one, Glyph.REVEAL,
                          group),
            self._command("copy_secret", self.tr("Copy secret"), self.copy, self._need_one,
                          Glyph.COPY, group),
            self._command("add_credential", self.tr("Add credential…"), self.add, self._need_audit,
                          Glyph.ADD, group),
            self._command("delete_credential", self.tr("Delete…"), self.delete, self._need_one,
                          Glyph.DELETE, group),
        ]  # fmt: skip

    def equip(self) -> None:
        """Put the registered commands below the table; the pane calls it once."""
        self.place(self._of_one, _OF_ONE)
        self.place(self._of_audit, _OF_AUDIT)

    def show_audit(self, shown: ShownAudit) -> None:
        """Show an audit's credentials, masked; what was shown of another one goes."""
        audit, chosen = shown.detail, self.chosen
        self.audit = audit
        self.table.blockSignals(True)  # the selection is put back: what is shown may stay
        self.table.show_rows(
            [
                TextColumn(self.tr("What for"), wide=True),
                TextColumn(self.tr("User name")),
                TextColumn(self.tr("Secret")),
                TextColumn(self.tr("Last read")),
            ],
            [self._row(credential) for credential in audit.credentials],
        )
        ids = [credential.id for credential in audit.credentials]
        kept = chosen is not None and chosen.id in ids
        if chosen is not None and kept:
            self.table.selectRow(ids.index(chosen.id))
        self.table.blockSignals(False)
        if not kept:
            self._selection_changed()

    @property
    def chosen(self) -> Credential | None:
        """The selected credential."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        if self.audit is None or len(rows) != 1:
            return None
        return self.audit.credentials[rows.pop()]

    def reveal(self) -> None:
        """Show the selected credential's secret for half a minute; it is noted who reads it."""
        self._read(self._show)

    def copy(self) -> None:
        """Put the selected credential's secret on the clipboard for half a minute."""
        self._read(self._copy)

    def add(self) -> None:
        """Ask for a credential of the shown audit."""
        audit = self.audit
        if audit is not None:
            AddCredentialPanel(
                self.bench, self.desk.credentials, audit.id, audit.number or "",
                self.window(),
            ).open()  # fmt: skip

    def delete(self) -> None:
        """Ask, then delete the selected credential for good."""
        audit, credential = self.audit, self.chosen
        if audit is None or credential is None:
            return
        question = Question(
            self.tr("Delete “{label}”?").format(label=credential.label),
            self.tr("The secret is gone for good. The log keeps that there was one and who read "
                    "it."),
            self.tr("Delete"),
            danger=True,
        )  # fmt: skip
        ask(question, partial(self._delete, audit.id, credential.id), self.window())

    def hide_secret(self) -> None:
        """Take the shown secret off the screen."""
        self.timer.stop()
        self.shown.clear()
        self.shown.hide()
        self._whose.hide()

    def _command(
        self,
        name: str,
        text: str,
        handler: Callable[[], None],
        enabled: Callable[[], str | None],
        icon: Glyph,
        group: str,
    ) -> Command:
        return Command(
            f"audits.{name}", text, handler, "", icon, Right.FINDINGS_TEXT, enabled, group
        )

    def _row(self, credential: Credential) -> tuple[str, str, str, str]:
        what = f"{credential.label}\n{credential.note}" if credential.note else credential.label
        if credential.revealed_at is None:
            return what, credential.username, _MASK, ""
        who = self.desk.directory.name_of(credential.revealed_by)
        read = f"{who}\n{local_time(credential.revealed_at)}"
        return what, credential.username, _MASK, read

    def _need_audit(self) -> str | None:
        return None if self.audit is not None else self.tr("Select one audit first.")

    def _need_one(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select a credential on the Credentials tab first.")
        return None

    def _selection_changed(self) -> None:
        self.hide_secret()
        self.bench.commands.refresh()

    def _read(self, use: Callable[[Credential, str], None]) -> None:
        audit, credential = self.audit, self.chosen
        if audit is None or credential is None:
            return

        def work(_context: TaskContext) -> str:
            return self.desk.credentials.reveal(credential.id)

        def done(secret: str) -> None:
            self.bench.publish(Changes("audits", frozenset({audit.id})))
            if self.audit is not None and self.audit.id == audit.id:
                use(credential, secret)

        self.bench.act(self, work, done, self.bench.messages.report)

    def _show(self, credential: Credential, secret: str) -> None:
        text = self.tr("{label}: hidden again in {seconds} s")
        self._whose.setText(text.format(label=credential.label, seconds=SECONDS))
        self.shown.setPlainText(secret)
        self._whose.show()
        self.shown.show()
        self.timer.start()

    def _copy(self, credential: Credential, secret: str) -> None:
        CopiedSecret(secret)
        text = self.tr("The secret of “{label}” is on the clipboard for {seconds} s.")
        self.bench.messages.say(text.format(label=credential.label, seconds=SECONDS))

    def _delete(self, audit_id: UUID, credential_id: UUID, _reason: str) -> None:
        self.bench.change(
            self,
            partial(self.desk.credentials.delete, audit_id, credential_id),
            self.tr("The credential is deleted."),
        )
