"""Findings, the schemes that grade them, where they stand in the code, and what is said of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Created,
    Identified,
    SoftDeleted,
    Timestamped,
    Versioned,
    by_database,
    one_of,
)
from vln_desktop.db.encrypted import EncryptedText
from vln_desktop.domain.classification import LinkKind
from vln_desktop.domain.field_encryption import Ciphertext
from vln_desktop.domain.findings import (
    SEVERITY_RANKS,
    STATUS_RULES,
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    Level,
    ReviewState,
    Severity,
    Verdict,
)
from vln_desktop.domain.responses import Channel, Party
from vln_desktop.domain.severity_schemes import SchemeMethod
from vln_desktop.domain.transitions import words


def _status_case() -> str:
    rules = " ".join(f"WHEN {r.word} = '{r.value}' THEN '{r.status}'" for r in STATUS_RULES)
    return f"CASE {rules} ELSE '{FindingStatus.OPEN}' END"


def _rank_case() -> str:
    ranks = " ".join(f"WHEN '{s}' THEN {rank}" for s, rank in SEVERITY_RANKS.items())
    return f"CASE severity {ranks} END"


_SEARCH = (
    "setweight(to_tsvector('english', title), 'A') || "
    "setweight(to_tsvector('english', left(description, 100000)), 'B') || "
    "setweight(to_tsvector('simple', left(proof, 100000)), 'C')"
)
_CVSS_FORM = r"^CVSS:(3[.]1|4[.]0)(/[A-Za-z]{1,3}:[A-Za-z]{1,8})+$"
_COMMENT_SEARCH = (
    "to_tsvector('english', left(body, 100000)) || to_tsvector('simple', left(body, 100000))"
)


class SeverityScheme(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A named way to grade: by a table from (impact, likelihood) to severity, or by CVSS."""

    __tablename__ = "severity_schemes"
    __table_args__ = (
        one_of("method", words(SchemeMethod)),
        CheckConstraint("btrim(name) = name AND length(name) BETWEEN 1 AND 120", name="name_form"),
    )

    name: Mapped[str] = mapped_column(unique=True)
    method: Mapped[str] = mapped_column(server_default="matrix")


class SeveritySchemeCell(Base):
    """One cell of a severity scheme."""

    __tablename__ = "severity_scheme_cells"
    __table_args__ = (
        one_of("impact", words(Level)),
        one_of("likelihood", words(Level)),
        one_of("severity", words(Severity)),
    )

    scheme_id: Mapped[UUID] = mapped_column(
        ForeignKey("vln.severity_schemes.id", ondelete="CASCADE"), primary_key=True
    )
    impact: Mapped[str] = mapped_column(primary_key=True)
    likelihood: Mapped[str] = mapped_column(primary_key=True)
    severity: Mapped[str]


class Weakness(Base):
    """An entry of a public catalogue of weaknesses: CWE-841, SWC-107."""

    __tablename__ = "weaknesses"
    __table_args__ = (one_of("catalogue", ("cwe", "swc")),)

    id: Mapped[str] = mapped_column(primary_key=True)
    catalogue: Mapped[str]
    name: Mapped[str]
    cwe: Mapped[str] = mapped_column(server_default="")


