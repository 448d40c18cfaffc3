"""Who is mentioned is told once, if they may read it, and reads it where it stands."""

from __future__ import annotations

from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import PERMISSION, ask, refusal, run
from tests.firm import Firm
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.notifications import NotificationsService


@pytest.fixture
def finding(firm: Firm) -> UUID:
    firm.owner.execute("DELETE FROM vln.notifications")
    return firm.a.id("findings")


def _name(firm: Firm, who: str) -> str:
    name = ask(firm.owner, "SELECT name FROM vln.users WHERE id = %s", firm.people[who].id)
    assert isinstance(name, str)
    return name


def _inbox(firm: Firm, who: str) -> NotificationsService:
    return NotificationsService(firm.sign_in(who))


def test_a_mention_reaches_its_person_once_and_can_be_marked(firm: Firm, finding: UUID) -> None:
    said = FindingsService(firm.sign_in("auditor.a"))
    text = f"@{_name(firm, 'manager.a')} please look, @{_name(firm, 'auditor.a')}"
    key = uuid7()
    for _try in range(2):
        said.comment(finding, text, comment_id=key)

    inbox = _inbox(firm, "manager.a")
    [one] = inbox.latest()
    assert (one.finding_id, one.excerpt, one.read) == (finding, text, False)
    assert one.actor_id == firm.people["auditor.a"].id
    assert inbox.unread() == 1
    assert _inbox(firm, "auditor.a").unread() == 0, "nobody is told of what they said"
    inbox.mark([one.id], read=True)
    assert (inbox.unread(), inbox.latest()[0].read) == (0, True)
    inbox.mark([one.id], read=False)
    assert inbox.unread() == 1


def test_who_may_not_read_it_is_never_told(firm: Firm, finding: UUID) -> None:
    said = FindingsService(firm.sign_in("auditor.a"))
    strangers = ("auditor.b", "manager.b", "admin", "finance", "readonly")
    said.comment(finding, " ".join(f"@{_name(firm, who)}" for who in strangers))
    assert ask(firm.owner, "SELECT count(*) FROM vln.notifications") == 0
    readers = {reader.id for reader in _inbox(firm, "auditor.a").readers(_audit(firm))}
    assert readers >= {firm.people[who].id for who in ("auditor.a", "manager.a")}
    assert readers.isdisjoint(firm.people[who].id for who in strangers)
    assert _inbox(firm, "auditor.b").readers(_audit(firm)) == ()


def _audit(firm: Firm) -> UUID:
    return firm.a.id("audit_requests")


def test_what_is_taken_back_or_no_longer_ones_own_disappears(firm: Firm, finding: UUID) -> None:
    said = FindingsService(firm.sign_in("manager.a"))
    deed = said.comment(finding, f"@{_name(firm, 'auditor.a')} please")
    inbox = _inbox(firm, "auditor.a")
    assert inbox.unread() == 1
    said.reverse(deed)
    assert (inbox.unread(), inbox.latest()) == (0, ())

    said.comment(finding, f"@{_name(firm, 'auditor.a')} again")
    assert inbox.unread() == 1
    firm.owner.execute(
        "DELETE FROM vln.audit_assignments WHERE user_id = %s", [firm.people["auditor.a"].id]
    )
    assert (inbox.unread(), inbox.latest()) == (0, ())


def test_nobody_makes_moves_or_reads_what_is_told_to_others(firm: Firm, finding: UUID) -> None:
    said = FindingsService(firm.sign_in("auditor.a"))
    deed = said.comment(finding, f"@{_name(firm, 'manager.a')} please")
    auditor, manager = firm.psql("auditor.a"), firm.psql("manager.a")
    assert ask(auditor, "SELECT count(*) FROM vln.notifications") == 0
    assert run(auditor, "UPDATE vln.notifications SET read_at = now()") == 0
    for forged in (
        "INSERT INTO vln.notifications SELECT * FROM vln.notifications",
        "UPDATE vln.notifications SET user_id = vln.uid()",
        "UPDATE vln.notifications SET actor_id = vln.uid()",
        "DELETE FROM vln.notifications",
    ):
        assert refusal(manager, forged) == PERMISSION
    mention = "SELECT vln.mention(%s, ARRAY[%s]::uuid[])"
    person = firm.people["auditor.a"].id
    for who in ("manager.a", "auditor.b", "admin", "finance"):
        assert refusal(firm.psql(who), mention, deed.comment, person) == PERMISSION
    people = [firm.people[who].id for who in ("auditor.b", "manager.b", "admin")]
    assert ask(auditor, "SELECT vln.mention(%s, %s)", deed.comment, people) == 0
