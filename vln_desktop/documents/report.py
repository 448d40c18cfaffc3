"""The audit report: cover, contents, and its sections in the order in which they were put."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from reportlab.platypus import CondPageBreak, Flowable, PageBreak, Spacer

from vln_desktop.documents import fonts
from vln_desktop.documents.attestation import LETTER_TOP, attestation_story, draw_letterhead
from vln_desktop.documents.base import (
    ContentsEntry,
    FirstPage,
    Paper,
    PaperInfo,
    Place,
    Places,
)
from vln_desktop.documents.cover import draw_cover
from vln_desktop.documents.finding_cards import finding_card, place_of, title_runs
from vln_desktop.documents.markdown import flowables
from vln_desktop.documents.report_control import control_part
from vln_desktop.documents.report_overview import fix_chapter, overview_chapter
from vln_desktop.documents.report_scheme import scheme_part
from vln_desktop.documents.report_scope import scope_chapter
from vln_desktop.documents.styles import (
    NAVY,
    SEVERITY_COLOURS,
    TEXT,
    TITLE,
    TITLE_BLOCK,
    Block,
    Ink,
)
from vln_desktop.documents.text import Run, TextBlock, plain
from vln_desktop.documents.words import Words
from vln_desktop.domain.report_content import (
    NO_PICTURES,
    Pictures,
    ReportContent,
    ReportFinding,
    ReportSection,
)
from vln_desktop.domain.reports import ReportKind, SectionKind

_FOLLOWING = {
    SectionKind.SCOPE: 300.0,
    SectionKind.OVERVIEW: 420.0,
    SectionKind.FINDINGS: 430.0,
    SectionKind.METHODOLOGY: 420.0,
    SectionKind.LIMITATIONS: 160.0,
    SectionKind.DISCLAIMER: 160.0,
    SectionKind.CUSTOM: 300.0,
}
"""These chapters follow on the same page where that much of it is left; others start a page."""
_ENTRY = Block(leading=15, before=7, after=1)
_SUBENTRY = Block(leading=13, after=1, left=48)


def render_report(content: ReportContent, pictures: Pictures = NO_PICTURES) -> bytes:
    """Print a report; pure: the same content and pictures give the same bytes.

    `pictures` holds the bytes of its evidence by SHA-256; what is missing is named instead.
    """
    words = Words(content.language)
    if content.kind is ReportKind.ATTESTATION:
        letterhead = partial(draw_letterhead, words=words)
        paper = Paper(_info(content, words), words, FirstPage(letterhead, LETTER_TOP))
        return paper.render(attestation_story(content, words, paper.places))
    cover = partial(draw_cover, content=content, words=words)
    first = FirstPage(cover, numbered=False, marked=False)
    paper = Paper(_info(content, words), words, first)
    return paper.render(_Report(content, words, paper.places, pictures).story())


def _info(content: ReportContent, words: Words) -> PaperInfo:
    kind = words(f"report.{content.kind.value}")
    return PaperInfo(
        title=content.title or f"{content.project} – {kind}",
        subject=f"{content.client}, {content.audit_number}, {words('version')} {content.version}",
        running_title=f"{content.project} – {kind}",
        running_note=f"{content.audit_number}  ·  {words('version')} {content.version}",
        language=content.language,
        dated=content.dated,
        draft=content.is_draft,
    )


class _Report:
    """Puts a report's story together, chapter by chapter."""

    def __init__(
        self, content: ReportContent, words: Words, places: Places, pictures: Pictures
    ) -> None:
        self._content, self._words, self._places = content, words, places
        self._pictures = pictures

    def story(self) -> list[Flowable]:
        """Return all flowables, the contents before the chapters they name."""
        chapters = [
            (section, self._chapter(section, f"chapter-{at}"))
            for at, section in enumerate(self._content.sections)
        ]
        present = [(section, chapter) for section, chapter in chapters if chapter]
        keys = [section_place(section, at) for at, (section, _) in enumerate(present)]
        story: list[Flowable] = [Spacer(0, 1), PageBreak()]
        story += self._contents([section for section, _ in present], keys)
        for at, (section, chapter) in enumerate(present):
            follows = at > 0 and section.kind in _FOLLOWING
            story.append(CondPageBreak(_FOLLOWING[section.kind]) if follows else PageBreak())
            story.append(Place(self._places, keys[at], self._heading(section), 0))
            story.append(TextBlock((Run(self._heading(section), TITLE),), TITLE_BLOCK))
            story.extend(chapter)
        return story

    def _heading(self, section: ReportSection) -> str:
        return section.title or self._words(f"section.{section.kind.value}")

    def _chapter(self, section: ReportSection, key: str) -> list[Flowable]:
        """Return a section's text with what is computed for it; nothing if it says nothing."""
        text, content, words = flowables(section.text, key), self._content, self._words
        match section.kind:
            case SectionKind.SCOPE:
                return [*text, *scope_chapter(content, words)]
            case SectionKind.OVERVIEW:
                return [*text, *overview_chapter(content, words)]
            case SectionKind.FIX_REVIEW:
                return [*text, *fix_chapter(content, words)]
            case SectionKind.FINDINGS:
                return [*text, *self._findings()]
            case SectionKind.METHODOLOGY:
                return [*text, *scheme_part(content, words)]
            case _:
                return text

    def _contents(self, sections: Iterable[ReportSection], keys: list[str]) -> list[Flowable]:
        title = TextBlock((Run(self._words("contents"), TITLE),), TITLE_BLOCK)
        entries: list[Flowable] = [title]
        strong = Ink(face=fonts.MEDIUM, size=10.4, colour=NAVY)
        for section, key in zip(sections, keys, strict=True):
            block = TextBlock((Run(self._heading(section), strong),), _ENTRY)
            entries.append(ContentsEntry(self._places, key, block))
            if section.kind is SectionKind.FINDINGS:
                entries.extend(self._finding_entry(f) for f in self._content.findings)
        if self._content.schema >= 4:
            entries += [Spacer(0, 14), *control_part(self._content, self._words)]
        return entries

    def _finding_entry(self, finding: ReportFinding) -> ContentsEntry:
        label = Ink(face=fonts.MEDIUM, size=9, colour=SEVERITY_COLOURS[finding.severity])
        title = Ink(size=9, colour=TEXT)
        runs = title_runs(finding, title)
        block = TextBlock(runs, _SUBENTRY, Run(finding.label, label))
        return ContentsEntry(self._places, place_of(finding), block)

    def _findings(self) -> list[Flowable]:
        if not self._content.findings:
            return [plain(self._words("no_findings"))]
        found: list[Flowable] = []
        for finding in self._content.findings:
            found.extend(finding_card(finding, self._words, self._places, self._pictures))
        return found


def section_place(section: ReportSection, at: int) -> str:
    """Return the key that links to a section lead to; `at` is its place among the printed ones."""
    return f"section-{at}" if section.kind is SectionKind.CUSTOM else section.kind.value
