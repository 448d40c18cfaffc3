"""The attestation: a letter that says what was audited and what came of it."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Spacer

from vln_desktop.documents import fonts
from vln_desktop.documents.base import FIRM, MAIL, SITE, Place, Places, draw_text
from vln_desktop.documents.markdown import flowables
from vln_desktop.documents.report_control import control_facts
from vln_desktop.documents.report_overview import severity_table, unresolved
from vln_desktop.documents.report_scope import repository_tables
from vln_desktop.documents.styles import (
    ACCENT,
    BODY,
    CELL,
    CELL_HEAD,
    HEADING,
    HEADING_BLOCK,
    MARGIN_LEFT,
    MUTED,
    NAVY,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    SMALL,
    SMALL_BLOCK,
    TEXT_WIDTH,
    TITLE,
    TITLE_BLOCK,
    Block,
    Ink,
)
from vln_desktop.documents.tables import RowTable, SideBySide, cell
from vln_desktop.documents.text import Run, TextBlock, headed, plain
from vln_desktop.documents.words import Words
from vln_desktop.domain.report_content import ReportContent

LETTER_TOP = 46 * mm
_NAMES = 104.0
_NAME_BLOCK = Block(leading=13, after=0)


def draw_letterhead(canvas: Canvas, words: Words) -> None:
    """Paint the firm's name and address above the letter."""
    top = PAGE_HEIGHT - 26 * mm
    name = Run(FIRM, Ink(face=fonts.BOLD, size=24, colour=NAVY))
    draw_text(canvas, (name,), MARGIN_LEFT, top, 120)
    line = Run(words("firm_line"), Ink(size=8.6, colour=MUTED))
    draw_text(canvas, (line,), MARGIN_LEFT, top - 13, TEXT_WIDTH)
    where = Run(f"{SITE}  ·  {MAIL}", Ink(size=8.6, colour=MUTED))
    draw_text(canvas, (where,), MARGIN_LEFT, top, TEXT_WIDTH, "right")
    canvas.setFillColor(ACCENT)
    canvas.rect(MARGIN_LEFT, top - 24, PAGE_WIDTH - 2 * MARGIN_LEFT, 1.6, stroke=0, fill=1)


def attestation_story(content: ReportContent, words: Words, places: Places) -> list[Flowable]:
    """Return the letter: who was audited, what, when, the counts, and who stands for it.

    What the sections say stands in their order, the scope's commits with the scope; one without
    text is left out.
    """
    title = words(f"report.{content.kind.value}")
    story: list[Flowable] = [
        Place(places, "attestation", title, 0),
        TextBlock((Run(title, TITLE),), TITLE_BLOCK),
        plain(words("attested", client=content.client)),
        _facts(content, words),
        *repository_tables(content, words),
        *_result(content, words),
    ]
    for at, section in enumerate(content.sections):
        heads = headed(section.title, HEADING, HEADING_BLOCK) if section.title else []
        story += [*heads, *flowables(section.text, f"chapter-{at}")]
    return [*story, *_names(content, words)]


def _facts(content: ReportContent, words: Words) -> RowTable:
    facts = (
        ("client", content.client),
        ("project", content.project),
        ("service", words(f"service.{content.service_type.value}")),
        ("audit", content.audit_number),
        ("period", words.days(content.period_from, content.period_to)),
    )
    rows = [[cell(words(key), CELL_HEAD), cell(value, CELL)] for key, value in facts]
    return RowTable(rows, (_NAMES, TEXT_WIDTH - _NAMES), headers=0)


def _result(content: ReportContent, words: Words) -> list[Flowable]:
    counts = content.severity_counts
    remaining = sum(unresolved(content.findings, severity) for severity in counts)
    total = words.number(sum(counts.values()))
    line = words("result_line", total=total, unresolved=words.number(remaining))
    _guard, title = headed(words("result"), HEADING, HEADING_BLOCK)
    return [KeepTogether([title, plain(line), severity_table(content, words)])]


def _names(content: ReportContent, words: Words) -> list[Flowable]:
    """Return the day, lines to sign on above the names, and the facts of the document."""
    people = [(content.author, words("author")), (content.approver, words("approver"))]
    columns: list[list[Flowable]] = [
        [SigningLine(), TextBlock((Run(f"{name}\n", BODY), Run(duty, SMALL)), _NAME_BLOCK)]
        for name, duty in people
        if name
    ]
    known = {words("author"), words("approver"), words("document")}
    facts = "  ·  ".join(
        f"{name}: {value}" for name, value in control_facts(content, words) if name not in known
    )
    parts: list[Flowable] = [Spacer(0, 8), plain(words.day(content.dated))]
    if columns:
        parts += [SideBySide(columns, [TEXT_WIDTH / 2] * len(columns)), Spacer(0, 12)]
    return [KeepTogether([*parts, TextBlock((Run(facts, SMALL),), SMALL_BLOCK)])]


class SigningLine(Flowable):
    """Room to sign, and the line below it."""

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Take the width and as much height as a signature needs."""
        self.width, self.height = width, 38
        return self.width, self.height

    def draw(self) -> None:
        """Draw the line."""
        self.canv.setStrokeColor(MUTED)
        self.canv.setLineWidth(0.6)
        self.canv.line(0, 2, self.width - 36, 2)
