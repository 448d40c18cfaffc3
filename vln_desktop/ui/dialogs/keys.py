"""Encryption keys: what this machine holds, who is let in, rotation, set-up and recovery."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import shiboken6
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPushButton, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.key_envelopes import new_private_key, recovery_text
from vln_desktop.domain.keys import KeyHolder, KeyStatus, MyKey, Rotation
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.ui.dialogs.confirm import Question, ask
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.dialogs.recovery_key import NewRecoveryPanel, TypeRecoveryPanel
from vln_desktop.ui.panes.formats import day
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, WIDE_GAP, Tone
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.detail import Facts
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import Workbench

_WIDTH = 720
_TABLE_HEIGHT = 220


class KeysPanel(Overlay):
    """The state of the team's keys, and what one may do about it."""

    def __init__(self, workbench: Workbench, desk: Desk, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._workbench = workbench
        self._desk = desk
        self.status: KeyStatus | None = None
        self._facts = Facts(self.panel)
        self.people = TextTable(
            workbench.theme, self.tr("People with keys"), self.panel,
            empty=self.tr("Nobody published a key yet."),
        )  # fmt: skip
        self.people.setMinimumHeight(_TABLE_HEIGHT)
        self.people.itemSelectionChanged.connect(self._show_buttons)
        self.publish = self._button(self.tr("Publish my key"), self._publish)
        self.set_up = self._button(self.tr("Set up…"), self._set_up)
        self.let_in = self._button(self.tr("Let in…"), self._ask_let_in)
        self.rotate = self._button(self.tr("Rotate…"), self._ask_rotate)
        self.renew = self._button(self.tr("Encrypt anew"), self._renew)
        self.recover = self._button(self.tr("Recover from paper…"), self._recover)
        self.shut = self._button(self.tr("Close"), self.close_panel)
        self.content.setSpacing(WIDE_GAP)
        self.content.addWidget(label(self.tr("Encryption keys"), "title", parent=self.panel))
        told = self.tr(
            "Secret comments and clients' credentials are encrypted with the team's key. Each "
            "person opens it with a key of their own that stays on their machine."
        )
        self.content.addWidget(label(told, "dim", wrap=True, parent=self.panel))
        self.content.addWidget(self._facts)
        self.content.addWidget(self.people, 1)
        doing = [self.publish, self.set_up, self.let_in, self.rotate, self.renew, self.recover]
        self.content.addLayout(row([*doing, None, self.shut], gap=GAP))
        self.closed.connect(self.deleteLater)

    def open(self) -> None:
        """Show the panel and ask how things stand."""
        self._show_buttons()
        super().open()
        self.shut.setFocus()
        self.look()

    def look(self) -> None:
        """Ask again how things stand, if the panel is still there to show it."""
        if not shiboken6.isValid(self):
            return

        def work(_context: TaskContext) -> KeyStatus:
            return self._desk.key_status()

        self._workbench.tasks.run(self, work, self._show, self._workbench.messages.report)

    @property
    def chosen(self) -> KeyHolder | None:
        """The selected person."""
        rows = {index.row() for index in self.people.selectedIndexes()}
        if self.status is None or len(rows) != 1:
            return None
        return self.status.holders[rows.pop()]

    def _button(self, text: str, act: Callable[[], None]) -> QPushButton:
        made = button(text, parent=self.panel)
        made.clicked.connect(act)
        return made

    def _show(self, status: KeyStatus) -> None:
        self.status = status
        self._facts.show_facts(self._told(status))
        self.people.show_rows(
            [
                TextColumn(self.tr("Name"), wide=True),
                TextColumn(self.tr("Fingerprint")),
                TextColumn(self.tr("Team's key")),
            ],
            [(h.name, h.fingerprint, self._holding(h, status)) for h in status.holders],
        )
        waiting = status.waiting
        if waiting:
            self.people.selectRow(status.holders.index(waiting[0]))
        self._show_buttons()
        self._place()

    def _told(self, status: KeyStatus) -> list[tuple[str, str | QWidget]]:
        current = status.current
        mine = self.tr("You hold the team's key.") if not status.reason else status.reason
        facts: list[tuple[str, str | QWidget]] = [(self.tr("You"), mine)]
        if status.fingerprint:
            facts.append((self.tr("Your fingerprint"), status.fingerprint))
        if current is not None:
            text = self.tr("Key {id}, since {day}; {count} values")
            facts.append(
                (
                    self.tr("Team's key"),
                    text.format(id=current.key_id, day=day(current.made_at), count=current.values),
                )
            )
        if status.left:
            text = self.tr("{count} values still need an older key")
            facts.append((self.tr("Rotation"), text.format(count=status.left)))
        if status.recovery_fingerprint:
            facts.append((self.tr("Recovery key"), status.recovery_fingerprint))
        return facts

    def _holding(self, holder: KeyHolder, status: KeyStatus) -> str:
        if holder in status.waiting or not holder.key_ids:
            return self.tr("waits to be let in")
        return self.tr("holds it")

    def _show_buttons(self) -> None:
        status, may = self.status, self._workbench.may(Right.KEYS_GRANT)
        holder = status is not None and status.mine is MyKey.HOLDER
        chosen = self.chosen
        self.publish.setVisible(
            status is not None and status.mine in {MyKey.UNPUBLISHED, MyKey.ELSEWHERE}
        )
        if status is not None and status.mine is MyKey.ELSEWHERE:
            self.publish.setText(self.tr("Replace my key…"))
        self.set_up.setVisible(may and status is not None and not status.keys)
        self.let_in.setVisible(may and holder)
        self.let_in.setEnabled(
            status is not None and chosen is not None and chosen in status.waiting
        )
        self.rotate.setVisible(may and holder)
        self.renew.setVisible(may and holder and status is not None and bool(status.left))
        self.recover.setVisible(may and status is not None and bool(status.keys) and not holder)

    def _publish(self) -> None:
        if self.status is not None and self.status.mine is MyKey.ELSEWHERE:
            question = Question(
                self.tr("Replace your key?"),
                self.tr("The key on your other machine opens nothing any more, and somebody has "
                        "to let you in again."),
                self.tr("Replace"),
                danger=True,
            )  # fmt: skip
            ask(question, lambda _reason: self._run_publish(replace=True), self.window())
        else:
            self._run_publish(replace=False)

    def _run_publish(self, *, replace: bool) -> None:
        done = partial(self._done, self.tr("Your key is published."))
        self._run(partial(self._desk.keys.publish, replace=replace), done)

    def _set_up(self) -> None:
        recovery = recovery_text(new_private_key())
        done = partial(self._done, self.tr("The team's keys are set up."))
        NewRecoveryPanel(
            self._workbench, recovery, self._desk.keys.set_up, done, self.window()
        ).open()

    def _ask_let_in(self) -> None:
        person = self.chosen
        if person is None:
            return
        question = Question(
            self.tr("Let {name} in?").format(name=person.name),
            self.tr("Their window shows the same fingerprint under “Encryption keys…”. Let them "
                    "read it out to you:\n\n{fingerprint}").format(fingerprint=person.fingerprint),
            self.tr("It is the same: let in"),
        )  # fmt: skip
        ask(question, lambda _reason: self._let_in(person), self.window())

    def _let_in(self, person: KeyHolder) -> None:
        def work() -> None:
            self._desk.keys.let_in([person.user_id])

        text = self.tr("{name} holds the team's key now.").format(name=person.name)
        self._run(work, partial(self._done, text))

    def _ask_rotate(self) -> None:
        question = Question(
            self.tr("Make a new key?"),
            self.tr("Everybody who holds the present key and still works here gets the new one. "
                    "What you may read is encrypted anew; managers of other teams do the rest."),
            self.tr("Rotate"),
        )  # fmt: skip
        ask(question, lambda _reason: self._rotate(), self.window())

    def _rotate(self) -> None:
        def work(context: TaskContext) -> Rotation:
            return self._desk.keys.rotate(progress=partial(_tell, context))

        self._run_rotation(work)

    def _renew(self) -> None:
        def work(context: TaskContext) -> Rotation:
            return self._desk.keys.renew(partial(_tell, context))

        self._run_rotation(work)

    def _recover(self) -> None:
        def act(recovery: str) -> None:
            self._desk.keys.recover(recovery)

        done = partial(self._done, self.tr("You hold the team's key."))
        TypeRecoveryPanel(self._workbench, act, done, self.window()).open()

    def _run(self, work: Callable[[], None], done: Callable[[], None]) -> None:
        def task(_context: TaskContext) -> None:
            work()

        def finish(_nothing: None) -> None:
            done()

        self._workbench.tasks.run(self, task, finish, self._failed)

    def _run_rotation(self, work: Callable[[TaskContext], Rotation]) -> None:
        # It goes on when the panel is closed.
        self._workbench.tasks.run(
            self._workbench, work, self._rotated, self._failed, title=self.tr("Encrypting anew")
        )

    def _rotated(self, done: Rotation) -> None:
        text = _tr("Key {id} is in use; {count} values were encrypted anew.")
        self._done(text.format(id=done.key_id, count=done.encrypted_anew))
        for person in done.left_out:
            name = self._desk.directory.name_of(person)
            text = _tr("{name} did not get the new key.").format(name=name)
            self._workbench.messages.say(text, Tone.WARNING)

    def _failed(self, error: Exception) -> None:
        self._workbench.messages.report(error)
        self.look()

    def _done(self, text: str) -> None:
        """Tell what was done, and let every pane look at what is no longer, or newly, locked."""
        self._workbench.messages.saved(text)
        self._workbench.publish(Changes("findings", frozenset()))
        self.look()


def _tr(text: str) -> str:
    """Translate a text that may be told after the panel is gone."""
    return QCoreApplication.translate("KeysPanel", text)


def _tell(context: TaskContext, done: int) -> None:
    context.check()
    context.progress(None, f"{done:,}")
