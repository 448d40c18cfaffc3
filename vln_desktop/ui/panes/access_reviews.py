"""The page of the access reviews: everybody's access as it was, to be decided one by one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.access import RequestKind
from vln_desktop.domain.access_reviews import AccessReview, ReviewItem, ReviewStatus
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import SEPARATOR, Command
from vln_desktop.ui.dialogs.access_forms import DecideReviewPanel, StartReviewPanel
from vln_desktop.ui.dialogs.access_request import RequestAccessPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, Style
from vln_desktop.ui.panes.base import GridLayout, GridPane
from vln_desktop.ui.panes.formats import day, moment, words
from vln_desktop.ui.panes.pages import FactsPage
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import label
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("AccessReviews", text)


class ReviewsPage(GridPane[ReviewItem]):
    """People under review, undecided ones first; the head tells how far the open review is."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        self._desk = desk
        self._found: ReviewItem | None = None
        self._running: AccessReview | None = None
        names = [colleague.name for colleague in desk.directory.colleagues]
        super().__init__(workbench, desk.reviews.rows, _layout(desk), names, parent)
        self.facts = FactsPage(self)
        self.detail.tabs.addTab(self.facts, _tr("Access"))
        self.progress = label("", "dim", parent=self)
        self._title_line.insertWidget(1, self.progress)
        self._look()

    def commands(self) -> list[Command]:
        """The grid's commands, and those of a review."""
        group, edit = self.layout_data.title, Right.USERS_EDIT
        return [
            *super().commands(),
            Command("access_reviews.decide", _tr("Decide…"), self.decide, "D", Glyph.CHECK,
                    Right.ACCESS_DECIDE, self._may_decide, group),
            Command("access_reviews.start", _tr("Start review…"), self.start, "", Glyph.ADD, edit,
                    self._may_start, group),
            Command("access_reviews.finish", _tr("Finish review"), self.finish, "", Glyph.LOCK,
                    edit, self._may_finish, group),
        ]  # fmt: skip

    def fetch(self, id_: Any, _context: TaskContext) -> ReviewItem:
        """Fetch one person's access under review."""
        return self._desk.reviews.item(id_)

    def fill(self, detail: ReviewItem) -> None:
        """Show one person's access under review."""
        self._found = detail
        name = self._desk.directory.name_of
        decision = detail.decision.value if detail.decision else "undecided"
        below = _tr("Review of {period}").format(period=detail.period)
        self.detail.show_record(
            "", name(detail.person_id), [look_of("review_decision", decision)], below
        )
        seen = str(detail.snapshot.get("last_sign_in") or "")
        self.facts.show_facts(
            [
                (_tr("Role"), words(detail.role.value)),
                (_tr("Teams"), ", ".join(detail.teams) or _tr("none")),
                (_tr("Audits"), ", ".join(detail.audits)),
                (_tr("Last sign-in"), moment(datetime.fromisoformat(seen)) if seen else ""),
                (_tr("Access ends"), str(detail.snapshot.get("access_ends_on") or "")),
                (_tr("Decided by"), name(detail.reviewer_id)),
                (_tr("Decided"), moment(detail.decided_at)),
                (_tr("Remark"), detail.remark),
            ]
        )

    def reload(self) -> None:
        """Fetch rows, detail and how far the review is."""
        super().reload()
        self._look()

    def start(self) -> None:
        """Ask for quarter and last day, then start a review."""
        StartReviewPanel(self._desk, self.workbench, self.window()).open()

    def decide(self) -> None:
        """Ask what is to become of the shown person's access."""
        self.with_detail(self._ask)

    def finish(self) -> None:
        """Finish the open review."""
        review = self._running
        if review is None:
            return

        def work(_context: TaskContext) -> Changes:
            return self._desk.reviews.finish(review.id)

        self.workbench.act(
            self, work, self.workbench.publish, self.workbench.messages.report,
            title=_tr("Finishing the review"),
        )  # fmt: skip

    def _look(self) -> None:
        def work(_context: TaskContext) -> tuple[AccessReview, ...]:
            return self._desk.reviews.reviews()

        self.workbench.tasks.run(self, work, self._tell_progress, self.workbench.messages.report)

    def _tell_progress(self, reviews: tuple[AccessReview, ...]) -> None:
        running = [review for review in reviews if review.status is ReviewStatus.OPEN]
        self._running = running[-1] if running else None
        if self._running is None:
            self.progress.setText(_tr("No review is open."))
        else:
            late = self._running.overdue(datetime.now(UTC).date())
            text = (
                _tr("{period}: {decided} of {people} decided, OVERDUE since {due}")
                if late
                else _tr("{period}: {decided} of {people} decided, due {due}")
            )
            said = self._running
            self.progress.setText(
                text.format(
                    period=said.period, decided=said.decided, people=said.people,
                    due=day(said.due_on),
                )
            )  # fmt: skip
        self.workbench.commands.refresh()

    def _known(self) -> ReviewItem | None:
        found = self._found
        return found if found is not None and self.selected == (found.id,) else None

    def _may_decide(self) -> str | None:
        found = self._known()
        if found is None:
            return self.need_one()
        if found.person_id == self.workbench.person.user_id:
            return _tr("Nobody decides about themselves.")
        if self._running is None or found.review_id != self._running.id:
            return _tr("That review is finished.")
        return None

    def _may_start(self) -> str | None:
        return _tr("Finish the open review first.") if self._running is not None else None

    def _may_finish(self) -> str | None:
        if self._running is None:
            return _tr("No review is open.")
        left = self._running.people - self._running.decided
        return _tr("{count} people are not decided yet.").format(count=left) if left else None

    def _ask(self) -> None:
        found = self._known()
        if found is None:
            return
        person = found.person_id

        def change() -> None:
            RequestAccessPanel(
                self._desk, self.workbench, self.window(), kind=RequestKind.ROLE, person=person
            ).open()

        DecideReviewPanel(self._desk, self.workbench, found, change, self.window()).open()


def _layout(desk: Desk) -> GridLayout:
    def teams(names: list[str]) -> str:
        return ", ".join(names)

    return GridLayout(
        id="access_reviews",
        title=_tr("Access reviews"),
        columns=(
            Column("decision", _tr("Decision"), 116, chip="review_decision", sort="waiting",
                   newest_first=True),
            Column("person", _tr("Person"), 148, desk.directory.name_of),
            Column("role", _tr("Role"), 96, words),
            Column("teams", _tr("Teams"), 220, teams, style=Style.DIM, stretch=160),
            Column("period", _tr("Review"), 92, style=Style.CODE),
            Column("reviewer", _tr("Decided by"), 136, desk.directory.name_of, hidden=True),
            Column("decided", _tr("Decided"), 104, day, style=Style.DIM, hidden=True),
        ),
        toolbar=("access_reviews.finish", "access_reviews.start", "access_reviews.decide"),
        menu=("access_reviews.decide", SEPARATOR, "access_reviews.copy"),
        empty_title=_tr("No access was reviewed yet"),
        empty_text=_tr("An admin starts a review each quarter: who still needs what they have?"),
        choose=_tr("Select a person to see what access they had."),
        one=_tr("person"),
        many=_tr("people"),
        shares=(64, 36),
    )  # fmt: skip
