"""The demo's tags, references, CVSS vectors and links between findings.

Chosen by the finding's place and weakness, not by chance, so that everything else of the demo stays
as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import LinkKind
from vln_desktop.domain.findings import ReviewState, Severity
from vln_desktop.tools.demo.finding_records import (
    Finding,
    FindingLink,
    FindingReference,
    FindingTag,
)
from vln_desktop.tools.demo.records import AuditRequest

_BY_CVSS = (ServiceType.API_SECURITY_REVIEW, ServiceType.PLATFORM_SECURITY_AUDIT)
_VECTORS = {
    Severity.CRITICAL: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    Severity.HIGH: "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
    Severity.MEDIUM: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N",
    Severity.LOW: "CVSS:4.0/AV:N/AC:H/AT:P/PR:L/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N",
    Severity.INFORMATIONAL: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N",
}
_PAGES = {
    "CWE": "https://cwe.mitre.org/data/definitions/{number}.html",
    "SWC": "https://swcregistry.io/docs/SWC-{number}",
}
_SAME = "The same root cause at another place; one change mends both."
_TAG, _SECOND_TAG, _REFERENCE, _LINK = 3, 4, 5, 6
"""Make ids of a finding's: they stay ids made by its time."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What findings are filed under, and how they are linked."""

    tags: tuple[FindingTag, ...]
    references: tuple[FindingReference, ...]
    links: tuple[FindingLink, ...]


def make_marks(findings: Sequence[Finding]) -> Marks:
    """Return the marks of all findings; a duplicate points at an earlier one of its category."""
    return Marks(
        tuple(tag for finding in findings for tag in _tags(finding)),
        tuple(one for finding in findings for one in _references(finding)),
        tuple(_links(findings)),
    )


def vector_for(audit: AuditRequest, severity: Severity) -> str:
    """Return the CVSS vector of a finding, empty where the audit's service is not rated by it."""
    return _VECTORS[severity] if audit.service_type in _BY_CVSS else ""


def _tags(finding: Finding) -> Iterator[FindingTag]:
    if finding.ordinal % 2 == 0:
        name = finding.category.replace("_", "-")
        yield FindingTag(_id(finding, _TAG), finding.audit_id, finding.id, name, finding.created_at)
    if finding.ordinal % 5 == 0:
        yield FindingTag(
            _id(finding, _SECOND_TAG), finding.audit_id, finding.id, "discuss", finding.created_at
        )


def _references(finding: Finding) -> Iterator[FindingReference]:
    if finding.weakness_id is None or finding.ordinal % 3:
        return
    catalogue, _, number = finding.weakness_id.partition("-")
    yield FindingReference(
        _id(finding, _REFERENCE), finding.audit_id, finding.id, 0, finding.weakness_id,
        _PAGES[catalogue].format(number=number), finding.created_at,
    )  # fmt: skip


def _links(findings: Sequence[Finding]) -> Iterator[FindingLink]:
    kept: dict[UUID, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.review_state != ReviewState.DUPLICATE:
            kept[finding.audit_id].append(finding)
    for finding in findings:
        others = kept[finding.audit_id]
        if finding.review_state != ReviewState.DUPLICATE or not others:
            continue
        alike = [one for one in others if one.category == finding.category]
        other = (alike or others)[0]
        yield FindingLink(
            _id(finding, _LINK), finding.audit_id, finding.id, other.id,
            LinkKind.DUPLICATE_OF.value, _SAME, finding.finder_id, finding.updated_at,
        )  # fmt: skip


def _id(finding: Finding, which: int) -> UUID:
    return UUID(int=finding.id.int ^ which)
