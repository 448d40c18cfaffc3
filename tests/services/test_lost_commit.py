"""A link that breaks during COMMIT: nothing typed is lost, nothing is stored twice."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from uuid_utils.compat import uuid7

from tests.cut_link import CutLink, cut_link
from tests.firm import PASSWORD, Firm
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import knock
from vln_desktop.domain.finding_drafts import draft_of
from vln_desktop.domain.findings import Severity, TriageField
from vln_desktop.errors import Unavailable
from vln_desktop.services.findings import FindingsService


@pytest.fixture
def link(firm: Firm) -> Iterator[CutLink]:
    with (
        tempfile.TemporaryDirectory(prefix="vln") as folder,
        cut_link(firm.url, Path(folder)) as it,
    ):
        yield it


@pytest.fixture
def far(firm: Firm, link: CutLink) -> Iterator[Database]:
    """An auditor whose only way to the server is the link."""
    person = firm.people["auditor.a"]
    door = knock(link.url, person.email, PASSWORD)
    database = door.resume(person.token)
    yield database
    database.dispose()
    door.close()


def _entries(firm: Firm) -> int:
    row = firm.owner.execute("SELECT count(*) FROM vln.activity_logs").fetchone()
    assert row is not None
    return int(row[0])


def test_a_remark_whose_answer_was_lost_is_there_once(
    firm: Firm, link: CutLink, far: Database
) -> None:
    service, finding, key = FindingsService(far), firm.a.id("findings"), uuid7()
    before = len(service.get(finding).comments)
    link.armed = True

    with pytest.raises(Unavailable):
        service.comment(finding, "Look at the callback.", comment_id=key)
    assert link.cuts == 1
    deed = service.comment(finding, "Look at the callback.", comment_id=key)

    assert deed.comment == key
    assert len(service.get(finding).comments) == before + 1


def test_a_form_whose_answer_was_lost_is_saved_once(
    firm: Firm, link: CutLink, far: Database
) -> None:
    service, finding = FindingsService(far), firm.a.id("findings")
    base = draft_of(service.get(finding))
    mine = replace(base, title="Anyone can drain it", remediation="Lower the balance first.")
    link.armed = True
    before = _entries(firm)

    with pytest.raises(Unavailable):
        service.save(finding, base, mine)
    service.save(finding, base, mine)

    assert draft_of(service.get(finding)) == mine
    assert _entries(firm) == before + 1


def test_triage_whose_answer_was_lost_is_logged_once(
    firm: Firm, link: CutLink, far: Database
) -> None:
    service, finding = FindingsService(far), firm.a.id("findings")
    link.armed = True
    before = _entries(firm)

    with pytest.raises(Unavailable):
        service.triage([finding], TriageField.SEVERITY, Severity.LOW.value)
    again = service.triage([finding], TriageField.SEVERITY, Severity.LOW.value)

    assert again.unchanged == (service.get(finding).number,)
    assert _entries(firm) == before + 1
