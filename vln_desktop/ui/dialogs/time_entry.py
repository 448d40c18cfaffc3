"""Enters time that was spent on an audit, or changes an entry of one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.time_entries import (
    NOTE_MAX,
    Activity,
    TimeDraft,
    TimeEntry,
    duration_text,
    parse_duration,
)
from vln_desktop.errors import UserError
from vln_desktop.services.time_entries import TimeEntriesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.choices import WordBox
from vln_desktop.ui.widgets.fields import DayEdit, Field
from vln_desktop.ui.workbench import Workbench

_LONGEST_DURATION = 40


def _tr(text: str) -> str:
    return QCoreApplication.translate("Time", text)


class TimeEntryPanel(FormPanel):
    """One entry; `audit` is its id and number, `entry` the one that is changed."""

    def __init__(
        self,
        workbench: Workbench,
        service: TimeEntriesService,
        audit: tuple[UUID, str],
        entry: TimeEntry | None,
        window: QWidget,
    ) -> None:
        self._audit, number = audit
        name = _tr("Time on {number}").format(number=number)
        told = _tr("You and the managers of the team see it.")
        confirm = _tr("Add the time") if entry is None else _tr("Save the time")
        super().__init__(workbench, name, told, confirm, window)
        self._service = service
        self._entry = entry
        self._key = uuid7()
        self.duration = QLineEdit(self.panel)
        self.duration.setMaxLength(_LONGEST_DURATION)
        self.duration.setPlaceholderText(_tr("1:30, 90m, 1.5h or 1h 30"))
        self.day = DayEdit(self.panel)
        self.day.set_day(datetime.now(UTC).date())
        self.activity = WordBox(tuple(Activity), _tr("Activity"), "activity", parent=self.panel)
        self.note = QLineEdit(self.panel)
        self.note.setMaxLength(NOTE_MAX)
        if entry is not None:
            self.duration.setText(duration_text(entry.minutes))
            self.day.set_day(entry.day)
            self.activity.choose(entry.activity)
            self.note.setText(entry.note)
        self.build(
            {
                "duration": Field(_tr("How long"), self.duration, self.panel),
                "day": Field(_tr("Day (UTC)"), self.day, self.panel),
                "activity": Field(_tr("Activity"), self.activity, self.panel),
                "note": Field(_tr("Note"), self.note, self.panel),
            }
        )

    def open(self) -> None:
        """Show the panel; one types how long at once."""
        super().open()
        self.duration.setFocus()
        self.duration.selectAll()

    def send(self) -> None:
        """Save the entry."""
        self.clear_faults()
        try:
            draft = self._draft()
        except UserError as error:
            self.refuse(error)
            return

        def work(_context: TaskContext) -> Changes:
            return self._saved(draft)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            text = _tr("{time} is saved.").format(time=duration_text(draft.minutes))
            self.workbench.messages.saved(text)

        self.save(work, done, _tr("Saving the time"))

    def _draft(self) -> TimeDraft:
        minutes = parse_duration(self.duration.text())
        try:
            day = self.day.day
        except UserError as error:
            raise UserError(str(error), field="day") from error
        if day is None:
            raise UserError(_tr("Say on which day."), field="day")
        activity = Activity(self.activity.word or Activity.REVIEW)
        return TimeDraft(day, minutes, activity, self.note.text())

    def _saved(self, draft: TimeDraft) -> Changes:
        if self._entry is None:
            return self._service.add(self._audit, draft, self._key)
        return self._service.change(self._audit, self._entry, draft)
