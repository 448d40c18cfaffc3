"""A finding as a card: a head in the severity's colour, its facts, then its texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from reportlab.platypus import CondPageBreak, Flowable

from vln_desktop.documents import fonts
from vln_desktop.documents.base import Place, Places
from vln_desktop.documents.evidence import evidence_section
from vln_desktop.documents.listing import CodeListing
from vln_desktop.documents.markdown import flowables
from vln_desktop.documents.styles import (
    CELL,
    CELL_BLOCK,
    HEADING_ROOM,
    LINK,
    MUTED,
    NAVY,
    SEVERITY_COLOURS,
    SUBHEADING,
    SUBHEADING_BLOCK,
    TEXT_WIDTH,
    TINT,
    WHITE,
    Block,
    Ink,
)
from vln_desktop.documents.tables import RowTable, TableLook
from vln_desktop.documents.text import Run, TextBlock, headed
from vln_desktop.documents.words import Words
from vln_desktop.domain.classification import Reference
from vln_desktop.domain.finding_drafts import TITLE_MAX
from vln_desktop.domain.findings import ClientPosition, FindingKind, Verdict
from vln_desktop.domain.report_content import (
    Pictures,
    ReportFinding,
)

_TITLE = Ink(face=fonts.MEDIUM, size=12.4, colour=NAVY)
_TITLE_BLOCK = Block(leading=16.4)
_FACT_NAME = Ink(size=8.2, colour=MUTED)
_FACT = replace(CELL, size=8.6)
_REFERENCE_BLOCK = replace(CELL_BLOCK, after=2)
_FACT_LOOK = TableLook(pad_x=8, pad_y=2.2, rule=None, before=0, after=4)
_FACT_WIDTH = 86.0
_CODE = re.compile(r"`([^`]+)`")
_TEXT_ROOM = 96.0
"""So much of the first text at least, its heading included, stands below a card's facts."""
_MOST_ROOM = 460.0
"""A card whose head and facts are higher than this is not kept together with its first text."""


class CardHead(Flowable):
    """Label and severity on their colour, the title beside them."""

    _SIDE = 74.0
    _PAD = 8.0

    def __init__(self, finding: ReportFinding, words: Words) -> None:
        super().__init__()
        self._label = finding.label
        self._sort = sort_of(finding, words)
        self._colour = SEVERITY_COLOURS[finding.severity]
        self._title = TextBlock(title_runs(finding, _TITLE), _TITLE_BLOCK)
        self.spaceBefore, self.spaceAfter = 0, 4

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Break the title; the head is at least as high as label and severity."""
        inner = self._title.wrap(width - self._SIDE - 2 * self._PAD, height)[1]
        self.width, self.height = width, max(inner, 28) + 2 * self._PAD
        return self.width, self.height

    def draw(self) -> None:
        """Paint the colours, then the words."""
        canvas, height, side = self.canv, self.height, self._SIDE
        canvas.setFillColor(TINT)
        canvas.rect(side, 0, self.width - side, height, stroke=0, fill=1)
        canvas.setFillColor(self._colour)
        canvas.rect(0, 0, side, height, stroke=0, fill=1)
        canvas.setFillColor(WHITE)
        canvas.setFont(fonts.BOLD, 13)
        canvas.drawCentredString(side / 2, height / 2 + 2, self._label)
        canvas.setFont(fonts.SANS, 7.8)
        canvas.drawCentredString(side / 2, height / 2 - 10, self._sort)
        top = height - (height - self._title.height) / 2
        self._title.drawOn(canvas, side + self._PAD, top - self._title.height)


def finding_card(
    finding: ReportFinding, words: Words, places: Places, pictures: Pictures
) -> list[Flowable]:
    """Return the flowables of one finding."""
    title = f"{finding.label} {title_of(finding)}"
    head, facts = CardHead(finding, words), _facts(finding, words)
    height = head.wrap(TEXT_WIDTH, 0)[1] + facts.wrap(TEXT_WIDTH, 0)[1]
    texts = [*_texts(finding, words, pictures), *_references(finding, words)]
    first = texts[0] if texts else None
    room = max(_TEXT_ROOM, first.height if isinstance(first, CondPageBreak) else 0)
    place = Place(places, place_of(finding), title, 1)
    spaces = place.spaceBefore + head.spaceAfter + facts.spaceAfter
    return [
        CondPageBreak(min(spaces + height + room, _MOST_ROOM)),
        place,
        head,
        facts,
        *texts,
    ]


def _texts(finding: ReportFinding, words: Words, pictures: Pictures) -> list[Flowable]:
    """Return the texts of a finding, each below its heading, the evidence behind the proof."""
    found: list[Flowable] = []
    for key, text in (
        ("description", finding.description),
        ("impact", finding.impact),
        ("likelihood", finding.likelihood),
        ("proof", finding.proof),
        ("remediation", finding.remediation),
        ("response", finding.client_response),
    ):
        if text.strip():
            told = flowables(text, f"{place_of(finding)}-{key}", _lines(finding))
            found.extend(_section(words(key), told))
        if key == "proof":
            found.extend(evidence_section(finding.evidence, pictures, words))
    return found


def _lines(finding: ReportFinding) -> tuple[range, ...]:
    """Return the lines of the code that a finding speaks of."""
    return tuple(
        range(place.start_line, (place.end_line or place.start_line) + 1)
        for place in finding.locations
        if place.start_line is not None
    )


def _section(title: str, told: Sequence[Flowable]) -> list[Flowable]:
    """Return a headed text; what it begins with stands below its heading."""
    section = [*headed(title, SUBHEADING, SUBHEADING_BLOCK), *told]
    first = told[0] if told else None
    if isinstance(first, CodeListing | RowTable):
        section.insert(0, CondPageBreak(HEADING_ROOM + first.least_height(TEXT_WIDTH)))
    elif isinstance(first, CondPageBreak):  # what must stay together begins with the heading
        section.insert(0, CondPageBreak(HEADING_ROOM + first.height))
    return section


def sort_of(finding: ReportFinding, words: Words) -> str:
    """Return the word printed as a finding's severity: its kind if it is no vulnerability."""
    if finding.kind is FindingKind.VULNERABILITY:
        return words(f"severity.{finding.severity.value}")
    return words(f"finding.{finding.kind.value}")


