"""The demo's mentions: some of the latest comments call an auditor by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from vln_desktop.domain.permissions import Role
from vln_desktop.tools.demo.finding_records import FindingComment
from vln_desktop.tools.demo.records import AuditAssignment, Notification, User

_EACH = 3
"""So many comments call each auditor."""
_ASKED = ("can you have a look?", "what do you think?", "you know this code best.")
_MENTION = 11
"""Makes ids of a comment's: they stay ids made by its time."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """All comments, some of which call somebody, and what those are told of."""

    comments: tuple[FindingComment, ...]
    notifications: tuple[Notification, ...]


def make_mentions(
    comments: Sequence[FindingComment],
    assignments: Sequence[AuditAssignment],
    staff: Sequence[User],
) -> Mentions:
    """Let the latest comments of others call each auditor who works on their audit."""
    works_on: dict[UUID, set[UUID]] = {}
    for one in assignments:
        works_on.setdefault(one.user_id, set()).add(one.audit_id)
    said = {comment.id: comment for comment in comments}
    told: list[Notification] = []
    latest = sorted(comments, key=lambda c: (c.created_at, c.id), reverse=True)
    for person in (p for p in staff if p.role == Role.AUDITOR):
        free = [
            c for c in latest
            if c.author_id != person.id and c.audit_id in works_on.get(person.id, ())
            and said[c.id] is c
        ]  # fmt: skip
        for comment, asked in zip(free[:_EACH], _ASKED, strict=False):
            body = f"{comment.body} @{person.name} {asked}"
            said[comment.id] = replace(comment, body=body)
            told.append(_notification(comment, person, read=asked == _ASKED[-1]))
    return Mentions(tuple(said.values()), tuple(told))


def _notification(comment: FindingComment, person: User, *, read: bool) -> Notification:
    return Notification(
        UUID(int=comment.id.int ^ _MENTION), person.id, "mention", comment.audit_id,
        comment.finding_id, comment.id, comment.author_id, comment.created_at,
        comment.created_at if read else None,
    )  # fmt: skip
