"""A year of security events: sign-ins, refused codes, changes of access, exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from vln_desktop.domain.users import StaffState
from vln_desktop.tools.demo.chance import SATURDAY, Chance
from vln_desktop.tools.demo.money_records import Invoice
from vln_desktop.tools.demo.people import DISABLED_DAYS, LOCKED_DAYS, STANDINGS
from vln_desktop.tools.demo.records import AuditRequest, SecurityEvent, Team, TeamMember, User

_DEVICES = ("ThinkPad T14 (Linux)", "MacBook Pro (macOS 15)", "Surface Laptop (Windows 11)",
            "Workstation 3 (Linux)")  # fmt: skip
_PRESENT_PERCENT, _SIGNS_OUT_PERCENT, _MISTYPES_PERCENT = 62, 55, 3
_WRONG_CODES = 10
_PHONE_LOST_DAYS = 130

Detail = dict[str, object]


class SecurityYear:
    """Writes the events of one firm, from its founding until `end`."""

    def __init__(self, chance: Chance, admin: User, founded: datetime, end: datetime) -> None:
        self._chance = chance
        self._admin = admin
        self._founded = founded
        self._end = end

    def of_person(self, person: User) -> Iterator[SecurityEvent]:
        """Tell how somebody came, worked, and perhaps left."""
        if person.role == "worker":
            return
        standing = STANDINGS.get(person.email, StaffState.ACTIVE)
        yield self._by_admin("staff_created", person, person.created_at, {"role": person.role})
        if standing in (StaffState.INVITED, StaffState.UNINVITED):
            return
        first = person.created_at + timedelta(hours=2)
        yield self._own("password_changed", person, first)
        yield self._own("second_factor_enrolled", person, first + timedelta(minutes=4))
        last = self._end
        if standing is StaffState.DISABLED:
            last = self._end - timedelta(days=DISABLED_DAYS)
            yield self._by_admin("disabled", person, last + timedelta(hours=16))
        if standing is StaffState.LOCKED:
            last = self._end - timedelta(days=LOCKED_DAYS)
            yield from self._locked(person, last + timedelta(hours=9, minutes=2))
        if person.access_ends_on is not None:
            day = person.access_ends_on.isoformat()
            yield self._by_admin("access_end_set", person, first, {"last_day": [None, day]})
        yield from self._days(person, first, last)

    def of_places(
        self, people: dict[UUID, User], teams: dict[UUID, Team], members: tuple[TeamMember, ...]
    ) -> Iterator[SecurityEvent]:
        """Tell who joined which team, and who left it."""
        for place in members:
            person, team = people[place.user_id], teams[place.team_id].name
            detail: Detail = {"team": team, "duty": place.duty}
            yield self._by_admin("access_granted", person, place.created_at, detail)
            if place.valid_until is not None:
                at = self._end - timedelta(days=DISABLED_DAYS) + timedelta(hours=15, minutes=50)
                last = {**detail, "last_day": place.valid_until.isoformat()}
                yield self._by_admin("access_ended", person, at, last)

    def of_phone(self, person: User) -> Iterator[SecurityEvent]:
        """Tell of a lost phone."""
        at = self._end - timedelta(days=_PHONE_LOST_DAYS) + timedelta(hours=10)
        yield self._own("recovery_code_used", person, at)
        yield self._by_admin("second_factor_reset", person, at + timedelta(hours=1))
        yield self._by_admin("password_reset", person, at + timedelta(hours=1, seconds=1))
        yield self._own("password_changed", person, at + timedelta(hours=2))
        yield self._own("second_factor_enrolled", person, at + timedelta(hours=2, minutes=3))

    def of_papers(
        self, clerk: User, manager: User, invoices: tuple[Invoice, ...],
        audits: tuple[AuditRequest, ...],
    ) -> Iterator[SecurityEvent]:  # fmt: skip
        """Tell which papers left the database."""
        for invoice in invoices:
            if invoice.issued_at is not None:
                detail: Detail = {"what": "invoice", "number": invoice.number}
                yield self._own("exported", clerk, invoice.issued_at + timedelta(minutes=3), detail)
        for audit in audits:
            if audit.completed_at is not None:
                detail = {"what": "report", "audit": audit.number, "draft": False}
                at = min(audit.completed_at + timedelta(minutes=20), self._end)
                yield self._own("exported", manager, at - timedelta(seconds=1), detail)

    def _days(self, person: User, first: datetime, last: datetime) -> Iterator[SecurityEvent]:
        chance, device = self._chance, self._chance.pick(_DEVICES)
        day = first.date() + timedelta(days=1)
        while day < last.date():
            if day.weekday() < SATURDAY and chance.percent(_PRESENT_PERCENT):
                at = chance.moment(day) - timedelta(minutes=chance.between(0, 90))
                if chance.percent(_MISTYPES_PERCENT):
                    before = at - timedelta(seconds=chance.between(12, 40))
                    yield self._own("code_refused", person, before, {"reason": "wrong"})
                yield self._own("sign_in", person, at, {"device": device})
                if chance.percent(_SIGNS_OUT_PERCENT):
                    left = at + timedelta(minutes=chance.between(40, 300))
                    yield self._own("sign_out", person, left)
            day += timedelta(days=1)

    def _locked(self, person: User, at: datetime) -> Iterator[SecurityEvent]:
        for n in range(_WRONG_CODES):
            yield self._own("code_refused", person, at + n * timedelta(seconds=21),
                            {"reason": "wrong"})  # fmt: skip
        yield self._own("locked", person, at + _WRONG_CODES * timedelta(seconds=21))

    def _own(
        self, kind: str, person: User, at: datetime, detail: Detail | None = None
    ) -> SecurityEvent:
        identity = self._chance.identity(at)
        return SecurityEvent(identity, kind, person.id, person.id, detail or {}, at)

    def _by_admin(
        self, kind: str, person: User, at: datetime, detail: Detail | None = None
    ) -> SecurityEvent:
        identity = self._chance.identity(at)
        return SecurityEvent(identity, kind, self._admin.id, person.id, detail or {}, at)
