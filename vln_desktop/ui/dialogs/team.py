"""The small forms of teams: a name; a person's place with duty and last day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.teams import LONGEST_NAME, Duty, TeamPerson, clean_team_name
from vln_desktop.errors import UserError
from vln_desktop.ui.dialogs.staff import ActForm
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.choices import PersonPicker
from vln_desktop.ui.widgets.fields import DayEdit, Field
from vln_desktop.ui.workbench import Workbench

Done = Callable[[Changes], None]


def tr(text: str) -> str:
    """Translate a text of these forms."""
    return QCoreApplication.translate("Teams", text)


class TeamNamePanel(ActForm):
    """The name of a new team, or another one for a team that has one."""

    def __init__(
        self,
        workbench: Workbench,
        name: str,
        send_it: Callable[[str], Changes],
        done: Done,
        window: QWidget,
    ) -> None:
        texts = (
            (tr("Rename the team"), tr("Audits and people stay with it."), tr("Rename"))
            if name
            else (tr("New team"), tr("People join it next; audits are given to it by managers."),
                  tr("Make the team"))
        )  # fmt: skip
        super().__init__(workbench, *texts, window)
        self._send_it, self._done = send_it, done
        self.name = QLineEdit(name, self.panel)
        self.name.setMaxLength(LONGEST_NAME)
        self.build({"name": Field(tr("Name"), self.name, self.panel)})

    def send(self) -> None:
        """Save the name."""
        self.clear_faults()
        try:
            name = clean_team_name(self.name.text())
        except UserError as error:
            self.refuse(error)
            return
        self.save(lambda _context: self._send_it(name), self._done, tr("Saving the team"))


class PlacePanel(ActForm):
    """Who joins a team, as what and until when; with `known`, the place somebody has already."""

    def __init__(
        self,
        workbench: Workbench,
        team: str,
        people: Sequence[tuple[UUID, str]],
        send_it: Callable[[UUID, Duty, date | None], Changes],
        done: Done,
        window: QWidget,
        known: TeamPerson | None = None,
    ) -> None:
        told = tr("Who is in {team} sees what is confidential in its audits: managers all of "
                  "them, auditors those they are put on.").format(team=team)  # fmt: skip
        texts = (
            (tr("Add a person to {team}").format(team=team), told, tr("Add"))
            if known is None
            else (tr("Place in {team}").format(team=team), told, tr("Save"))
        )
        super().__init__(workbench, *texts, window)
        self._send_it, self._done = send_it, done
        self.person = PersonPicker(people, parent=self.panel)
        self.duty = QComboBox(self.panel)
        for duty in (Duty.MEMBER, Duty.LEAD):
            self.duty.addItem(look_of("team_duty", duty).text, duty)
        self.day = DayEdit(self.panel)
        if known is not None:
            self.person.choose(known.user_id)
            self.person.setEnabled(False)
            self.duty.setCurrentIndex(self.duty.findData(known.duty))
            self.day.set_day(None if known.ended else known.valid_until)
        else:
            self.person.setCurrentIndex(-1)
        last = tr("Last day (UTC); empty: for good")
        self.build(
            {
                "person": Field(tr("Person"), self.person, self.panel),
                "duty": Field(tr("Duty"), self.duty, self.panel),
                "valid_until": Field(last, self.day, self.panel),
            }
        )

    def send(self) -> None:
        """Save the place."""
        self.clear_faults()
        person = self.person.person
        if person is None:
            self.refuse(UserError(tr("Choose somebody of the list."), field="person"))
            return
        try:
            day = self.day.day
        except UserError as error:
            self.refuse(UserError(str(error), field="valid_until"))
            return
        duty = Duty(self.duty.currentData())
        self.save(lambda _context: self._send_it(person, duty, day), self._done, tr("Saving"))
