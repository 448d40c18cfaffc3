"""Comments on findings as rows: open ones, and secret ones for holders of the team's key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from vln_desktop.db.models import findings as tables
from vln_desktop.domain.field_encryption import KeyRing
from vln_desktop.domain.findings import FindingComment
from vln_desktop.errors import UserError
from vln_desktop.services.key_chain import KeyChain

COMMENT_PLACE = "finding_comments.secret_body"


def write_comment(
    session: Session,
    finding: tables.Finding,
    id_: UUID,
    text: str,
    author_id: UUID,
    ring: KeyRing | None,
) -> None:
    """Add a comment to a finding; with a key ring it is a secret one."""
    comment = tables.FindingComment(
        id=id_,
        audit_id=finding.audit_id,
        finding_id=finding.id,
        author_id=author_id,
        body=text if ring is None else "",
    )
    if ring is not None:
        comment.secret_body = ring.encrypt(COMMENT_PLACE, id_, text)
    session.add(comment)


def comments_of(
    connection: Connection, finding_id: UUID, chain: KeyChain
) -> tuple[FindingComment, ...]:
    """Return the comments on a finding, the first one first, as far as the keys here open them."""
    comment = tables.FindingComment
    rows = connection.execute(
        select(comment.id, comment.author_id, comment.created_at, comment.body, comment.secret_body)
        .where(comment.finding_id == finding_id, comment.deleted_at.is_(None))
        .order_by(comment.created_at, comment.id)
    ).all()
    ring, reason = None, ""
    if any(row.secret_body is not None for row in rows):
        try:
            ring = chain.ring(connection)
        except UserError as error:
            reason = str(error)
    return tuple(_comment(row, ring, reason) for row in rows)


def _comment(row: Any, ring: KeyRing | None, reason: str) -> FindingComment:
    """Return a comment; a secret one that does not open says why."""
    told = (row.id, row.author_id, row.created_at)
    if row.secret_body is None:
        return FindingComment(*told, row.body)
    if ring is None:
        return FindingComment(*told, "", secret=True, locked=reason)
    try:
        return FindingComment(*told, ring.decrypt(row.secret_body, row.id), secret=True)
    except UserError as error:
        return FindingComment(*told, "", secret=True, locked=str(error))
