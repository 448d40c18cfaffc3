"""Triage: changes run one after the other in the order of the keys, and each can be taken back.

Keys come faster than a server answers. A change is shown at once, stands in a queue until the one
before it is committed, and is called saved only then. What the queue will have made of a finding is
what the next key is judged by.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import TriageField, TriageOutcome, TriageValue
from vln_desktop.domain.triage import Deed, DeedHistory, findings_of, numbers_of
from vln_desktop.errors import Unavailable
from vln_desktop.services.findings import ENTITY, FindingsService
from vln_desktop.ui.messages import NoticeAction
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import Tone
from vln_desktop.ui.workbench import Workbench

Work = Callable[[TaskContext], Deed]


@dataclass(frozen=True, slots=True)
class _Job:
    """A change in the queue: `begin` gives its work when its turn comes, None if there is none."""

    begin: Callable[[], Work | None]
    end: Callable[[Deed], None]
    refused: Callable[[], None] | None = None
    """Called if it was not done after all."""


class Triage(QObject):
    """The queue of one pane's changes to findings, with undo, redo and repeat."""

    amended = Signal(object, object, object)
    """A change was asked for: the findings' ids, the TriageField and its value."""
    settled = Signal()
    """Nothing is under way any more: what is shown can be fetched anew."""
    refused = Signal(object)
    """Some findings of many were refused: carries the TriageOutcome."""

    def __init__(self, service: FindingsService, workbench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._service = service
        self._workbench = workbench
        self._jobs: deque[_Job] = deque()
        self._task: Task[Deed] | None = None
        self._history = DeedHistory()
        self._pending: dict[tuple[UUID, TriageField], TriageValue] = {}
        self._last: tuple[TriageField, TriageValue] | None = None
        self._touched: set[UUID] = set()
        self._outcomes: list[tuple[str, Deed]] = []
        workbench.messages.came_back.connect(self._go_on)
        workbench.tasks.changed.connect(self._heed_cancel)

    @property
    def busy(self) -> bool:
        """Whether changes wait or are under way."""
        return bool(self._jobs)

    def pending(self, finding: UUID, field: TriageField) -> TriageValue | None:
        """Return what a finding's field will be once the queue is done, None: as it is shown."""
        return self._pending.get((finding, field))

    def set(self, findings: Sequence[UUID], field: TriageField, value: TriageValue) -> None:
        """Set one field of findings."""
        self._last = (field, value)
        self._expect(findings, field, value)

        def begin() -> Work:
            return lambda _context: self._service.triage(findings, field, value)

        self._add(_Job(begin, partial(self._did, self.tr("changed"))))

    def comment(
        self,
        finding: UUID,
        body: str,
        *,
        secret: bool,
        saved: Callable[[], None],
        refused: Callable[[], None],
    ) -> None:
        """Add a comment; one of the two is called when it is committed, or was not."""
        comment_id = uuid7()  # the same one when it is tried again

        def begin() -> Work:
            return lambda _context: self._service.comment(
                finding, body, secret=secret, comment_id=comment_id
            )

        def end(deed: Deed) -> None:
            saved()
            self._did(self.tr("commented"), deed)

        self._add(_Job(begin, end, refused))

    def repeat(self, findings: Sequence[UUID]) -> None:
        """Do to findings what was done last."""
        if self._last is not None and findings:
            self.set(findings, *self._last)

    def undo(self) -> None:
        """Take the last deed back that was not taken back yet."""
        self._add(_Job(self._begin_undo, self._undid))

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._add(_Job(self._begin_redo, self._redid))

    def can_become(
        self, finding: UUID, field: TriageField, shown: str | None, value: str
    ) -> str | None:
        """Return why a finding's field may not take a value once the queue is done.

        `shown` is what the list shows of it, which knows it before the details are here; None:
        nobody knows yet.
        """
        pending = self.pending(finding, field)
        now = str(pending) if pending is not None else shown
        if now is None or field.transitions is None:
            return None
        if now == value:
            return self.tr("It is that already.")
        if field.transitions.allows(now, value):
            return None
        return self.tr("{now} cannot become {value}.").format(
            now=now.replace("_", " ").capitalize(), value=value.replace("_", " ")
        )

    def can_undo(self) -> str | None:
        """Return why nothing can be taken back."""
        if self._history.last_done is not None or self.busy:
            return None
        return self.tr("Nothing was changed yet.")

    def can_redo(self) -> str | None:
        """Return why nothing can be done again."""
        if self._history.last_undone is not None or self.busy:
            return None
        return self.tr("Nothing was taken back.")

    def can_repeat(self) -> str | None:
        """Return why there is nothing to repeat."""
        return None if self._last is not None else self.tr("Nothing was changed yet.")

    def _add(self, job: _Job) -> None:
        self._jobs.append(job)
        self._workbench.commands.refresh()
        self._go_on()

    def _go_on(self) -> None:
        """Start the next change, unless one is under way."""
        while self._task is None and self._jobs:
            work = self._jobs[0].begin()
            if work is None:
                self._jobs.popleft()
                continue
            self._start(work)
            return
        if not self._jobs:
            self._settle()

    def _start(self, work: Work) -> None:
        title = self.tr("Changing findings")
        task = self._workbench.act(self, work, self._finish, self._fail, title=title)
        if task.running:
            self._task = task

    def _finish(self, deed: Deed) -> None:
        self._task = None
        self._jobs.popleft().end(deed)
        self._go_on()

    def _fail(self, error: Exception) -> None:
        """Keep the change for when the server answers again; drop one that it refuses."""
        self._task = None
        if isinstance(error, Unavailable):
            self._workbench.messages.report(error, self._go_on)
            return
        self._workbench.messages.report(error)
        self._drop()

    def _drop(self) -> None:
        """Give up the change whose turn it is."""
        job = self._jobs.popleft()
        if job.refused is not None:
            job.refused()
        self._go_on()

    def _heed_cancel(self) -> None:
        """Drop a change that the person cancelled in the status bar."""
        if self._task is not None and self._task.cancelled and not self._task.running:
            self._task = None
            self._drop()

    def _did(self, word: str, deed: Deed) -> None:
        self._history.did(deed)
        self._note(word, deed)

    def _reverse(self, deed: Deed | None) -> Work | None:
        return None if deed is None else lambda _context: self._service.reverse(deed)

    def _begin_undo(self) -> Work | None:
        return self._reverse(self._history.last_done)

    def _begin_redo(self) -> Work | None:
        return self._reverse(self._history.last_undone)

    def _undid(self, reverse: Deed) -> None:
        self._history.undid(reverse)
        self._show(self.tr("taken back"), reverse)

    def _redid(self, again: Deed) -> None:
        self._history.redid(again)
        self._show(self.tr("done again"), again)

    def _show(self, word: str, deed: Deed) -> None:
        """Show what a deed that took another back has changed."""
        if isinstance(deed, TriageOutcome):
            for step in deed.changed:
                self._expect((step.id,), deed.field, step.after)
        self._note(word, deed)

    def _expect(self, findings: Sequence[UUID], field: TriageField, value: TriageValue) -> None:
        for finding in findings:
            self._pending[finding, field] = value
        self.amended.emit(frozenset(findings), field, value)

    def _note(self, word: str, deed: Deed) -> None:
        self._touched.update(findings_of(deed))
        self._outcomes.append((word, deed))

    def _settle(self) -> None:
        """Tell what was committed, once for all that the queue held."""
        if not self._outcomes and not self._pending:
            return
        outcomes, self._outcomes = self._outcomes, []
        touched, self._touched = frozenset(self._touched), set()
        self._pending.clear()
        if touched:
            self._workbench.publish(Changes(ENTITY, touched))
        else:
            self.settled.emit()
        self._tell(outcomes)
        self._workbench.commands.refresh()

    def _tell(self, outcomes: Sequence[tuple[str, Deed]]) -> None:
        counts: dict[str, list[str]] = {}
        for word, deed in outcomes:
            counts.setdefault(word, []).extend(numbers_of(deed))
        said = [
            f"{numbers[0] if len(numbers) == 1 else len(numbers)} {word}"
            for word, numbers in counts.items()
            if numbers
        ]
        if said:
            can_undo = self._history.last_done is not None
            self._workbench.messages.saved(f"{', '.join(said)}.", self.undo if can_undo else None)
        for _word, deed in outcomes:
            if isinstance(deed, TriageOutcome) and deed.refused:
                self._tell_refused(deed)

    def _tell_refused(self, outcome: TriageOutcome) -> None:
        if len(outcome.refused) == 1 and not outcome.changed:
            number, reason = outcome.refused[0]
            self._workbench.messages.say(f"{number}: {reason}", Tone.WARNING)
            return
        text = self.tr("{count} refused.").format(count=len(outcome.refused))
        show = NoticeAction(self.tr("Show"), partial(self.refused.emit, outcome))
        self._workbench.messages.say(text, Tone.WARNING, show)
