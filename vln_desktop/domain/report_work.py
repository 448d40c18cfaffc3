"""The work on a report: its facts, what is chosen for it, its review, versions and deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.findings import FindingKind, ReviewState, Severity
from vln_desktop.domain.notices import check_recipient
from vln_desktop.domain.reports import LANGUAGES, ReportKind, ReportStatus, SectionKind
from vln_desktop.domain.signatures import SignatureLevel
from vln_desktop.errors import UserError

_WRITTEN = (
    SectionKind.EXECUTIVE_SUMMARY,
    SectionKind.METHODOLOGY,
    SectionKind.LIMITATIONS,
    SectionKind.DISCLAIMER,
    SectionKind.CUSTOM,
)
"""The sections that consist of what somebody wrote."""
LONGEST_TITLE = 200
LONGEST_TEXT = 1_000_000
LONGEST_COMMENT = 20_000
LONGEST_REASON = 1_000
LONGEST_NOTE = 2_000


class Distribution(StrEnum):
    """Who may read a report."""

    CLIENT = "client"
    RESTRICTED = "restricted"
    PUBLIC = "public"


_FIRST_YEAR = 1900


class DeliveryChannel(StrEnum):
    """How a published version went out."""

    EMAIL = "email"
    PORTAL = "portal"
    IN_PERSON = "in_person"
    POST = "post"
    PUBLIC = "public"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """The facts of a report as they are typed.

    `consent_by` of the client consented to its publication, on a day, as the reference proves:
    a letter, a message, a clause. Of an older report only the consent itself may be known.
    """

    title: str
    kind: ReportKind = ReportKind.PRELIMINARY
    language: str = "en"
    distribution: Distribution = Distribution.CLIENT
    embargo_until: date | None = None
    public_consent: bool = False
    consent_by: str = ""
    consent_on: date | None = None
    consent_reference: str = ""

    @property
    def needs_consent(self) -> bool:
        """Whether it is for the public, and the client's consent is not noted."""
        return self.distribution is Distribution.PUBLIC and not self.public_consent

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        title = self.title.strip()
        if not title:
            raise UserError("Give the report a title.", field="title")
        if len(title) > LONGEST_TITLE or not title.isprintable():
            raise UserError(
                f"A title takes at most {LONGEST_TITLE} characters of one line.", field="title"
            )
        if self.language not in LANGUAGES:
            raise UserError("Reports are written in English or German.", field="language")
        if self.embargo_until is not None and not _FIRST_YEAR <= self.embargo_until.year < 3000:
            raise UserError("An embargo ends in a year of four digits.", field="embargo_until")
        self._validate_consent()

    def _validate_consent(self) -> None:
        for name in ("consent_by", "consent_reference"):
            text = getattr(self, name)
            if len(text) > LONGEST_TITLE or not text.isprintable():
                raise UserError(
                    f"This takes at most {LONGEST_TITLE} characters of one line.", field=name
                )
        told = bool(self.consent_by or self.consent_on or self.consent_reference)
        if told and not self.public_consent:
            raise UserError(
                "This belongs to a consent; tick it, or leave the lines about it empty.",
                field="public_consent",
            )
        if self.consent_on is not None and self.consent_on.year < _FIRST_YEAR:
            raise UserError("A consent is given in a year of four digits.", field="consent_on")

    def validate_consent(self, today: date) -> None:
        """Raise UserError, naming the field, for a consent that tells too little to rely on."""
        self.validate()
        if not self.public_consent:
            return
        if not self.consent_by.strip():
            raise UserError("Say who of the client consented.", field="consent_by")
        if self.consent_on is None:
            raise UserError("Say on which day the client consented.", field="consent_on")
        if self.consent_on > today:
            raise UserError("That day is still to come.", field="consent_on")


@dataclass(frozen=True, slots=True)
class SectionDraft:
    """A section's heading and Markdown as they are typed; no title means the usual heading."""

    title: str = ""
    text: str = ""

    def validate(self, kind: SectionKind) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        title = self.title.strip()
        if kind is SectionKind.CUSTOM and not title:
            raise UserError("A section of your own needs a heading.", field="title")
        if len(title) > LONGEST_TITLE or (title and not title.isprintable()):
            raise UserError(
                f"A heading takes at most {LONGEST_TITLE} characters of one line.", field="title"
            )
        if len(self.text) > LONGEST_TEXT or "\x00" in self.text:
            raise UserError(f"A section takes at most {LONGEST_TEXT:,} characters.", field="text")


