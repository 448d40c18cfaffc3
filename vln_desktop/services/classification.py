"""Tags, references and links of findings: read, and written with the finding they belong to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, literal, select, union_all
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import findings as tables
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.classification import FindingLink, LinkKind, Reference
from vln_desktop.domain.findings import REVIEW_TRANSITIONS, ReviewState
from vln_desktop.domain.weaknesses import Weakness
from vln_desktop.errors import UserError

ENTITY = "findings"

_TAGS = table_of(tables.FindingTag)
_REFERENCES = table_of(tables.FindingReference)
_LINKS = table_of(tables.FindingLink)
_F = table_of(tables.Finding).c


def tags_of(connection: Connection, finding_id: UUID) -> tuple[str, ...]:
    """Return a finding's tags, sorted."""
    statement = select(_TAGS.c.name).where(_TAGS.c.finding_id == finding_id).order_by(_TAGS.c.name)
    return tuple(connection.scalars(statement))


def references_of(connection: Connection, finding_id: UUID) -> tuple[Reference, ...]:
    """Return a finding's references in their order."""
    r = _REFERENCES.c
    statement = select(r.url, r.title).where(r.finding_id == finding_id).order_by(r.ordinal)
    return tuple(Reference(*row) for row in connection.execute(statement))


def links_of(connection: Connection, finding_id: UUID) -> tuple[FindingLink, ...]:
    """Return the links from and to a finding, the oldest first."""
    one = _LINKS.c

    def side(other: Any, here: Any, *, outgoing: bool) -> Any:
        return (
            select(one.id, one.kind, _F.id.label("other"), _F.number, _F.title, one.reason,
                   literal(outgoing).label("outgoing"), one.created_at)
            .join_from(_LINKS, table_of(tables.Finding), _F.id == other)
            .where(here == finding_id)
        )  # fmt: skip

    both = union_all(
        side(one.other_id, one.finding_id, outgoing=True),
        side(one.finding_id, one.other_id, outgoing=False),
    ).subquery()
    rows = connection.execute(select(both).order_by(both.c.created_at, both.c.id))
    return tuple(
        FindingLink(row.id, LinkKind(row.kind), row.other, row.number, row.title, row.reason,
                    row.outgoing)
        for row in rows
    )  # fmt: skip


def write_tags(session: Session, finding: tables.Finding, tags: tuple[str, ...]) -> None:
    """Leave a finding with exactly these tags; only what differs is written."""
    before = set(tags_of(session.connection(), finding.id))
    gone, added = before - set(tags), [tag for tag in tags if tag not in before]
    if gone:
        session.execute(
            delete(_TAGS).where(_TAGS.c.finding_id == finding.id, _TAGS.c.name.in_(gone))
        )
    if added:
        rows = [{"name": tag, **_child(finding)} for tag in added]
        session.execute(insert(_TAGS), rows)


def write_references(
    session: Session, finding: tables.Finding, references: tuple[Reference, ...]
) -> None:
    """Leave a finding with exactly these references, in this order."""
    if references == references_of(session.connection(), finding.id):
        return
    session.execute(delete(_REFERENCES).where(_REFERENCES.c.finding_id == finding.id))
    rows = [
        {"ordinal": at, "title": one.title, "url": one.url, **_child(finding)}
        for at, one in enumerate(references)
    ]
    if rows:
        session.execute(insert(_REFERENCES), rows)


def _child(finding: tables.Finding) -> dict[str, UUID]:
    return {"id": uuid7(), "audit_id": finding.audit_id, "finding_id": finding.id}


class ClassificationService:
    """The catalogue of weaknesses, the tags in use, and links between findings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def weaknesses(self) -> tuple[Weakness, ...]:
        """Return the catalogue, SWC first (it speaks of contracts), then CWE by number."""
        w = table_of(tables.Weakness).c
        with self._database.reading() as connection:
            rows = connection.execute(select(w.id, w.catalogue, w.name, w.cwe)).all()
        found = [Weakness(*row) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.catalogue != "swc", len(one.id), one.id)))

    def tags_in_use(self, audit_id: UUID) -> tuple[str, ...]:
        """Return the tags of an audit's findings, sorted, for completion."""
        statement = select(_TAGS.c.name).where(_TAGS.c.audit_id == audit_id).distinct()
        with self._database.reading() as connection:
            return tuple(sorted(connection.scalars(statement)))

    def others(self, finding_id: UUID, audit_id: UUID) -> tuple[tuple[UUID, str, str], ...]:
        """Return the other findings of an audit that one can link to: id, number and title."""
        statement = (
            select(_F.id, _F.number, _F.title)
            .where(_F.audit_id == audit_id, _F.id != finding_id, _F.deleted_at.is_(None))
            .order_by(_F.ordinal)
        )
        with self._database.reading() as connection:
            return tuple((row.id, row.number, row.title) for row in connection.execute(statement))

    def link(
        self, finding_id: UUID, other_id: UUID, kind: LinkKind, reason: str, key: UUID | None = None
    ) -> Changes:
        """Link a finding to another of its audit; a duplicate takes that review state too.

        Whoever tries again after a link was lost gives the same `key`: nothing is added twice.
        Raises UserError for a link without a reason, to itself, or one that is there already.
        """
        why = reason.strip()
        if not why:
            raise UserError("Say why; the next reader will ask.", field="reason")
        if finding_id == other_id:
            raise UserError("A finding is not linked to itself.", field="other")
        with self._database.unit_of_work() as session:
            if key is not None and session.get(tables.FindingLink, key) is not None:
                return Changes(ENTITY, frozenset({finding_id, other_id}))
            finding = session.get(tables.Finding, finding_id, with_for_update=True)
            if finding is None:
                raise UserError("This finding does not exist any more, or you may not change it.")
            if kind is LinkKind.DUPLICATE_OF and finding.review_state != ReviewState.DUPLICATE:
                REVIEW_TRANSITIONS.check(
                    finding.review_state, ReviewState.DUPLICATE, field="review_state"
                )
                finding.review_state = ReviewState.DUPLICATE.value
            session.add(
                tables.FindingLink(
                    id=key or uuid7(),
                    audit_id=finding.audit_id,
                    finding_id=finding_id,
                    other_id=other_id,
                    kind=kind.value,
                    reason=why,
                    author_id=self._database.actor.user_id,
                )
            )
        return Changes(ENTITY, frozenset({finding_id, other_id}))

    def unlink(self, link_id: UUID) -> Changes:
        """Take a link away; review states stay. Raises UserError if it is gone already."""
        with self._database.unit_of_work() as session:
            row = session.execute(
                delete(_LINKS)
                .where(_LINKS.c.id == link_id)
                .returning(_LINKS.c.finding_id, _LINKS.c.other_id)
            ).first()
            if row is None:
                raise UserError("This link is gone already.")
        return Changes(ENTITY, frozenset({row.finding_id, row.other_id}))
