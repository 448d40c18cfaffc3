"""The fix reviews of one audit: rounds, the verdict of each finding, and who confirmed it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QComboBox, QWidget

from vln_desktop.domain.findings import Verdict
from vln_desktop.domain.fix_reviews import FixReview, FixRound
from vln_desktop.domain.permissions import Right
from vln_desktop.services.desk import Desk
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.compare_code import CodePlace, CompareCodePanel
from vln_desktop.ui.dialogs.fix_verdict import FixVerdictPanel
from vln_desktop.ui.dialogs.open_fix_review import OpenFixReviewPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.audit_tabs import AuditTab, ShownAudit
from vln_desktop.ui.panes.formats import title
from vln_desktop.ui.theme import GAP, PAGE_GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import column, label, row
from vln_desktop.ui.widgets.detail import local_time
from vln_desktop.ui.widgets.text_table import TextColumn, TextTable
from vln_desktop.ui.workbench import RecordRef, Workbench

_OF_ONE = ("audits.fix_judge", "audits.fix_code", "audits.fix_confirm")
_OF_ROUND = ("audits.fix_open", "audits.fix_close")
_HASH_SHOWN = 12


class FixReviewTab(AuditTab):
    """A round of an audit's fix review as a table; earlier rounds can be chosen."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(desk, workbench, parent)
        self._rounds: tuple[FixRound, ...] = ()
        self.rounds = QComboBox(self)
        self.rounds.setAccessibleName(self.tr("Round"))
        self._told = label("", "small", wrap=True, parent=self)
        self.table = TextTable(
            workbench.theme, self.tr("Fix review"), self,
            empty=self.tr("Open a round once the client says that findings are fixed."),
        )  # fmt: skip
        self._of_one, self._of_round = row([None], gap=GAP), row([None], gap=GAP)
        self._lay_out()
        self.rounds.currentIndexChanged.connect(self._show_round)
        self.table.itemSelectionChanged.connect(workbench.commands.refresh)
        self.table.cellDoubleClicked.connect(self._open_finding)

    def commands(self, group: str) -> list[Command]:
        """What is done with rounds and verdicts."""
        made = (
            ("fix_judge", self.tr("Verdict…"), self.judge, self._can_judge, Glyph.EDIT),
            ("fix_code", self.tr("Code…"), self.compare, self._need_review, Glyph.CODE),
            ("fix_confirm", self.tr("Confirm"), self.confirm, self._can_confirm, Glyph.CHECK),
            ("fix_take_out", self.tr("Take out"), self.take_out, self._can_take_out, Glyph.CLOSE),
            ("fix_open", self.tr("Open a round…"), self.open_round, self._can_open, Glyph.ADD),
            ("fix_close", self.tr("Close the round"), self.close_round, self._can_close,
             Glyph.DONE),
            ("fix_give_up", self.tr("Give the round up"), self.give_up, self._can_give_up,
             Glyph.DELETE),
        )  # fmt: skip
        return [
            Command(f"audits.{name}", text, act, "", icon, Right.FINDINGS_EDIT, enabled, group)
            for name, text, act, enabled, icon in made
        ]

    def equip(self) -> None:
        """Put the registered commands below the table; the pane calls it once."""
        self.place(self._of_one, _OF_ONE)
        self.place(self._of_round, _OF_ROUND)

    def show_audit(self, shown: ShownAudit) -> None:
        """Show an audit's latest round, or of the same audit the one that was chosen."""
        audit, rounds = shown.detail, shown.rounds
        same = self.audit is not None and self.audit.id == audit.id
        before = self.round.ordinal if same and self.round is not None else None
        self.audit, self._rounds = audit, rounds
        was = self.rounds.blockSignals(True)
        self.rounds.clear()
        self.rounds.addItems([self._round_name(one) for one in rounds])
        ordinals = [one.ordinal for one in rounds]
        self.rounds.setCurrentIndex(ordinals.index(before) if before in ordinals else 0)
        self.rounds.blockSignals(was)
        self.rounds.setVisible(bool(rounds))
        self._show_round()

    @property
    def round(self) -> FixRound | None:
        """The round that is shown."""
        at = self.rounds.currentIndex()
        return self._rounds[at] if 0 <= at < len(self._rounds) else None

    @property
    def chosen(self) -> FixReview | None:
        """The selected finding's review."""
        rows = {index.row() for index in self.table.selectedIndexes()}
        if self.round is None or len(rows) != 1:
            return None
        return self.round.reviews[rows.pop()]

    def open_round(self) -> None:
        """Ask for the commit, and open a round."""
        audit = self.audit
        if audit is not None:
            OpenFixReviewPanel(
                self.bench, self.desk.fix_reviews, (audit.id, audit.number or ""), self.window()
            ).open()

    def judge(self) -> None:
        """Give the selected finding its verdict."""
        round_, review = self.round, self.chosen
        if round_ is not None and review is not None:
            FixVerdictPanel(
                self.bench, self.desk.fix_reviews, (round_, review), self.window()
            ).open()

    def confirm(self) -> None:
        """Confirm the selected finding's verdict as the second person."""
        review = self.chosen
        if review is not None:
            self.bench.change(
                self,
                partial(self.desk.fix_reviews.confirm, review),
                self.tr("The verdict is confirmed."),
            )

    def compare(self) -> None:
        """Show old and new code of the selected finding side by side."""
        audit, round_, review = self.audit, self.round, self.chosen
        if audit is None or round_ is None or review is None:
            return
        commits = (round_.base_commit, review.fix_commit or round_.fix_commit)
        CompareCodePanel(
            self.bench, self.desk.snapshots, CodePlace(audit.id, commits, review.finding_id),
            review.number, self.window(),
        ).open()  # fmt: skip

    def take_out(self) -> None:
        """Take the selected finding out of the round."""
        review = self.chosen
        if review is not None:
            self.bench.change(
                self,
                partial(self.desk.fix_reviews.take_out, review),
                self.tr("The finding is out of the round."),
            )

    def close_round(self) -> None:
        """Close the round that is shown."""
        round_ = self.round
        if round_ is not None:
            self.bench.change(
                self, partial(self.desk.fix_reviews.close, round_), self.tr("The round is closed.")
            )

    def give_up(self) -> None:
        """Remove the round that is shown, in which nobody gave a verdict."""
        round_ = self.round
        if round_ is not None:
            self.bench.change(
                self,
                partial(self.desk.fix_reviews.give_up, round_),
                self.tr("The round is given up."),
            )

    def _lay_out(self) -> None:
        above = row([self.rounds, self._told], gap=GAP)
        above.setStretch(1, 1)
        above.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, 0)
        below = column([self._of_one, self._of_round], gap=GAP)
        below.setContentsMargins(PAGE_GAP, GAP, PAGE_GAP, PAGE_GAP)
        body = column([self.table], gap=0)
        body.insertLayout(0, above)
        body.addLayout(below)
        body.setStretch(1, 1)
        self.setLayout(body)

    def _round_name(self, round_: FixRound) -> str:
        name = self.tr("Round {number}").format(number=round_.ordinal)
        return f"{name}  ·  {self.tr('open') if round_.is_open else self.tr('closed')}"

    def _show_round(self, _index: int = 0) -> None:
        round_ = self.round
        self._told.setText("" if round_ is None else self._round_words(round_))
        name_of = self.desk.directory.name_of
        columns = [
            TextColumn(self.tr("Finding"), wide=True),
            TextColumn(self.tr("Severity")),
            TextColumn(self.tr("Verdict")),
            TextColumn(self.tr("By")),
        ]
        self.table.show_rows(
            columns, [self._line(one, name_of) for one in round_.reviews] if round_ else []
        )
        self.bench.commands.refresh()

    def _round_words(self, round_: FixRound) -> str:
        commits = " → ".join(
            commit[:_HASH_SHOWN] for commit in (round_.base_commit, round_.fix_commit) if commit
        )
        if round_.closed_at is not None:
            closed = self.tr("closed by {who}, {when}").format(
                who=self.desk.directory.name_of(round_.closed_by),
                when=local_time(round_.closed_at),
            )
        else:
            closed = self.tr("{left} of {whole} left").format(
                left=round_.left, whole=len(round_.reviews)
            )
        return "  ·  ".join(part for part in (commits, closed) if part)

    def _line(self, one: FixReview, name_of: Callable[[UUID | None], str]) -> tuple[str, ...]:
        verdict = look_of("verdict", one.verdict).text if one.verdict is not Verdict.NONE else "–"
        people = [name_of(one.verifier_id)]
        if one.confirmed_by is not None:
            people.append(self.tr("confirmed: {who}").format(who=name_of(one.confirmed_by)))
        elif one.waits:
            people.append(self.tr("to be confirmed"))
        severity = look_of("severity", one.severity).text
        return f"{one.number}\n{title(one.title)}", severity, verdict, "\n".join(people).strip()

    def _open_finding(self, at: int, _column: int) -> None:
        round_ = self.round
        if round_ is not None:
            self.bench.open(RecordRef("findings", round_.reviews[at].finding_id))

    def _need_open(self) -> str | None:
        if self.round is None or not self.round.is_open:
            return self.tr("Choose an open round on the Fixes tab first.")
        return None

    def _need_one(self) -> str | None:
        if self.chosen is None:
            return self._need_open() or self.tr("Select a finding on the Fixes tab first.")
        return self._need_open()

    def _need_review(self) -> str | None:
        if self.chosen is None:
            return self.tr("Select a finding on the Fixes tab first.")
        return None

    def _can_judge(self) -> str | None:
        return self._need_one()

    def _can_confirm(self) -> str | None:
        reason, review = self._need_one(), self.chosen
        if reason is not None or review is None:
            return reason
        if review.verdict is Verdict.NONE:
            return self.tr("There is no verdict to confirm yet.")
        if review.confirmed_by is not None:
            return self.tr("It is confirmed already.")
        if review.verifier_id == self.desk.person.user_id:
            return self.tr("Somebody else than the verifier confirms a verdict.")
        return None

    def _can_take_out(self) -> str | None:
        reason, review = self._need_one(), self.chosen
        if reason is None and review is not None and review.verdict is not Verdict.NONE:
            return self.tr("A finding that has its verdict stays in the round.")
        return reason

    def _can_open(self) -> str | None:
        if self.audit is None:
            return self.tr("Select one audit first.")
        if any(one.is_open for one in self._rounds):
            return self.tr("A round is open already.")
        return None

    def _can_close(self) -> str | None:
        reason, round_ = self._need_open(), self.round
        if reason is None and round_ is not None and round_.left:
            return self.tr("{left} of its findings have no verdict that counts.").format(
                left=round_.left
            )
        return reason

    def _can_give_up(self) -> str | None:
        reason, round_ = self._need_open(), self.round
        given = round_ is not None and any(
            one.verdict is not Verdict.NONE for one in round_.reviews
        )
        return self.tr("A round in which verdicts are given stays.") if given else reason
