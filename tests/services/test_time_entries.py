"""Time entries: one's own, changed and deleted by oneself, read by managers, written as CSV."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests.factories import TODAY
from tests.firm import Firm
from vln_desktop.domain.time_entries import Activity, TimeDraft
from vln_desktop.errors import Conflict, NotPermitted, UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.directory import Directory
from vln_desktop.services.time_entries import TimeEntriesService

DRAFT = TimeDraft(TODAY, 90, Activity.REVIEW, "Vault.sol")


@pytest.fixture
def audit(firm: Firm) -> UUID:
    firm.owner.execute("DELETE FROM vln.time_entries")
    return firm.a.id("audit_requests")


def _service(firm: Firm, login: str = "auditor.a") -> TimeEntriesService:
    return TimeEntriesService(firm.sign_in(login))


def test_time_is_entered_changed_deleted_and_brought_back(firm: Firm, audit: UUID) -> None:
    service, key = _service(firm), uuid7()
    service.add(audit, DRAFT, key)
    service.add(audit, DRAFT, key)  # tried again after a lost answer
    [entry] = service.of(audit).entries
    service.change(audit, entry, replace(DRAFT, minutes=30, note="  two\nlines "))
    with pytest.raises(Conflict):
        service.change(audit, entry, DRAFT)
    with pytest.raises(Conflict):
        service.delete(audit, entry)

    [now] = service.of(audit).entries
    assert (now.minutes, now.note, now.user_id) == (30, "two lines", firm.people["auditor.a"].id)
    service.delete(audit, now)
    assert service.of(audit).entries == ()
    service.restore(audit, now.id)
    assert service.of(audit).minutes == 30


def test_managers_read_all_and_change_only_their_own(firm: Firm, audit: UUID) -> None:
    mine, manager = _service(firm), _service(firm, "manager.a")
    mine.add(audit, DRAFT)
    manager.add(audit, replace(DRAFT, activity=Activity.MEETING, minutes=15))

    assert mine.of(audit).minutes == 90
    assert manager.of(audit).minutes == 105
    theirs = next(e for e in manager.of(audit).entries if e.minutes == 90)
    with pytest.raises(Conflict):
        manager.change(audit, theirs, DRAFT)
    with pytest.raises(Conflict):
        manager.delete(audit, theirs)
    with pytest.raises(UserError, match="may not see it"):
        _service(firm, "auditor.b").add(audit, DRAFT)
    with pytest.raises(NotPermitted):
        _service(firm, "finance").of(audit)


def test_what_cannot_be_is_said_at_its_field(firm: Firm, audit: UUID) -> None:
    service = _service(firm)
    for draft, field in (
        (replace(DRAFT, day=TODAY + timedelta(1)), "day"),
        (replace(DRAFT, day=TODAY - timedelta(1)), "day"),
        (replace(DRAFT, minutes=1441), "duration"),
    ):
        with pytest.raises(UserError) as refused:
            service.add(audit, draft)
        assert refused.value.field == field
    service.add(audit, replace(DRAFT, minutes=1400))
    with pytest.raises(UserError, match=r"23:20 of .* are entered already"):
        service.add(audit, replace(DRAFT, minutes=41))


def test_a_deleted_entry_comes_back_only_if_its_day_has_room(firm: Firm, audit: UUID) -> None:
    service = _service(firm)
    service.add(audit, replace(DRAFT, minutes=1000))
    [entry] = service.of(audit).entries
    service.delete(audit, entry)
    service.add(audit, replace(DRAFT, minutes=1000))

    with pytest.raises(UserError, match="A day has 24 hours"):
        service.restore(audit, entry.id)


def test_the_estimate_stands_beside_the_sum(firm: Firm, audit: UUID) -> None:
    audits = AuditsService(firm.sign_in("manager.a"))
    audits.set_effort(audits.get(audit), 4800)

    assert _service(firm).of(audit).estimate == 4800
    audits.set_effort(audits.get(audit), None)
    assert _service(firm).of(audit).estimate is None


def test_entries_are_written_as_csv_that_no_spreadsheet_runs(
    firm: Firm, audit: UUID, tmp_path: Path
) -> None:
    database = firm.sign_in("auditor.a")
    service, name_of = TimeEntriesService(database), Directory.load(database).name_of
    file = tmp_path / "time.csv"
    with pytest.raises(UserError, match="no time to export"):
        service.write_csv(audit, file, name_of)
    service.add(audit, DRAFT)
    service.add(audit, replace(DRAFT, minutes=15, note="=1+1"))

    assert service.write_csv(audit, file, name_of) == 2
    with file.open(encoding="utf-8-sig", newline="") as lines:
        first, second = csv.DictReader(lines)
    assert first["person"] == name_of(firm.people["auditor.a"].id)
    assert (first["day"], first["duration"], first["minutes"]) == (TODAY.isoformat(), "1:30", "90")
    assert second["note"] == "'=1+1"
    noted = firm.owner.execute(
        "SELECT detail FROM vln.security_events WHERE kind = 'exported'"
    ).fetchall()
    assert noted == [({"what": "time entries", "rows": 2, "filtered": True},)]
