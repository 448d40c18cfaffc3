"""The firm's grading of scanners' rules: read by who imports, changed by managers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.findings import ScannerRule, Weakness
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import Category, FindingKind, Severity
from vln_desktop.domain.rule_grades import RuleDraft, RuleGrade
from vln_desktop.errors import Conflict, UserError

ENTITY = "scanner_rules"

_TABLE = table_of(ScannerRule)
_T = _TABLE.c
_GONE = "Somebody changed or removed this rule meanwhile; nothing was changed."


class ScannerRulesService:
    """Reads and changes rules for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, rule_id: UUID) -> RuleGrade:
        """Return one rule; raises UserError if it is gone."""
        weakness = table_of(Weakness)
        statement = (
            select(_TABLE, weakness.c.name.label("weakness_name"))
            .outerjoin(weakness, weakness.c.id == _T.weakness_id)
            .where(_T.id == rule_id)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).first()
        if row is None:
            raise UserError("This rule is not in the firm's table any more.")
        return _grade(row)

    def add(self, draft: RuleDraft, key: UUID | None = None) -> Changes:
        """Grade a rule from the next import on; raises UserError if it is graded already.

        Whoever tries again after a link was lost gives the same `key`.
        """
        draft.validate()
        id_ = key or uuid7()
        with self._database.unit_of_work() as session:
            if key is not None and session.get(ScannerRule, key) is not None:
                return Changes(ENTITY, frozenset({id_}), "insert")
            try:
                session.execute(
                    insert(_TABLE).values(
                        id=id_,
                        tool=draft.tool.strip(),
                        rule_id=draft.rule_id.strip(),
                        **_graded(draft),
                    )
                )
            except IntegrityError as error:
                raise UserError(
                    "The firm grades this rule of the tool already.", field="rule_id"
                ) from error
        return Changes(ENTITY, frozenset({id_}), "insert")

    def change(self, rule: RuleGrade, draft: RuleDraft) -> Changes:
        """Grade a rule anew; findings that are there stay. Raises Conflict for a stale rule."""
        draft.validate()
        with self._database.unit_of_work() as session:
            changed = session.execute(
                update(_TABLE)
                .where(_T.id == rule.id, _T.version == rule.version)
                .values(**_graded(draft))
                .returning(_T.id)
            ).first()
            if changed is None:
                raise Conflict(_GONE)
        return Changes(ENTITY, frozenset({rule.id}))

    def remove(self, rule: RuleGrade) -> Changes:
        """Leave a rule to what its tool says again; raises Conflict for a stale rule."""
        with self._database.unit_of_work() as session:
            gone = session.execute(
                delete(_TABLE).where(_T.id == rule.id, _T.version == rule.version).returning(_T.id)
            ).first()
            if gone is None:
                raise Conflict(_GONE)
        return Changes(ENTITY, frozenset({rule.id}), "delete")


def _graded(draft: RuleDraft) -> dict[str, Any]:
    return {
        "severity": draft.severity.value,
        "kind": draft.kind.value,
        "category": draft.category.value,
        "weakness_id": draft.weakness_id or None,
    }


def _grade(row: Any) -> RuleGrade:
    draft = RuleDraft(
        row.tool,
        row.rule_id,
        Severity(row.severity),
        FindingKind(row.kind),
        Category(row.category),
        row.weakness_id or "",
    )
    return RuleGrade(row.id, draft, row.weakness_name or "", row.version)