class Finding(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A finding of one audit; number, ordinal, team and status are set by the database."""

    __tablename__ = "findings"
    __table_args__ = (
        one_of("kind", words(FindingKind)),
        one_of("severity", words(Severity)),
        one_of("category", words(Category)),
        one_of("impact_level", words(Level)),
        one_of("likelihood_level", words(Level)),
        one_of("review_state", words(ReviewState)),
        one_of("client_position", words(ClientPosition)),
        one_of("fix_verdict", words(Verdict)),
        CheckConstraint("title <> '' AND length(title) <= 300", name="title_length"),
        CheckConstraint("cvss_score IS NULL OR cvss_score BETWEEN 0 AND 10", name="cvss_range"),
        CheckConstraint(f"cvss_vector = '' OR cvss_vector ~ '{_CVSS_FORM}'", name="cvss_form"),
        CheckConstraint("(cvss_vector = '') = (cvss_score IS NULL)", name="cvss_both"),
        Index("uq_findings_audit_id_ordinal", "audit_id", "ordinal", unique=True),
        Index("uq_findings_audit_id_fingerprint", "audit_id", "fingerprint", unique=True,
              postgresql_where=text("fingerprint <> '' AND deleted_at IS NULL")),
        Index("idx_findings_created_at", "created_at", "id"),
        Index("idx_findings_updated_at", "updated_at", "id"),
        Index("idx_findings_severity_rank", "severity_rank", "created_at", "id"),
        Index("idx_findings_status", "status", "created_at", "id"),
        Index("idx_findings_audit_id", "audit_id", "created_at", "id"),
        Index("idx_findings_team_id", "team_id", "created_at", "id"),
        Index("idx_findings_assignee_id", "assignee_id", "created_at", "id",
              postgresql_where=text("assignee_id IS NOT NULL")),
        Index("idx_findings_search_vector", "search_vector", postgresql_using="gin"),
    )  # fmt: skip

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    team_id: Mapped[UUID] = mapped_column(
        ForeignKey("vln.teams.id"), server_default=text("'00000000-0000-0000-0000-000000000000'")
    )
    ordinal: Mapped[int] = mapped_column(server_default="0")
    number: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str] = mapped_column(server_default="vulnerability")
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    impact: Mapped[str] = mapped_column(server_default="")
    likelihood: Mapped[str] = mapped_column(server_default="")
    remediation: Mapped[str] = mapped_column(server_default="")
    proof: Mapped[str] = mapped_column(server_default="")
    impact_level: Mapped[str | None]
    likelihood_level: Mapped[str | None]
    severity: Mapped[str]
    severity_rank: Mapped[int] = mapped_column(
        SmallInteger(), Computed(_rank_case(), persisted=True)
    )
    severity_reason: Mapped[str] = mapped_column(server_default="")
    category: Mapped[str] = mapped_column(server_default="other")
    weakness_id: Mapped[str | None] = mapped_column(ForeignKey("vln.weaknesses.id"))
    cvss_vector: Mapped[str] = mapped_column(server_default="")
    cvss_score: Mapped[Decimal | None] = mapped_column(Numeric(3, 1))
    review_state: Mapped[str] = mapped_column(server_default="candidate")
    client_position: Mapped[str] = mapped_column(server_default="none")
    fix_verdict: Mapped[str] = mapped_column(server_default="none")
    status: Mapped[str] = mapped_column(Computed(_status_case(), persisted=True))
    suppressed: Mapped[bool] = mapped_column(server_default=text("false"))
    suppression_reason: Mapped[str] = mapped_column(server_default="")
    fingerprint: Mapped[str] = mapped_column(server_default="")
    fingerprint_version: Mapped[int] = mapped_column(SmallInteger(), server_default="0")
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    finder_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    search_vector: Mapped[str] = mapped_column(
        TSVECTOR(), Computed(_SEARCH, persisted=True), deferred=True
    )


class FindingLocation(Identified, Created, Base):
    """A place in the code a finding speaks of; lines count from 1."""

    __tablename__ = "finding_locations"
    __table_args__ = (
        CheckConstraint("start_line IS NULL OR start_line >= 1", name="start_line_range"),
        CheckConstraint("end_line IS NULL OR end_line >= start_line", name="end_line_range"),
        Index("idx_finding_locations_finding_id", "finding_id", "ordinal"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id", ondelete="CASCADE"))
    snapshot_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.source_snapshots.id"))
    ordinal: Mapped[int] = mapped_column(server_default="0")
    path: Mapped[str]
    start_line: Mapped[int | None]
    end_line: Mapped[int | None]
    function: Mapped[str | None]
    snippet: Mapped[str | None]


class FindingStatusChange(Identified, Created, Base):
    """A step of one of a finding's three words or of its severity, written by the database."""

    __tablename__ = "finding_status_changes"
    __table_args__ = (Index("idx_finding_status_changes_finding_id", "finding_id", "created_at"),)

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    actor_id: Mapped[UUID | None]
    word: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]


