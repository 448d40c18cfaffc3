"""A record as it stood at any moment, rebuilt from the log, as far as each role may read."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from tests.factories import line_of, new
from tests.firm import Firm
from vln_desktop.db.session import Database
from vln_desktop.domain.audits import AuditStatus, Priority
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import ClientPosition, Severity, TriageField
from vln_desktop.domain.history import BEFORE, RecordHistory, Unknown
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.history import HistoryService

BLANK = FindingDraft("Reentrancy", "", "", "", "", "")


def _values(history: RecordHistory, at: int) -> dict[str, Any]:
    return {state.field: state.value for state in history.state(at)}


def _new_finding(database: Database, firm: Firm) -> UUID:
    return FindingsService(database).create(firm.a.id("audit_requests"), BLANK)


def test_a_finding_is_shown_as_it_stood_at_any_moment(firm: Firm) -> None:
    database = firm.sign_in("auditor.a")
    service = FindingsService(database)
    finding = _new_finding(database, firm)
    base = draft_of(service.get(finding))
    service.save(finding, base, replace(base, title="Reentrancy in withdraw"))
    between = datetime.now(UTC)
    service.triage([finding], TriageField.SEVERITY, Severity.HIGH.value)

    history = HistoryService(database).of_record("findings", finding)
    states = [_values(history, at) for at in range(len(history.entries))]

    assert [state["title"] for state in states] == [
        "Reentrancy", "Reentrancy in withdraw", "Reentrancy in withdraw",
    ]  # fmt: skip
    assert [state["severity"] for state in states] == ["informational", "informational", "high"]
    assert history.index_at(between) == 1
    assert history.index_at(between - timedelta(days=900)) == BEFORE
    assert history.state(BEFORE) == ()
    assert not any(state.doubtful or state.unknown for state in history.state(2))


VECTOR = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("title"), TEXTS.filter(str.strip)),
        st.tuples(st.just("title"), st.just("[hidden]")),
        st.tuples(st.sampled_from(["proof", "impact"]), TEXTS),
        st.tuples(st.just("severity"), st.sampled_from([word.value for word in Severity])),
        st.tuples(st.just("client_position"), st.sampled_from(list(ClientPosition))),
        st.tuples(st.just("owner"), st.sampled_from([None, 0.1, 3.5, 10])),
    ),
    min_size=1,
    max_size=8,
)


def _edit(firm: Firm, service: FindingsService, finding: UUID, field: str, value: Any) -> None:
    if field == "owner":
        firm.owner.execute(
            "UPDATE vln.findings SET cvss_score = %s, cvss_vector = %s, suppressed = NOT suppressed"
            " WHERE id = %s",
            [value, "" if value is None else VECTOR, finding],
        )
    elif field in ("severity", "client_position"):
        service.triage([finding], TriageField(field), str(value))
    else:
        base = draft_of(service.get(finding))
        service.save(finding, base, replace(base, **{field: value}))


def _snapshot(firm: Firm, finding: UUID) -> dict[str, Any]:
    row = firm.owner.execute(
        "SELECT to_jsonb(f) FROM vln.findings f WHERE id = %s", [finding]
    ).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(edits=EDITS)
def test_every_moment_equals_the_snapshot_taken_then(firm: Firm, edits: list[Any]) -> None:
    database = firm.sign_in("auditor.a")
    service = FindingsService(database)
    finding = _new_finding(database, firm)
    taken = [(datetime.now(UTC), _snapshot(firm, finding))]
    for field, value in edits:
        _edit(firm, service, finding, field, value)
        taken.append((datetime.now(UTC), _snapshot(firm, finding)))

    history = HistoryService(database).of_record("findings", finding)
    database.dispose()

    for moment, snapshot in taken:
        for state in history.state(history.index_at(moment)):
            assert state.unknown is None
            assert not state.doubtful
            assert state.value == snapshot[state.field], state.field
        assert len(history.state(history.index_at(moment))) >= 25


def test_a_record_that_is_older_than_the_log_is_rebuilt_backwards(firm: Firm) -> None:
    database = firm.sign_in("auditor.a")
    finding = _without_beginning(firm)
    FindingsService(database).triage([finding], TriageField.SEVERITY, Severity.LOW.value)

    history = HistoryService(database).of_record("findings", finding)

    assert not history.begins
    assert history.exists(BEFORE)
    before = _values(history, BEFORE)
    assert (before["severity"], before["title"]) == ("critical", "Older than the log")


def _without_beginning(firm: Firm) -> UUID:
    """Make a finding whose insert the log does not tell of."""
    finding = uuid7()
    owner = firm.owner
    owner.execute("ALTER TABLE vln.findings DISABLE TRIGGER z_log_insert")
    new(owner, "findings", firm.a, id=finding, title="Older than the log", severity="critical")
    owner.execute("ALTER TABLE vln.findings ENABLE TRIGGER z_log_insert")
    return finding


def test_a_change_without_a_line_is_told_and_not_guessed_over(firm: Firm) -> None:
    database = firm.sign_in("auditor.a")
    finding = _new_finding(database, firm)
    firm.owner.execute("ALTER TABLE vln.findings DISABLE TRIGGER z_log_update")
    firm.owner.execute("UPDATE vln.findings SET title = 'Untold' WHERE id = %s", [finding])
    firm.owner.execute("ALTER TABLE vln.findings ENABLE TRIGGER z_log_update")
    FindingsService(database).triage([finding], TriageField.SEVERITY, Severity.LOW.value)

    history = HistoryService(database).of_record("findings", finding)
    first = next(state for state in history.state(0) if state.field == "title")
    last = next(state for state in history.state(1) if state.field == "title")

    assert (first.value, first.doubtful) == ("Reentrancy", True)
    assert (last.value, last.doubtful) == ("Untold", True)


def test_an_erased_payload_is_told_where_its_neighbours_do_not_tell(firm: Firm) -> None:
    database = firm.sign_in("auditor.a")
    service = FindingsService(database)
    finding = _new_finding(database, firm)
    for word in (Severity.LOW, Severity.HIGH, Severity.CRITICAL):
        service.triage([finding], TriageField.SEVERITY, word.value)
    entries = HistoryService(database).of_record("findings", finding).entries
    firm.owner.execute(
        "UPDATE vln.activity_logs SET changes = NULL, salt = NULL WHERE id = ANY(%s)",
        [[entries[1].id, entries[2].id]],
    )

    history = HistoryService(database).of_record("findings", finding)
    severities = [
        next(state for state in history.state(at) if state.field == "severity") for at in range(4)
    ]

    assert [state.value for state in severities] == ["informational", None, "high", "critical"]
    assert severities[1].unknown is Unknown.ERASED
    assert history.permitted


@pytest.mark.parametrize("login", ["auditor.b", "manager.b", "auditor.n", "finance", "readonly"])
def test_a_stranger_reads_nothing_of_a_findings_past(firm: Firm, login: str) -> None:
    finding = _new_finding(firm.sign_in("auditor.a"), firm)

    service = HistoryService(firm.sign_in(login))
    if login == "readonly":
        with pytest.raises(NotPermitted, match="activity_logs"):
            service.of_record("findings", finding)
        return
    history = service.of_record("findings", finding)

    assert history.entries == ()
    assert "description" not in (history.present or {})


def test_an_admin_sees_who_and_which_fields_but_no_value(firm: Firm) -> None:
    database = firm.sign_in("auditor.a")
    finding = _new_finding(database, firm)
    FindingsService(database).triage([finding], TriageField.SEVERITY, Severity.LOW.value)
    base = draft_of(FindingsService(database).get(finding))
    FindingsService(database).save(finding, base, replace(base, proof="a secret proof"))

    history = HistoryService(firm.sign_in("admin")).of_record("findings", finding)

    assert not history.permitted
    assert [sorted(entry.fields) for entry in history.entries[1:]] == [["severity"], ["proof"]]
    states = {state.field: state for at in range(3) for state in history.state(at)}
    assert states["proof"].unknown is Unknown.NOT_PERMITTED
    assert states["title"].unknown is Unknown.NOT_PERMITTED
    assert "a secret proof" not in json.dumps([str(state) for state in states.values()])


def test_an_admin_reads_the_past_of_people(firm: Firm) -> None:
    person = firm.people["auditor.n"].id
    firm.owner.execute("UPDATE vln.users SET name = 'Somebody New' WHERE id = %s", [person])

    history = HistoryService(firm.sign_in("admin")).of_record("users", person)

    assert history.permitted
    assert _values(history, history.last - 1)["name"] == "Auditor N"
    assert _values(history, history.last)["name"] == "Somebody New"


def test_an_audits_estimate_stays_with_those_who_read_money(firm: Firm) -> None:
    manager = firm.sign_in("manager.a")
    audit = firm.a.id("audit_requests")
    firm.owner.execute(
        "UPDATE vln.audit_requests SET estimate_minor = 777123, priority = 'high' WHERE id = %s",
        [audit],
    )
    service = AuditsService(manager)
    service.set_priority(service.get(audit), Priority.LOW)

    seen = HistoryService(manager).of_record("audit_requests", audit)
    auditor = HistoryService(firm.sign_in("auditor.a")).of_record("audit_requests", audit)

    assert _values(seen, seen.last)["estimate_minor"] == 777123
    assert "estimate_minor" not in auditor.fields
    assert "777123" not in repr(auditor)
    # The line that changed money and priority at once is not the auditor's: this must be told.
    assert auditor.partial
    assert not seen.partial


def test_a_deleted_record_has_a_past_and_then_none(firm: Firm) -> None:
    database = firm.sign_in("finance")
    finance = firm.psql("finance")
    invoice = new(firm.owner, "invoices", firm.a)["id"]
    line = line_of(invoice, 1)
    columns = ", ".join(line)
    marks = ", ".join(["%s"] * len(line))
    firm.owner.execute(
        f"INSERT INTO vln.line_items ({columns}) VALUES ({marks})".encode(), list(line.values())
    )
    finance.execute("DELETE FROM vln.line_items WHERE id = %s", [line["id"]])

    history = HistoryService(database).of_record("line_items", line["id"])

    assert history.present is None
    assert history.exists(0)
    assert not history.exists(history.last)
    assert history.state(history.last) == ()
    assert _values(history, 0)["description"] == line["description"]


def test_a_kind_without_single_records_has_no_versions(firm: Firm) -> None:
    firm.owner.execute(
        "INSERT INTO vln.user_preferences (user_id, key, value) VALUES (%s, 'a', '1')",
        [firm.people["admin"].id],
    )
    entry = firm.owner.execute(
        "SELECT max(id) FROM vln.activity_logs WHERE entity = 'user_preferences'"
    ).fetchone()
    assert entry is not None

    with pytest.raises(UserError, match="no single record"):
        HistoryService(firm.sign_in("admin")).of_entry(entry[0])


def test_an_audit_stands_where_it_stood(firm: Firm) -> None:
    manager = firm.sign_in("manager.a")
    service = AuditsService(manager)
    audit = firm.a.id("audit_requests")
    service.set_status(service.get(audit), AuditStatus.APPROVED)

    history = HistoryService(manager).of_record("audit_requests", audit)

    words = [_values(history, at)["status"] for at in range(len(history.entries))]
    assert words == ["pending", "intake", "approved"]
