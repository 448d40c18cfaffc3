"""What a report is assembled of: its sections, and the findings chosen for it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import reports as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.report_templates import standard_sections
from vln_desktop.domain.report_work import ReportDetail, Section, SectionDraft
from vln_desktop.domain.reports import SectionKind
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.merging import merge
from vln_desktop.services.reports import changes_of, choices_of, report_detail

_SECTIONS = table_of(tables.ReportSection)
_S = _SECTIONS.c
_CHOICES = table_of(tables.ReportFinding)
_C = _CHOICES.c
_CHANGED = "Somebody else changed the sections meanwhile; nothing was changed."


class ReportSectionsService:
    """Writes, orders and leaves out what a report is assembled of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, report: ReportDetail, section: Section, draft: SectionDraft) -> Changes:
        """Save a section's heading and text; what somebody else changed meanwhile is merged.

        Raises Conflict, with base, mine and theirs of what both changed; UserError for what cannot
        be saved.
        """
        draft.validate(section.kind)
        with self._database.unit_of_work() as session:
            stored = _locked(session, section.id)
            theirs = SectionDraft(stored.title, stored.text)
            merged = merge(section.draft, draft, theirs, version=stored.version)
            stored.title, stored.text = merged.title.strip(), merged.text
        return changes_of(report)

    def opened(self, section_id: UUID) -> tuple[ReportDetail, Section]:
        """Return a section with its report; raises UserError if the person may not see it."""
        with self._database.reading() as connection:
            report = connection.scalar(select(_S.report_id).where(_S.id == section_id))
            if not isinstance(report, UUID):
                raise UserError("This section does not exist, or you may not see it.")
            detail = report_detail(connection, report)
        return detail, next(one for one in detail.sections if one.id == section_id)

    def template_of(self, report: ReportDetail, kind: SectionKind) -> SectionDraft:
        """Return what a section of this report begins with; empty for one of the firm's own."""
        draft = report.draft
        for section in standard_sections(draft.kind, report.service_type, draft.language):
            if section.kind is kind:
                return SectionDraft(section.title, section.text)
        return SectionDraft()

    def add(
        self,
        report: ReportDetail,
        kind: SectionKind,
        draft: SectionDraft,
        behind: UUID | None,
        key: UUID | None = None,
    ) -> Changes:
        """Add a section behind another one, or at the end.

        Whoever tries again after a link was lost gives the same `key`. Raises UserError for what
        cannot be saved.
        """
        draft.validate(kind)
        id_ = key or uuid7()
        with self._database.unit_of_work() as session:
            if session.get(tables.ReportSection, id_) is not None:
                return changes_of(report)
            order = _order(session, report.id)
            at = order.index(behind) + 1 if behind in order else len(order)
            _place(session, [*order[:at], id_, *order[at:]])
            session.add(
                tables.ReportSection(
                    id=id_, audit_id=report.audit_id, report_id=report.id, ordinal=at + 1,
                    kind=kind.value, title=draft.title.strip(), text=draft.text,
                )
            )  # fmt: skip
        return changes_of(report)

    def move(self, report: ReportDetail, section: Section, *, up: bool) -> Changes:
        """Move a section one place up or down; at the end it stays."""
        with self._database.unit_of_work() as session:
            order = _order(session, report.id)
            if section.id not in order:
                raise Conflict(_CHANGED)
            _place(session, _moved(order, section.id, up=up))
        return changes_of(report)

    def leave_out(self, report: ReportDetail, section: Section, *, left_out: bool) -> Changes:
        """Leave a section out of the paper, or print it again; its text stays."""
        with self._database.unit_of_work() as session:
            _locked(session, section.id).left_out = left_out
        return changes_of(report)

    def choose(self, report: ReportDetail, findings: Iterable[UUID], *, left_out: bool) -> Changes:
        """Leave findings out of the report, or print them again."""
        rows = [
            {"id": uuid7(), "audit_id": report.audit_id, "report_id": report.id,
             "finding_id": finding, "left_out": left_out}
            for finding in findings
        ]  # fmt: skip
        if rows:
            with self._database.unit_of_work() as session:
                added = insert(_CHOICES)
                session.execute(
                    added.on_conflict_do_update(
                        index_elements=[_C.report_id, _C.finding_id],
                        set_={"left_out": added.excluded.left_out},
                    ),
                    rows,
                )
        return changes_of(report)

    def move_finding(self, report: ReportDetail, finding: UUID, *, up: bool) -> Changes:
        """Move a finding one place up or down in this report; all others get their places too."""
        with self._database.unit_of_work() as session:
            connection = session.connection()
            shown = choices_of(connection, report.audit_id, report.id)
            order = [choice.finding_id for choice in shown]
            if finding not in order:
                raise UserError("This finding is not in the report any more.")
            self._place_findings(session, report, _moved(order, finding, up=up))
        return changes_of(report)

    def usual_order(self, report: ReportDetail) -> Changes:
        """Let the findings stand in their usual order again: worst first."""
        with self._database.unit_of_work() as session:
            session.execute(
                update(_CHOICES)
                .where(_C.report_id == report.id, _C.ordinal.is_not(None))
                .values(ordinal=None)
            )
        return changes_of(report)

    def _place_findings(self, session: Session, report: ReportDetail, order: list[UUID]) -> None:
        added = insert(_CHOICES)
        session.execute(
            added.on_conflict_do_update(
                index_elements=[_C.report_id, _C.finding_id],
                set_={"ordinal": added.excluded.ordinal},
            ),
            [
                {"id": uuid7(), "audit_id": report.audit_id, "report_id": report.id,
                 "finding_id": finding, "ordinal": ordinal}
                for ordinal, finding in enumerate(order, start=1)
            ],
        )  # fmt: skip


def _locked(session: Session, section_id: UUID) -> tables.ReportSection:
    found = session.get(tables.ReportSection, section_id, with_for_update=True)
    if found is None:
        raise UserError("This section does not exist any more.")
    return found


def _order(session: Session, report_id: UUID) -> list[UUID]:
    """Return a report's sections in their order, locked: two who move at once stand in a row."""
    rows = session.execute(
        select(_S.id, _S.ordinal).where(_S.report_id == report_id).order_by(_S.id).with_for_update()
    ).all()
    return [row.id for row in sorted(rows, key=lambda row: (row.ordinal, row.id))]


def _place(session: Session, order: list[UUID]) -> None:
    """Number the sections in a new order; those that stand right already are left alone."""
    numbers = func.array_position(order, _S.id)
    session.execute(
        update(_SECTIONS).where(_S.id.in_(order), _S.ordinal != numbers).values(ordinal=numbers)
    )


def _moved(order: list[UUID], one: UUID, *, up: bool) -> list[UUID]:
    at = order.index(one)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(order):
        return order
    moved = list(order)
    moved[at], moved[other] = moved[other], moved[at]
    return moved
