"""Scanners' rules are graded by managers, and the grade goes before what a file says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.firm import Firm
from vln_desktop.domain.findings import Category, FindingKind, Severity
from vln_desktop.domain.rule_grades import RuleDraft, RuleGrade
from vln_desktop.errors import Conflict, NotPermitted, UserError
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.imports import ImportsService, read_files
from vln_desktop.services.scanner_rules import ScannerRulesService

DRAFT = RuleDraft(
    "Slither", "reentrancy-eth", Severity.LOW, FindingKind.QUALITY, Category.OTHER, "SWC-107"
)
SCAN = {
    "success": True,
    "results": {
        "detectors": [
            {
                "check": "reentrancy-eth", "impact": "High", "confidence": "High",
                "description": "Reentrancy in Vault.pay()", "elements": [],
            }
        ]
    },
}  # fmt: skip


@pytest.fixture
def rules(firm: Firm) -> ScannerRulesService:
    return ScannerRulesService(firm.sign_in("manager.a"))


def _added(rules: ScannerRulesService, draft: RuleDraft = DRAFT) -> RuleGrade:
    [made] = rules.add(draft).ids
    return rules.get(made)


def test_a_graded_rule_goes_before_what_the_file_says(
    firm: Firm, rules: ScannerRulesService, tmp_path: Path
) -> None:
    _added(rules, replace(DRAFT, tool=" SLITHER "))
    file = tmp_path / "slither.json"
    file.write_text(json.dumps(SCAN))
    database = firm.sign_in("auditor.a")
    plan = ImportsService(database).apply(firm.a.id("audit_requests"), read_files([file]))
    [item] = plan.created
    assert isinstance(item.finding_id, UUID)
    found = FindingsService(database).get(item.finding_id)
    assert (found.severity, found.kind, found.weakness_id) == (
        Severity.LOW, FindingKind.QUALITY, "SWC-107",
    )  # fmt: skip


def test_a_rule_is_graded_anew_and_left_to_the_scanner(rules: ScannerRulesService) -> None:
    rule = _added(rules)
    assert (rule.draft, rule.weakness_name) == (DRAFT, "Reentrancy")
    rules.change(rule, replace(DRAFT, severity=Severity.HIGH, weakness_id=""))
    with pytest.raises(Conflict):  # somebody was quicker
        rules.change(rule, DRAFT)
    with pytest.raises(Conflict):
        rules.remove(rule)
    now = rules.get(rule.id)
    assert (now.draft.severity, now.draft.weakness_id) == (Severity.HIGH, "")
    rules.remove(now)
    with pytest.raises(UserError):
        rules.get(rule.id)


def test_a_rule_is_graded_once(rules: ScannerRulesService) -> None:
    key = uuid7()
    rules.add(DRAFT, key)
    rules.add(DRAFT, key)  # tried again after a lost answer
    with pytest.raises(UserError, match="already"):
        rules.add(DRAFT)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(DRAFT, tool=" "), "tool"),
        (replace(DRAFT, rule_id=""), "rule_id"),
        (replace(DRAFT, rule_id="x" * 301), "rule_id"),
        (replace(DRAFT, tool="a\nb"), "tool"),
    ],
)
def test_what_names_no_rule_is_refused(
    rules: ScannerRulesService, draft: RuleDraft, field: str
) -> None:
    with pytest.raises(UserError) as told:
        rules.add(draft)
    assert told.value.field == field


def test_only_managers_grade(firm: Firm, rules: ScannerRulesService) -> None:
    rule = _added(rules)
    auditor = ScannerRulesService(firm.sign_in("auditor.a"))
    assert auditor.get(rule.id).draft == DRAFT
    with pytest.raises(NotPermitted):
        auditor.add(replace(DRAFT, rule_id="other"))
    with pytest.raises(NotPermitted):
        auditor.change(rule, DRAFT)
    with pytest.raises(NotPermitted):
        auditor.remove(rule)
    for login in ("admin", "finance", "readonly"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            firm.psql(login).execute("SELECT 1 FROM vln.scanner_rules")
