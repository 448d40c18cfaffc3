"""Severity schemes: the one an audit is graded by, and the firm's, made and retired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Text, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import findings as tables
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import Level, Severity
from vln_desktop.domain.severity_schemes import SchemeDraft, SchemeMethod, SeverityScheme
from vln_desktop.errors import UserError

ENTITY = "severity_schemes"

_S = table_of(tables.SeverityScheme).c
_CELLS = table_of(tables.SeveritySchemeCell).c


@dataclass(frozen=True, slots=True)
class KeptScheme:
    """A scheme that can be chosen, and how many audits go by it as far as one may see them."""

    scheme: SeverityScheme
    audits: int


class SchemesService:
    """Reads, makes and retires schemes for the person signed in.

    What a scheme says never changes: findings were graded by it. Another one takes its place.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[KeptScheme, ...]:
        """Return the schemes that can be chosen, by name."""
        audit = table_of(AuditRequest).c
        used = select(func.count()).where(audit.scheme_id == _S.id).scalar_subquery()
        cells = (
            select(
                func.array_agg(
                    func.jsonb_build_array(_CELLS.impact, _CELLS.likelihood, _CELLS.severity)
                )
            )
            .where(_CELLS.scheme_id == _S.id)
            .scalar_subquery()
        )
        with self._database.reading() as connection:
            rows = connection.execute(
                select(_S.id, _S.name, _S.method, used.label("audits"), cells.label("cells"))
                .where(_S.deleted_at.is_(None))
                .order_by(_S.name, _S.id)
            )
            return tuple(_kept(row) for row in rows)

    def names(self) -> tuple[tuple[UUID, str], ...]:
        """Return the schemes that can be chosen, by name: without their tables, for a menu."""
        statement = select(_S.id, _S.name).where(_S.deleted_at.is_(None)).order_by(_S.name, _S.id)
        with self._database.reading() as connection:
            return tuple((row.id, row.name) for row in connection.execute(statement))

    def make(self, draft: SchemeDraft, key: UUID | None = None) -> Changes:
        """Make a scheme; raises UserError for a name that is taken, and for a slip in its table.

        Whoever tries again after a link was lost gives the same `key`.
        """
        draft.validate()
        id_, name = key or uuid7(), draft.name.strip()
        severities = cast([one.value for one in draft.severities], ARRAY(Text()))
        with self._database.unit_of_work() as session:
            if key is None or session.get(tables.SeverityScheme, key) is None:
                made = func.vln.make_severity_scheme(id_, name, draft.method.value, severities)
                try:
                    session.execute(select(made))
                except IntegrityError as error:
                    raise UserError(
                        f"There is or was a scheme called “{name}” already.", field="name"
                    ) from error
        return Changes(ENTITY, frozenset({id_}))

    def retire(self, scheme_id: UUID) -> Changes:
        """Let a scheme be chosen no more; audits that go by it keep it."""
        return self._set_deleted(scheme_id, func.now())

    def restore(self, scheme_id: UUID) -> Changes:
        """Let a retired scheme be chosen again."""
        return self._set_deleted(scheme_id, None)

    def _set_deleted(self, scheme_id: UUID, value: Any) -> Changes:
        with self._database.unit_of_work() as session:
            changed: Any = session.execute(
                update(table_of(tables.SeverityScheme))
                .where(_S.id == scheme_id)
                .values(deleted_at=value)
            )
            if not changed.rowcount:
                raise UserError("This scheme does not exist, or you may not change it.")
        return Changes(ENTITY, frozenset({scheme_id}))


def _kept(row: Any) -> KeptScheme:
    cells = tuple(
        (Level(impact), Level(likelihood), Severity(severity))
        for impact, likelihood, severity in row.cells or ()
    )
    return KeptScheme(SeverityScheme(row.id, row.name, cells, SchemeMethod(row.method)), row.audits)


def scheme_of(connection: Connection, audit_id: UUID) -> SeverityScheme | None:
    """Return an audit's scheme, None if it has none."""
    scheme, cell = tables.SeverityScheme, tables.SeveritySchemeCell
    rows = connection.execute(
        select(scheme.id, scheme.name, scheme.method, cell.impact, cell.likelihood, cell.severity)
        .join(AuditRequest, AuditRequest.scheme_id == scheme.id)
        .outerjoin(cell, cell.scheme_id == scheme.id)
        .where(AuditRequest.id == audit_id)
    ).all()
    if not rows:
        return None
    cells = tuple(
        (Level(r.impact), Level(r.likelihood), Severity(r.severity)) for r in rows if r.impact
    )
    return SeverityScheme(rows[0].id, rows[0].name, cells, SchemeMethod(rows[0].method))
