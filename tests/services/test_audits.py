"""Audits through the service, as each role."""

from __future__ import annotations

import pytest

from tests.firm import Firm
from vln_desktop.domain.audits import AuditStatus
from vln_desktop.errors import Conflict, NotPermitted, UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.directory import Directory


@pytest.mark.parametrize("login", ["admin", "manager.a", "auditor.a", "finance", "readonly"])
def test_every_role_gets_the_detail_as_far_as_it_may_see(firm: Firm, login: str) -> None:
    audit = AuditsService(firm.sign_in(login)).get(firm.a.id("audit_requests"))

    assert audit.status is AuditStatus.INTAKE
    assert (audit.number is None) == (login == "readonly")
    assert (audit.project is None) == (login in {"admin", "readonly"})
    assert bool(audit.scope) == (login in {"manager.a", "auditor.a"})
    assert bool(audit.people) == (login in {"admin", "manager.a", "auditor.a"})
    assert audit.events
    assert sum(count for _, count in audit.findings_by_severity) >= 1


def test_an_audit_is_found_by_its_number_in_either_case(firm: Firm) -> None:
    service = AuditsService(firm.sign_in("auditor.a"))
    audit = service.get(firm.a.id("audit_requests"))

    assert service.find(f" {(audit.number or '').lower()} ") == audit.id
    for number in ("NOSUCH-1", "", "half a character: \ud83d"):
        with pytest.raises(UserError):
            service.find(number)


def test_a_status_step_is_taken_once(firm: Firm) -> None:
    service = AuditsService(firm.sign_in("manager.a"))
    seen = service.get(firm.a.id("audit_requests"))

    service.set_status(seen, AuditStatus.APPROVED)

    with pytest.raises(Conflict):
        service.set_status(seen, AuditStatus.APPROVED)
    assert service.get(seen.id).events[-1].what == "approved"
    with pytest.raises(UserError, match="cannot become"):
        service.set_status(service.get(seen.id), AuditStatus.COMPLETED)


def test_only_a_manager_puts_people_on_an_audit(firm: Firm) -> None:
    audit = firm.a.id("audit_requests")
    newcomer = firm.people["auditor.n"].id
    manager = AuditsService(firm.sign_in("manager.a"))

    manager.assign(audit, newcomer, "reviewer")

    assert newcomer in {person.user_id for person in manager.get(audit).people}
    assert AuditsService(firm.sign_in("auditor.n")).get(audit).id == audit
    manager.release(audit, newcomer)
    with pytest.raises(UserError):
        AuditsService(firm.sign_in("auditor.n")).get(audit)
    with pytest.raises(NotPermitted):
        AuditsService(firm.sign_in("auditor.a")).assign(audit, newcomer, "auditor")


def test_somebody_who_was_released_can_come_back(firm: Firm) -> None:
    audit = firm.a.id("audit_requests")
    newcomer = firm.people["auditor.n"].id
    manager = AuditsService(firm.sign_in("manager.a"))
    manager.assign(audit, newcomer, "reviewer")
    with pytest.raises(UserError, match="already"):
        manager.assign(audit, newcomer, "lead")
    manager.release(audit, newcomer)
    with pytest.raises(UserError, match="not on the audit"):
        manager.release(audit, newcomer)

    manager.assign(audit, newcomer, "lead")

    duties = {person.user_id: person.duty for person in manager.get(audit).people}
    assert duties[newcomer] == "lead"
    assert AuditsService(firm.sign_in("auditor.n")).get(audit).id == audit


def test_a_release_counts_at_once_where_the_day_is_ahead(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "<ahead>-48")
    audit = firm.a.id("audit_requests")
    newcomer = firm.people["auditor.n"].id
    manager = AuditsService(firm.sign_in("manager.a"))
    manager.assign(audit, newcomer, "reviewer")

    manager.release(audit, newcomer)

    with pytest.raises(UserError):
        AuditsService(firm.sign_in("auditor.n")).get(audit)


def test_the_directory_knows_colleagues_by_name(firm: Firm) -> None:
    directory = Directory.load(firm.sign_in("auditor.a"))
    someone = firm.people["finance"]

    assert directory.name_of(someone.id) == someone.name
    assert directory.find(someone.name.lower()) == someone.id
    assert directory.name_of(None) == ""
    assert directory.name_of(firm.a.id("findings")) == "somebody"


def test_a_readonly_person_knows_only_themselves(firm: Firm) -> None:
    directory = Directory.load(firm.sign_in("readonly"))

    assert [colleague.id for colleague in directory.colleagues] == [firm.people["readonly"].id]
