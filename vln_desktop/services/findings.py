"""Findings: the list, one in detail, and every change an auditor makes to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.models import findings as tables
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.classification import (
    parse_references,
    parse_tags,
    references_text,
    tags_text,
)
from vln_desktop.domain.cvss import cvss_score
from vln_desktop.domain.finding_drafts import TEXTS, FindingDraft
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingComment,
    FindingDetail,
    FindingKind,
    FindingLocation,
    FindingStatus,
    Level,
    ReviewState,
    Severity,
    TriageField,
    TriageOutcome,
    TriageStep,
    TriageValue,
    Verdict,
)
from vln_desktop.domain.severity_schemes import SeverityScheme
from vln_desktop.domain.triage import CommentDeed, Deed
from vln_desktop.errors import UserError
from vln_desktop.services.classification import (
    links_of,
    references_of,
    tags_of,
    write_references,
    write_tags,
)
from vln_desktop.services.finding_comments import comments_of, write_comment
from vln_desktop.services.fix_reviews import fix_steps
from vln_desktop.services.key_chain import KeyChain
from vln_desktop.services.merging import merge, merge_values
from vln_desktop.services.notifications import notify_mentioned
from vln_desktop.services.severity_schemes import scheme_of

ENTITY = "findings"
MOST_AT_ONCE = 5_000
"""More findings than these are not changed in one go."""

_F = tables.Finding
_COLUMNS = tuple(c for c in _F.__table__.columns if c.name != "search_vector")
_GRADES = ("impact_level", "likelihood_level", "severity", "category", "kind")
_RESTORED = (*TEXTS, *_GRADES, "cvss_vector")


class FindingsService:
    """Reads and changes findings for the person signed in."""

    def __init__(self, database: Database, chain: KeyChain | None = None) -> None:
        self._database = database
        self._chain = chain or KeyChain(database)

    def find(self, audit_id: UUID, number: str) -> UUID:
        """Return the id of an audit's finding by its number; raises UserError if there is none."""
        with self._database.reading() as connection:
            found = connection.scalar(
                select(_F.id).where(
                    _F.audit_id == audit_id,
                    _F.number == number.strip().upper(),
                    _F.deleted_at.is_(None),
                )
            )
        if not isinstance(found, UUID):
            raise UserError(f"There is no finding {number!r} in this audit.")
        return found

    def get(self, finding_id: UUID) -> FindingDetail:
        """Return one finding with places and comments; raises UserError if it is not to be seen."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    *_COLUMNS,
                    AuditRequest.number.label("audit_number"),
                    tables.Weakness.name.label("weakness_name"),
                )
                .join(AuditRequest, AuditRequest.id == _F.audit_id)
                .outerjoin(tables.Weakness, tables.Weakness.id == _F.weakness_id)
                .where(_F.id == finding_id, _F.deleted_at.is_(None))
            ).first()
            if row is None:
                raise UserError("This finding does not exist, or you may not see it.")
            return _detail(
                row,
                _locations(connection, finding_id),
                comments_of(connection, finding_id, self._chain),
                tags=tags_of(connection, finding_id),
                references=references_of(connection, finding_id),
                links=links_of(connection, finding_id),
                fixes=fix_steps(connection, finding_id),
            )

    def scheme(self, audit_id: UUID) -> SeverityScheme | None:
        """Return the severity scheme of an audit, None if it has none."""
        with self._database.reading() as connection:
            return scheme_of(connection, audit_id)

    def save(self, finding_id: UUID, base: FindingDraft, mine: FindingDraft) -> Changes:
        """Save a form: my changes since `base`, merged with what others saved meanwhile.

        Raises Conflict, with base, mine and theirs of each field that both changed; UserError for
        what cannot be saved.
        """
        with self._database.unit_of_work() as session:
            finding = _locked(session, finding_id)
            stored = _stored(session, finding)
            merged = merge(base.tidied(), mine.tidied(), stored, version=finding.version)
            merged.validate(scheme_of(session.connection(), finding.audit_id))
            _write(finding, merged)
            _write_marks(session, finding, merged)
        return Changes(ENTITY, frozenset({finding_id}))

    def triage(
        self, finding_ids: Sequence[UUID], field: TriageField, value: TriageValue
    ) -> TriageOutcome:
        """Set one field of many findings; illegal steps are refused one by one, with the reason."""
        return self._change(dict.fromkeys(finding_ids, value), field, expected={})

    def undo(self, outcome: TriageOutcome) -> TriageOutcome:
        """Take a bulk change back, but not where somebody changed the field again since."""
        wanted = {step.id: step.before for step in outcome.changed}
        expected = {step.id: step.after for step in outcome.changed}
        return self._change(wanted, outcome.field, expected)

    def restore(
        self, finding_id: UUID, given: Mapping[str, Any], wanted: Mapping[str, Any]
    ) -> Changes:
        """Set fields of a form or of triage to `wanted` where they still hold what `given` says.

        All of them or none. Raises Conflict for what others changed since, UserError for a step
        that is not legal. The scheme is not asked for a reason: the value has stood there before.
        """
        with self._database.unit_of_work() as session:
            finding = _locked(session, finding_id)
            stored = {name: getattr(finding, name) for name in wanted}
            values = merge_values(given, wanted, stored, version=finding.version)
            for field in TriageField:
                if field.value in values and field.transitions is not None:
                    before, after = stored[field.value], values[field.value]
                    field.transitions.check(before, after, field=field.value)
            draft = {name: values[name] for name in _RESTORED if name in values}
            restored = replace(_stored(session, finding), **draft)
            restored.validate(None)
            for name, value in values.items():
                setattr(finding, name, value)
            if "cvss_vector" in values:
                _write_score(finding, restored)
        return Changes(ENTITY, frozenset({finding_id}))

    def reverse(self, deed: Deed) -> Deed:
        """Take a deed back, as far as nobody wrote over it since; returns the deed that did it."""
        if isinstance(deed, TriageOutcome):
            return self.undo(deed)
        return self._show_comment(deed, shown=not deed.shown)

    def comment(
        self, finding_id: UUID, body: str, *, secret: bool = False, comment_id: UUID | None = None
    ) -> CommentDeed:
        """Add an internal comment, a secret one for holders of the team's key only.

        Whoever tries again after a link was lost gives the same `comment_id`: a comment whose
        COMMIT came through though its answer did not is found by it, and not added twice. Raises
        UserError if it is empty, or secret and the key is not at hand.
        """
        text = body.strip()
        if not text:
            raise UserError("Write something first.", field="body")
        with self._database.unit_of_work() as session:
            finding = _locked(session, finding_id)
            if (
                comment_id is not None
                and session.get(tables.FindingComment, comment_id) is not None
            ):
                return CommentDeed(comment_id, finding_id, finding.number)
            id_ = comment_id or uuid7()
            ring = self._chain.ring(session.connection()) if secret else None
            write_comment(session, finding, id_, text, self._database.actor.user_id, ring)
            notify_mentioned(session, finding.audit_id, id_, text)
        return CommentDeed(id_, finding_id, finding.number)

    def _show_comment(self, deed: CommentDeed, *, shown: bool) -> CommentDeed:
        comment = tables.FindingComment
        with self._database.unit_of_work() as session:
            found = session.get(
                comment, deed.comment, with_for_update=True,
                execution_options={"include_deleted": True},
            )  # fmt: skip
            if found is None or found.author_id != self._database.actor.user_id:
                raise UserError("Only its author takes a comment back.")
            found.deleted_at = None if shown else func.now()
        return replace(deed, shown=shown)

    def create(self, audit_id: UUID, draft: FindingDraft, finding_id: UUID | None = None) -> UUID:
        """Add a finding by hand, as a candidate of the person signed in; returns its id.

        Whoever tries again after a link was lost gives the same `finding_id`: a finding whose
        COMMIT came through is found by it. Raises UserError for what cannot be saved.
        """
        key = finding_id or uuid7()
        with self._database.unit_of_work() as session:
            if finding_id is not None and session.get(_F, finding_id) is not None:
                return finding_id
            draft.validate(scheme_of(session.connection(), audit_id))
            tidied = draft.tidied()
            finding = tables.Finding(
                id=key, audit_id=audit_id, finder_id=self._database.actor.user_id
            )
            _write(finding, tidied)
            session.add(finding)
            session.flush()
            _write_marks(session, finding, tidied)
        return key

    def _change(
        self,
        wanted: dict[UUID, TriageValue],
        field: TriageField,
        expected: dict[UUID, TriageValue],
    ) -> TriageOutcome:
        if len(wanted) > MOST_AT_ONCE:
            raise UserError(f"At most {MOST_AT_ONCE:,} findings are changed at once.")
        changed: list[TriageStep] = []
        refused: list[tuple[str, str]] = []
        unchanged: list[str] = []
        with self._database.unit_of_work() as session:
            statement = select(_F).where(_F.id.in_(wanted)).order_by(_F.id).with_for_update()
            for finding in session.scalars(statement):
                before: TriageValue = getattr(finding, field.value)
                after = wanted[finding.id]
                reason = _refusal(field, before, after, expected.get(finding.id, before))
                if reason is not None:
                    refused.append((finding.number, reason))
                elif before != after:
                    setattr(finding, field.value, after)
                    changed.append(TriageStep(finding.id, finding.number, before, after))
                else:
                    unchanged.append(finding.number)
        return TriageOutcome(field, tuple(changed), tuple(refused), tuple(unchanged))


def _stored(session: Session, finding: tables.Finding) -> FindingDraft:
    """Return what a form edits of a finding as it is stored now."""
    connection = session.connection()
    return FindingDraft(
        **{name: getattr(finding, name) for name in TEXTS},
        impact_level=_optional_level(finding.impact_level),
        likelihood_level=_optional_level(finding.likelihood_level),
        severity=Severity(finding.severity),
        category=Category(finding.category),
        kind=FindingKind(finding.kind),
        weakness_id=finding.weakness_id or "",
        cvss_vector=finding.cvss_vector,
        tags=tags_text(tags_of(connection, finding.id)),
        references=references_text(references_of(connection, finding.id)),
    )


def _optional_level(word: str | None) -> Level | None:
    return Level(word) if word else None


def _refusal(
    field: TriageField, before: TriageValue, after: TriageValue, expected: TriageValue
) -> str | None:
    if before != expected:
        return "Somebody changed it again since."
    if field.transitions is not None and not field.transitions.allows(str(before), str(after)):
        return f"{_words(before)} cannot become {_words(after)}."
    return None


def _words(value: TriageValue) -> str:
    return str(value).replace("_", " ")


def _locked(session: Session, finding_id: UUID) -> tables.Finding:
    statement = select(_F).where(_F.id == finding_id).with_for_update()
    finding = session.scalars(statement).one_or_none()
    if finding is None:
        raise UserError("This finding does not exist any more, or you may not change it.")
    return finding


def _write(finding: tables.Finding, draft: FindingDraft) -> None:
    for name in (*TEXTS, *_GRADES, "cvss_vector"):
        value: object = getattr(draft, name)
        if getattr(finding, name) != value:
            setattr(finding, name, value)
    finding.weakness_id = draft.weakness_id or None
    _write_score(finding, draft)


def _write_score(finding: tables.Finding, draft: FindingDraft) -> None:
    """Let the score follow its vector."""
    score = cvss_score(draft.cvss_vector)
    finding.cvss_score = score.value if score else None


def _write_marks(session: Session, finding: tables.Finding, draft: FindingDraft) -> None:
    write_tags(session, finding, parse_tags(draft.tags))
    write_references(session, finding, parse_references(draft.references))


def _locations(connection: Connection, finding_id: UUID) -> tuple[FindingLocation, ...]:
    place = tables.FindingLocation
    rows = connection.execute(
        select(place.path, place.start_line, place.end_line, place.function, place.snippet)
        .where(place.finding_id == finding_id)
        .order_by(place.ordinal, place.id)
    )
    return tuple(FindingLocation(*row) for row in rows)


def _detail(
    row: Any,
    locations: tuple[FindingLocation, ...],
    comments: tuple[FindingComment, ...],
    **marks: Any,
) -> FindingDetail:
    return FindingDetail(
        id=row.id,
        audit_id=row.audit_id,
        audit_number=row.audit_number,
        number=row.number,
        kind=FindingKind(row.kind),
        **{name: getattr(row, name) for name in TEXTS},
        impact_level=_optional_level(row.impact_level),
        likelihood_level=_optional_level(row.likelihood_level),
        severity=Severity(row.severity),
        category=Category(row.category),
        weakness_id=row.weakness_id,
        weakness_name=row.weakness_name or "",
        cvss_vector=row.cvss_vector,
        cvss_score=row.cvss_score,
        review_state=ReviewState(row.review_state),
        client_position=ClientPosition(row.client_position),
        fix_verdict=Verdict(row.fix_verdict),
        status=FindingStatus(row.status),
        suppressed=row.suppressed,
        suppression_reason=row.suppression_reason,
        assignee_id=row.assignee_id,
        finder_id=row.finder_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        locations=locations,
        comments=comments,
        **marks,
    )
