"""Known issues suppress new results of imports; deployed contracts stand in the scope once."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import CHECK, refusal
from tests.firm import Firm
from vln_desktop.domain.deployments import DeploymentDraft
from vln_desktop.domain.known_issues import KnownIssueDraft
from vln_desktop.errors import Conflict, NotPermitted, UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.deployments import DeploymentsService
from vln_desktop.services.imports import ImportsService, read_files
from vln_desktop.services.known_issues import KnownIssuesService

SARIF = Path(__file__).parents[1] / "formats" / "fixtures" / "vault.sarif"
ADDRESS = "0x" + "Ab" * 20


@pytest.fixture
def service(firm: Firm) -> KnownIssuesService:
    firm.owner.execute("DELETE FROM vln.known_issues")
    return KnownIssuesService(firm.sign_in("auditor.a"))


@pytest.fixture
def audit(firm: Firm) -> UUID:
    return firm.a.id("audit_requests")


def test_what_is_known_is_imported_marked_and_not_printed(
    firm: Firm, service: KnownIssuesService, audit: UUID
) -> None:
    imports, files = ImportsService(firm.sign_in("auditor.a")), read_files([SARIF])
    [plain] = imports.preview(audit, files).files
    assert plain.suppressed == 0
    [first, *_] = plain.items
    service.add(audit, KnownIssueDraft("The client knows", rule_id=first.result.rule.id))

    [planned] = imports.preview(audit, files).files
    assert planned.suppressed == 1
    imports.apply(audit, files)
    rows = firm.owner.execute(
        "SELECT suppression_reason FROM vln.findings WHERE audit_id = %s AND suppressed", [audit]
    ).fetchall()
    assert rows == [("Known issue: The client knows",)]


def test_a_known_issue_is_changed_once_and_taken_away(
    service: KnownIssuesService, audit: UUID
) -> None:
    key = uuid7()
    for _try in range(2):
        service.add(audit, KnownIssueDraft(" Old router ", path="src/legacy/*"), key)
    [one] = service.of(audit)
    assert one.draft.title == "Old router"
    service.change(audit, one, KnownIssueDraft("Old router", path="src/old/*"))
    with pytest.raises(Conflict):
        service.change(audit, one, KnownIssueDraft("Older router", path="src/*"))
    with pytest.raises(Conflict):
        service.take_away(audit, one)
    [now] = service.of(audit)
    service.take_away(audit, now)
    assert service.of(audit) == ()


def test_another_team_neither_sees_nor_adds(
    firm: Firm, service: KnownIssuesService, audit: UUID
) -> None:
    service.add(audit, KnownIssueDraft("Known", rule_id="x"))
    stranger = KnownIssuesService(firm.sign_in("auditor.b"))
    assert stranger.of(audit) == ()
    with pytest.raises(NotPermitted):
        stranger.add(audit, KnownIssueDraft("Known", rule_id="x"))
    state = refusal(
        firm.psql("auditor.a"),
        "INSERT INTO vln.known_issues (id, audit_id, title) VALUES (%s, %s, 'Everything')",
        uuid7(), audit,
    )  # fmt: skip
    assert state == CHECK


def test_a_deployed_contract_stands_in_the_scope_once(firm: Firm, audit: UUID) -> None:
    database, key = firm.sign_in("auditor.a"), uuid7()
    service = DeploymentsService(database)
    for _try in range(2):
        service.add(audit, DeploymentDraft("Vault", f" {ADDRESS} ", 8453), key)
    with pytest.raises(UserError, match="already"):
        service.add(audit, DeploymentDraft("Vault", ADDRESS.lower(), 8453))
    service.add(audit, DeploymentDraft("Vault", ADDRESS, 1))
    scope = AuditsService(database).get(audit).scope
    assert [(s.chain_id, s.address) for s in scope if s.address] == [(8453, ADDRESS), (1, ADDRESS)]
    state = refusal(
        firm.psql("auditor.a"),
        "INSERT INTO vln.scope_items (id, audit_id, path, address) VALUES (%s, %s, 'x', 'a b')",
        uuid7(), audit,
    )  # fmt: skip
    assert state == CHECK
