"""The demo's checklists: done in what was reported, half done in what is under way.

Made of the plan and the findings, without chance, so that the rest of the demo stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from vln_desktop.db.checklists import shipped_items
from vln_desktop.domain.audits import AuditStatus
from vln_desktop.domain.checklists import CheckResult, ShippedItem
from vln_desktop.domain.findings import Category, ReviewState
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.finding_records import Finding
from vln_desktop.tools.demo.records import ChecklistResult

_CATEGORIES = {
    "Access control": (Category.ACCESS_CONTROL,),
    "Approvals": (Category.ACCESS_CONTROL,),
    "Arithmetic": (Category.ARITHMETIC,),
    "Authentication": (Category.AUTHENTICATION,),
    "Configuration": (Category.CONFIGURATION, Category.DATA_EXPOSURE),
    "Entropy": (Category.CRYPTOGRAPHY,),
    "External calls": (Category.UNCHECKED_CALL,),
    "Front-running": (Category.FRONT_RUNNING,),
    "Mapping to results": (Category.LOGIC_ERROR,),
    "Objects and functions": (Category.ACCESS_CONTROL, Category.DATA_EXPOSURE),
    "Operation": (Category.CONFIGURATION,),
    "Oracles": (Category.TIMESTAMP_DEPENDENCY,),
    "Reentrancy": (Category.REENTRANCY,),
    "Withdrawals": (Category.RACE_CONDITION, Category.LOGIC_ERROR),
}
"""What findings of a section are filed under."""
_KEPT = frozenset((ReviewState.CONFIRMED, ReviewState.READY))
_SPARE = 7
"""One in so many items does not apply."""
_RESULT = 9
"""Makes an id of an audit's and an item's place."""


def make_checklist_results(
    works: Sequence[AuditWork], findings: Sequence[Finding]
) -> tuple[ChecklistResult, ...]:
    """Return the results of every audit that was begun."""
    items = shipped_items()
    results: list[ChecklistResult] = []
    for work in works:
        begun = work.entered.get(AuditStatus.IN_PROGRESS)
        if begun is None:
            continue
        end = work.entered.get(AuditStatus.UNDER_REVIEW)
        asked = [item for item in items if item.service_type == work.audit.service_type]
        looked_at = asked if end is not None else asked[: len(asked) * 9 // 20]
        by_section = _by_section(work, findings)
        pace = ((end or work.told_until) - begun) / (len(looked_at) + 1)
        for place, item in enumerate(looked_at, start=1):
            failed = by_section.get(item.section, [])
            finding = failed.pop(0) if failed else None
            results.append(_result(work, item, begun + pace * place, finding))
    return tuple(results)


def _by_section(work: AuditWork, findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Return the findings that failed items of a section name: the first one of each category."""
    own = [f for f in findings if f.audit_id == work.audit.id and f.review_state in _KEPT]
    return {
        section: [
            found
            for category in categories
            if (found := next((f for f in own if f.category == category), None)) is not None
        ]
        for section, categories in _CATEGORIES.items()
    }


def _result(
    work: AuditWork, item: ShippedItem, at: datetime, finding: Finding | None
) -> ChecklistResult:
    spare = (item.ordinal + work.audit.id.int) % _SPARE == 0
    result = CheckResult.NOT_APPLICABLE if spare else CheckResult.PASS
    if finding is not None:
        result = CheckResult.FAIL
        at = max(at, finding.created_at)
    return ChecklistResult(
        id=UUID(int=work.audit.id.int ^ (item.ordinal << 8 | _RESULT)),
        audit_id=work.audit.id,
        item_id=item.id,
        result=result.value,
        note="Not part of this system." if result is CheckResult.NOT_APPLICABLE else "",
        finding_id=finding.id if finding is not None else None,
        decided_by=work.crew.auditors[item.ordinal % 2],
        decided_at=at,
        created_at=at,
    )
