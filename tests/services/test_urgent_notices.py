"""Urgent notices: recorded once, told on the audit's time line, for those who read the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from tests.firm import Firm
from vln_desktop.domain.notices import NoticeChannel, NoticeDraft
from vln_desktop.errors import UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.urgent_notices import UrgentNoticesService

TOLD = NoticeDraft("The head of engineering", NoticeChannel.PHONE,
                   datetime.now(UTC) - timedelta(minutes=5), "Pause the vault.")  # fmt: skip


def test_a_notice_is_recorded_once_and_seen_with_the_audit(firm: Firm) -> None:
    audit, key = firm.a.id("audit_requests"), uuid7()
    service = UrgentNoticesService(firm.sign_in("auditor.a"))
    draft = replace(TOLD, finding_id=firm.a.id("findings"), text="Pause the vault now.")

    for _ in range(2):  # the answer to the first was lost
        service.record(audit, draft, key)

    seen = AuditsService(firm.sign_in("manager.a")).get(audit).notices
    assert [one.draft for one in seen if one.id == key] == [draft]
    assert AuditsService(firm.sign_in("admin")).get(audit).notices == ()


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(TOLD, recipient=" "), "recipient"),
        (replace(TOLD, recipient="a\nb"), "recipient"),
        (replace(TOLD, text=""), "text"),
        (replace(TOLD, text="x" * 20_001), "text"),
    ],
)
def test_what_cannot_be_recorded_names_its_field(
    firm: Firm, draft: NoticeDraft, field: str
) -> None:
    service = UrgentNoticesService(firm.sign_in("auditor.a"))
    with pytest.raises(UserError) as caught:
        service.record(firm.a.id("audit_requests"), draft)
    assert caught.value.field == field


def test_what_is_to_come_is_not_recorded(firm: Firm) -> None:
    service = UrgentNoticesService(firm.sign_in("auditor.a"))
    later = replace(TOLD, told_at=datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(UserError, match="once it was given"):
        service.record(firm.a.id("audit_requests"), later)
