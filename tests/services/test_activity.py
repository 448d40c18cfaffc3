"""The log's entries, as far as each role may see what changed."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.firm import Firm
from vln_desktop.domain.findings import Severity, TriageField
from vln_desktop.services.activity import ActivityService
from vln_desktop.services.findings import FindingsService


def _latest(firm: Firm, entity: str) -> tuple[int, datetime]:
    row = firm.owner.execute(
        "SELECT id, created_at FROM vln.activity_logs WHERE entity = %s ORDER BY id DESC LIMIT 1",
        [entity],
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_an_entry_tells_old_and_new_of_each_field(firm: Firm) -> None:
    database = firm.sign_in("auditor.a")
    FindingsService(database).triage(
        [firm.a.id("findings")], TriageField.SEVERITY, Severity.CRITICAL.value
    )

    changes = ActivityService(database).changes(*_latest(firm, "findings"))

    assert changes is not None
    severity = next(change for change in changes if change.field == "severity")
    assert severity.after == "critical"
    assert severity.before not in {None, "critical"}


@pytest.mark.parametrize(
    ("login", "seen"),
    [
        ("auditor.a", True),
        ("manager.a", True),
        ("auditor.b", False),
        ("manager.b", False),
        ("admin", False),
        ("finance", False),
        ("readonly", False),
    ],
)
def test_what_a_finding_was_is_as_secret_as_the_finding(firm: Firm, login: str, seen: bool) -> None:
    FindingsService(firm.sign_in("auditor.a")).triage(
        [firm.a.id("findings")], TriageField.SEVERITY, Severity.CRITICAL.value
    )

    changes = ActivityService(firm.sign_in(login)).changes(*_latest(firm, "findings"))

    assert (changes is not None) == seen