@dataclass(frozen=True, slots=True)
class Section:
    """A stored section; `edited_by` changed its text last, None while it is the template's."""

    id: UUID
    kind: SectionKind
    draft: SectionDraft
    left_out: bool
    edited_by: UUID | None
    version: int


@dataclass(frozen=True, slots=True)
class FindingChoice:
    """A finding that a report may print, in its place; `version` 0 has no row of its own yet."""

    finding_id: UUID
    number: str
    title: str
    kind: FindingKind
    severity: Severity
    review_state: ReviewState
    left_out: bool = False
    version: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether its writer says that it may be printed."""
        return self.review_state is ReviewState.READY


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a comment is about: a section, a finding, or with neither the whole report."""

    section_id: UUID | None = None
    finding_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A reviewer's remark; it is open until somebody resolves it."""

    id: UUID
    anchor: Anchor
    author_id: UUID
    text: str
    created_at: datetime
    resolved_by: UUID | None
    resolved_at: datetime | None
    version: int

    @property
    def is_open(self) -> bool:
        """Whether it still keeps the report from being approved."""
        return self.resolved_at is None


@dataclass(frozen=True, slots=True)
class Allowance:
    """Why a hit of the leak guard, known by its key, may be printed."""

    id: UUID
    rule: str
    key: str
    reason: str
    allowed_by: UUID
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A frozen version as far as lists show it: SHA-256 of the stored bytes and who signed them."""

    id: UUID
    report_id: UUID
    kind: ReportKind
    name: str
    published_at: datetime
    published_by: UUID
    sha256: str
    size: int
    level: SignatureLevel
    signer: str


@dataclass(frozen=True, slots=True)
class DeliveryDraft:
    """A delivery as it is typed."""

    recipient: str
    channel: DeliveryChannel
    delivered_at: datetime
    note: str = ""

    def validate(self) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        check_recipient(self.recipient, "Say who got it.")
        if len(self.note) > LONGEST_NOTE or "\x00" in self.note:
            raise UserError(f"A note takes at most {LONGEST_NOTE:,} characters.", field="note")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recorded delivery, with the hash of the bytes that went out."""

    id: UUID
    version_id: UUID
    draft: DeliveryDraft
    sha256: str
    recorded_by: UUID


@dataclass(frozen=True, slots=True)
class ReportDetail:
    """A report with all that is worked on; `version` guards the next change of its facts."""

    id: UUID
    audit_id: UUID
    audit_number: str
    project: str
    service_type: ServiceType
    client: str
    draft: ReportDraft
    status: ReportStatus
    author_id: UUID
    approver_id: UUID | None
    published_at: datetime | None
    approved_digest: str
    version: int
    sections: tuple[Section, ...] = ()
    findings: tuple[FindingChoice, ...] = ()
    comments: tuple[ReviewComment, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    versions: tuple[PublishedVersion, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    @property
    def can_change(self) -> bool:
        """Whether its sections, findings and facts can still be changed."""
        return self.status in (ReportStatus.DRAFT, ReportStatus.REVIEW)

    @property
    def open_comments(self) -> tuple[ReviewComment, ...]:
        """The comments that nobody has resolved."""
        return tuple(comment for comment in self.comments if comment.is_open)

    @property
    def empty_sections(self) -> tuple[Section, ...]:
        """The printed sections that say nothing though the program adds nothing to them."""
        return tuple(
            section
            for section in self.sections
            if section.kind in _WRITTEN and not section.left_out and not section.draft.text.strip()
        )

    @property
    def own_version(self) -> PublishedVersion | None:
        """What was frozen of this report, None before it is published."""
        return next((one for one in self.versions if one.report_id == self.id), None)

    def writers(self) -> frozenset[UUID]:
        """Who wrote it: its author, and whoever changed a section last. None of them approves."""
        edited = {section.edited_by for section in self.sections if section.edited_by is not None}
        return frozenset({self.author_id, *edited})
