"""Who has a finding open is told to colleagues on its audit, and to nobody else."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from tests.firm import Firm
from vln_desktop.services.presence import PresenceService, Present


@pytest.fixture
def place(firm: Firm) -> tuple[UUID, UUID]:
    firm.owner.execute("DELETE FROM vln.open_findings")
    return firm.a.id("audit_requests"), firm.a.id("findings")


def _presence(firm: Firm, login: str) -> PresenceService:
    return PresenceService(firm.sign_in(login))


def test_colleagues_see_each_other_come_write_and_go(firm: Firm, place: tuple[UUID, UUID]) -> None:
    mine, theirs = _presence(firm, "auditor.a"), _presence(firm, "manager.a")
    me, they = firm.people["auditor.a"].id, firm.people["manager.a"].id
    assert mine.look(*place, editing=False) == ()
    assert theirs.look(*place, editing=False) == (Present(me, editing=False),)
    theirs.look(*place, editing=True)
    assert mine.look(*place, editing=False) == (Present(they, editing=True),)
    theirs.leave(place[1], editing=True)
    assert mine.look(*place, editing=False) == (Present(they, editing=False),)
    theirs.leave(place[1], editing=False)
    assert mine.look(*place, editing=False) == ()


def test_who_says_nothing_for_three_beats_is_gone(firm: Firm, place: tuple[UUID, UUID]) -> None:
    _presence(firm, "manager.a").look(*place, editing=True)
    firm.owner.execute("ALTER TABLE vln.open_findings DISABLE TRIGGER USER")
    firm.owner.execute("UPDATE vln.open_findings SET seen_at = now() - interval '61 seconds'")
    firm.owner.execute("ALTER TABLE vln.open_findings ENABLE TRIGGER USER")
    mine = _presence(firm, "auditor.a")
    assert mine.look(*place, editing=False) == ()

    firm.owner.execute("ALTER TABLE vln.open_findings DISABLE TRIGGER USER")
    firm.owner.execute("UPDATE vln.open_findings SET seen_at = now() - interval '2 hours'")
    firm.owner.execute("ALTER TABLE vln.open_findings ENABLE TRIGGER USER")
    mine.look(*place, editing=True)  # what a crash left is swept away
    rows = firm.owner.execute(
        "SELECT editing FROM vln.open_findings WHERE user_id = %s",
        [firm.people["auditor.a"].id],
    ).fetchall()
    assert rows == [(True,)]


@pytest.mark.parametrize(
    ("login", "user", "state"),
    [("auditor.a", "manager.a", "42501"), ("auditor.b", "auditor.b", "42501"),
     ("finance", "finance", "42501")],
)  # fmt: skip
def test_nobody_stands_in_for_another_or_looks_in_from_outside(
    firm: Firm, place: tuple[UUID, UUID], login: str, user: str, state: str
) -> None:
    _presence(firm, "auditor.a").look(*place, editing=False)
    connection = firm.psql(login)
    with pytest.raises(psycopg.Error) as told:
        connection.execute(
            "INSERT INTO vln.open_findings (id, audit_id, finding_id, user_id)"
            " VALUES (gen_random_uuid(), %s, %s, %s)",
            [*place, firm.people[user].id],
        )
    assert told.value.sqlstate == state
    if login == "auditor.b":
        assert connection.execute("SELECT count(*) FROM vln.open_findings").fetchone() == (0,)
