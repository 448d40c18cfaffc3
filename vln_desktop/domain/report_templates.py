"""The sections a report begins with, by its kind, the service that was sold, and the language.

The texts are Markdown and the firm's standing words (`report_texts_en.py`, `report_texts_de.py`);
each report may change them. Tables of scope, counts of severities and the severity matrix are no
text: they are computed when it is printed.
"""

from __future__ import annotations

from types import MappingProxyType

from vln_desktop.domain import report_texts_de, report_texts_en
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.report_content import ReportSection
from vln_desktop.domain.reports import ReportKind, SectionKind

_TEXTS = MappingProxyType({"en": report_texts_en, "de": report_texts_de})
_S = SectionKind
_FULL = (_S.EXECUTIVE_SUMMARY, _S.SCOPE, _S.OVERVIEW, _S.FINDINGS, _S.METHODOLOGY,
         _S.LIMITATIONS, _S.DISCLAIMER)  # fmt: skip
_ORDER: dict[ReportKind, tuple[SectionKind, ...]] = {
    ReportKind.PRELIMINARY: _FULL,
    ReportKind.FINAL: _FULL,
    ReportKind.FIX_REVIEW: (
        _S.EXECUTIVE_SUMMARY, _S.SCOPE, _S.FIX_REVIEW, _S.FINDINGS, _S.METHODOLOGY,
        _S.LIMITATIONS, _S.DISCLAIMER,
    ),
    ReportKind.PUBLIC_SUMMARY: _FULL,
    ReportKind.ATTESTATION: (_S.EXECUTIVE_SUMMARY, _S.SCOPE, _S.LIMITATIONS),
}  # fmt: skip


def standard_sections(
    kind: ReportKind, service: ServiceType, language: str
) -> tuple[ReportSection, ...]:
    """Return what a report begins with, in its order; English for a language not written here.

    The executive summary begins empty: only who did the audit can write it.
    """
    texts = _TEXTS.get(language, report_texts_en)
    if kind is ReportKind.ATTESTATION:
        limits = {SectionKind.LIMITATIONS: texts.ATTESTATION}
        return tuple(ReportSection(one, "", limits.get(one, "")) for one in _ORDER[kind])
    return tuple(
        ReportSection(section, "", _text(section, kind, service, language))
        for section in _ORDER[kind]
    )


def _text(section: SectionKind, kind: ReportKind, service: ServiceType, language: str) -> str:
    """Return a section's paragraphs: the service type's, those for all, the kind's."""
    texts = _TEXTS.get(language, report_texts_en)
    parts = (
        texts.BY_SERVICE.get(section, {}).get(service, ""),
        texts.FOR_ALL.get(section, ""),
        texts.BY_KIND.get(kind, {}).get(section, ""),
    )
    return "\n\n".join(part for part in parts if part)
