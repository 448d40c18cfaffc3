"""What a form edits of a finding, and what of it can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from vln_desktop.domain.classification import (
    parse_references,
    parse_tags,
    references_text,
    tags_text,
)
from vln_desktop.domain.cvss import cvss_score
from vln_desktop.domain.findings import (
    TEXT_MAX,
    Category,
    FindingDetail,
    FindingKind,
    Level,
    Severity,
)
from vln_desktop.domain.severity_schemes import SeverityScheme
from vln_desktop.errors import UserError

TITLE_MAX = 300

TEXTS = ("title", "description", "impact", "likelihood", "remediation", "proof", "severity_reason")
"""The fields of a draft that are free texts."""


_WORDS: dict[str, type[StrEnum]] = {
    "impact_level": Level,
    "likelihood_level": Level,
    "severity": Severity,
    "category": Category,
    "kind": FindingKind,
}


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """The fields of a finding that a form edits.

    `weakness_id` is an entry of the catalogue, empty for none. `tags` and `references` are texts as
    `domain.classification` reads them, so that two people's changes of them merge like any text.
    """

    title: str
    description: str
    impact: str
    likelihood: str
    remediation: str
    proof: str
    impact_level: Level | None = None
    likelihood_level: Level | None = None
    severity: Severity = Severity.INFORMATIONAL
    severity_reason: str = ""
    category: Category = Category.OTHER
    kind: FindingKind = FindingKind.VULNERABILITY
    weakness_id: str = ""
    cvss_vector: str = ""
    tags: str = ""
    references: str = ""

    def validate(self, scheme: SeverityScheme | None) -> None:
        """Raise UserError, naming the field, for what cannot be saved."""
        if not self.title.strip():
            raise UserError("A finding needs a title.", field="title")
        if len(self.title) > TITLE_MAX:
            raise UserError(f"The title is longer than {TITLE_MAX} characters.", field="title")
        for name in TEXTS:
            _check_text(name, getattr(self, name))
        self.tidied()
        proposed = self.proposed(scheme)
        if proposed is not None and proposed != self.severity and not self.severity_reason.strip():
            raise UserError(
                f"The scheme proposes {proposed.value}; say why it is {self.severity.value}.",
                field="severity_reason",
            )

    def proposed(self, scheme: SeverityScheme | None) -> Severity | None:
        """Return the severity that a scheme proposes, None if it cannot tell.

        Raises UserError for a CVSS vector that cannot be read.
        """
        if scheme is None:
            return None
        return scheme.propose(
            self.impact_level, self.likelihood_level, cvss_score(self.cvss_vector)
        )

    def tidied(self) -> FindingDraft:
        """Return the draft as it is stored: tags, references and vector in their own order.

        Raises UserError, naming the field, for what is none of these.
        """
        score = cvss_score(self.cvss_vector)
        return replace(
            self,
            cvss_vector=score.vector if score else "",
            tags=tags_text(parse_tags(self.tags)),
            references=references_text(parse_references(self.references)),
        )


def draft_of(detail: FindingDetail) -> FindingDraft:
    """Return what a form edits of a finding."""
    return FindingDraft(
        **{name: getattr(detail, name) for name in TEXTS},
        impact_level=detail.impact_level,
        likelihood_level=detail.likelihood_level,
        severity=detail.severity,
        category=detail.category,
        kind=detail.kind,
        weakness_id=detail.weakness_id or "",
        cvss_vector=detail.cvss_vector,
        tags=tags_text(detail.tags),
        references=references_text(detail.references),
    )


def _check_text(name: str, text: str) -> None:
    if "\x00" in text:
        shown = name.replace("_", " ")
        raise UserError(f"The {shown} holds a NUL character, which cannot be stored.", field=name)
    if len(text) > TEXT_MAX:
        shown = name.replace("_", " ")
        raise UserError(f"The {shown} is longer than {TEXT_MAX:,} characters.", field=name)


def texts_of(draft: FindingDraft) -> dict[str, str]:
    """Return a draft's fields as texts, an unset one as an empty text."""
    return {
        field.name: "" if (value := getattr(draft, field.name)) is None else str(value)
        for field in fields(draft)
    }


def with_texts(draft: FindingDraft, texts: Mapping[str, str]) -> FindingDraft:
    """Return a draft with the fields that texts tell; words that are not known any more stay."""
    made: dict[str, object] = {}
    for name, text in texts.items():
        kind = _WORDS.get(name)
        if kind is None:
            made[name] = text
        elif text in {word.value for word in kind}:
            made[name] = kind(text)
        elif not text and name in {"impact_level", "likelihood_level"}:
            made[name] = None
    known = {field.name for field in fields(draft)}
    return replace(draft, **{name: value for name, value in made.items() if name in known})  # type: ignore[arg-type]