class FindingComment(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """An internal comment on a finding; never printed. A secret one has no `body`."""

    __tablename__ = "finding_comments"
    __table_args__ = (
        CheckConstraint("(body <> '') <> (secret_body IS NOT NULL)", name="open_or_secret"),
        CheckConstraint("octet_length(secret_body) BETWEEN 30 AND 65566",
                        name="secret_body_length"),
        Index("idx_finding_comments_finding_id", "finding_id", "created_at"),
        Index("idx_finding_comments_secret", "id",
              postgresql_where=text("secret_body IS NOT NULL")),
        Index("idx_finding_comments_search_vector", "search_vector", postgresql_using="gin"),
    )  # fmt: skip

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    body: Mapped[str] = mapped_column(server_default="")
    secret_body: Mapped[Ciphertext | None] = mapped_column(
        EncryptedText("finding_comments.secret_body")
    )
    search_vector: Mapped[str] = mapped_column(
        TSVECTOR(), Computed(_COMMENT_SEARCH, persisted=True), deferred=True
    )


class FindingResponse(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """What client or firm said to a finding; printed after it."""

    __tablename__ = "finding_responses"
    __table_args__ = (
        one_of("party", words(Party)),
        one_of("position", words(ClientPosition)),
        one_of("channel", words(Channel)),
        CheckConstraint("btrim(body) <> ''", name="body_not_empty"),
        CheckConstraint(
            "fix_commit = '' OR fix_commit ~ '^[0-9a-f]{7,64}$'", name="fix_commit_form"
        ),
        CheckConstraint(
            "party = 'client' OR (position IS NULL AND fix_commit = '')",
            name="firm_takes_no_position",
        ),
        Index("idx_finding_responses_finding_id", "finding_id", "created_at"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    party: Mapped[str]
    position: Mapped[str | None]
    body: Mapped[str]
    fix_commit: Mapped[str] = mapped_column(server_default="")
    channel: Mapped[str]
    received_on: Mapped[date]


class FindingTag(Identified, Created, Base):
    """A word that a finding is filed under, in lower case."""

    __tablename__ = "finding_tags"
    __table_args__ = (
        CheckConstraint(
            "name = lower(name) AND name ~ '^[^[:space:],;#]{1,40}$'", name="name_form"
        ),
        Index("uq_finding_tags_finding_id_name", "finding_id", "name", unique=True),
        Index("idx_finding_tags_name", "name", "finding_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    name: Mapped[str]


class FindingReference(Identified, Created, Base):
    """A page that says more of a finding."""

    __tablename__ = "finding_references"
    __table_args__ = (
        CheckConstraint(
            "url ~* '^https?://[^[:space:]]+$' AND length(url) <= 2000", name="url_form"
        ),
        CheckConstraint("length(title) <= 300", name="title_length"),
        Index("uq_finding_references_finding_id_ordinal", "finding_id", "ordinal", unique=True),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    ordinal: Mapped[int]
    title: Mapped[str] = mapped_column(server_default="")
    url: Mapped[str]


class FindingLink(Identified, Created, Base):
    """How one finding stands to another of its audit, and why; never changed, only taken away."""

    __tablename__ = "finding_links"
    __table_args__ = (
        one_of("kind", words(LinkKind)),
        CheckConstraint("finding_id <> other_id", name="two_findings"),
        CheckConstraint("btrim(reason) <> '' AND length(reason) <= 2000", name="reason_length"),
        Index("uq_finding_links_pair", "finding_id", "other_id", unique=True),
        Index("uq_finding_links_duplicate_of", "finding_id", unique=True,
              postgresql_where=text("kind = 'duplicate_of'")),
        Index("idx_finding_links_other_id", "other_id"),
    )  # fmt: skip

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    kind: Mapped[str]
    reason: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))


class ScannerRule(Identified, Timestamped, Versioned, Base):
    """How one rule of one scanner is graded here; a person can read and change it."""

    __tablename__ = "scanner_rules"
    __table_args__ = (
        one_of("severity", words(Severity)),
        one_of("kind", words(FindingKind)),
        one_of("category", words(Category)),
        Index("uq_scanner_rules_tool_rule_id", "tool", "rule_id", unique=True),
        Index("idx_scanner_rules_tool", "tool", "rule_id", "id"),
        Index("idx_scanner_rules_updated_at", "updated_at", "id"),
    )

    tool: Mapped[str]
    rule_id: Mapped[str]
    severity: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="vulnerability")
    category: Mapped[str] = mapped_column(server_default="other")
    weakness_id: Mapped[str | None] = mapped_column(ForeignKey("vln.weaknesses.id"))


class ScanImport(Identified, Created, Base):
    """One scanner file taken into one audit; files imported together share a batch."""

    __tablename__ = "scan_imports"
    __table_args__ = (
        one_of("outcome", ("completed", "failed", "empty")),
        Index("idx_scan_imports_audit_id", "audit_id", "created_at"),
        Index("idx_scan_imports_batch_id", "batch_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    file_name: Mapped[str]
    sha256: Mapped[str]
    tool: Mapped[str]
    tool_version: Mapped[str] = mapped_column(server_default="")
    format: Mapped[str]
    outcome: Mapped[str]
    results: Mapped[int]
    batch_id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    closed_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=text("'{}'"))
    undone_at: Mapped[datetime | None] = by_database()


class ScanImportItem(Identified, Base):
    """What became of one result of a scanner file."""

    __tablename__ = "scan_import_items"
    __table_args__ = (
        one_of("became", ("created", "known", "reappeared", "merged", "refused")),
        Index("uq_scan_import_items_import_id_ordinal", "import_id", "ordinal", unique=True),
        Index("idx_scan_import_items_finding_id", "finding_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    import_id: Mapped[UUID] = mapped_column(ForeignKey("vln.scan_imports.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    rule_id: Mapped[str]
    became: Mapped[str]
    finding_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.findings.id"))
    identity: Mapped[str] = mapped_column(server_default="")
    fingerprints: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{}'"))
    suppressed: Mapped[bool] = mapped_column(server_default=text("false"))
    reason: Mapped[str] = mapped_column(server_default="")
