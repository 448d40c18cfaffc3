"""Responses of clients and the firm: added, ordered, printed, and kept right by the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.firm import Firm
from vln_desktop.domain.findings import ClientPosition
from vln_desktop.domain.responses import Channel, Party, ResponseDraft
from vln_desktop.errors import UserError
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.responses import ResponsesService

TODAY = datetime.now(UTC).date()
RESPONSE = ResponseDraft(
    Party.CLIENT, "We fix it.", TODAY, Channel.EMAIL, ClientPosition.WILL_FIX, "abc1234"
)


@pytest.fixture
def finding(firm: Firm) -> UUID:
    return firm.a.id("findings")


def test_a_response_is_kept_in_order_and_sets_the_position(firm: Firm, finding: UUID) -> None:
    service = ResponsesService(firm.sign_in("auditor.a"))
    before = len(service.of(finding))
    service.add(finding, RESPONSE)
    service.add(finding, ResponseDraft(Party.VLN, "Confirmed in that commit.", TODAY))

    client, firm_says = service.of(finding)[before:]
    assert (client.party, client.position) == (Party.CLIENT, ClientPosition.WILL_FIX)
    assert (client.fix_commit, client.channel) == ("abc1234", Channel.EMAIL)
    assert (firm_says.party, firm_says.position) == (Party.VLN, None)
    found = FindingsService(firm.sign_in("manager.a")).get(finding)
    assert found.client_position is ClientPosition.WILL_FIX


def test_the_same_response_tried_twice_is_there_once(firm: Firm, finding: UUID) -> None:
    service, key = ResponsesService(firm.sign_in("auditor.a")), uuid7()
    before = len(service.of(finding))
    service.add(finding, RESPONSE, key)
    service.add(finding, RESPONSE, key)
    assert len(service.of(finding)) == before + 1


def test_only_who_added_a_response_takes_it_back(firm: Firm, finding: UUID) -> None:
    mine = ResponsesService(firm.sign_in("auditor.a"))
    mine.add(finding, RESPONSE, key := uuid7())
    with pytest.raises(UserError):
        ResponsesService(firm.sign_in("manager.a")).take_back(key)
    mine.take_back(key)
    assert key not in {one.id for one in mine.of(finding)}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x\x00"}, "text"),
        ({"text": "x" * 200_001}, "text"),
        ({"received_on": TODAY + timedelta(days=3)}, "received_on"),
        ({"fix_commit": "HEAD"}, "fix_commit"),
        ({"party": Party.VLN}, "party"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    firm: Firm, finding: UUID, change: dict[str, Any], field: str
) -> None:
    service = ResponsesService(firm.sign_in("auditor.a"))
    with pytest.raises(UserError) as told:
        service.add(finding, replace(RESPONSE, **change))
    assert told.value.field == field


INSERT = """INSERT INTO vln.finding_responses
    (id, audit_id, finding_id, author_id, party, position, body, fix_commit, channel, received_on)
    VALUES (gen_random_uuid(), %(audit)s, %(finding)s, %(author)s, %(party)s, %(position)s,
            %(body)s, %(commit)s, 'email', %(day)s)"""


def _values(firm: Firm, login: str = "auditor.a", **changes: Any) -> dict[str, Any]:
    return {
        "audit": firm.a.id("audit_requests"), "finding": firm.a.id("findings"),
        "author": firm.people[login].id, "party": "client", "position": None, "body": "We fix it.",
        "commit": "", "day": date(2026, 11, 1), **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"party": "nobody"}, "23514"),
        ({"party": "vln", "position": "disputed"}, "23514"),
        ({"party": "vln", "commit": "abc1234"}, "23514"),
        ({"position": "maybe"}, "23514"),
        ({"body": " "}, "23514"),
        ({"commit": "$(rm)"}, "23514"),
    ],
)
def test_the_database_keeps_the_rules(firm: Firm, changes: dict[str, Any], state: str) -> None:
    with pytest.raises(psycopg.Error) as told:
        firm.psql("auditor.a").execute(INSERT, _values(firm, **changes))
    assert told.value.sqlstate == state


def test_nobody_responds_for_another_or_in_another_audit(firm: Firm) -> None:
    attempts: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("auditor.a", {"author": firm.people["manager.a"].id}, "42501"),
        ("auditor.b", {"author": firm.people["auditor.b"].id}, "42501"),
        ("auditor.a", {"finding": firm.b.id("findings")}, "VL002"),
        ("finance", {"author": firm.people["finance"].id}, "42501"),
    )
    for login, changes, state in attempts:
        with pytest.raises(psycopg.Error) as told:
            firm.psql(login).execute(INSERT, _values(firm, **changes))
        assert told.value.sqlstate == state, login


def test_a_response_that_stands_is_not_rewritten(firm: Firm) -> None:
    auditor = firm.psql("auditor.a")
    auditor.execute(INSERT, _values(firm))
    for column in ("body", "position", "received_on"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            auditor.execute(f"UPDATE vln.finding_responses SET {column} = NULL".encode())