def title_of(finding: ReportFinding) -> str:
    """Return a title as plain text for the outline: its code without the marks."""
    return "".join(run.text for run in title_runs(finding, _TITLE))


def title_runs(finding: ReportFinding, ink: Ink) -> list[Run]:
    """Return a title on one line, no longer than a stored one can be; `code` is set as code."""
    title = " ".join(finding.title.split())[:TITLE_MAX]
    code = replace(ink, face=fonts.MONO, size=ink.size * 0.9)
    parts = _CODE.split(title)
    return [Run(text, code if at % 2 else ink) for at, text in enumerate(parts) if text]


def place_of(finding: ReportFinding) -> str:
    """Return the key that links to a finding's card lead to."""
    return f"finding-{finding.label}"


def _facts(finding: ReportFinding, words: Words) -> RowTable:
    rows = [
        [
            TextBlock((Run(name, _FACT_NAME),), CELL_BLOCK),
            TextBlock(runs, CELL_BLOCK),
        ]
        for name, runs in _fact_rows(finding, words)
    ]
    return RowTable(rows, (_FACT_WIDTH, TEXT_WIDTH - _FACT_WIDTH), headers=0, look=_FACT_LOOK)


def _fact_rows(finding: ReportFinding, words: Words) -> list[tuple[str, Sequence[Run]]]:
    rows: list[tuple[str, Sequence[Run]]] = [
        (words("status"), (Run(words(f"status.{finding.status.value}"), _FACT),)),
        (words("category"), (Run(words(f"category.{finding.category.value}"), _FACT),)),
    ]
    if finding.weaknesses:
        rows.append((words("weakness"), (Run(", ".join(finding.weaknesses), _FACT),)))
    if finding.cvss_vector:
        score = f"{finding.cvss_score}  {finding.cvss_vector}"
        rows.append((words("cvss"), (Run(score, _FACT),)))
    if finding.locations:
        places = "\n".join(str(location) for location in finding.locations)
        code = replace(_FACT, face=fonts.MONO, size=7.8)
        rows.append((words("locations"), (Run(places, code),)))
    if finding.client_position is not ClientPosition.NONE:
        position = words(f"position.{finding.client_position.value}")
        rows.append((words("client"), (Run(position, _FACT),)))
    if finding.fix_verdict is not Verdict.NONE:
        verdict = words(f"verdict.{finding.fix_verdict.value}")
        commit = f" ({finding.fix_commit})" if finding.fix_commit else ""
        who = words("verified_in_words", name=finding.verified_by) if finding.verified_by else ""
        told = verdict + commit + (f", {who}" if who else "")
        rows.append((words("fix"), (Run(told, _FACT),)))
    return rows


def _references(finding: ReportFinding, words: Words) -> list[Flowable]:
    """Return the pages that say more: each its title and its address, which the reader can open."""
    if not finding.references:
        return []
    pages = [
        TextBlock(_reference_runs(reference), _REFERENCE_BLOCK) for reference in finding.references
    ]
    return [*headed(words("references"), SUBHEADING, SUBHEADING_BLOCK), *pages]


def _reference_runs(reference: Reference) -> tuple[Run, ...]:
    address = Run(reference.url, replace(_FACT, colour=LINK, link=reference.url))
    return (Run(f"{reference.title}  ", _FACT), address) if reference.title else (address,)
