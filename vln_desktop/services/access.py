"""Access requests, reading on request and broken glass: the database's functions decide and do.

What is decided raises ConfirmationNeeded until the second factor was asked again, NotPermitted to
who may not decide it, and UserError for what is decided already or cannot be.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, or_, select
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models import access as tables
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import verifier_of
from vln_desktop.domain.access import (
    SHORTEST_BREAK_GLASS_REASON,
    AccessRequest,
    AuditFile,
    BreakGlassUse,
    FindingLine,
    FindingText,
    ReadingGrant,
    RequestKind,
    RequestStatus,
    Verdict,
    Wish,
    clean_reason,
)
from vln_desktop.domain.changes import ChangeKind, Changes
from vln_desktop.domain.permissions import Right, Role, may
from vln_desktop.domain.sign_in import invite_hash, new_invite, new_password
from vln_desktop.domain.users import Invitation
from vln_desktop.errors import UserError
from vln_desktop.services.grid import GridSource, nobody
from vln_desktop.services.grid_spec import People
from vln_desktop.services.grids.access import ACCESS_REQUESTS, BREAK_GLASS_USES

ENTITY = "access_requests"
BREAK_GLASS = "break_glass"

_R = table_of(tables.AccessRequest).c
_B = table_of(tables.BreakGlassUse).c
_I = table_of(tables.AccessReviewItem).c
_DECIDED_BY_ADMINS = (RequestKind.CREATE.value, RequestKind.ROLE.value, RequestKind.TEAM.value)


class AccessService:
    """Asks, decides, reads on request and breaks the glass for the person signed in."""

    def __init__(self, database: Database, people: People = nobody) -> None:
        self._database = database
        self.requests = GridSource(database, ACCESS_REQUESTS, people)
        self.uses = GridSource(database, BREAK_GLASS_USES, people)

    def ask(self, wish: Wish, reason: str) -> Changes:
        """Ask for something; UserError (field "reason") if it is not said why."""
        request = uuid7()
        values = {
            "id": request, "kind": wish.kind.value, "wish": wish.what, "person_id": wish.person_id,
            "requester_id": self._database.actor.user_id, "reason": clean_reason(reason),
            "valid_until": wish.valid_until,
        }  # fmt: skip
        with self._database.unit_of_work() as session:
            session.connection().execute(insert(table_of(tables.AccessRequest)).values(**values))
        return _changes(request, "insert")

    def get(self, request: UUID) -> AccessRequest:
        """Return one request; raises UserError where the person may not see it."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    _R.id, _R.kind, _R.status, _R.requester_id, _R.person_id, _R.approver_id,
                    _R.wish, _R.reason, _R.remark, _R.valid_until, _R.created_at, _R.decided_at,
                ).where(_R.id == request)
            ).first()  # fmt: skip
        if row is None:
            raise UserError("This request does not exist, or you may not see it.")
        return AccessRequest(
            row.id, RequestKind(row.kind), RequestStatus(row.status), row.requester_id,
            row.person_id, row.approver_id, row.wish, row.reason, row.remark, row.valid_until,
            row.created_at, row.decided_at,
        )  # fmt: skip

    def withdraw(self, request: UUID) -> Changes:
        """Take back what one asked for oneself."""
        return self._do(request, func.vln.withdraw_access_request(request))

    def refuse(self, request: UUID, remark: str) -> Changes:
        """Refuse a request and say why."""
        return self._do(request, func.vln.decide_access_request(request, False, remark))

    def approve(self, request: UUID, remark: str = "") -> tuple[Invitation | None, Changes]:
        """Approve a request; what was asked for is done in the same transaction.

        A new login's first password and invitation are told once, to the approver, and kept
        nowhere.
        """
        asked = self.get(request)
        given, verifier, hashed = None, None, None
        with self._database.unit_of_work() as session:
            if asked.kind is RequestKind.CREATE:
                given = Invitation(asked.wish["email"], new_password(), new_invite())
                verifier = verifier_of(session.connection(), given.password, given.email)
                hashed = invite_hash(given.invite or "")
            session.execute(
                select(func.vln.decide_access_request(request, True, remark, verifier, hashed))
            )
        return given, _changes(request)

    def count_waiting(self) -> int:
        """Count what waits for this person: requests, broken glass, people under review."""
        me, role = self._database.actor.user_id, self._database.actor.role
        if not may(role, Right.ACCESS_DECIDE):
            return 0
        admins = role is Role.ADMIN
        requests = select(func.count()).where(
            _R.open_rank == 1,
            _R.requester_id != me,
            or_(_R.person_id.is_(None), _R.person_id != me),
            _R.kind.in_(_DECIDED_BY_ADMINS) if admins else _R.kind == "read_findings",
        )
        uses = select(func.count()).where(and_(_B.open_rank == 1, _B.user_id != me))
        people = select(func.count()).where(and_(_I.open_rank == 1, _I.person_id != me))
        with self._database.reading() as connection:
            return sum(connection.scalar(each) or 0 for each in (requests, uses, people))

    def break_glass(self, audit: str, reason: str) -> Changes:
        """Read an audit's findings for an hour without waiting; admins and its team are told."""
        said = clean_reason(reason, SHORTEST_BREAK_GLASS_REASON)
        with self._database.unit_of_work() as session:
            use = session.execute(select(func.vln.break_glass(audit, said))).scalar_one()
        return Changes(BREAK_GLASS, frozenset({use}), "insert")

    def use(self, use: UUID) -> BreakGlassUse:
        """Return one use of a broken glass; raises UserError where the person may not see it."""
        listed = func.vln.break_glass_readings().table_valued("use", "readings")
        with self._database.reading() as connection:
            row = connection.execute(
                select(
                    _B.id, _B.user_id, _B.audit_number, _B.reason, _B.created_at, _B.expires_at,
                    _B.reviewed_by, _B.reviewed_at, _B.verdict, _B.remark, listed.c.readings,
                )
                .join(listed, listed.c.use == _B.id)
                .where(_B.id == use)
            ).first()  # fmt: skip
        if row is None:
            raise UserError("This use does not exist, or you may not see it.")
        verdict = Verdict(row.verdict) if row.verdict else None
        return BreakGlassUse(*row[:8], verdict=verdict, remark=row.remark, readings=row.readings)

    def review_use(self, use: UUID, verdict: Verdict, remark: str) -> Changes:
        """Say afterwards whether a glass was broken with good reason; its hour ends with that."""
        self._do(use, func.vln.review_break_glass(use, verdict.value, remark))
        return Changes(BREAK_GLASS, frozenset({use}))

    def grants(self) -> tuple[ReadingGrant, ...]:
        """Return the audits whose findings this person may read on request now."""
        listed = func.vln.reading_grants().table_valued(*ReadingGrant.__slots__)
        with self._database.reading() as connection:
            return tuple(ReadingGrant(*row) for row in connection.execute(select(listed)))

    def findings(self, audit: UUID) -> tuple[FindingLine, ...]:
        """Return an audit's findings, worst first; each call is noted as a reading."""
        listed = func.vln.findings_on_request(audit).table_valued(*FindingLine.__slots__)
        return tuple(FindingLine(*row) for row in self._read(listed))

    def finding(self, finding: UUID) -> FindingText:
        """Return what a finding says; each call is noted as a reading."""
        listed = func.vln.read_finding_on_request(finding).table_valued(*FindingText.__slots__)
        (row,) = self._read(listed)
        return FindingText(*row)

    def files(self, audit: UUID) -> tuple[AuditFile, ...]:
        """Return what is known of an audit's files; each call is noted as a reading."""
        listed = func.vln.files_on_request(audit).table_valued(*AuditFile.__slots__)
        return tuple(AuditFile(*row) for row in self._read(listed))

    def _read(self, listed: Any) -> list[Any]:
        with self._database.unit_of_work() as session:  # it is noted, and so a write
            return list(session.connection().execute(select(listed)).all())

    def _do(self, id_: UUID, deed: Any) -> Changes:
        with self._database.unit_of_work() as session:
            session.execute(select(deed))
        return _changes(id_)


def _changes(request: UUID, kind: ChangeKind = "update") -> Changes:
    return Changes(ENTITY, frozenset({request}), kind)
