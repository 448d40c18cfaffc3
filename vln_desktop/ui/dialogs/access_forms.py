"""The small forms of access: break the glass and review it, start a review and decide in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from vln_desktop.domain.access import BREAK_GLASS_MINUTES, BreakGlassUse, Verdict
from vln_desktop.domain.access_reviews import DAYS_TO_REVIEW, Decision, ReviewItem, period_of
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.errors import UserError
from vln_desktop.services.desk import Desk
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.fields import DayEdit, Field, text_box
from vln_desktop.ui.workbench import Workbench

_N = QT_TRANSLATE_NOOP
_DECISIONS = (
    (Decision.KEEP, _N("AccessForms", "Keep as it is")),
    (Decision.CHANGE, _N("AccessForms", "Change")),
    (Decision.REMOVE, _N("AccessForms", "Remove")),
)
_VERDICTS = (
    (Verdict.JUSTIFIED, _N("AccessForms", "Justified")),
    (Verdict.NOT_JUSTIFIED, _N("AccessForms", "Not justified")),
)


def _tr(text: str) -> str:
    return QCoreApplication.translate("AccessForms", text)


class BreakGlassPanel(FormPanel):
    """An audit's number and a reason; `then` gets what was changed."""

    def __init__(
        self, desk: Desk, workbench: Workbench, then: Callable[[Changes], None], window: QWidget
    ) -> None:
        told = _tr(
            "You read one audit's findings for {minutes} minutes without waiting. All admins and "
            "the team's managers are told at once, each reading is noted, and somebody else "
            "reviews it afterwards."
        ).format(minutes=BREAK_GLASS_MINUTES)
        words = (_tr("Break the glass"), told, _tr("Break the glass"))
        super().__init__(workbench, *words, window)
        self._desk, self._then = desk, then
        self.audit = QLineEdit(self.panel)
        self.audit.setPlaceholderText("ACME-7")
        self.reason = text_box(self.panel)
        self.build(
            {
                "audit": Field(_tr("Audit"), self.audit, self.panel),
                "reason": Field(_tr("Why it cannot wait"), self.reason, self.panel),
            }
        )
        self.go.setProperty("kind", "danger")

    def open(self) -> None:
        """Show the form; one types the number first."""
        super().open()
        self.audit.setFocus()

    def send(self) -> None:
        """Break the glass."""
        self.clear_faults()
        audit, reason = self.audit.text().strip(), self.reason.toPlainText()
        if not audit:
            self.refuse(UserError(_tr("Type the audit's number."), field="audit"))
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.access.break_glass(audit, reason)

        self.save(work, self._then, _tr("Breaking the glass"))


class ReviewUsePanel(FormPanel):
    """What a second person says of a broken glass."""

    def __init__(
        self, desk: Desk, workbench: Workbench, use: BreakGlassUse, window: QWidget
    ) -> None:
        told = _tr("{who} read findings of {audit} {count} times. The reason given: {reason}")
        words = (
            _tr("Review this use"),
            told.format(
                who=desk.directory.name_of(use.user_id), audit=use.audit_number,
                count=use.readings, reason=use.reason,
            ),
            _tr("Save the review"),
        )  # fmt: skip
        super().__init__(workbench, *words, window)
        self._desk, self._use = desk, use
        self.verdict = QComboBox(self.panel)
        for verdict, text in _VERDICTS:
            self.verdict.addItem(_tr(str(text)), verdict)
        self.remark = text_box(self.panel)
        self.build(
            {
                "verdict": Field(_tr("Verdict"), self.verdict, self.panel),
                "remark": Field(_tr("Why"), self.remark, self.panel),
            }
        )

    def send(self) -> None:
        """Save the verdict."""
        self.clear_faults()
        verdict, remark = Verdict(self.verdict.currentData()), self.remark.toPlainText().strip()
        if not remark:
            self.refuse(UserError(_tr("Say why you think so."), field="remark"))
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.access.review_use(self._use.id, verdict, remark)

        self.save(work, self.workbench.publish, _tr("Saving the review"))


class StartReviewPanel(FormPanel):
    """A quarter and the day until which everybody is to be decided."""

    def __init__(self, desk: Desk, workbench: Workbench, window: QWidget) -> None:
        told = _tr(
            "Everybody's role, teams and audits are noted as they are now. Then another person "
            "decides about each: nobody about themselves."
        )
        words = (_tr("Start an access review"), told, _tr("Start"))
        super().__init__(workbench, *words, window)
        self._desk = desk
        today = datetime.now(UTC).date()
        self.period = QLineEdit(period_of(today), self.panel)
        self.due = DayEdit(self.panel)
        self.due.set_day(today + timedelta(days=DAYS_TO_REVIEW))
        self.build(
            {
                "period": Field(_tr("Quarter"), self.period, self.panel),
                "due_on": Field(_tr("To be decided until"), self.due, self.panel),
            }
        )

    def send(self) -> None:
        """Start the review."""
        self.clear_faults()
        period = self.period.text().strip().upper()
        try:
            due = self.due.day
            if due is None:
                raise UserError(_tr("A review needs a last day."))
        except UserError as error:
            self.refuse(UserError(str(error), field="due_on"))
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.reviews.start(period, due)

        self.save(work, self.workbench.publish, _tr("Starting the review"))


class DecideReviewPanel(FormPanel):
    """Keep, change or remove one person's access; `change` is called after that decision."""

    def __init__(
        self,
        desk: Desk,
        workbench: Workbench,
        item: ReviewItem,
        change: Callable[[], None],
        window: QWidget,
    ) -> None:
        name = desk.directory.name_of(item.person_id)
        teams = ", ".join(item.teams) or _tr("no team")
        told = _tr("{role}, {teams}").format(role=item.role.value.capitalize(), teams=teams)
        words = (_tr("Decide about {name}").format(name=name), told, _tr("Save the decision"))
        super().__init__(workbench, *words, window)
        self._desk, self._item, self._change = desk, item, change
        self.decision = QComboBox(self.panel)
        for decision, text in _DECISIONS:
            self.decision.addItem(_tr(str(text)), decision)
        self.remark = text_box(self.panel)
        self.at_once = QCheckBox(_tr("Disable the login at once"), self.panel)
        self.build(
            {
                "decision": Field(_tr("Access"), self.decision, self.panel),
                "remark": Field(_tr("What and why"), self.remark, self.panel),
            }
        )
        self.content.insertWidget(self.content.count() - 2, self.at_once)
        self.decision.currentIndexChanged.connect(self._fit)
        self._fit()

    def send(self) -> None:
        """Save the decision; a change then opens a request, which another admin approves."""
        self.clear_faults()
        decision, remark = Decision(self.decision.currentData()), self.remark.toPlainText()
        at_once = self.at_once.isChecked() and decision is Decision.REMOVE

        def work(_context: TaskContext) -> Changes:
            return self._desk.reviews.decide(self._item.id, decision, remark, at_once=at_once)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            if decision is Decision.CHANGE:
                self._change()

        self.save(work, done, _tr("Saving the decision"))

    def _fit(self) -> None:
        removes = Decision(self.decision.currentData()) is Decision.REMOVE
        self.at_once.setVisible(removes and self.workbench.may(Right.USERS_EDIT))
        if self.isVisible():
            self._place()
