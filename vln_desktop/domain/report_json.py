"""The one text of a report's content: what is stored, hashed and exported."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date
from hashlib import sha256

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    Level,
    Severity,
    Verdict,
)
from vln_desktop.domain.json_reader import JsonReader
from vln_desktop.domain.report_content import (
    CONTENT_SCHEMA,
    ReportContent,
    ReportDeployment,
    ReportEvidence,
    ReportFinding,
    ReportLocation,
    ReportRepository,
    ReportRevision,
    ReportScheme,
    ReportSection,
    ScopeFile,
    TeamMember,
)
from vln_desktop.domain.reports import ReportKind, ReportStatus, SectionKind
from vln_desktop.errors import UserError

_NEW_OF_FINDING = {
    2: ("cvss_vector", "cvss_score", "references"),
    3: ("evidence",),
    4: ("verified_by",),
}
_NEW = {
    3: ("deployments",),
    4: (
        "sections", "embargo_until", "title", "author", "approver", "revisions", "scheme",
        "unsigned",
    ),
}  # fmt: skip
"""What each shape added to a finding, and to the whole."""
_OLD_ORDER = (
    SectionKind.EXECUTIVE_SUMMARY,
    SectionKind.SCOPE,
    SectionKind.OVERVIEW,
    SectionKind.FINDINGS,
    SectionKind.METHODOLOGY,
    SectionKind.DISCLAIMER,
)
_OLD_TEXTS = {
    SectionKind.EXECUTIVE_SUMMARY: "executive_summary",
    SectionKind.METHODOLOGY: "methodology",
    SectionKind.DISCLAIMER: "disclaimer",
}
"""The chapters before schema 4, and the fields that held their texts."""


def to_json(content: ReportContent) -> str:
    """Return the one text of a content, stored and hashed: sorted keys, no spaces.

    What was read from an old shape is written as the old one was.
    """
    fields = asdict(content)
    if content.schema < 4:
        for kind, name in _OLD_TEXTS.items():
            section = content.section(kind)
            fields[name] = section.text if section is not None else ""
    for since, names in _NEW.items():
        if since > content.schema:
            for name in names:
                del fields[name]
    for since, names in _NEW_OF_FINDING.items():
        for finding in fields["findings"] if since > content.schema else ():
            for name in names:
                del finding[name]
    return json.dumps(
        fields, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def content_digest(content: ReportContent) -> str:
    """Return the SHA-256 of `to_json` in UTF-8, in hexadecimal."""
    return sha256(to_json(content).encode()).hexdigest()


def approval_digest(content: ReportContent) -> str:
    """Return the SHA-256 of what an approval approves.

    It leaves out what approving and publishing themselves change: status, dates, who approved it
    and whether it is signed.
    """
    plain = replace(
        content, status=ReportStatus.REVIEW, dated=date.min, period_to=date.min, approver="",
        unsigned=False,
    )  # fmt: skip
    return content_digest(plain)


def from_json(text: str) -> ReportContent:
    """Read what `to_json` wrote; raises UserError for a newer schema or a damaged text."""
    reader = JsonReader.parse(text, "report content")
    schema = reader.integer("schema")
    if not 1 <= schema <= CONTENT_SCHEMA:
        raise UserError(
            f"This report was written by a newer program (content schema {schema}); "
            "update VLN Desktop to read it."
        )
    return _content(reader, schema)


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")


def _content(reader: JsonReader, schema: int) -> ReportContent:
    content = ReportContent(
        client=reader.text("client"),
        audit_number=reader.text("audit_number"),
        project=reader.text("project"),
        service_type=reader.word("service_type", ServiceType),
        kind=reader.word("kind", ReportKind),
        status=reader.word("status", ReportStatus),
        version=reader.text("version"),
        dated=reader.day("dated"),
        period_from=reader.day("period_from"),
        period_to=reader.day("period_to"),
        repositories=tuple(_repository(r) for r in reader.items("repositories")),
        scope=tuple(_scope_file(r) for r in reader.items("scope")),
        deployments=_deployments(reader) if schema >= 3 else (),
        team=tuple(TeamMember(r.text("name"), r.text("duty")) for r in reader.items("team")),
        sections=_sections(reader) if schema >= 4 else _old_sections(reader),
        findings=tuple(_finding(r, schema) for r in reader.items("findings")),
        distribution=reader.text("distribution"),
        language=reader.text("language"),
        schema=schema,
    )
    return _with_control(content, reader) if schema >= 4 else content


def _sections(reader: JsonReader) -> tuple[ReportSection, ...]:
    return tuple(
        ReportSection(r.word("kind", SectionKind), r.text("title"), r.text("text"))
        for r in reader.items("sections")
    )


def _old_sections(reader: JsonReader) -> tuple[ReportSection, ...]:
    """Return the chapters that every report had before schema 4, in their order."""
    return tuple(
        ReportSection(kind, "", reader.text(_OLD_TEXTS[kind]) if kind in _OLD_TEXTS else "")
        for kind in _OLD_ORDER
    )


def _with_control(content: ReportContent, reader: JsonReader) -> ReportContent:
    return replace(
        content,
        title=reader.text("title"),
        author=reader.text("author"),
        approver=reader.text("approver"),
        embargo_until=reader.optional_day("embargo_until"),
        unsigned=reader.flag("unsigned"),
        revisions=tuple(
            ReportRevision(
                r.text("version"), r.day("dated"), r.word("kind", ReportKind), r.text("sha256")
            )
            for r in reader.items("revisions")
        ),
        scheme=_scheme(reader),
    )


def _scheme(reader: JsonReader) -> ReportScheme | None:
    found = reader.optional_item("scheme")
    if found is None:
        return None
    scheme = ReportScheme(
        found.text("name"),
        found.words("impacts", Level),
        found.words("likelihoods", Level),
        found.word_rows("cells", Severity),
    )
    columns = len(scheme.likelihoods) or 1
    if len(scheme.cells) != len(scheme.impacts) or any(len(r) != columns for r in scheme.cells):
        raise UserError("The report content is damaged: its severity scheme lacks cells.")
    return scheme


def _repository(reader: JsonReader) -> ReportRepository:
    return ReportRepository(
        reader.text("url"), reader.text("commit"), reader.text("branch"), reader.text("fix_commit")
    )


def _scope_file(reader: JsonReader) -> ScopeFile:
    return ScopeFile(reader.text("path"), reader.text("sha256"), reader.integer("nsloc"))


def _deployments(reader: JsonReader) -> tuple[ReportDeployment, ...]:
    return tuple(
        ReportDeployment(r.text("contract"), r.text("network"), r.text("address"))
        for r in reader.items("deployments")
    )


def _location(reader: JsonReader) -> ReportLocation:
    return ReportLocation(
        reader.text("path"),
        reader.optional_integer("start_line"),
        reader.optional_integer("end_line"),
        reader.text("function"),
    )


def _finding(reader: JsonReader, schema: int) -> ReportFinding:
    finding = ReportFinding(
        label=reader.text("label"),
        number=reader.text("number"),
        title=reader.text("title"),
        severity=reader.word("severity", Severity),
        status=reader.word("status", FindingStatus),
        kind=reader.word("kind", FindingKind),
        category=reader.word("category", Category),
        weaknesses=reader.texts("weaknesses"),
        locations=tuple(_location(r) for r in reader.items("locations")),
        description=reader.text("description"),
        impact=reader.text("impact"),
        likelihood=reader.text("likelihood"),
        remediation=reader.text("remediation"),
        proof=reader.text("proof"),
        client_position=reader.word("client_position", ClientPosition),
        client_response=reader.text("client_response"),
        fix_verdict=reader.word("fix_verdict", Verdict),
        fix_commit=reader.text("fix_commit"),
    )
    if schema >= 2:
        finding = _with_marks(finding, reader)
    if schema >= 3:
        finding = _with_evidence(finding, reader)
    return replace(finding, verified_by=reader.text("verified_by")) if schema >= 4 else finding


def _with_marks(finding: ReportFinding, reader: JsonReader) -> ReportFinding:
    return replace(
        finding,
        cvss_vector=reader.text("cvss_vector"),
        cvss_score=reader.text("cvss_score"),
        references=tuple(
            Reference(r.text("url"), r.text("title")) for r in reader.items("references")
        ),
    )


def _with_evidence(finding: ReportFinding, reader: JsonReader) -> ReportFinding:
    return replace(
        finding,
        evidence=tuple(
            ReportEvidence(r.text("name"), r.text("mime"), r.text("sha256"), r.text("caption"))
            for r in reader.items("evidence")
        ),
    )
