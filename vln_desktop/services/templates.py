"""Templates of findings: listed, saved, changed and archived."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.templates import FindingTemplate as Stored
from vln_desktop.db.session import Database
from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.findings import Category, FindingKind, Level, Severity
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.templates import FindingTemplate, check_template
from vln_desktop.errors import Conflict, UserError

_TABLE = table_of(Stored)
_T = _TABLE.c
_TEXTS = ("title", "description", "impact", "likelihood", "remediation", "proof", "tags")
_GONE = "Somebody changed or archived this template meanwhile; nothing was changed."


class TemplatesService:
    """Reads and changes templates for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[FindingTemplate, ...]:
        """Return every template, by name."""
        statement = select(_TABLE).where(_T.deleted_at.is_(None)).order_by(_T.name, _T.id)
        with self._database.reading() as connection:
            return tuple(_template(row) for row in connection.execute(statement))

    def may_change(self, template: FindingTemplate) -> bool:
        """Tell whether this person may change a template: its author, or who leads a team."""
        actor = self._database.actor
        return actor.role is Role.MANAGER or template.author_id == actor.user_id

    def add(self, name: str, draft: FindingDraft, key: UUID | None = None) -> FindingTemplate:
        """Save a new template; raises UserError for a name that is taken or missing.

        Whoever tries again after a link was lost gives the same `key`.
        """
        check_template(name, draft)
        id_, author = key or uuid7(), self._database.actor.user_id
        made = FindingTemplate(id_, name.strip(), draft.tidied(), author, 1)
        with self._database.unit_of_work() as session:
            if key is not None and session.get(Stored, key) is not None:
                return made
            try:
                session.execute(
                    insert(_TABLE).values(id=id_, author_id=author, **_values(name, made.draft))
                )
            except IntegrityError as error:
                raise _taken(name) from error
        return made

    def change(self, template: FindingTemplate, name: str, draft: FindingDraft) -> None:
        """Let a template say something else; raises Conflict if it was changed meanwhile."""
        check_template(name, draft)
        try:
            self._update(template, **_values(name, draft.tidied()))
        except IntegrityError as error:
            raise _taken(name) from error

    def archive(self, template: FindingTemplate) -> None:
        """Take a template out of use; findings that were written with it stay as they are."""
        self._update(template, deleted_at=func.now())

    def _update(self, template: FindingTemplate, **values: Any) -> None:
        with self._database.unit_of_work() as session:
            changed = session.execute(
                update(_TABLE)
                .where(_T.id == template.id, _T.version == template.version)
                .values(**values)
                .returning(_T.id)
            ).first()
            if changed is None:
                raise Conflict(_GONE)


def _taken(name: str) -> UserError:
    return UserError(f"There is a template called “{name.strip()}” already.", field="name")


def _values(name: str, draft: FindingDraft) -> dict[str, Any]:
    return {
        "name": name.strip(),
        **{text: getattr(draft, text) for text in _TEXTS},
        "reference_lines": draft.references,
        "kind": draft.kind.value,
        "category": draft.category.value,
        "severity": draft.severity.value,
        "impact_level": draft.impact_level.value if draft.impact_level else None,
        "likelihood_level": draft.likelihood_level.value if draft.likelihood_level else None,
        "weakness_id": draft.weakness_id or None,
    }


def _template(row: Any) -> FindingTemplate:
    draft = FindingDraft(
        **{text: getattr(row, text) for text in _TEXTS},
        references=row.reference_lines,
        kind=FindingKind(row.kind),
        category=Category(row.category),
        severity=Severity(row.severity),
        impact_level=Level(row.impact_level) if row.impact_level else None,
        likelihood_level=Level(row.likelihood_level) if row.likelihood_level else None,
        weakness_id=row.weakness_id or "",
    )
    return FindingTemplate(row.id, row.name, draft, row.author_id, row.version)
