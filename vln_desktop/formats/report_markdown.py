"""A report as one Markdown file: what the paper says, for who works on with it."""

from __future__ import annotations

from collections.abc import Iterator

from vln_desktop.domain.findings import ClientPosition, FindingKind, Verdict
from vln_desktop.domain.report_content import (
    ReportContent,
    ReportFinding,
    ReportSection,
)
from vln_desktop.domain.reports import SectionKind

_TEXTS = ("description", "impact", "likelihood", "proof", "remediation", "client_response")
_HEADINGS = {"proof": "Proof of concept", "remediation": "Recommendation",
             "client_response": "Client's response"}  # fmt: skip
_CELL = str.maketrans({"|": "\\|", "\n": " ", "\r": " "})


def report_markdown(content: ReportContent) -> str:
    """Return a report as Markdown; the texts stand in it as they were written."""
    parts = [*_head(content)]
    for section in content.sections:
        parts += _section(section, content)
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def section_heading(section: ReportSection) -> str:
    """Return a section's heading: its own, else the usual one in English."""
    usual = section.kind.value.replace("_", " ").capitalize()
    return section.title or ("Findings at a glance" if section.kind is SectionKind.OVERVIEW
                             else usual)  # fmt: skip


def facts_of(content: ReportContent) -> list[tuple[str, str]]:
    """Return what stands on the cover, each with its name; what is empty is left out."""
    facts = [
        ("Client", content.client), ("Audit", content.audit_number),
        ("Kind", content.kind.value.replace("_", " ")), ("Version", content.version),
        ("Date", content.dated.isoformat()),
        ("Period", f"{content.period_from.isoformat()} to {content.period_to.isoformat()}"),
        ("Status", content.status.value), ("Prepared by", content.author),
        ("Approved by", content.approver),
    ]  # fmt: skip
    return [(name, value) for name, value in facts if value]


def finding_facts(finding: ReportFinding) -> list[tuple[str, str]]:
    """Return what stands on a finding's card, each with its name."""
    facts = [
        ("Severity", finding.severity.value), ("Status", finding.status.value.replace("_", " ")),
        ("Category", finding.category.value.replace("_", " ")),
        ("Weakness", ", ".join(finding.weaknesses)),
        ("CVSS", f"{finding.cvss_score} {finding.cvss_vector}".strip()),
        ("Locations", ", ".join(map(str, finding.locations))),
        ("Client", _word(finding.client_position, ClientPosition.NONE)),
        ("Fix review", _word(finding.fix_verdict, Verdict.NONE)),
        ("Fix seen in", finding.fix_commit), ("Verified by", finding.verified_by),
    ]  # fmt: skip
    return [(name, value) for name, value in facts if value]


def finding_texts(finding: ReportFinding) -> list[tuple[str, str]]:
    """Return a finding's Markdown texts with their headings; what is empty is left out."""
    return [
        (_HEADINGS.get(name, name.capitalize()), text)
        for name in _TEXTS
        if (text := getattr(finding, name)).strip()
    ]


def computed_tables(
    section: ReportSection, content: ReportContent
) -> list[tuple[str, list[str], list[list[str]]]]:
    """Return the tables that are computed for a section: title, heads, rows."""
    match section.kind:
        case SectionKind.SCOPE:
            return list(_scope(content))
        case SectionKind.OVERVIEW | SectionKind.FIX_REVIEW:
            return [_counts(content), _listed(content)]
        case SectionKind.METHODOLOGY if content.scheme is not None and content.scheme.cells:
            scheme = content.scheme
            heads = ["Impact", *(f"Likelihood {one.value}" for one in scheme.likelihoods)]
            rows = [
                [impact.value, *(severity.value for severity in row)]
                for impact, row in zip(scheme.impacts, scheme.cells, strict=True)
            ]
            return [("Severity matrix", heads if scheme.likelihoods else ["Impact", "Severity"],
                     rows)]  # fmt: skip
        case _:
            return []


def _head(content: ReportContent) -> Iterator[str]:
    yield f"# {_line(content.title or content.project)}"
    yield "\n".join(f"- {name}: {_line(value)}" for name, value in facts_of(content))
    if content.is_draft:
        yield "**DRAFT**"


def _section(section: ReportSection, content: ReportContent) -> Iterator[str]:
    yield f"## {_line(section_heading(section))}"
    yield section.text
    for title, heads, rows in computed_tables(section, content):
        if rows:
            yield f"### {title}"
            yield _table(heads, rows)
    if section.kind is SectionKind.FINDINGS:
        for finding in content.findings:
            yield from _finding(finding)


def _finding(finding: ReportFinding) -> Iterator[str]:
    yield f"### {finding.label} {_line(finding.title)}"
    yield "\n".join(f"- {name}: {_line(value)}" for name, value in finding_facts(finding))
    for heading, text in finding_texts(finding):
        yield f"#### {heading}"
        yield text
    if finding.references:
        yield "#### References"
        yield "\n".join(f"- {_line(one.title)} <{one.url}>" for one in finding.references)
    for one in finding.evidence:
        yield f"- Evidence: {_line(one.caption or one.name)} (`{one.sha256}`)"


def _scope(content: ReportContent) -> Iterator[tuple[str, list[str], list[list[str]]]]:
    repositories = [[r.url, r.commit, r.branch, r.fix_commit] for r in content.repositories]
    yield "Repositories", ["Repository", "Audited commit", "Branch", "Fixes seen in"], repositories
    files = [[f.path, f.sha256, str(f.nsloc)] for f in content.scope]
    yield "Files in scope", ["File", "SHA-256", "nSLOC"], files
    deployed = [[d.contract, d.network, d.address] for d in content.deployments]
    yield "Deployed contracts", ["Contract", "Network", "Address"], deployed
    yield "Team", ["Name", "Duty"], [[m.name, m.duty] for m in content.team]


def _counts(content: ReportContent) -> tuple[str, list[str], list[list[str]]]:
    rows = [[severity.value, str(count)] for severity, count in content.severity_counts.items()]
    return "Counts", ["Severity", "Findings"], rows


def _listed(content: ReportContent) -> tuple[str, list[str], list[list[str]]]:
    rows = [
        [f.label, f.title, f.severity.value if f.kind is FindingKind.VULNERABILITY
         else f.kind.value, f.status.value, _word(f.fix_verdict, Verdict.NONE)]
        for f in content.findings
    ]  # fmt: skip
    return "Findings", ["Label", "Title", "Severity", "Status", "Fix review"], rows


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.translate(_CELL) for cell in row) + " |" for row in lines
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _word(value: str, nothing: str) -> str:
    return "" if value == nothing else value.replace("_", " ")
